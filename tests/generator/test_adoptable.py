"""Contracts in the manner of other vendors, small and of our own making: adopted, or refused with reasons."""

# Its tables have one contract, or a part of one, a line.
# ruff: noqa: E501

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .conftest import Project

Document = dict[str, Any]
NOTHING = """\
overlay: 1.0.0
info: { title: Nothing to correct, version: 1.0.0 }
actions: [{ target: $.info, description: A correction that always matches., update: { x-seen: true } }]
"""


def models_of(client: ModuleType) -> Any:
    return importlib.import_module(f"{client.__name__}.models")


def contract(schemas: Document, paths: Document, **more: Any) -> Document:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Another", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, **more},
    }


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def record(**fields: Any) -> Document:
    return {"type": "object", "properties": fields}


def answer(schema: Document) -> Document:
    return {"200": {"description": "Yes.", "content": {"application/json": {"schema": schema}}}}


def post(name: str, sent: Document, got: Document, **more: Any) -> Document:
    body = {"required": True, "content": {"application/json": {"schema": sent}}}
    return {"post": {"operationId": name, "requestBody": body, "responses": answer(got), **more}}


def get(name: str, got: Document, **more: Any) -> Document:
    return {"get": {"operationId": name, "responses": answer(got), **more}}


TEXT, COUNT = {"type": "string"}, {"type": "integer"}


def query(name: str, schema: Document, **more: Any) -> Document:
    return {"name": name, "in": "query", "schema": schema, **more}


