"""Every body that travels has an example, and every example fits the schema it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from .reading import Contract, Node

pytestmark = pytest.mark.usefixtures("written_by_us")
formats = FormatChecker()


@formats.checks("decimal")
def _is_decimal(value: object) -> bool:
    if not isinstance(value, str):
        return True  # The format says nothing about other types: `type` does.
    return re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", value, re.ASCII) is not None


def validator(contract: Contract, schema: Node) -> Draft202012Validator:
    whole = {**schema, "components": contract.document["components"]}
    return Draft202012Validator(whole, format_checker=formats)


def examples(media: Node) -> list[Any]:
    many = [example["value"] for example in media.get("examples", {}).values()]
    return [media["example"], *many] if "example" in media else many


def wrong_examples(contract: Contract) -> list[str]:
    return [*_wrong_bodies(contract), *_wrong_schema_examples(contract)]


def _wrong_bodies(contract: Contract) -> Iterator[str]:
    for name, media in contract.bodies():
        if not examples(media):
            yield f"{name}: no example"
        for example in examples(media):
            for error in validator(contract, media["schema"]).iter_errors(example):
                yield f"{name}: {error.json_path} {error.message}"


def _wrong_schema_examples(contract: Contract) -> Iterator[str]:
    for place, schema in contract.schemas():
        for example in schema.get("examples", ()):
            for error in validator(contract, schema).iter_errors(example):
                yield f"{place}: {error.message}"


def test_every_body_has_an_example_and_every_example_is_valid(contract: Contract) -> None:
    assert wrong_examples(contract) == []


def misplaced(contract: Contract) -> list[str]:
    """Examples that fit their schema, but not the place where they stand."""
    wrong = []
    for name, status, response in contract.responses():
        for example in examples(response["content"]["application/json"]):
            code = str(example.get("statusCode", status))
            if status.replace("XX", code[1:]) != code:
                wrong.append(f"{name} {status}: statusCode {code}")
    for name, post in contract.events():
        media = post["requestBody"]["content"]["application/json"]
        wrong += [f"event {name}" for example in examples(media) if example["type"] != name]
    for where, operation in contract.operations():
        for response in map(contract.resolve, operation["responses"].values()):
            for example in examples(response["content"]["application/json"]):
                path = where.partition(" ")[2]
                if example.get("object") == "list" and example["url"] != f"/v1{path}":
                    wrong.append(f"{operation['operationId']}: url {example['url']}")
    return wrong


def test_every_example_belongs_where_it_stands(contract: Contract) -> None:
    assert misplaced(contract) == []


def test_no_example_looks_like_a_real_credential_or_domain(contract: Contract) -> None:
    text = repr([examples(media) for _, media in contract.bodies()])
    assert re.findall(r"\b[sp]k_(?:test|live)_\w+|whsec_\w+", text) == []
    assert set(re.findall(r"https?://([^/'\"]+)", text)) == {"shop.example", "docs.example"}
    assert all("notarealsecret" in secret for secret in re.findall(r"gsec_\w+", text))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "format": "date-time"}, "yesterday"),
        ({"type": "string", "format": "uri"}, "not a uri"),
        ({"type": "string", "format": "email"}, "nobody"),
        ({"type": "string", "format": "decimal"}, "1e5"),
        ({"type": "string", "format": "decimal"}, "NaN"),
        ({"type": "string", "format": "decimal"}, "1,00"),
        ({"type": "string", "format": "decimal"}, "01.00"),
        ({"type": "string", "format": "decimal"}, "1.00\n"),
        ({"type": "string", "format": "decimal"}, "١٠"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["format"],
)
def test_formats_are_really_checked(contract: Contract, schema: Node, value: str) -> None:
    assert not validator(contract, schema).is_valid(value)


@pytest.mark.parametrize("name", ["PreviewQuotesRequest", "LockQuoteRequest"])
@pytest.mark.parametrize(
    ("amount", "fits"),
    [
        ("250", True), ("0.00000001", True), ("0.10", True),
        ("0", False), ("0.00", False), ("-1", False), ("1.000000001", False), ("1e2", False),
        (250, False),
    ],
)  # fmt: skip
def test_a_quote_is_asked_for_more_than_zero_with_at_most_eight_decimals(
    contract: Contract, name: str, amount: object, fits: bool
) -> None:
    schema = contract.document["components"]["schemas"][name]["properties"]["amount"]
    assert validator(contract, schema).is_valid(amount) is fits


@pytest.mark.parametrize("key", ["amount", "currency", "method", "iban"])
def test_a_rail_refuses_what_comes_from_the_quote(contract: Contract, key: str) -> None:
    for name in ("CreatePayInRequest", "CreatePayOutRequest"):
        schema = {"$ref": f"#/components/schemas/{name}"}
        body = {"quote_id": "qt_test_example0001"}
        assert validator(contract, schema).is_valid(body)
        assert not validator(contract, schema).is_valid({**body, key: "1"})


SESSION = ["paths", "/gate_sessions/{id}", "get", "responses", "200", "content", "application/json"]
CREATION = ["paths", "/gate_sessions", "post", "requestBody", "content", "application/json"]
EVENT = ["webhooks", "kyc.required", "post", "requestBody", "content", "application/json"]
COUNTRY = ["components", "parameters", "CountryCode"]
ENVELOPE = ["components", "responses", "NotFound", "content", "application/json"]


def at(place: list[str], change: Callable[[dict[str, Any]], object]) -> Callable[[Any], object]:
    def apply(document: Any) -> object:
        for part in place:
            document = document[part]
        return change(document)

    return apply


Findings = Callable[[Contract], list[str]]
BREAKS: dict[str, tuple[Findings, Callable[[Any], object], str]] = {
    "no example": (
        wrong_examples,
        at(CREATION, lambda media: media.pop("example")),
        "createSession request: no example",
    ),
    "an amount as a number": (
        wrong_examples,
        at([*CREATION, "example"], lambda body: body.update(amount=49.9)),
        "createSession request: $.amount 49.9 is not of type 'string'",
    ),
    "a time without a zone": (
        wrong_examples,
        at([*SESSION, "example"], lambda body: body.update(expires_at="2026-05-27T09:00:00")),
        "retrieveSession 200: $.expires_at '2026-05-27T09:00:00' is not a 'date-time'",
    ),
    "a field left out": (
        wrong_examples,
        at([*SESSION, "example"], lambda body: body.pop("kyc_pre_verified")),
        "retrieveSession 200: $ 'kyc_pre_verified' is a required property",
    ),
    "an enum value that is not there": (
        wrong_examples,
        at(["components", "schemas", "SessionStatus"], lambda s: s["enum"].remove("open")),
        "retrieveSession 200: $.status 'open' is not one of ['completed', 'expired', 'cancelled']",
    ),
    "an example beside its schema": (
        wrong_examples,
        at([*COUNTRY, "schema"], lambda schema: schema.update(examples=["D"])),
        "listCountries country_code: 'D' does not match '^[A-Za-z]{2}$'",
    ),
    "another event's example": (
        misplaced,
        at([*EVENT, "example"], lambda body: body.update(type="kyc.done")),
        "event kyc.required",
    ),
    "another status's example": (
        misplaced,
        at([*ENVELOPE, "example"], lambda body: body.update(statusCode=409)),
        "retrieveSession 404: statusCode 409",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_a_broken_example_is_noticed(
    contract: Contract, case: tuple[Findings, Callable[[Any], object], str]
) -> None:
    findings, change, finding = case
    assert finding in findings(contract.changed(change))
