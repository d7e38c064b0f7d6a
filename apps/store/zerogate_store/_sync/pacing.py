# Written by facade/unasync.py from apps/store/zerogate_store/_async/pacing.py; edit that file.
"""The pace of bulk work: one for all workers of an account, kept in the store. Checkout never asks it."""

from __future__ import annotations

from zerogate import Clock, GateUsageError
from zerogate._clocks import SystemClock
from zerogate._compat import sync_sleep
from zerogate._literals import ModeName
from zerogate._observers import AttemptRecord, CallRecord

from .._inbox import statements as sql
from .._store import Step, Store, sync_run_in_transaction
from .due_times import DueTime

#: Requests a second that are left of a pace however often it was halved.
_LEAST = 0.05
#: How much of it comes back with each turn.
_FASTER = 1.02


class Pace:
    """Turns for bulk requests: so many a second for an account, however many workers there are.

    Each 429 halves the pace for all of them; with each turn a little of it comes back. Give it to an
    inbox as `pace=`, and its `observe` to the bulk client as `observer=`: then it hears of a 429 that
    the client got over by itself, and requests that nobody asked a turn for are made up for.

    rate: Requests a second, for all workers together.
    """

    def __init__(
        self,
        store: Store,
        *,
        mode: ModeName,
        account: str = "",
        rate: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        if not 0 < rate <= 1000:
            raise GateUsageError("rate= is requests a second, more than zero")
        self._store, self._rate, self._clock = store, rate, clock or SystemClock()
        self._time = DueTime(store, self._clock)
        self._scope = {"account": account, "mode": mode}
        self._throttled = False
        self._unpaid, self._observed = 0, False

    def turn(self) -> None:
        """Wait until the next bulk request may go."""
        if self._throttled:
            self.halve()
        now, slots = self._time.now(), 1 + max(0, self._unpaid)
        # One request is paid for by this turn; what goes beyond is told by the observer.
        self._unpaid = -1 if self._observed else 0
        at = sync_run_in_transaction(self._store, lambda: self._take(now, slots))
        if at > now:
            sync_sleep(self._clock, at - now)

    def halve(self) -> None:
        """Gate said 429: half the pace for everybody; of several at once, the first counts."""
        self._throttled = False
        now = self._time.now()
        sync_run_in_transaction(self._store, lambda: self._halve(now))

    def observe(self, told: AttemptRecord | CallRecord) -> None:
        """An observer for the bulk client."""
        if not isinstance(told, AttemptRecord):
            return
        self._observed = True
        self._unpaid += 1
        if told.status == 429:
            self._throttled = True

    def _take(self, now: float, slots: int) -> Step[float]:
        values = {**self._scope, "now": now, "rate": self._rate, "faster": _FASTER, "slots": slots}
        rows = yield sql.PACE_TAKE(**values)
        if not rows:
            yield sql.PACE_ADD(**self._scope, rate=self._rate)
            rows = yield sql.PACE_TAKE(**values)
        next_at, rate = rows[0]
        return float(next_at) - 1 / float(rate)

    def _halve(self, now: float) -> Step[None]:
        yield sql.PACE_ADD(**self._scope, rate=self._rate)
        yield sql.PACE_HALVE(**self._scope, now=now, before=now - 1.0, least=_LEAST)
