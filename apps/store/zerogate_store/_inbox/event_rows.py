"""A verified event → the row that is kept of it: what it is about, and how much of it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from zerogate._idempotency.identity import marks_of
from zerogate.webhooks import EVENTS, UnknownEvent

from .._erasing import reduced
from .contents import facts_kept
from .payment_state import LOOK, PAYMENTS, Kind

_KINDS: Final[Mapping[str, Kind]] = {
    "SessionEventData": "session",
    "RailPayIn": "pay_in",
    "RailPayOut": "pay_out",
    "SignedQuote": "quote",
    "Customer": "customer",
    "DeletedCustomer": "customer",
}


def personal(type: str) -> bool:
    """Return True where a type has the word kyc or customer: the event is about a person."""
    words = type.replace("_", ".").split(".")
    return "kyc" in words or "customer" in words


def kind_of(type: str) -> Kind:
    """Return the kind of thing that events of a type are about; `other` for an unknown type."""
    return _KINDS.get(EVENTS.get(type, ""), "other")


def row_of(event: UnknownEvent, *, mode: str, now: float) -> dict[str, Any]:
    """Return the row of an event that came now; refused and without body if of another mode.

    event: One that is not typed.
    """
    data, body, less = event.data, event.raw, personal(event.type)
    if less:
        data = reduced(json.loads(event.raw)["data"])
        body = json.dumps({**_envelope(event), "data": data}, separators=(",", ":")).encode()
    signed = event.mode or mode
    kind, subject = kind_of(event.type), _usable_text(data.get("id")) or event.id
    state, reason = _state_and_reason(
        event.type, {signed, _usable_text(data.get("mode")) or mode} == {mode}
    )
    return {
        "id": event.id,
        "signed": signed,
        "type": event.type,
        "kind": kind,
        "subject": subject,
        "parent": _usable_text(data.get("gate_session_id")) or subject,
        "order_ref": _order_in(kind, data),
        "happened_at": event.created_at.timestamp(),
        "received_at": now,
        # A body of another mode is nobody's business here.
        "body": None if state == "refused" else body,
        "reduced": int(less),
        "state": state,
        "routed": 0,
        "attempts": 0,
        "due_at": now if state == "pending" else None,
        "reason": reason,
    }


def partner_of(event: UnknownEvent) -> str | None:
    """Return the partner id that an event carries; None where it has no usable one, or is only a test.

    What a test carries is free, and may be an example's.
    """
    return None if event.type == "webhook.test" else _usable_text(event.data.get("partner_id"))


def why_unreadable(event: UnknownEvent) -> str | None:
    """Return what is missing in a payment's event without usable data.id; None for all others."""
    without = kind_of(event.type) in PAYMENTS and _usable_text(event.data.get("id")) is None
    return f"a {event.type} without a usable data.id" if without else None


def other_row(row: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return the row of a second content under one event id: a look at its payment, else refused.

    Which of the two is right nobody can say: its payment is looked at, once for what it says. Of
    anything else it is kept for a person.
    """
    told = "\n".join([row["id"], row["kind"], *(facts_kept(row["type"], row["body"]) or ())])
    other = dict(row) | {"id": f"look_{hashlib.sha256(told.encode()).hexdigest()[:32]}"}
    if row["kind"] not in PAYMENTS:
        return other | {"state": "refused", "due_at": None, "reason": "another_content"}
    return other | {"type": LOOK, "due_at": now, "reason": "another_content"}


def look_row(
    kind: str, subject: str, order: str | None, facts: Iterable[str], *, mode: str, now: float
) -> dict[str, Any]:
    """Return the row of an event of our own, due now; the same facts give the same id."""
    told = "\n".join([kind, subject, *facts])
    return {
        "id": f"look_{hashlib.sha256(told.encode()).hexdigest()[:32]}",
        "signed": mode,
        "type": LOOK,
        "kind": kind,
        "subject": subject,
        "parent": subject,
        "order_ref": order,
        "happened_at": now,
        "received_at": now,
        "body": None,
        "reduced": 0,
        "state": "pending",
        "routed": 1,
        "attempts": 0,
        "due_at": now,
        "reason": None,
    }


def missing_row(id: str, type: str, *, mode: str, now: float) -> dict[str, Any]:
    """Return the row, `missing` and never due, of an event that Gate sent and we have not.

    Should it come yet, the row is filled in.
    """
    missing = {"id": id, "type": type, "state": "missing", "due_at": None, "routed": 0}
    return look_row(kind_of(type), id, None, (), mode=mode, now=now) | missing


def _envelope(event: UnknownEvent) -> dict[str, Any]:
    """Return id, type and creation time (Unix seconds) of an event."""
    return {
        "id": event.id,
        "type": event.type,
        "created_at": int(event.created_at.timestamp()),
    }


def _state_and_reason(type: str, ours: bool) -> tuple[str, str | None]:
    """Return state and reason of a new row: refused for its mode, test, or pending."""
    if not ours:
        return "refused", "mode"
    return ("test", None) if type == "webhook.test" else ("pending", None)


def _order_in(kind: Kind, data: Mapping[str, Any]) -> str | None:
    """Return the order in a rail's reference or in the marks; None where there is none."""
    if kind in ("pay_in", "pay_out"):
        return _usable_text(data.get("reference"))
    return _usable_text(marks_of(data).order)


def _usable_text(value: object) -> str | None:
    """Return a printable text of 1 to 255 characters as it is; None for anything else."""
    short = isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable()
    return value if short and isinstance(value, str) else None
