"""The JSON body of each write, from what the caller gave. Pure; refuses what the contract refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import guards
from ..errors import GateUsageError
from ..keys import Identity
from ..money import Money, fiat_text


def with_order(metadata: Mapping[str, Any] | None, identity: Identity) -> dict[str, Any]:
    """The partner's metadata plus the order and attempt: nothing else can be looked up later."""
    sent = dict(metadata or {})
    if identity.order is None:
        return sent
    ours = {"order_id": identity.order, "order_attempt": str(identity.attempt)}
    for name, value in ours.items():
        if name in sent and sent[name] != value:
            raise GateUsageError(
                f"metadata.{name} is {sent[name]!r} and order= says {value!r}: leave it out of "
                "metadata, it is sent from order= and attempt="
            )
    return sent | ours


def session(
    *,
    mode: str,
    amount: Money,
    return_url: str,
    cancel_url: str | None,
    identity: Identity,
    metadata: Mapping[str, Any] | None,
    flow: str | None,
    **optional: Any,
) -> dict[str, Any]:
    """The body of createSession; what is None is left out."""
    body = {
        "amount": fiat_text(amount),
        "currency": amount.code,
        "return_url": guards.checked_return_url(return_url, mode),
        "cancel_url": None if cancel_url is None else guards.checked_return_url(cancel_url, mode),
        "flow": None if flow is None else guards.checked_choice("flow", flow, FLOWS),
        "metadata": with_order(metadata, identity) or None,
        **optional,
    }
    return {name: value for name, value in body.items() if value is not None}


#: The values that a request may name; what Gate answers with is an open set, what we send is not.
FLOWS = ("on_ramp", "off_ramp", "swap")
SESSION_STATUSES = ("open", "completed", "expired", "cancelled")
