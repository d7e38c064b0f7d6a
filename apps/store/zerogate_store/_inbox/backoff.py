"""Decides how long to wait for what. Pure."""

from __future__ import annotations

from typing import Final

#: Seconds after which one of several tries follows another, doubled each time, at most.
LONGEST: Final = 3600.0
#: Seconds after which an open session is overdue (its life is 24 hours), and a rail is stale.
SESSION_LIFE: Final = 86_400.0 + 300.0
RAIL_LIFE: Final = 3_600.0
#: For so long is a thing that did not succeed looked at.
WATCHED: Final = 14 * 86_400.0
#: How far back Gate's delivery log is compared.
LOG: Final = 3 * 86_400.0


def wait_before(attempt: int) -> float:
    """Return the seconds before an attempt: 2 to the power of its number, an hour at most.

    The first has number 0.
    """
    return min(LONGEST, 2.0 ** min(attempt, 30))


def wait_for_create(age: float) -> float:
    """Return the seconds until an event of an unknown session is tried again: its age, 1 to 60."""
    return min(60.0, max(1.0, age))


def look_again(age: float) -> float:
    """Return the seconds until a thing is read again: a quarter of its age, 10 min to a day."""
    return min(86_400.0, max(600.0, age / 4))
