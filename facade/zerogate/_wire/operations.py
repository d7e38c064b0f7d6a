"""The table of the contract's 31 operations on the wire, and their requests. Sends nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from .._idempotency.retries import Repeat
from ..errors import GateUsageError
from . import models

#: In place of a model: an object, or the rows of a list, as they came.
AS_IT_CAME: Final = "{}"
ROWS_AS_THEY_CAME: Final = "[]"
_IN_PATH: Final = re.compile(r"{(\w+)}")


@attrs.frozen
class Operation:
    """One operation: where it goes, who builds its request, what it answers with.

    id: Our name of it, which is the contract's as long as that keeps it.
    builder: The generated module, below `zerogate_api.api`. answer, body: Models of the contract.
    enums: Query parameters that the builder takes as enums.
    known_by: The field that its object, or each row of its list, is known by; "" where there is none.
    filters: Query parameters that a field of the same name in each row has to equal.
    """

    id: str
    method: str
    route: str
    builder: str
    answer: str
    repeat: Repeat
    body: str | None = None
    enums: tuple[tuple[str, str], ...] = ()
    publishable: bool = False
    known_by: str = "id"
    filters: tuple[str, ...] = ()

    @property
    def lists(self) -> bool:
        """Say whether it answers with rows."""
        return self.answer.endswith("List") or self.answer == ROWS_AS_THEY_CAME

    @property
    def named_in_path(self) -> str | None:
        """The path's parameter that names one object: what is answered has to be that one."""
        found = _IN_PATH.search(self.route)
        return None if found is None or self.repeat is Repeat.ONCE else found[1]

    @property
    def writes(self) -> bool:
        return self.repeat is not Repeat.READ


