"""Reads a quote and its session, and checks them, right before the quote is redeemed."""

from __future__ import annotations

from typing import Any

from .._reconciliation.quote_checks import Believed, check_before_redeeming
from .._wire import operations
from .calls import AsyncCalls
from .seam import AsyncSending


async def async_check_redeemable(
    calls: AsyncSending | AsyncCalls,
    believed: Believed,
    *,
    quote_id: str,
    gate_session_id: str | None,
    order: str | None,
    mode: str,
    ends: float,
) -> None:
    """Refuse a quote, or a session, that is not what it is believed to be.

    Raises:
        GateUsageError: names everything that does not agree.
    """
    quote = await calls.ask(operations.RETRIEVE_SIGNED_QUOTE, timeout=None, until=ends, id=quote_id)
    server_now = calls.server_now()
    session: Any = None
    if gate_session_id is not None:
        session = await calls.ask(
            operations.RETRIEVE_SESSION, timeout=None, until=ends, id=gate_session_id
        )
    check_before_redeeming(
        believed,
        quote,
        session,
        mode=mode,
        order=order,
        now=server_now,
    )
