"""The table of the contract's 31 operations on the wire, and their requests. Sends nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import urlencode

import attrs

from .._idempotency.retries import RetrySafety
from ..errors import GateUsageError
from . import models
from .models import Json, Rows

if TYPE_CHECKING:
    from .. import types
else:

    class _Types:
        """Stands for `zerogate.types`, whose models load when one is asked for."""

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module("zerogate.types"), name)

    types = _Types()

T = TypeVar("T")
M = TypeVar("M")
_IN_PATH: Final = re.compile(r"{(\w+)}")


@attrs.frozen
class Operation(Generic[T]):
    """One operation: where it goes, who builds its request, what it answers with.

    id: Our name of it, which is the contract's as long as that keeps it.
    builder: The generated module, below `zerogate_api.api`. answer, body: Models of the contract.
    read: Makes the answer's record of its JSON: what asking for it comes to.
    enums: Query parameters that the builder takes as enums.
    known_by: The field that its object, or each row of its list, is known by; "" where there is none.
    filters: Query parameters that a field of the same name in each row has to equal.
    """

    id: str
    method: str
    route: str
    builder: str
    answer: str
    read: Callable[[Json], T]
    repeat: RetrySafety
    body: str | None = None
    enums: tuple[tuple[str, str], ...] = ()
    publishable: bool = False
    known_by: str = "id"
    filters: tuple[str, ...] = ()

    @property
    def lists(self) -> bool:
        """Return True if it answers with a list of rows."""
        return self.answer.endswith("List")

    def raw(self) -> Operation[Json]:
        """Return a copy of the operation whose answer is read as parsed JSON, not a model."""
        return self._read_by(models.as_it_came)

    def raw_rows(self: Operation[Rows[Any]]) -> Operation[Rows[Json]]:
        """Return a copy of the list operation whose rows are parsed JSON, not models."""
        return self._read_by(models.RawRows(self.known_by))

    def _read_by(self, read: Callable[[Json], M]) -> Operation[M]:
        """Return a copy of the operation whose answer is read by *read*."""
        other: Any = attrs.evolve(self, read=read)  # type: ignore[arg-type]
        made: Operation[M] = other
        return made

    @property
    def named_in_path(self) -> str | None:
        """Return the path parameter that the answer's id must equal; None: none there, or repeat is ONCE."""
        found = _IN_PATH.search(self.route)
        return None if found is None or self.repeat is RetrySafety.ONCE else found[1]

    @property
    def writes(self) -> bool:
        """Return True if it changes something at Gate."""
        return self.repeat is not RetrySafety.READ


