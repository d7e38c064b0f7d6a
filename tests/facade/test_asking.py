"""What the contract documents about a request is checked before anything is sent; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zerogate import Gate, GateUsageError, Money, MoneyError, RetryPolicy
from zerogate._transport.messages import Reply, Request
from zerogate._wire.operations import KINDS

from tests.contract.reading import Node
from tests.facade.contract import CONTRACT
from tests.facade.gaps import ELSEWHERE, METHODS, keywords

WHERE = {operation["operationId"]: operation for _, operation in CONTRACT.operations()}

EUR = Money("100.00", "EUR")
PRICE: dict[str, Any] = {"amount": EUR, "asset": "USDC", "side": "on_ramp"}
RAIL: dict[str, Any] = {"quote_id": "qt_1", "expect": EUR, "order": "order-1"}
#: A call of each operation with which nothing is wrong.
RIGHT: dict[str, dict[str, Any]] = {
    "createSession": {"amount": EUR, "return_url": "https://shop.example/", "order": "order-1"},
    "listCurrencies": {"country_code": "DE"},
    "listAssets": {"country_code": "DE"},
    "getAsset": {"symbol": "USDC"},
    "listPaymentMethods": {"country_code": "DE"},
    "listPayoutMethods": {"country_code": "DE"},
    "checkEligibility": {"country_code": "DE"},
    "previewQuotes": PRICE,
    "lockQuote": {**PRICE, "payment_method": "bank_transfer"},
    "retrieveTransaction": {"refid": "0g_1"},
    "createEmbedToken": {"origin": "https://shop.example"},
    "createCustomer": {"email": "ada@shop.example", "external_id": "u-1"},
    "updateCustomer": {"id": "cus_1", "last_name": "L"},
    "updateBranding": {"brand_name": "Shop"},
    "createPayIn": RAIL,
    "createPayOut": RAIL,
    **{
        id: {"id": "x_1"}
        for id in (
            "retrieveSession",
            "cancelSession",
            "replayWebhookDelivery",
            "getCustomer",
            "deleteCustomer",
            "retrieveSignedQuote",
            "retrievePayIn",
            "retrievePayOut",
        )
    },
}


def fields_of(operation: Node) -> Iterator[tuple[str, Node]]:
    for parameter in map(CONTRACT.resolve, operation.get("parameters", ())):
        yield parameter["name"], CONTRACT.resolve(parameter["schema"])
    if "requestBody" in operation:
        content = CONTRACT.resolve(operation["requestBody"])["content"]["application/json"]
        for name, schema in CONTRACT.resolve(content["schema"])["properties"].items():
            yield name, CONTRACT.resolve(schema)


def kind_of(schema: Node) -> str:
    """Its type, null apart; one of several alternatives is an object here."""
    kinds = schema.get("type", "object")
    return next(k for k in ([kinds] if isinstance(kinds, str) else kinds) if k != "null")


def violations(schema: Node) -> Iterator[Any]:
    """Values that the contract rules out in so many words."""
    kind = kind_of(schema)
    yield {"string": 7, "integer": "7", "boolean": "yes", "object": "text", "array": "text"}[kind]
    if kind == "integer":
        yield from (True, 1.0, schema["minimum"] - 1)
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if "pattern" in schema or "enum" in schema:
        yield "made up!"
    if schema.get("format") == "uri":
        yield from ("shop.example", "ftp://shop.example/", "javascript:alert(1)", "")
    if schema.get("format") == "email":
        yield from ("ada", "ada@", "@shop.example", "a b@shop.example", "")


def keyword_of(id: str, name: str) -> str:
    return name if name in keywords(Gate, METHODS[id]) else ELSEWHERE[name][0]


CASES = [
    pytest.param(id, keyword_of(id, name), value, id=f"{METHODS[id]} {name}={value!r:.20}")
    for id, operation in WHERE.items()
    for name, schema in fields_of(operation)
    for value in violations(schema)
]


class Nothing:
    """A transport that must not be asked; or only to read what stands before a write."""

    def send(self, request: Request, until: float) -> Reply:
        raise AssertionError(f"{request.method} {request.target} was sent")


def asked(operation_id: str, **changed: Any) -> Any:
    gate = Gate(
        "sk_test_asking00000000",
        publishable_key="pk_test_asking00000000",
        transport=Nothing(),
        retries=RetryPolicy(attempts=1),
    )
    resource, method = METHODS[operation_id].split(".")
    given = {**RIGHT.get(operation_id, {}), **changed}
    answer = getattr(getattr(gate, resource), method)(**given)
    return answer.first() if hasattr(answer, "first") else answer


@pytest.mark.parametrize(("operation_id", "keyword", "value"), CASES)
def test_what_the_contract_rules_out_is_refused_before_anything_is_sent(
    operation_id: str, keyword: str, value: Any
) -> None:
    with pytest.raises((GateUsageError, MoneyError)):
        asked(operation_id, **{keyword: value})


@pytest.mark.parametrize("operation_id", METHODS)
def test_a_call_with_which_nothing_is_wrong_is_sent(operation_id: str) -> None:
    with pytest.raises(Exception, match="AssertionError"):
        asked(operation_id)


def test_what_is_no_text_is_the_same_here_and_in_the_contract() -> None:
    kinds = {"integer": int, "boolean": bool, "object": dict, "array": list}
    found = {
        name: kinds[kind_of(schema)]
        for operation in WHERE.values()
        for name, schema in fields_of(operation)
        if kind_of(schema) in kinds
    }
    assert found == KINDS


@pytest.mark.parametrize(
    "metadata",
    [{"a": float("nan")}, {"a": float("inf")}, {"a": object()}, {"a": {1, 2}}, {"a": "\ud800"}],
    ids=["nan", "inf", "an object", "a set", "half a surrogate pair"],
)
def test_what_cannot_be_written_as_json_is_refused_and_not_shown(metadata: Any) -> None:
    with pytest.raises(GateUsageError, match="JSON") as caught:
        asked("createSession", metadata={**metadata, "canary": "canary"})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("amount", [100, 1.5, "100.00", float("nan"), True, None])
@pytest.mark.parametrize("operation_id", ["createSession", "previewQuotes", "lockQuote"])
def test_an_amount_is_money_or_refused(operation_id: str, amount: Any) -> None:
    with pytest.raises((GateUsageError, TypeError, ValueError), match="Money"):
        asked(operation_id, amount=amount)


def test_what_is_only_inferred_of_a_request_is_not_held_against_it() -> None:
    for asset in ("USDC.e", "x" * 40):
        with pytest.raises(Exception, match="AssertionError"):
            asked("previewQuotes", asset=asset)
