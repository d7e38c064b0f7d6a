"""What nobody documented must not become an outage: what is marked x-inferred never binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .reading import MARK, Contract, Node, children

pytestmark = pytest.mark.usefixtures("written_by_us")
LIMITS = (
    "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties",
)  # fmt: skip


def binding(contract: Contract, schema: Node, *, request: bool) -> Iterator[str]:
    """What in a schema can refuse a body, its type apart."""
    if "$ref" in schema:
        yield from binding(contract, contract.resolve(schema), request=request)
    if schema.get("required"):
        yield f"required {schema['required']}"
    if "const" in schema or ("enum" in schema and not schema.get("x-open")):
        yield "a closed set"
    if "not" in schema or schema.get("additionalProperties") is False:
        yield "refuses keys"
    # That money is decimal strings is documented for all of it, so an answer may say it.
    stated = () if request or schema.get("format") != "decimal" else ("pattern",)
    yield from (limit for limit in LIMITS if limit in schema and limit not in stated)
    for keyword in ("anyOf", "oneOf"):
        if not any(_is_open(contract, part, request) for part in schema.get(keyword, ())):
            for part in schema.get(keyword, ()):
                yield from binding(contract, part, request=request)
    for name, part in children(schema):
        if not name.startswith(("anyOf[", "oneOf[")):
            yield from binding(contract, part, request=request)


def _is_open(contract: Contract, schema: Node, request: bool) -> bool:
    """An alternative that takes whatever the others do not."""
    return schema.get("type") != "null" and not list(binding(contract, schema, request=request))


def wrong_schemas(contract: Contract) -> list[str]:
    sides = [(contract.request_schemas(), True), (contract.answer_schemas(), False)]
    wrong = []
    for schemas, request in sides:
        for place, schema in schemas:
            if MARK in schema and "Of[" not in place.rpartition(".")[2]:
                wrong += [f"{place}: {w}" for w in binding(contract, schema, request=request)]
            wrong += _wrong_properties(place, schema, request=request)
            wrong += _wrong_alternatives(contract, place, schema, request=request)
    return wrong


def _wrong_properties(place: str, schema: Node, *, request: bool) -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        if MARK in part and name in schema.get("required", ()):
            yield f"{place}.{name}: required"
        if MARK in part and not request and not _takes_null(part):
            yield f"{place}.{name}: not null"


def _wrong_alternatives(
    contract: Contract, place: str, schema: Node, *, request: bool
) -> Iterator[str]:
    """A guess may be exact where another alternative takes what it does not."""
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    for part in parts:
        others = [] if part in schema.get("allOf", ()) else [p for p in parts if p is not part]
        binds = MARK in part and any(True for _ in binding(contract, part, request=request))
        if binds and not any(_is_open(contract, other, request) for other in others):
            yield f"{place}: no open alternative"


def _takes_null(schema: Node) -> bool:
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return "null" in schema.get("type", ()) or any(a.get("type") == "null" for a in alternatives)


def wrong_parameters(contract: Contract) -> list[str]:
    return [
        f"{operation['operationId']} {parameter['name']}: required"
        for _, operation in contract.operations()
        for parameter in map(contract.resolve, operation.get("parameters", ()))
        if MARK in parameter and parameter.get("required")
    ]


def wrong_successes(contract: Contract) -> list[str]:
    """A guessed 201 stands beside 2XX with the same answer; reads answer 200 as HTTP has it."""
    wrong = []
    for where, operation in contract.operations():
        for status, response in operation["responses"].items():
            inferred = status.startswith("2") and MARK in contract.resolve(response)
            if (
                inferred
                and where.startswith("POST")
                and operation["responses"].get("2XX") != response
            ):
                wrong.append(f"{operation['operationId']} {status}")
    return wrong


def test_nothing_inferred_binds(contract: Contract) -> None:
    assert wrong_schemas(contract) == []
    assert wrong_parameters(contract) == []
    assert wrong_successes(contract) == []


@pytest.mark.parametrize("name", ["SignedQuote", "QuotePreview"])
@pytest.mark.parametrize("fees", ["0.50", {"network": "0.10"}, [{"amount": "0.10"}], None])
def test_fees_may_turn_out_to_be_more_than_one_number(
    contract: Contract, name: str, fees: object
) -> None:
    schema = contract.document["components"]["schemas"][name]["properties"]["fees"]
    assert Draft202012Validator(schema).is_valid(fees)


def test_every_mark_says_why_and_is_walked(contract: Contract) -> None:
    marks = [(place, node) for place, node in contract.nodes() if MARK in node]
    assert [place for place, node in marks if len(str(node[MARK]).split()) < 3] == []
    walked = {id(schema) for _, schema in contract.schemas()}
    walked |= {id(part) for _, _, part in contract.responses()}
    walked |= {
        id(contract.resolve(parameter))
        for _, operation in contract.operations()
        for parameter in operation.get("parameters", ())
    }
    left = [p for p, node in marks if id(node) not in walked and "/examples/" not in p]
    assert left == []
    assert len(marks) > 80


def field(schema: str, name: str) -> Callable[[Any], Any]:
    return lambda d: d["components"]["schemas"][schema]["properties"][name]


BREAKS: dict[str, tuple[Callable[[Contract], list[str]], Callable[[Any], object], str]] = {
    "required in an answer": (
        wrong_schemas,
        lambda d: d["components"]["schemas"]["Country"]["required"].append("name"),
        "Country.name: required",
    ),
    "required in a request": (
        wrong_schemas,
        lambda d: d["components"]["schemas"]["CreatePayInRequest"]["required"].append(
            "gate_session_id"
        ),
        "CreatePayInRequest.gate_session_id: required",
    ),
    "an answer that is never null": (
        wrong_schemas,
        lambda d: field("Country", "name")(d).update(type="string"),
        "Country.name: not null",
    ),
    "a closed enum": (
        wrong_schemas,
        lambda d: field("EmbedToken", "mode")(d).update(enum=["test", "live", None]),
        "EmbedToken.mode: a closed set",
    ),
    "a constant": (
        wrong_schemas,
        lambda d: field("QuotePreview", "object")(d).update(const="quote_preview"),
        "QuotePreview: a closed set",
    ),
    "a length": (
        wrong_schemas,
        lambda d: d["components"]["parameters"]["IdempotencyKey"]["schema"].update(maxLength=255),
        "createSession Idempotency-Key: maxLength",
    ),
    "a pattern": (
        wrong_schemas,
        lambda d: field("LockQuoteRequest", "country_code")(d).update(pattern="^[A-Z]{2}$"),
        "LockQuoteRequest.country_code: pattern",
    ),
    "a whole answer that requires": (
        wrong_schemas,
        lambda d: d["components"]["schemas"]["QuotePreviewList"].update(required=["data"]),
        "QuotePreviewList: required ['data']",
    ),
    "an event without an open alternative": (
        wrong_schemas,
        lambda d: field("KycRequiredEvent", "data")(d)["anyOf"].pop(),
        "KycRequiredEvent.data: no open alternative",
    ),
    "a reference to a closed enum": (
        wrong_schemas,
        lambda d: d["components"]["schemas"]["EmbedToken"]["properties"].update(
            mode={MARK: "a guess", "$ref": "#/components/schemas/Mode"}
        ),
        "EmbedToken.mode: a closed set",
    ),
    "a required parameter": (
        wrong_parameters,
        lambda d: d["paths"]["/transactions"]["get"]["parameters"][1].update(required=True),
        "listTransactions starting_after: required",
    ),
    "a success that has to be 201": (
        wrong_successes,
        lambda d: d["paths"]["/customers"]["post"]["responses"].pop("2XX"),
        "createCustomer 201",
    ),
}


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_a_guess_that_binds_is_noticed(
    contract: Contract, case: tuple[Callable[[Contract], list[str]], Callable[[Any], object], str]
) -> None:
    findings, change, finding = case
    assert finding in findings(contract.changed(change))
