"""Pace at which Gate is read: turns of one process, or of all workers of an account that share a store."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from zerogate import Clock
from zerogate._clocks import SystemClock
from zerogate._observers import AttemptRecord, CallRecord

from .errors import Unusable

if TYPE_CHECKING:
    from zerogate.types import ModeName

#: As in `zerogate_store`: what is left of a pace however often it was halved, and what each turn brings back.
_LEAST: Final = 0.05
_FASTER: Final = 1.02


class Turns(Protocol):
    """Pace that bulk requests keep to: a `Pace` from here, or one that workers share in a store."""

    def turn(self) -> None:
        """Wait until the next request may go."""

    def halve(self) -> None:
        """Gate said 429."""

    def observe(self, told: AttemptRecord | CallRecord) -> None:
        """An observer for the client that these requests go through."""


class Pace:
    """`zerogate_store.Pace` without a store: the same turns, known to this process alone.

    rate: Requests a second. Each 429 halves it; with each turn a little of it comes back.
    """

    def __init__(self, rate: float = 5.0, *, clock: Clock | None = None) -> None:
        self._most = self._rate = rate
        self._clock = clock or SystemClock()
        self._next, self._slowed_at = 0.0, -math.inf
        self._throttled = False
        self._unpaid, self._observed = 0, False

    def turn(self) -> None:
        if self._throttled:
            self.halve()
        now, slots = self._clock.monotonic(), 1 + max(0, self._unpaid)
        # One request is paid for by this turn; what goes beyond is told by the observer.
        self._unpaid = -1 if self._observed else 0
        self._next = max(self._next, now) + slots / self._rate
        self._rate = min(self._rate * _FASTER, self._most)
        wait = self._next - 1 / self._rate - now
        if wait > 0:
            getattr(self._clock, "sleep", time.sleep)(wait)

    def halve(self) -> None:
        """Of several at once, the first counts."""
        self._throttled, now = False, self._clock.monotonic()
        if self._slowed_at <= now - 1.0:
            self._slowed_at, self._rate = now, max(self._rate / 2, _LEAST)

    def observe(self, told: AttemptRecord | CallRecord) -> None:
        if not isinstance(told, AttemptRecord):
            return
        self._observed = True
        self._unpaid += 1
        if told.status == 429:
            self._throttled = True


@contextmanager
def paced(
    store: str | None, *, mode: ModeName, account: str, rate: float, clock: Clock | None
) -> Iterator[Turns]:
    """The pace of one account and mode. store: The URL of the store that its other workers share.

    Raises:
        Unusable: what a store needs is not installed.
    """
    if store is None:
        yield Pace(rate, clock=clock)
        return
    try:
        from zerogate_store import Pace as SharedPace
        from zerogate_store import Store
    except ImportError as missing:
        raise Unusable(f"--store: {missing}") from missing
    shared = Store(store)
    try:
        yield SharedPace(shared, mode=mode, account=account, rate=rate, clock=clock)
    finally:
        shared.close()
