"""Every keyword of a schema, at every place where one can stand: none comes without a word of the report."""

# A table, one row a line as far as that goes.
# ruff: noqa: E501

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest

from openapi.regenerate import factlist, facts, report
from openapi.regenerate.prepare import prepare
from tests.generator.changing import (
    CREATE,
    JSON,
    LIST,
    NOTE,
    ONE,
    RATES,
    REQUEST,
    SESSION,
    Document,
    S,
    add,
    put,
)
from tests.generator.test_alterations import contract

T = {"type": "string"}
# fmt: off
KEYWORDS: dict[str, Any] = {
 "minimum":(1,2),"maximum":(9,8),"exclusiveMinimum":(1,2),"exclusiveMaximum":(9,8),"multipleOf":(2,4),
 "minLength":(1,2),"maxLength":(9,8),"pattern":("^a","^b"),"minItems":(1,2),"maxItems":(9,8),"uniqueItems":(True,False),
 "minProperties":(1,2),"maxProperties":(9,8),"prefixItems":([T],[{"type":"integer"}]),"contains":(T,{"type":"integer"}),
 "minContains":(1,2),"maxContains":(3,2),"not":({"const":"x"},{"const":"y"}),"if":({"minLength":1},{"minLength":2}),"then":({"minLength":1},{"minLength":2}),
 "else":({"minLength":1},{"minLength":2}),"patternProperties":({"^a":T},{"^b":T}),"propertyNames":({"pattern":"^a"},{"pattern":"^b"}),
 "dependentRequired":({"a":["b"]},{"a":["c"]}),"dependentSchemas":({"a":T},{"b":T}),"unevaluatedProperties":(False,T),"unevaluatedItems":(False,T),
 "contentEncoding":("base64","base16"),"contentMediaType":("text/csv","text/html"),"contentSchema":(T,{"type":"integer"}),
 "x-extensible-enum":(["a"],["b"]),"const":("x","y"),"enum":(["x","y"],["x","z"]),"default":("x","y"),"readOnly":(True,None),"writeOnly":(True,None),
 "deprecated":(True,None),"x-sunset":("2027-01-01","2026-12-31"),"x-stability-level":("beta","alpha"),"format":("date","date-time"),
 "type":("integer","boolean"),"anyOf":([T,{"type":"integer"}],[T]),"oneOf":([T,{"type":"integer"}],[T]),"allOf":([{"minLength":3}],[{"minLength":4}]),
 "discriminator":({"propertyName":"type"},{"propertyName":"kind"}),"additionalProperties":(False,T),"nullable":(True,None),
}
BASE = {"minimum":"integer","maximum":"integer","exclusiveMinimum":"integer","exclusiveMaximum":"integer","multipleOf":"integer","minItems":"array","maxItems":"array","uniqueItems":"array","prefixItems":"array","contains":"array","minContains":"array","maxContains":"array","unevaluatedItems":"array",
 "anyOf":"","oneOf":"",
 "minProperties":"object","maxProperties":"object","patternProperties":"object","propertyNames":"object","dependentRequired":"object","dependentSchemas":"object","unevaluatedProperties":"object","additionalProperties":"object","discriminator":"object"}
# fmt: on
PLACES = {
    "a parameter": lambda schema: add(
        f"{LIST}/parameters", {"name": "probe", "in": "query", "schema": schema}
    ),
    "a header that is sent": lambda schema: add(
        f"{CREATE}/parameters", {"name": "X-Probe", "in": "header", "schema": schema}
    ),
    "a field that is sent": lambda schema: put(f"{REQUEST}/probe", schema),
    "elements that are sent": lambda schema: put(
        f"{REQUEST}/probe", {"type": "array", "items": schema}
    ),
    "a field that is read": lambda schema: put(f"{SESSION}/probe", schema),
    "values of a map": lambda schema: put(
        f"{SESSION}/probe", {"type": "object", "additionalProperties": schema}
    ),
    "a header of an answer": lambda schema: put(
        f"{ONE}/responses/200/headers", {"X-Probe": {"schema": schema}}
    ),
    "a field of an event": lambda schema: put(f"{S}/SessionCompleted/properties/probe", schema),
    "a body": lambda schema: put(f"{NOTE}/requestBody/{JSON}/schema", schema),
    "an answer": lambda schema: put(f"{RATES}/responses/200/{JSON}/schema", schema),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_keyword_comes_without_a_word(place: str) -> None:
    @cache
    def told(words: str) -> list[facts.Fact]:
        document: Document = copy.deepcopy(contract())
        PLACES[place](_schema(words))(document)
        return factlist.facts_of(prepare(document))

    silent = [
        word
        for word in KEYWORDS
        if not report.compare(told(f"-{word}" if word in BASE else "-"), told(word))
    ]
    assert silent == []


def _schema(words: str) -> Document:
    word = words.removeprefix("-")
    # Alternatives name their own types: beside a `type` that is one of them they would say nothing.
    kind = BASE.get(word, "string")
    schema: Document = {"type": kind} if kind else {}
    if kind == "array":
        schema["items"] = {}
    return schema if words.startswith("-") else {**schema, word: KEYWORDS[word][0]}