#: What each of them does that others do not.
ADOPTED: dict[str, Document] = {
    "amounts in minor units, maps of text": contract(
        {
            "Amount": {**record(currency=TEXT, value={"type": "integer", "format": "int64"}), "required": ["value"]},
            "Payment": record(amount=ref("Amount"), additionalData={"type": "object", "additionalProperties": TEXT},
                              shopperReference=TEXT, shopper_reference=TEXT),
        },
        {"/payments": post("post-payments", ref("Payment"), ref("Payment"), tags=["Payments"])},
    ),
    "links and what is embedded": contract(
        {
            "Payment": record(id=TEXT, _links={"type": "object", "additionalProperties": record(href=TEXT)}),
            "Page": record(count=COUNT, _embedded=record(payments={"type": "array", "items": ref("Payment")})),
        },
        {"/payments": get("list-payments", ref("Page"), parameters=[
            {"$ref": "#/components/parameters/From", "description": "Another description, beside the reference."},
            query("sort", {**ref("Sort"), "description": "Beside the reference.", "default": "asc"})])},
        parameters={"From": query("from", TEXT)},
    ),
    "enums that overlap in allOf": contract(
        {
            "Network": {"type": "string", "enum": ["base", "ethereum", "solana"]},
            "Transfer": record(network={"allOf": [ref("Network"), {"enum": ["base", "solana"]}]}),
        },
        {"/v2/transfers": post("Transfers.Create", ref("Transfer"), ref("Transfer"), tags=["Onramp (beta)"])},
    ),
    "webhooks of one address": contract(
        {
            "Opened": {**record(type={"const": "account.opened"}, id=TEXT), "required": ["type"]},
            "Closed": {**record(type={"const": "account.closed"}, id=TEXT), "required": ["type"]},
        },
        {"/messages": post("v1.message.create", record(eventType=TEXT, payload={"type": "object"}), ref("Opened"),
                           parameters=[{"name": "idempotency-key", "in": "header", "schema": TEXT}])},
    ),
    "a default that does not fit, and objects in the query": contract(
        {"Card": record(token={"type": "string", "format": "uuid"}, spend_limit={"type": "integer", "default": "none"})},
        {"/v1/cards": get("getCards", {"type": "array", "items": ref("Card")}, parameters=[
            query("created", record(gte=TEXT), style="deepObject", explode=True),
            query("page_size", {"type": "integer", "default": "fifty"})])},
    ),
    "alternatives told apart, and a map of numbers": contract(
        {
            "Iban": {**record(kind={"type": "string", "enum": ["iban"]}, iban=TEXT), "required": ["kind"]},
            "Wallet": {**record(kind={"type": "string", "enum": ["wallet"]}, address=TEXT), "required": ["kind"]},
            "Account": {"oneOf": [ref("Iban"), ref("Wallet")],
                        "discriminator": {"propertyName": "kind", "mapping": {"iban": "#/components/schemas/Iban"}}},
            "Quote": record(to=ref("Account"), rates={"type": "object", "additionalProperties": {"type": "number"}}),
        },
        {"/quotes": post("createQuote", ref("Quote"), ref("Quote"))},
    ),
    "no model at all": contract({}, {"/ping": get("ping", TEXT)}),
    "names with dots and in lower case": contract(
        {"payments.v1.payment": record(id=TEXT, parent=ref("payments.v1.payment"))},
        {"/payments/{id}:capture": {"post": {"tags": ["payments"], "responses": answer(ref("payments.v1.payment")),
                                             "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}]}}},
    ),
    "forms and files": contract(
        {"Upload": record(file={"type": "string", "format": "binary"}, purpose=TEXT)},
        {"/files": {"post": {"operationId": "upload", "responses": {"204": {"description": "Taken."}},
                             "requestBody": {"content": {"multipart/form-data": {"schema": ref("Upload")}}}}}},
    ),
}  # fmt: skip
ADOPTED["links and what is embedded"]["components"]["schemas"]["Sort"] = {
    "type": "string",
    "enum": ["asc", "desc"],
}
ADOPTED["webhooks of one address"]["webhooks"] = {
    "all": {
        "post": {
            "requestBody": {
                "content": {
                    "application/json": {"schema": {"oneOf": [ref("Opened"), ref("Closed")]}}
                }
            },
            "responses": {"204": {"description": "Taken."}},
        }
    }
}

REFUSED: dict[str, tuple[Document, tuple[str, ...]]] = {
    "schemas and parameters that differ in case": (
        contract(
            {"Card": record(a=TEXT), "card": record(b=TEXT)},
            {
                "/a": get("a", ref("Card"), parameters=[query("Foo", TEXT), query("foo", TEXT)]),
                "/b": get("b", ref("card")),
            },
        ),
        (
            "Card and card both become class Card; call one of them otherwise",
            "GET /a: the parameters Foo and foo both become foo; take one of them out in the overlay",
        ),
    ),
    "enums that share nothing": (
        contract(
            {"E": {"type": "string", "enum": ["a"]}, "A": record(e={"allOf": [ref("E"), {"enum": ["b"]}]})},
            {"/a": get("a", ref("A"))},
        ),
        ("AE: allOf asks for ['a'] and for ['b']; nothing is both",),
    ),
    "several things at once": (
        contract(
            {"A": record(total={"type": "number", "format": "decimal"})},
            {
                "/a": get("same", ref("A")),
                "/b": get("same", ref("A")),
                "/c": get("c", TEXT, parameters=[{"name": "q", "in": "query", "content": {"application/json": {}}}]),
            },
        ),
        ("operationId 'same' stands at", "parameter 'q' has no schema", "A.total is money as a JSON number"),
    ),
}  # fmt: skip


def adopt(root: Path, document: Document) -> Project:
    project = Project(root)
    project.contract.parent.mkdir()
    project.overlay.write_text(NOTHING, "utf-8")
    project.contract.write_text(json.dumps(document), "utf-8")
    return project


@pytest.mark.parametrize("document", ADOPTED.values(), ids=ADOPTED.keys())
def test_a_contract_in_another_manner_is_adopted(
    tmp_path: Path, client_of: Callable[[Project], ModuleType], document: Document
) -> None:
    project = adopt(tmp_path, document)

    done = project.regenerate()

    assert done.code == 0, done.err
    assert project.regenerate("--check").code == 0
    models = models_of(client_of(project))
    assert all(getattr(models, name) for name in models.__all__)


@pytest.mark.parametrize(("document", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_adopted_is_refused_with_everything_that_is_wrong(
    tmp_path: Path, document: Document, said: tuple[str, ...]
) -> None:
    project = adopt(tmp_path, document)

    done = project.regenerate()

    assert done.code == 2
    assert all(any(text in line for line in done.err.splitlines()) for text in said), done.err
    assert not project.generated.exists()


def test_a_map_of_text_keeps_what_it_holds(
    tmp_path: Path, client_of: Callable[[Project], ModuleType]
) -> None:
    project = adopt(tmp_path, ADOPTED["amounts in minor units, maps of text"])
    assert project.regenerate().code == 0
    models = models_of(client_of(project))

    told = {"additionalData": {"riskScore": "7"}, "amount": {"value": 4990, "currency": "EUR"}}
    assert models.Payment.from_dict(told).to_dict() == told


def test_one_webhook_for_many_events_is_one_event_each(tmp_path: Path) -> None:
    project = adopt(tmp_path, ADOPTED["webhooks of one address"])
    project.regenerate()

    assert [line for line in project.api_md if line.startswith("event ")] == [
        "event account.closed: Closed",
        "event account.opened: Opened",
    ]


def test_another_apis_contract_is_reported_and_not_adopted(project: Project) -> None:
    document = ADOPTED["alternatives told apart, and a map of numbers"]
    other = project.root / "other.json"
    other.write_text(json.dumps(document), "utf-8")
    before = project.files()

    done = project.regenerate("--spec", str(other))

    assert done.code == 2
    assert done.err.splitlines() == [
        "regenerate: this is no contract of Gate: none of its 1 operations is one of our 3; is it the "
        "right file?"
    ]
    assert "+ operation createQuote: POST /quotes" in done.out
    assert project.files() == before


# --- money as JSON numbers -------------------------------------------------------------------------


def retyped(project: Project) -> Path:
    """The vendor sends fees as numbers, and adds a status in the same breath."""
    text = project.contract.read_text("utf-8")
    old = 'fee: { type: [string, "null"], format: decimal }'
    assert text.count(old) == 1
    text = text.replace(old, 'fee: { type: [number, "null"], format: decimal }')
    text = text.replace("[open, completed", "[reversed, open, completed")
    place = project.root / "retyped.yaml"
    place.write_text(text, "utf-8")
    return place


def test_an_amount_retyped_is_one_change_among_the_others(project: Project) -> None:
    place, before = retyped(project), project.files()

    done = project.regenerate("--spec", str(place))

    assert done.code == 2
    assert (
        "~ field GateSession.fee: decimal or null, required -> decimal as number or null"
        in done.out
    )
    assert '+ enum SessionStatus "reversed"' in done.out
    assert "give the reviewer's word: --accept GateSession.fee" in done.err
    assert {**project.files(), "retyped.yaml": b""} == {**before, "retyped.yaml": b""}


def test_an_amount_that_a_reviewer_accepts_stays_exact(
    project: Project, client_of: Callable[[Project], ModuleType]
) -> None:
    place = retyped(project)

    done = project.regenerate("--spec", str(place), "--accept", "money")

    assert done.code == 3, done.err
    assert project.regenerate("--check").code == 0
    models = models_of(client_of(project))
    exact = models.GateSession.from_dict
    told = {
        "id": "s",
        "object": "gate_session",
        "status": "open",
        "flow": None,
        "expires_at": "2026-05-27T09:00:00Z",
        "amount": "1.10",
        "fee": Decimal("0.10"),
    }
    assert exact(told).fee == Decimal("0.10")
    assert repr(exact(told).to_dict()["fee"]) == "0.1"
    long = exact({**told, "fee": Decimal("0.1234567890123456789")})
    with pytest.raises(ValueError, match="no JSON number holds"):
        long.to_dict()
