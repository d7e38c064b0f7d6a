"""Every operation and parameter of the contract can be reached from the façade, in both halves."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import Contract, load
from zerogate import AsyncGate, Gate
from zerogate._wire import bodies, models
from zerogate._wire.operations import OPERATIONS
from zerogate.retries import Repeat

ROOT = Path(__file__).resolve().parents[2]

#: operationId → where it stands on Gate and AsyncGate.
METHODS = {
    "listSessions": "sessions.list",
    "createSession": "sessions.create",
    "retrieveSession": "sessions.retrieve",
    "cancelSession": "sessions.cancel",
    "listCountries": "capabilities.countries",
    "listCurrencies": "capabilities.currencies",
    "listAssets": "capabilities.assets",
    "getAsset": "capabilities.asset",
    "listPaymentMethods": "capabilities.payment_methods",
    "listPayoutMethods": "capabilities.payout_methods",
    "checkEligibility": "capabilities.eligibility",
    "previewQuotes": "quotes.preview",
    "listTransactions": "transactions.list",
    "retrieveTransaction": "transactions.retrieve",
    "createEmbedToken": "embed.bootstrap",
    "getBranding": "branding.retrieve",
    "updateBranding": "branding.update",
    "listPartnerWebhookDeliveries": "deliveries.list",
    "replayWebhookDelivery": "deliveries.replay",
    "sendTestWebhook": "deliveries.send_test",
    "createCustomer": "customers.create",
    "listCustomers": "customers.list",
    "getCustomer": "customers.retrieve",
    "updateCustomer": "customers.update",
    "deleteCustomer": "customers.delete",
    "lockQuote": "quotes.lock",
    "retrieveSignedQuote": "quotes.retrieve",
    "createPayIn": "pay_ins.create",
    "retrievePayIn": "pay_ins.retrieve",
    "createPayOut": "pay_outs.create",
    "retrievePayOut": "pay_outs.retrieve",
}

#: What the façade names otherwise, or says by something else; each with its reason.
ELSEWHERE = {
    "Idempotency-Key": ("idempotency_key", "a header, as a keyword"),
    "clientSecret": ("client_secret", "in the language's spelling"),
    "currency": ("amount", "travels in Money where there is an amount"),
    "reference": ("order", "the partner's own reference is the order"),
}


CONTRACT = Contract(load((ROOT / "openapi" / "gate-v1.yaml").read_text("utf-8")))
WHERE = {operation["operationId"]: (where, operation) for where, operation in CONTRACT.operations()}


def schema_name(content: Mapping[str, Any]) -> str:
    reference: str = content["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


def body_of(operation_id: str) -> str | None:
    body = WHERE[operation_id][1].get("requestBody")
    return None if body is None else schema_name(CONTRACT.resolve(body)["content"])


def answer_of(operation_id: str) -> str:
    responses = WHERE[operation_id][1]["responses"]
    (first, *_) = [r for status, r in responses.items() if status.startswith("2")]
    return schema_name(CONTRACT.resolve(first)["content"])


def parameters_of(operation_id: str) -> list[str]:
    """The parameters of an operation and the fields of its body, by their names in the contract."""
    operation = WHERE[operation_id][1]
    names = [CONTRACT.resolve(p)["name"] for p in operation.get("parameters", ())]
    body = body_of(operation_id)
    if body is not None:
        names += CONTRACT.document["components"]["schemas"][body]["properties"]
    return names


def keywords(client: type[Any], path: str) -> set[str]:
    gate = client("sk_test_coverage00000000", transport=object())
    resource, method = path.split(".")
    return set(inspect.signature(getattr(getattr(gate, resource), method)).parameters)


def test_every_operation_has_one_place_in_the_facade_and_one_row_on_the_wire() -> None:
    assert METHODS.keys() == WHERE.keys(), "give the new operation a method, and name it in METHODS"
    assert OPERATIONS.keys() == WHERE.keys(), "add its row to facade/zerogate/_wire/operations.py"


@pytest.mark.parametrize("client", [Gate, AsyncGate], ids=["sync", "async"])
@pytest.mark.parametrize("operation_id", METHODS)
def test_every_parameter_is_a_keyword(client: type[Any], operation_id: str) -> None:
    known = keywords(client, METHODS[operation_id])
    missing = {
        name
        for name in parameters_of(operation_id)
        if name not in known and ELSEWHERE.get(name, ("", ""))[0] not in known
    }
    assert not missing, f"{METHODS[operation_id]} has no keyword for {missing}"


@pytest.mark.parametrize("operation_id", METHODS)
def test_a_row_says_what_the_contract_says(operation_id: str) -> None:
    row, (where, operation) = OPERATIONS[operation_id], WHERE[operation_id]
    assert f"{row.method} {row.route}" == where
    assert row.answer == answer_of(operation_id)
    assert row.body == body_of(operation_id)
    assert row.publishable == any("publishableKey" in way for way in operation["security"])
    assert callable(importlib.import_module(f"zerogate_api.api.{row.builder}").get_kwargs)
    models.named(row.answer)


@pytest.mark.parametrize("operation_id", METHODS)
def test_what_takes_a_key_is_keyed_and_only_that(operation_id: str) -> None:
    takes_key = "Idempotency-Key" in parameters_of(operation_id)
    assert takes_key == (OPERATIONS[operation_id].repeat is Repeat.KEYED)


@pytest.mark.parametrize("operation_id", METHODS)
def test_the_enums_of_a_query_are_those_of_the_contract(operation_id: str) -> None:
    query = [CONTRACT.resolve(p) for p in WHERE[operation_id][1].get("parameters", ())]
    named = {
        p["name"]: p["schema"]["$ref"].rpartition("/")[2] for p in query if "$ref" in p["schema"]
    }
    assert dict(OPERATIONS[operation_id].enums) == named


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        (bodies.FLOWS, "Flow"),
        (bodies.SIDES, "Side"),
        (bodies.SESSION_STATUSES, "SessionStatus"),
        (bodies.DELIVERY_STATUSES, "DeliveryStatus"),
    ],
)
def test_what_a_request_may_name_is_what_the_contract_lists(
    values: tuple[str, ...], schema: str
) -> None:
    assert list(values) == CONTRACT.document["components"]["schemas"][schema]["enum"]


@pytest.mark.parametrize("client", [Gate, AsyncGate], ids=["sync", "async"])
def test_a_call_can_be_given_its_own_time_out(client: type[Any]) -> None:
    for path in METHODS.values():
        assert "timeout" in keywords(client, path), path
