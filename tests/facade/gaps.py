"""What of a contract the façade has no place for, each in a line that names it."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from zerogate import Gate, types
from zerogate import _reconciliation as outcomes
from zerogate import _validation as validation
from zerogate._amounts import UNITS
from zerogate._wire import bodies
from zerogate._wire.names import RENAMED
from zerogate._wire.operations import OPERATIONS
from zerogate.webhooks import EVENTS

from tests.contract.reading import Contract, Node

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
#: Every enum of the contract → where each of its values has a branch.
BRANCHES: Mapping[str, tuple[Collection[str], str]] = {
    "Mode": (validation.HOSTS, "validation.HOSTS"),
    "Flow": (set(outcomes.FLOWS.values()), "outcomes.FLOWS"),
    "Side": (bodies.SIDES, "bodies.SIDES"),
    "SessionStatus": (outcomes.SESSION_STATUSES, "outcomes.SESSION_STATUSES"),
    "TransactionAction": (outcomes.FLOWS, "outcomes.FLOWS"),
    "QuoteStatus": (outcomes.QUOTE_STATUSES, "outcomes.QUOTE_STATUSES"),
    "RailStatus": (outcomes.RAIL_STATUSES, "outcomes.RAIL_STATUSES"),
    "DeliveryStatus": (bodies.DELIVERY_STATUSES, "bodies.DELIVERY_STATUSES"),
}
#: Components that are answered and have no name in `zerogate.types`; each with its reason.
UNNAMED = {"Error": "becomes an error of ours"}


def gaps(contract: Contract) -> list[str]:
    """Everything in the contract that has no place in the façade, and the other way round."""
    known = [_operations, _parameters, _enums, _amounts, _events, _records]
    return [line for find in known for line in find(contract)]


def _operations(contract: Contract) -> Iterator[str]:
    theirs = {operation["operationId"] for _, operation in contract.operations()}
    yield from (f"{id}: no method; name it in METHODS" for id in theirs - METHODS.keys())
    yield from (f"{id}: no row in _wire/operations.py" for id in theirs - OPERATIONS.keys())
    yield from (f"{id}: gone" for id in (METHODS.keys() | OPERATIONS.keys()) - theirs)


@cache
def keywords(client: type[Any], path: str) -> frozenset[str]:
    gate = client("sk_test_coverage00000000", transport=SimpleNamespace(send=print))
    resource, method = path.split(".")
    return frozenset(inspect.signature(getattr(getattr(gate, resource), method)).parameters)


def parameters_of(contract: Contract, operation: Node) -> Iterator[str]:
    """The parameters of an operation and the fields of its body, by their names in the contract."""
    for parameter in map(contract.resolve, operation.get("parameters", ())):
        yield parameter["name"]
    if "requestBody" in operation:
        content = contract.resolve(operation["requestBody"])["content"]["application/json"]
        yield from contract.resolve(content["schema"]).get("properties", {})


def _parameters(contract: Contract) -> Iterator[str]:
    for _, operation in contract.operations():
        if operation["operationId"] not in METHODS:
            continue
        path = METHODS[operation["operationId"]]
        taken = keywords(Gate, path)
        for name in parameters_of(contract, operation):
            if name not in taken and ELSEWHERE.get(name, ("",))[0] not in taken:
                yield f"{path}: no keyword for {name}"


def _enums(contract: Contract) -> Iterator[str]:
    for name, schema in contract.document["components"]["schemas"].items():
        if "enum" not in schema:
            continue
        branches, where = BRANCHES.get(name, ((), "BRANCHES"))
        for value in schema["enum"]:
            if value not in branches:
                yield f"{name}: {value!r} has no branch in {where}"
    named = {id(schema) for schema in contract.document["components"]["schemas"].values()}
    for place, schema in contract.answer_schemas():
        if "enum" in schema and id(schema) not in named:
            yield f"{place}: an enum without a name, so no table can hold its branches"


def _properties(contract: Contract, schema: Node) -> Iterator[tuple[str, Node]]:
    schema = contract.resolve(schema)
    yield from schema.get("properties", {}).items()
    for part in schema.get("allOf", ()):
        yield from _properties(contract, part)


def _amounts(contract: Contract) -> Iterator[str]:
    theirs = {
        (name, field)
        for name, schema in contract.document["components"]["schemas"].items()
        for field, kind in _properties(contract, schema)
        if kind.get("format") == "decimal"
    }
    yield from (
        f"{n}.{f}: an amount without a unit in amounts.py" for n, f in theirs - UNITS.keys()
    )
    yield from (f"{n}.{f}: no amount any more, in amounts.py" for n, f in UNITS.keys() - theirs)


def _events(contract: Contract) -> Iterator[str]:
    theirs = {name for name, _ in contract.events()}
    yield from (f"{name}: no record in webhooks/events.py" for name in theirs - EVENTS.keys())
    yield from (f"{name}: gone, in webhooks/events.py" for name in EVENTS.keys() - theirs)


def _records(contract: Contract) -> Iterator[str]:
    """Every object and enum that Gate answers with can be imported under a name of ours."""
    named = {getattr(getattr(types, name), "__name__", name) for name in types.__all__}
    ours = {RENAMED.get(name, name) for name in named}
    schemas = contract.document["components"]["schemas"]
    answered = {id(schema) for _, schema in contract.answer_schemas()}
    media = [post["requestBody"]["content"]["application/json"] for _, post in contract.events()]
    events = {id(contract.resolve(one["schema"])) for one in media}
    for name, schema in schemas.items():
        # A dict needs no name: the client has no class for it.
        has_class = any(word in schema for word in ("properties", "allOf", "enum"))
        page = "array" in schema.get("properties", {}).get("data", {}).get("type", "")
        envelope = page or id(schema) in events or not has_class
        if id(schema) in answered and name not in ours | UNNAMED.keys() and not envelope:
            yield f"{name}: no name in types.py"
