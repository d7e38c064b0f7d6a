"""A verified body → Event. Which record it carries is looked up by its type, never tried out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from .._strict_json import strict_json
from .._wire import models

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
class Event:
    """One happening that Gate tells of; all its deliveries and replays have the same id.

    created_at: When it happened, by Gate's clock. Not an order: a later event may arrive first.
    data: The record, typed by `type`; a mapping where the type is not in our contract, or where the
        body does not fit it (then parse_error says how). Unknown fields are kept.
    mode: test or live, of the secret that matched; None when that secret was given without one.
    raw: The body as signed, the bytes to store.
    """

    id: str
    type: str
    created_at: datetime
    data: Any = attrs.field(repr=False, hash=False)
    mode: str | None = None
    parse_error: str | None = None
    raw: bytes = attrs.field(default=b"", repr=False, hash=False)


def read_event(body: bytes, mode: str | None, typed: bool = True) -> Event:
    """The event in a body whose signature was good. ValueError when there is none in it."""
    envelope = strict_json(body)
    if not isinstance(envelope, dict):
        raise ValueError("no JSON object")
    id, kind, data = _text(envelope, "id"), _text(envelope, "type"), envelope.get("data")
    if not isinstance(data, dict):
        raise ValueError("data that is no object")
    record, parse_error = _record(kind, data) if typed else (data, None)
    return Event(id, kind, _time(envelope.get("created_at")), record, mode, parse_error, body)


def _time(seconds: object) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise ValueError("created_at that is no number of seconds")
    if not 0 <= seconds <= _LAST_SECOND:
        raise ValueError("created_at that is no time")
    return datetime.fromtimestamp(seconds, UTC)


def _record(kind: str, data: dict[str, Any]) -> tuple[object, str | None]:
    model = EVENTS.get(kind)
    if model is None:
        return data, None
    try:
        return models.read(model, data), None
    except ValueError as problem:
        return data, str(problem)


def _text(envelope: Mapping[str, Any], name: str) -> str:
    value = envelope.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise ValueError(f"{name} that is no short text")
    return value
