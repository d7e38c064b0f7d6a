# Written by facade/unasync.py from apps/store/zerogate_store/_async/rate_limiter.py; edit that file.
"""The limit of bulk work: of one process, or kept in a store for all workers of an account."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from zerogate import Clock, GateUsageError
from zerogate._clocks import SystemClock
from zerogate._compat import sync_sleep
from zerogate._literals import ModeName
from zerogate._observers import AttemptRecord, CallRecord

from .._compat import sync_run_in_transaction
from .._options import check_options
from .._rate_limit import RateState, change_rate
from .due_times import DueTime

if TYPE_CHECKING:
    from .._store import Store


class RateLimiter:
    """So many bulk requests a second for an account, however many workers there are. Checkout never asks it.

    Each 429 halves the rate for all of them; with each request a little of it comes back. Give it to an
    inbox as `rate_limiter=`, and its `observe` to the bulk client as `observer=`: then it hears of a 429 that
    the client got over by itself, and requests that nobody acquired are made up for.

    store: Where all workers of the account find it; None for this process alone, and then no database is
        needed. mode, account: Whose limit it is in the store.
    rate: Requests a second, for all workers together; `math.inf` is no limit.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        mode: ModeName | None = None,
        account: str = "",
        rate: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        check_options(rate=rate, account=account, clock=clock)
        if store is not None and mode is None:
            raise GateUsageError("a limit in a store is one mode's: give mode='test' or 'live'")
        self._store, self._rate, self._clock = store, rate, clock or SystemClock()
        self._time = None if store is None else DueTime(store, self._clock)
        self._scope = {"account": account, "mode": mode}
        self._state, self._lock = RateState(rate), threading.Lock()
        self._unpaid, self._observed, self._throttled = 0, False, False

    def acquire(self) -> None:
        """Take the next slot of the limit and wait for it; halve the rate first if a 429 was observed."""
        if self._throttled:
            self.back_off()
        now, slots = self._now(), 1 + max(0, self._unpaid)
        # One request is paid for by this one; what goes beyond is told by the observer.
        self._unpaid = -1 if self._observed else 0
        state = self._change(lambda state: state.taken(now, slots, self._rate))
        begins_at = state.next_at - 1 / state.rate
        if begins_at > now:
            sync_sleep(self._clock, begins_at - now)

    def back_off(self) -> None:
        """Halve the rate, for Gate said 429; of several within a second only the first counts."""
        self._throttled = False
        now = self._now()
        self._change(lambda state: state.slowed(now))

    def observe(self, record: AttemptRecord | CallRecord) -> None:
        """Count an attempt of the bulk client, and whether it was a 429; ignore a CallRecord."""
        if isinstance(record, AttemptRecord):
            self._observed = True
            self._unpaid += 1
            self._throttled |= record.status == 429

    def _now(self) -> float:
        """Return the seconds of the clock that the limit is kept by: the store's, or monotonic."""
        return self._clock.monotonic() if self._time is None else self._time.now()

    def _change(self, change: Callable[[RateState], RateState]) -> RateState:
        """Change the limit, in the store or else in this process; return the changed state."""
        if self._store is not None:
            return sync_run_in_transaction(
                self._store, partial(change_rate, self._scope, self._rate, change)
            )
        with self._lock:
            self._state = change(self._state)
            return self._state
