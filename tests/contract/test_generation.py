"""The contract avoids what the generator gets wrong without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .reading import METHODS, Contract

pytestmark = pytest.mark.usefixtures("written_by_us")
BREAKS_CODE = {"d", "cls", "to_dict", "from_dict", "field_dict", "additional_properties"}
OF_AN_OPERATION = {*METHODS, "parameters", "summary", "description"}


def hazards(contract: Contract) -> list[str]:
    return [*_document_hazards(contract), *_schema_hazards(contract)]


def _document_hazards(contract: Contract) -> Iterator[str]:
    if "security" in contract.document:
        yield "root security is ignored: put it on the operations"
    ids = Counter(operation["operationId"] for _, operation in contract.operations())
    yield from (f"{name}: operationId used twice" for name, n in ids.items() if n > 1)
    for path, item in contract.document["paths"].items():
        yield from (f"{path}: {key} vanishes" for key in item.keys() - OF_AN_OPERATION)
    for name, post in contract.events():
        if "$ref" not in post["requestBody"]["content"]["application/json"]["schema"]:
            yield f"{name}: a payload that is no component is not generated"
    for _, operation in contract.operations():
        for parameter in map(contract.resolve, operation.get("parameters", ())):
            if parameter["in"] == "header" and parameter["schema"].get("format") == "uuid":
                yield f"{operation['operationId']}: a UUID header is a TypeError"


def _schema_hazards(contract: Contract) -> Iterator[str]:
    for place, schema in contract.schemas():
        names = schema.get("properties", {}).keys()
        yield from (f"{place}: a field named {name}" for name in sorted(names & BREAKS_CODE))
        if "default" in schema:
            yield f"{place}: a default is sent"
        if "enum" in schema and (schema["type"] != "string" or None in schema["enum"]):
            yield f"{place}: a nullable enum is three classes"
        if "enum" in schema and "." in place:
            yield f"{place}: an enum without a name"
        if "discriminator" in schema:
            yield f"{place}: discriminators are ignored"
        yield from _merge_hazards(contract, place, schema.get("allOf", ()))


def _merge_hazards(contract: Contract, place: str, parts: Any) -> Iterator[str]:
    seen: set[str] = set()
    for part in map(contract.resolve, parts):
        names = part.get("properties", {}).keys()
        yield from (f"{place}: allOf gives {name} twice" for name in sorted(names & seen))
        if "has_more" in names:
            yield f"{place}: allOf over a list envelope mixes up the rows"
        seen |= names


def test_nothing_trips_the_generator(contract: Contract) -> None:
    assert hazards(contract) == []


def schema(name: str) -> Callable[[Any], Any]:
    return lambda d: d["components"]["schemas"][name]


BREAKS: dict[str, tuple[Callable[[Any], object], str]] = {
    "root security": (
        lambda d: d.update(security=[]),
        "root security is ignored: put it on the operations",
    ),
    "the same operationId": (
        lambda d: d["paths"]["/branding"]["get"].update(operationId="createSession"),
        "createSession: operationId used twice",
    ),
    "a referenced path": (
        lambda d: d["paths"]["/branding"].update({"$ref": "other.yaml"}),
        "/branding: $ref vanishes",
    ),
    "an inline payload": (
        lambda d: d["webhooks"]["kyc.required"]["post"]["requestBody"]["content"][
            "application/json"
        ].update(schema={"type": "object"}),
        "kyc.required: a payload that is no component is not generated",
    ),
    "a UUID key": (
        lambda d: d["components"]["parameters"]["IdempotencyKey"]["schema"].update(format="uuid"),
        "createSession: a UUID header is a TypeError",
    ),
    "a field named d": (
        lambda d: schema("Asset")(d)["properties"].update(d={"type": "string"}),
        "Asset: a field named d",
    ),
    "a default": (
        lambda d: schema("Side")(d).update(default="on_ramp"),
        "Side: a default is sent",
    ),
    "a nullable enum": (
        lambda d: schema("Flow")(d).update(type=["string", "null"]),
        "Flow: a nullable enum is three classes",
    ),
    "an inline enum": (
        lambda d: schema("Currency")(d)["properties"]["code"].update(enum=["EUR"]),
        "Currency.code: an enum without a name",
    ),
    "narrowing by allOf": (
        lambda d: schema("SessionEventData")(d)["allOf"][1]["properties"].update(
            status={"const": "completed"}
        ),
        "SessionEventData: allOf gives status twice",
    ),
    "a shared list envelope": (
        lambda d: d["components"]["schemas"].update(
            CountryList={"allOf": [{"$ref": "#/components/schemas/CurrencyList"}]}
        ),
        "CountryList: allOf over a list envelope mixes up the rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_a_hazard_is_noticed(contract: Contract, case: tuple[Callable[[Any], object], str]) -> None:
    change, finding = case
    assert finding in hazards(contract.changed(change))
