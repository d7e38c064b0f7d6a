"""Writes the body of a webhook and signs it."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import attrs

SESSION_EVENTS = (
    "gate_session.created",
    "gate_session.processing",
    "gate_session.completed",
    "gate_session.failed",
    "gate_session.cancelled",
    "gate_session.expired",
    "gate_session.kyc_package_accepted",
    "kyc.required",
)
RAIL_EVENTS = tuple(
    f"rail.{kind}.{status}"
    for kind in ("pay_in", "pay_out")
    for status in ("processing", "settled", "failed", "cancelled")
)
OTHER_EVENTS = (
    "quote.consumed",
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "webhook.test",
)
EVENT_TYPES = (*SESSION_EVENTS, *RAIL_EVENTS, *OTHER_EVENTS)


@attrs.frozen
class Event:
    """One webhook event of an account; each URL gets a delivery of it.

    lane: Events of one lane are delivered in the order they happened; a session is a lane.
    body: The very bytes that every attempt sends.
    """

    id: str
    type: str
    account: str
    lane: str
    created_at: float
    body: bytes = attrs.field(repr=False)

    def view(self) -> dict[str, Any]:
        """Return the body's data with the account's name added."""
        said: dict[str, Any] = json.loads(self.body)
        return {**said, "account": self.account}


def envelope(id: str, type: str, created_at: float, data: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook's body as data, its time in whole Unix seconds."""
    return {"id": id, "type": type, "created_at": int(created_at), "data": data}


def headers_for(event: Event, secrets: list[str], timestamp: int) -> dict[str, str]:
    """Return the webhook's headers, with one `v1` signature for each secret."""
    stamp = str(timestamp)
    marks = ",".join(f"v1={signature(secret, stamp, event.body)}" for secret in secrets)
    return {
        "content-type": "application/json",
        "gate-signature": f"t={stamp},{marks}",
        "x-0bit-timestamp": stamp,
        "x-0bit-event-id": event.id,
        "x-0bit-event-type": event.type,
    }


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of "stamp.body" in hexadecimal digits."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
