"""Decides which of the events that wait of one thing may be handled now, and which wait behind another. Pure.

Oldest first. Where one fails, what says how the thing ended goes past it: a payment is not late because
some code could not bear the news before it. What fails for a reason that passes (a deadlock, Gate away)
keeps its place for a few tries, for its turn is about to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .payment_state import RESULTS
from .records import StoredEvent

#: What `StoredEvent.reason` begins with where the failure passes by itself.
PASSING: Final = "passing: "
#: Tries for which such a one keeps its place: half a minute, with the pauses between them.
_KEEPS_ITS_PLACE: Final = 4


def may_go(stored: StoredEvent, behind: Sequence[StoredEvent], *, strict: bool) -> bool:
    """Return True if an event may be handled before older ones in *behind* that wait; always if none do."""
    if not behind:
        return True
    return not strict and stored.type in RESULTS and not any(map(_keeps_its_place, behind))


def next_turn(events: Sequence[StoredEvent], *, now: float, strict: bool) -> float | None:
    """Return None if an event may go now; else when the first of those is due that may go then.

    events: What waits of one thing, oldest first.
    """
    ahead: list[StoredEvent] = []
    for stored in events:
        if may_go(stored, ahead, strict=strict):
            if stored.is_due(now):
                return None
            ahead.append(stored)
    return min((one.due_at or now for one in ahead), default=now)


def _keeps_its_place(stored: StoredEvent) -> bool:
    """Return True for an event that a passing failure put off, at most four times so far."""
    return (stored.reason or "").startswith(PASSING) and stored.attempts <= _KEEPS_ITS_PLACE