@attrs.frozen
class PreparedRequest:
    """A request without credentials: the same bytes for every attempt of a call."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = attrs.field(repr=False)


def _one(
    id: str,
    method: str,
    route: str,
    builder: str,
    answer: str,
    kind: Callable[[], type[M]],
    repeat: RetrySafety,
    **more: Any,
) -> Operation[M]:
    """Return an operation that answers with one record. kind: Its model, under our name."""
    return Operation(
        id, method, route, builder, answer, models.Reader(answer, kind), repeat, **more
    )


def _list(
    id: str,
    method: str,
    route: str,
    builder: str,
    answer: str,
    kind: Callable[[], type[M]],
    repeat: RetrySafety,
    known_by: str = "id",
    **more: Any,
) -> Operation[Rows[M]]:
    """Return an operation that answers with rows. kind: The model of one, under our name."""
    read = models.RowsReader(answer.removesuffix("List"), kind, known_by)
    return Operation(id, method, route, builder, answer, read, repeat, known_by=known_by, **more)


_READ, _KEYED, _SETTLED, _ONCE = (
    RetrySafety.READ,
    RetrySafety.KEYED,
    RetrySafety.SETTLED,
    RetrySafety.ONCE,
)

# fmt: off
LIST_SESSIONS = _list("listSessions", "GET", "/gate_sessions", "sessions.list_sessions", "GateSessionList", lambda: types.Session, _READ, enums=(("status", "SessionStatus"),))
CREATE_SESSION = _one("createSession", "POST", "/gate_sessions", "sessions.create_session", "CreatedGateSession", lambda: types.CreatedSession, _KEYED, body="CreateSessionRequest")
RETRIEVE_SESSION = _one("retrieveSession", "GET", "/gate_sessions/{id}", "sessions.retrieve_session", "GateSession", lambda: types.Session, _READ)
CANCEL_SESSION = _one("cancelSession", "POST", "/gate_sessions/{id}/cancel", "sessions.cancel_session", "GateSession", lambda: types.Session, _SETTLED)
LIST_COUNTRIES = _list("listCountries", "GET", "/capabilities/countries", "capabilities.list_countries", "CountryList", lambda: types.Country, _READ, known_by="")
LIST_CURRENCIES = _list("listCurrencies", "GET", "/capabilities/currencies", "capabilities.list_currencies", "CurrencyList", lambda: types.Currency, _READ, known_by="")
LIST_ASSETS = _list("listAssets", "GET", "/capabilities/assets", "capabilities.list_assets", "AssetList", lambda: types.Asset, _READ, enums=(("side", "Side"),), known_by="")
GET_ASSET = _one("getAsset", "GET", "/capabilities/assets/{symbol}", "capabilities.get_asset", "Asset", lambda: types.Asset, _READ, enums=(("side", "Side"),), known_by="symbol")
LIST_PAYMENT_METHODS = _list("listPaymentMethods", "GET", "/capabilities/payment-methods", "capabilities.list_payment_methods", "PaymentMethodList", lambda: types.PaymentMethod, _READ, known_by="")
LIST_PAYOUT_METHODS = _list("listPayoutMethods", "GET", "/capabilities/payout-methods", "capabilities.list_payout_methods", "PayoutMethodList", lambda: types.PayoutMethod, _READ, known_by="")
CHECK_ELIGIBILITY = _one("checkEligibility", "GET", "/capabilities/eligibility", "capabilities.check_eligibility", "Eligibility", lambda: types.Eligibility, _READ)
PREVIEW_QUOTES = _list("previewQuotes", "POST", "/quotes/preview", "quotes.preview_quotes", "QuotePreviewList", lambda: types.QuotePreview, _READ, body="PreviewQuotesRequest", known_by="")
LIST_TRANSACTIONS = _list("listTransactions", "GET", "/transactions", "transactions.list_transactions", "PartnerTransactionList", lambda: types.Transaction, _READ, known_by="refid", filters=("session_id",))
RETRIEVE_TRANSACTION = _one("retrieveTransaction", "GET", "/transactions/{refid}", "transactions.retrieve_transaction", "PartnerTransaction", lambda: types.Transaction, _READ, known_by="refid")
CREATE_EMBED_TOKEN = _one("createEmbedToken", "POST", "/embed/bootstrap", "embed.create_embed_token", "EmbedToken", lambda: types.EmbedToken, _READ, body="CreateEmbedTokenRequest", publishable=True)
GET_BRANDING = _one("getBranding", "GET", "/branding", "branding.get_branding", "Branding", lambda: types.Branding, _READ)
UPDATE_BRANDING = _one("updateBranding", "PATCH", "/branding", "branding.update_branding", "Branding", lambda: types.Branding, _SETTLED, body="UpdateBrandingRequest")
LIST_PARTNER_WEBHOOK_DELIVERIES = _list("listPartnerWebhookDeliveries", "GET", "/webhooks/deliveries", "webhooks.list_partner_webhook_deliveries", "WebhookDeliveryList", lambda: types.Delivery, _READ, enums=(("status", "DeliveryStatus"),))
REPLAY_WEBHOOK_DELIVERY = _one("replayWebhookDelivery", "POST", "/webhooks/deliveries/{id}/replay", "webhooks.replay_webhook_delivery", "WebhookDelivery", lambda: types.Delivery, _ONCE)
SEND_TEST_WEBHOOK = _one("sendTestWebhook", "POST", "/webhooks/test", "webhooks.send_test_webhook", "WebhookDelivery", lambda: types.Delivery, _ONCE)
CREATE_CUSTOMER = _one("createCustomer", "POST", "/customers", "customers.create_customer", "Customer", lambda: types.Customer, _KEYED, body="CreateCustomerRequest")
LIST_CUSTOMERS = _list("listCustomers", "GET", "/customers", "customers.list_customers", "CustomerList", lambda: types.Customer, _READ, filters=("external_id", "email"))
GET_CUSTOMER = _one("getCustomer", "GET", "/customers/{id}", "customers.get_customer", "Customer", lambda: types.Customer, _READ)
UPDATE_CUSTOMER = _one("updateCustomer", "PATCH", "/customers/{id}", "customers.update_customer", "Customer", lambda: types.Customer, _SETTLED, body="UpdateCustomerRequest")
DELETE_CUSTOMER = _one("deleteCustomer", "DELETE", "/customers/{id}", "customers.delete_customer", "DeletedCustomer", lambda: types.DeletedCustomer, _SETTLED)
LOCK_QUOTE = _one("lockQuote", "POST", "/quotes", "rails.lock_quote", "SignedQuote", lambda: types.SignedQuote, _KEYED, body="LockQuoteRequest")
RETRIEVE_SIGNED_QUOTE = _one("retrieveSignedQuote", "GET", "/quotes/{id}", "rails.retrieve_signed_quote", "SignedQuote", lambda: types.SignedQuote, _READ)
CREATE_PAY_IN = _one("createPayIn", "POST", "/rails/pay_ins", "rails.create_pay_in", "RailPayIn", lambda: types.PayIn, _KEYED, body="CreatePayInRequest")
RETRIEVE_PAY_IN = _one("retrievePayIn", "GET", "/rails/pay_ins/{id}", "rails.retrieve_pay_in", "RailPayIn", lambda: types.PayIn, _READ)
CREATE_PAY_OUT = _one("createPayOut", "POST", "/rails/pay_outs", "rails.create_pay_out", "RailPayOut", lambda: types.PayOut, _KEYED, body="CreatePayOutRequest")
RETRIEVE_PAY_OUT = _one("retrievePayOut", "GET", "/rails/pay_outs/{id}", "rails.retrieve_pay_out", "RailPayOut", lambda: types.PayOut, _READ)
# fmt: on

#: What reads the object that a write made, by the write.
READS: Final[Mapping[str, Operation[Any]]] = {
    "createSession": RETRIEVE_SESSION,
    "createCustomer": GET_CUSTOMER,
    "createPayIn": RETRIEVE_PAY_IN,
    "createPayOut": RETRIEVE_PAY_OUT,
}

OPERATIONS: Final[Mapping[str, Operation[Any]]] = {
    row.id: row for row in list(globals().values()) if isinstance(row, Operation)
}


@cache
def _builder(path: str) -> Callable[..., dict[str, Any]]:
    """Return the generated function that builds this operation's request; cached."""
    module = import_module(f"zerogate_api.api.{path}")
    built: Callable[..., dict[str, Any]] = module.get_kwargs
    return built


