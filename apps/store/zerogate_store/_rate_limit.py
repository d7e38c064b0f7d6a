"""Arithmetic of a limit on requests a second, and the step that keeps it in a database. Pure.

Each 429 halves the rate; with each request a little of it comes back. A process reckons the same as all
workers of an account that share a store: only where the state is kept differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ._journal.statements import Statement, Step

#: Requests a second that are left of a rate however often it was halved.
_LEAST: Final = 0.05
#: How much of it comes back with each request.
_FASTER: Final = 1.02
#: Seconds in which several 429 are one: they were under way when the first of them came.
_AT_ONCE: Final = 1.0


@attrs.frozen
class RateState:
    """A limit as it stands. Times are seconds of whatever clock its keeper reads.

    rate: Requests a second. next_at: When the slot after those that were taken begins.
    slowed_at: When the rate was last halved.
    """

    rate: float
    next_at: float = 0.0
    slowed_at: float = float("-inf")

    def taken(self, now: float, slots: int, most: float) -> RateState:
        """Return the state with so many more slots taken and a rate 2 % higher, *most* at most.

        A pause saves no slots up. most: The rate that it comes back to.
        """
        next_at = max(self.next_at, now) + slots / self.rate
        return attrs.evolve(self, rate=min(self.rate * _FASTER, most), next_at=next_at)

    def slowed(self, now: float) -> RateState:
        """Return the state with half the rate; the same if that was less than a second ago."""
        if self.slowed_at > now - _AT_ONCE:
            return self
        return attrs.evolve(self, rate=max(self.rate / 2, min(self.rate, _LEAST)), slowed_at=now)


RATE_ADD: Final = Statement(
    "INSERT INTO zerogate_rate_limits (account, mode, next_at, rate, slowed_at) "
    "VALUES (:account, :mode, 0, :rate, 0) ON CONFLICT DO NOTHING"
)
#: Changes nothing, and holds the row until the transaction ends: on both kinds of databases.
RATE_HOLD: Final = Statement(
    "UPDATE zerogate_rate_limits SET rate = rate WHERE account = :account AND mode = :mode "
    "RETURNING rate, next_at, slowed_at"
)
RATE_WRITE: Final = Statement(
    "UPDATE zerogate_rate_limits SET rate = :rate, next_at = :next_at, slowed_at = :slowed_at "
    "WHERE account = :account AND mode = :mode"
)


def change_rate(
    scope: Mapping[str, Any], most: float, change: Callable[[RateState], RateState]
) -> Step[RateState]:
    """Lock a limit (begun at *most*), write what *change* makes of it; return what was written."""
    rows = yield RATE_HOLD(**scope)
    if not rows:
        yield RATE_ADD(**scope, rate=most)
        rows = yield RATE_HOLD(**scope)
    state = change(RateState(*map(float, rows[0])))
    yield RATE_WRITE(**scope, **attrs.asdict(state))
    return state
