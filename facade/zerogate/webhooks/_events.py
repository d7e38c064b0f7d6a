"""A verified body → Event. Which record it carries is looked up by its type, never tried out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Literal,
    TypeAlias,
    TypeVar,
    overload,
)

import attrs

from .._literals import ModeName
from .._strict_json import strict_json
from .._wire import models

if TYPE_CHECKING:
    from .. import types  # noqa: F401  named in the quoted bases below

K = TypeVar("K", bound=str)
D = TypeVar("D")

SessionEventType: TypeAlias = Literal[
    "gate_session.created",
    "gate_session.processing",
    "gate_session.completed",
    "gate_session.failed",
    "gate_session.cancelled",
    "gate_session.expired",
    "gate_session.kyc_package_accepted",
    "kyc.required",
]
PayInEventType: TypeAlias = Literal[
    "rail.pay_in.processing", "rail.pay_in.settled", "rail.pay_in.failed", "rail.pay_in.cancelled"
]
PayOutEventType: TypeAlias = Literal[
    "rail.pay_out.processing",
    "rail.pay_out.settled",
    "rail.pay_out.failed",
    "rail.pay_out.cancelled",
]
CustomerEventType: TypeAlias = Literal["customer.created", "customer.updated"]

#: Every event the contract names → the record in its `data`.
EVENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            "gate_session.created",
            "gate_session.processing",
            "gate_session.completed",
            "gate_session.failed",
            "gate_session.cancelled",
            "gate_session.expired",
            "gate_session.kyc_package_accepted",
            "kyc.required",
        ],
        "SessionEventData",
    ),
    "rail.pay_in.processing": "RailPayIn",
    "rail.pay_in.settled": "RailPayIn",
    "rail.pay_in.failed": "RailPayIn",
    "rail.pay_in.cancelled": "RailPayIn",
    "rail.pay_out.processing": "RailPayOut",
    "rail.pay_out.settled": "RailPayOut",
    "rail.pay_out.failed": "RailPayOut",
    "rail.pay_out.cancelled": "RailPayOut",
    "quote.consumed": "SignedQuote",
    "customer.created": "Customer",
    "customer.updated": "Customer",
    "customer.deleted": "DeletedCustomer",
    "webhook.test": "WebhookTestData",
}
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999, the last that a datetime holds


@attrs.frozen
class _Event(Generic[K, D]):
    """One happening that Gate tells of; all its deliveries and replays have the same id.

    created_at: When it happened, by Gate's clock. Not an order: a later event may arrive first.
    data: The record, typed by `type`; a mapping in an `UnknownEvent`. Unknown fields are kept.
    mode: test or live, of the secret that matched; None when that secret was given without one.
    parse_error: Why `data` is no record although our contract has its type.
    raw: The body as signed, the bytes to store.
    """

    id: str
    type: K
    created_at: datetime
    data: D = attrs.field(repr=False, hash=False)
    mode: ModeName | None = None
    parse_error: str | None = None
    raw: bytes = attrs.field(default=b"", repr=False, hash=False)


class SessionEvent(_Event[SessionEventType, "types.SessionEventData"]):
    """An event about a hosted session, or about the payment on it."""


class PayInEvent(_Event[PayInEventType, "types.PayIn"]):
    """An event about a pay-in."""


class PayOutEvent(_Event[PayOutEventType, "types.PayOut"]):
    """An event about a pay-out."""


class QuoteEvent(_Event[Literal["quote.consumed"], "types.SignedQuote"]):
    """An event about a signed quote: it was redeemed."""


class CustomerEvent(_Event[CustomerEventType, "types.Customer"]):
    """An event about a customer's record as it is now."""


class CustomerDeletedEvent(_Event[Literal["customer.deleted"], "types.DeletedCustomer"]):
    """An event about a customer's record that is gone."""


class WebhookTestEvent(_Event[Literal["webhook.test"], "types.WebhookTestData"]):
    """An event that somebody asked for, to see that webhooks arrive."""


class UnknownEvent(_Event[str, Mapping[str, Any]]):  # Any: JSON that no contract of ours describes
    """An event without a record: `data` is the JSON object as it was signed.

    Its type is not in our contract, its body does not fit it (then `parse_error` says how), or it was
    read so: by `verify(…, typed=False)`, or from what an inbox keeps of an event about a person.
    """


Event: TypeAlias = (
    SessionEvent
    | PayInEvent
    | PayOutEvent
    | QuoteEvent
    | CustomerEvent
    | CustomerDeletedEvent
    | WebhookTestEvent
    | UnknownEvent
)
#: A record in `data` → the class of the events that carry it.
_CARRIERS: Final[Mapping[str, Any]] = {
    "SessionEventData": SessionEvent,
    "RailPayIn": PayInEvent,
    "RailPayOut": PayOutEvent,
    "SignedQuote": QuoteEvent,
    "Customer": CustomerEvent,
    "DeletedCustomer": CustomerDeletedEvent,
    "WebhookTestData": WebhookTestEvent,
}


@overload
def read_event(body: bytes, mode: ModeName | None, typed: Literal[False]) -> UnknownEvent: ...
@overload
def read_event(body: bytes, mode: ModeName | None, typed: bool = True) -> Event: ...
def read_event(body: bytes, mode: ModeName | None, typed: bool = True) -> Event:
    """Return a signed body's event, UnknownEvent if its data does not fit; ValueError if it is none."""
    envelope = strict_json(body)
    if not isinstance(envelope, dict):
        raise ValueError("no JSON object")
    id, kind, data = _text(envelope, "id"), _text(envelope, "type"), envelope.get("data")
    if not isinstance(data, dict):
        raise ValueError("data that is no object")
    at, parse_error = _time(envelope.get("created_at")), None
    if typed and (model := EVENTS.get(kind)) is not None:
        try:
            event: Event = _CARRIERS[model](
                id, kind, at, models.read(model, data), mode, None, body
            )
            return event
        except ValueError as problem:
            parse_error = str(problem)
    return UnknownEvent(id, kind, at, data, mode, parse_error, body)


def _time(seconds: object) -> datetime:
    """Return Unix seconds as a datetime in UTC; ValueError unless a whole number within range."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise ValueError("created_at that is no number of seconds")
    if not 0 <= seconds <= _LAST_SECOND:
        raise ValueError("created_at that is no time")
    return datetime.fromtimestamp(seconds, UTC)


def _text(envelope: Mapping[str, Any], name: str) -> str:
    """Return the envelope's field *name*; ValueError unless it is 1 to 255 printable characters."""
    value = envelope.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise ValueError(f"{name} that is no short text")
    return value