def draft(
    operation: Operation[Any],
    *,
    body: Mapping[str, Any] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    **parameters: Any,
) -> PreparedRequest:
    """Return one call's request, without credentials; None is left out, GateUsageError for wrong values.

    *body* is JSON as Gate reads it.

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
        raise GateUsageError(f"{operation.id} cannot be sent as it stands: {exc}") from exc
    said = (*built.get("headers", {}).items(), *headers)
    try:
        query = urlencode(_texts(built["params"])) if "params" in built else ""
        content = _JSON(built["json"]).encode() if "json" in built else b""
        target = f"{built['url']}?{query}" if query else built["url"]
        return PreparedRequest(built["method"].upper(), target, said, content)
    except (TypeError, ValueError, RecursionError) as exc:
        # Such an exception may hold the text that it is about, and that may be personal.
        what = type(exc).__name__
    odd = ", ".join(sorted(_no_json(body or {}))) or what
    raise GateUsageError(
        f"{operation.id}: {odd} cannot be written as JSON: give text, a number, True, False or None, or "
        "a list or dict of those (of a datetime its .isoformat())"
    )


def sendable(read: Any) -> Any:
    """Return a copy of what an answer told as it can be sent: a Decimal as the float of its value, else text."""
    return json.loads(
        json.dumps(
            read,
            default=lambda told: float(told) if Decimal(repr(float(told))) == told else str(told),
        )
    )


#: Levels that are looked into: what holds itself would never end.
_DEEPEST: Final = 20


def _no_json(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path and type, never the content, of each value that JSON cannot hold."""
    if path.count(".") + path.count("[") > _DEEPEST:
        return
    if isinstance(value, Mapping | list | tuple):
        named = isinstance(value, Mapping)
        for name, one in value.items() if isinstance(value, Mapping) else enumerate(value):
            inner = f"{path}.{str(name)[:40]}".lstrip(".") if named else f"{path}[{name}]"
            yield from _no_json(one, inner)
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


def _check_kinds(operation: Operation[Any], fields: Mapping[str, Any]) -> None:
    """Raise GateUsageError where a field is of another type than the contract's; None passes."""
    for name, value in fields.items():
        kind = KINDS.get(name, str)
        if not (value is None or isinstance(value, kind)):
            raise GateUsageError(
                f"{operation.id}: {name} takes {kind.__name__}, not {type(value).__name__}"
            )


def _texts(query: Mapping[str, Any]) -> dict[str, str]:
    """Return a query with all values as text; booleans become `true` and `false`."""
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in query.items()}
