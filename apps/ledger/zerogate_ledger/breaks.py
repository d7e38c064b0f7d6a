"""The classes of differences, worst first, and what each asks of a person. Pure: no table, no engine.

A row may differ in several ways. All are kept, as one number with a bit for each class; the lowest
bit is the worst and names the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs


@attrs.frozen
class Break:
    """One class. title: as a person says it. next_step: what to do about it."""

    code: str
    title: str
    next_step: str


_ROWS: Final = (
    Break(
        "unreadable",
        "A value cannot be read exactly",
        "Correct the value where it comes from; it is shown as it was found.",
    ),
    Break(
        "duplicate_local",
        "Several ledger rows for one record",
        "Decide which row counts, and whether something was delivered twice.",
    ),
    Break(
        "duplicate_remote",
        "Several Gate records under one id",
        "Ask 0Bit which record counts; fulfil nothing on the others.",
    ),
    Break(
        "paid_twice",
        "Paid more than once",
        "Pay one of them back; deliver once.",
    ),
    Break(
        "missing_remote",
        "In the ledger, not at Gate",
        "Look for the id at Gate; a 404 there is no evidence that nothing was created.",
    ),
    Break(
        "missing_local",
        "At Gate, not in the ledger",
        "Find the order by the session's metadata and book it: money may have moved.",
    ),
    Break(
        "over_refunded",
        "Refunded without a payment, or beyond it",
        "Look up what was booked for the order, and why more of it went back.",
    ),
    Break(
        "mode",
        "Test and live do not match",
        "Fulfil nothing: test money must not release live goods.",
    ),
    Break(
        "status_regressed",
        "Gate is at an earlier stage",
        "Earlier than it was, or than the ledger says: the money is not, or no longer, there. Stop delivery.",
    ),
    Break(
        "status_conflict",
        "Success on one side, failure on the other",
        "Read the record at Gate; its status is the truth.",
    ),
    Break(
        "not_settled",
        "Booked, without a success at Gate",
        "Fulfil nothing on it: the ledger names no status, and Gate's record has not succeeded.",
    ),
    Break(
        "late_money",
        "Money on a session that was over",
        "Decide with the customer: deliver or pay back.",
    ),
    Break("currency", "Another currency", "Fulfil nothing until the order's currency is clear."),
    Break(
        "asset",
        "Another token or network",
        "Check token and network with the order before anything is delivered.",
    ),
    Break("action", "Another direction", "Check whether the order was a buy, a sell or a swap."),
    Break(
        "amount",
        "Another amount",
        "Settle the difference with the customer; see whether it equals the fees.",
    ),
    Break(
        "unknown_status",
        "A status nobody has explained",
        "Never fulfil on it; ask what it means, then add it to the columns file.",
    ),
    Break(
        "fee_identity",
        "Amount, fees and total do not add up",
        "Gate's own figures disagree: ask 0Bit before booking the fee.",
    ),
    Break("fee", "Another fee", "Correct the booked fee, or ask 0Bit about the charged one."),
    Break("rate", "Another exchange rate", "Correct the booked rate."),
    Break(
        "date",
        "Another date",
        "See which period it belongs to, and correct the booked date.",
    ),
    Break(
        "status_behind",
        "The ledger is behind Gate",
        "Book Gate's status; find out why the webhook had no effect.",
    ),
    Break(
        "broken_link",
        "Ids that point to different orders",
        "Check which order the payment belongs to before delivering.",
    ),
    Break(
        "late",
        "Overdue on one side",
        "Should have arrived by now; look again after the next refresh, then ask.",
    ),
    Break(
        "stale_in_flight",
        "In flight for too long",
        "Ask 0Bit with the refid and the request id.",
    ),
    Break(
        "open_past_expiry",
        "Open past its expiry",
        "Gate ends it when the customer comes back to it; cancel it to be sure, unless it was paid.",
    ),
    Break(
        "not_yet_due",
        "Too young to be on both sides",
        "Nothing: it is expected on the other side within the next run.",
    ),
)

#: Every class a row can be named after, worst first; `matched` is the absence of all.
CLASSES: Final[tuple[Break, ...]] = _ROWS
MATCHED: Final = "matched"
#: Rows that the period leaves out, whatever they are.
OUTSIDE: Final = "outside_period"
#: Payments and rows that are one order together.
PARTS: Final = "parts"
#: Refunds that a payment bears out.
REFUNDS: Final = "refunds"
RANK: Final = {row.code: rank for rank, row in enumerate(_ROWS)}
BIT: Final = {code: 1 << rank for code, rank in RANK.items()}
#: Expected to solve itself; alone it is no reason to wake anyone.
WAITING: Final = "not_yet_due"


def differences(mask: int) -> Iterator[str]:
    """Return an iterator of the codes of the classes whose bits *mask* has, worst first."""
    return (row.code for row in _ROWS if mask & BIT[row.code])


def primary(mask: int) -> str:
    """Return the code of the worst class in *mask*; `matched` where it has none."""
    return next(differences(mask), MATCHED)


DAY: Final = 86_400
#: Upper ends in seconds; what is older than the last is in the bucket after it.
_AGES: Final = (
    (DAY, "under 1 day"),
    (3 * DAY, "1–3 days"),
    (7 * DAY, "3–7 days"),
    (30 * DAY, "7–30 days"),
    (90 * DAY, "30–90 days"),
)
AGE_ENDS: Final = tuple(end for end, _ in _AGES)
AGES: Final = (*(name for _, name in _AGES), "over 90 days", "unknown age")


def age_bucket(at: int | None, as_of: int) -> str:
    """Return the bucket of a break's age at *as_of* (Unix seconds), in words; None: `unknown age`.

    A row from after *as_of* is in the youngest.
    """
    if at is None:
        return AGES[-1]
    age = as_of - at
    return next((name for end, name in _AGES if age < end), AGES[-2])
