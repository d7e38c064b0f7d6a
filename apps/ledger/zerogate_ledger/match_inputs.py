"""Columns of both sides of a match, and the terms of their comparison. Data only."""

from __future__ import annotations

from typing import Final

import attrs
import ibis

from .breaks import DAY
from .statuses import Words

#: What a ledger may say of a row: text, but for created_at (Unix seconds) and line (a number).
#: Only what is there is compared; currency, amount and one of KINDS must be.
LEDGER: Final = (
    "order_id",
    "refid",
    "session_id",
    "rail_id",
    "mode",
    "action",
    "currency",
    "amount",
    "token",
    "network",
    "token_amount",
    "fee",
    "rate",
    "status",
    "created_at",
    "line",
)
#: What was wrong with a row before it got here; whatever stands there makes the row unreadable.
TROUBLE: Final = "trouble"
#: What kind of row it is, where something says so; see `refunds`.
KIND: Final = "kind"
#: Until when a row may have been made, where its time is a date alone; NULL else.
CREATED_END: Final = "created_end"
#: How a ledger row may name its record, the most certain first.
KINDS: Final = ("refid", "rail_id", "session_id", "order_id")
#: Words that are compared where there are any; an empty mode is as bad as a wrong one.
WORDS: Final = ("action", "token", "network")
#: One payment each: a second record under one of these is a duplicate, not a second attempt.
SINGLE: Final = ("refid", "rail_id")

#: Gate's transactions as the mirror holds them: text, but for the time.
TRANSACTIONS: Final = ibis.schema(
    {
        "refid": "string",
        "session_id": "string",
        "rail_id": "string",
        "action": "string",
        "status": "string",
        "token": "string",
        "network": "string",
        "currency": "string",
        "fiat_amount": "string",
        "token_amount": "string",
        "total_pay_or_receive": "string",
        "exchange_rate": "string",
        "total_fees": "string",
        "past_statuses": "string",
        "created_at": "int64",
    }
)
#: Gate's sessions, likewise.
SESSIONS: Final = ibis.schema(
    {
        "id": "string",
        "order_id": "string",
        "mode": "string",
        "status": "string",
        "flow": "string",
        "amount": "string",
        "currency": "string",
        "target_token": "string",
        "target_network": "string",
        "expires_at": "int64",
        "created_at": "int64",
    }
)
#: A session's flow in the words of a transaction's action.
ACTIONS: Final = {"on_ramp": "BUY", "off_ramp": "SELL", "swap": "SWAP"}
NO_WORDS: Final = Words()


@attrs.frozen
class Terms:
    """Terms of a comparison: all that it rests on besides the rows.

    as_of: The instant that the result speaks of, in Unix seconds.
    ledger_as_of, gate_as_of: Up to when each side is complete; a row from after that instant cannot
        be on that side.
    kinds: The ways of naming a record that the ledger uses, of KINDS and in that order.
    due_after, missing_after: Seconds until a row should be on both sides, and until it is missing.
    stale_after: Seconds a transaction may be in flight.
    mode: What every session must be in, where the ledger has no column for it.
    total_basis: Compare the ledger's amount with the fee-inclusive total instead of the fiat amount.
    refund_words: The ledger's statuses that make a row with a negative amount a refund.
    begins, ends: The period, from its first second to before its last. Ledger rows outside of it are
        left out with the record they name, and so are records outside of it that no row names.
    dates_within: Seconds by which the times of both sides may differ; None to compare none.
    """

    as_of: int
    ledger_as_of: int
    gate_as_of: int
    kinds: tuple[str, ...]
    ledger_words: Words = NO_WORDS
    gate_words: Words = NO_WORDS
    due_after: int = 3_600
    missing_after: int = DAY
    stale_after: int = 3 * DAY
    mode: str | None = None
    total_basis: bool = False
    refund_words: tuple[str, ...] = ()
    begins: int | None = None
    ends: int | None = None
    dates_within: int | None = None