@attrs.frozen
class Draft:
    """A request without credentials: the same bytes for every attempt of a call."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = attrs.field(repr=False)


#: A model or enum as the contract calls it → as every table of ours does, where that is another name.
#: With the builders below and the imports of `types.py` it is all that a renaming contract touches.
RENAMED: Final[Mapping[str, str]] = {}

_READ, _KEYED, _SETTLED, _ONCE = Repeat.READ, Repeat.KEYED, Repeat.SETTLED, Repeat.ONCE

# fmt: off
_ROWS = (
    Operation("listSessions", "GET", "/gate_sessions", "sessions.list_sessions", "GateSessionList", _READ, enums=(("status", "SessionStatus"),)),
    Operation("createSession", "POST", "/gate_sessions", "sessions.create_session", "CreatedGateSession", _KEYED, body="CreateSessionRequest"),
    Operation("retrieveSession", "GET", "/gate_sessions/{id}", "sessions.retrieve_session", "GateSession", _READ),
    Operation("cancelSession", "POST", "/gate_sessions/{id}/cancel", "sessions.cancel_session", "GateSession", _SETTLED),
    Operation("listCountries", "GET", "/capabilities/countries", "capabilities.list_countries", "CountryList", _READ, known_by=""),
    Operation("listCurrencies", "GET", "/capabilities/currencies", "capabilities.list_currencies", "CurrencyList", _READ, known_by=""),
    Operation("listAssets", "GET", "/capabilities/assets", "capabilities.list_assets", "AssetList", _READ, enums=(("side", "Side"),), known_by=""),
    Operation("getAsset", "GET", "/capabilities/assets/{symbol}", "capabilities.get_asset", "Asset", _READ, enums=(("side", "Side"),), known_by="symbol"),
    Operation("listPaymentMethods", "GET", "/capabilities/payment-methods", "capabilities.list_payment_methods", "PaymentMethodList", _READ, known_by=""),
    Operation("listPayoutMethods", "GET", "/capabilities/payout-methods", "capabilities.list_payout_methods", "PayoutMethodList", _READ, known_by=""),
    Operation("checkEligibility", "GET", "/capabilities/eligibility", "capabilities.check_eligibility", "Eligibility", _READ),
    Operation("previewQuotes", "POST", "/quotes/preview", "quotes.preview_quotes", "QuotePreviewList", _READ, body="PreviewQuotesRequest", known_by=""),
    Operation("listTransactions", "GET", "/transactions", "transactions.list_transactions", "PartnerTransactionList", _READ, known_by="refid", filters=("session_id",)),
    Operation("retrieveTransaction", "GET", "/transactions/{refid}", "transactions.retrieve_transaction", "PartnerTransaction", _READ, known_by="refid"),
    Operation("createEmbedToken", "POST", "/embed/bootstrap", "embed.create_embed_token", "EmbedToken", _READ, body="CreateEmbedTokenRequest", publishable=True),
    Operation("getBranding", "GET", "/branding", "branding.get_branding", "Branding", _READ),
    Operation("updateBranding", "PATCH", "/branding", "branding.update_branding", "Branding", _SETTLED, body="UpdateBrandingRequest"),
    Operation("listPartnerWebhookDeliveries", "GET", "/webhooks/deliveries", "webhooks.list_partner_webhook_deliveries", "WebhookDeliveryList", _READ, enums=(("status", "DeliveryStatus"),)),
    Operation("replayWebhookDelivery", "POST", "/webhooks/deliveries/{id}/replay", "webhooks.replay_webhook_delivery", "WebhookDelivery", _ONCE),
    Operation("sendTestWebhook", "POST", "/webhooks/test", "webhooks.send_test_webhook", "WebhookDelivery", _ONCE),
    Operation("createCustomer", "POST", "/customers", "customers.create_customer", "Customer", _KEYED, body="CreateCustomerRequest"),
    Operation("listCustomers", "GET", "/customers", "customers.list_customers", "CustomerList", _READ, filters=("external_id", "email")),
    Operation("getCustomer", "GET", "/customers/{id}", "customers.get_customer", "Customer", _READ),
    Operation("updateCustomer", "PATCH", "/customers/{id}", "customers.update_customer", "Customer", _SETTLED, body="UpdateCustomerRequest"),
    Operation("deleteCustomer", "DELETE", "/customers/{id}", "customers.delete_customer", "DeletedCustomer", _SETTLED),
    Operation("lockQuote", "POST", "/quotes", "rails.lock_quote", "SignedQuote", _KEYED, body="LockQuoteRequest"),
    Operation("retrieveSignedQuote", "GET", "/quotes/{id}", "rails.retrieve_signed_quote", "SignedQuote", _READ),
    Operation("createPayIn", "POST", "/rails/pay_ins", "rails.create_pay_in", "RailPayIn", _KEYED, body="CreatePayInRequest"),
    Operation("retrievePayIn", "GET", "/rails/pay_ins/{id}", "rails.retrieve_pay_in", "RailPayIn", _READ),
    Operation("createPayOut", "POST", "/rails/pay_outs", "rails.create_pay_out", "RailPayOut", _KEYED, body="CreatePayOutRequest"),
    Operation("retrievePayOut", "GET", "/rails/pay_outs/{id}", "rails.retrieve_pay_out", "RailPayOut", _READ),
)
# fmt: on

OPERATIONS: Mapping[str, Operation] = {row.id: row for row in _ROWS}


@cache
def _builder(path: str) -> Callable[..., dict[str, Any]]:
    module = import_module(f"zerogate_api.api.{path}")
    built: Callable[..., dict[str, Any]] = module.get_kwargs
    return built


def draft(
    operation: Operation,
    *,
    body: Mapping[str, Any] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    **parameters: Any,
) -> Draft:
    """The request of one call. Parameters that are None are left out; *body* is JSON as Gate reads it.

    Raises:
        GateUsageError: the contract has no place for one of these values.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    _check_kinds(operation, given)
    _check_kinds(operation, body or {})
    try:
        if operation.body is not None and body is not None:
            given["body"] = models.read(operation.body, dict(body))
        for name, enum in operation.enums:
            if name in given:
                given[name] = models.named(enum)(given[name])
        built = _builder(operation.builder)(**given)
    except ValueError as exc:
        raise GateUsageError(f"{operation.id} cannot be asked like this: {exc}") from exc
    said = (*built.get("headers", {}).items(), *headers)
    try:
        query = urlencode(_texts(built.get("params", {})))
        content = _JSON(built["json"]).encode() if "json" in built else b""
        target = f"{built['url']}?{query}" if query else built["url"]
        return Draft(built["method"].upper(), target, said, content)
    except (TypeError, ValueError, RecursionError) as exc:
        # Such an exception may hold the text that it is about, and that may be personal.
        what = type(exc).__name__
    odd = ", ".join(sorted(_no_json(body or {}))) or what
    raise GateUsageError(
        f"{operation.id}: {odd} cannot be written as JSON: give text, a number, True, False or None, or "
        "a list or dict of those (of a datetime its .isoformat())"
    )


#: Levels that are looked into: what holds itself would never end.
_DEEPEST: Final = 20


def _no_json(value: Any, path: str = "") -> Iterator[str]:
    """Yield the fields that JSON has no form for, with their kind: never a value, it may be personal."""
    if path.count(".") + path.count("[") > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _no_json(one, f"{path}.{str(name)[:40]}".lstrip("."))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _no_json(one, f"{path}[{number}]")
    elif not isinstance(value, str | int | float | Decimal | None):
        yield f"{path} (a {type(value).__name__})"


#: What is no text: all else that the contract takes is.
KINDS: Final[Mapping[str, type]] = {
    "limit": int,
    "skip": int,
    "supported": bool,
    "metadata": dict,
    "kyc_package": dict,
    "requested_scopes": list,
}
_JSON: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _check_kinds(operation: Operation, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        kind = KINDS.get(name, str)
        if not (value is None or isinstance(value, kind)):
            raise GateUsageError(
                f"{operation.id}: {name} takes {kind.__name__}, not {type(value).__name__}"
            )


def _texts(query: Mapping[str, Any]) -> dict[str, str]:
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in query.items()}
