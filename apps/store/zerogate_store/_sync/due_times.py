# Written by facade/unasync.py from apps/store/zerogate_store/_async/due_times.py; edit that file.
"""Tells the time by which events are due: a clock that nobody sets, in Unix seconds as nearly as is known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from zerogate._clocks import Clock, SystemClock

from .._compat import sync_run_in_transaction
from .._journal.due_times import read_time
from .._lease_clocks import read_lease_clock

if TYPE_CHECKING:
    from .._store import Store

#: Seconds after which the database's own clock is read again; nobody's runs away from it by more in between.
_BELIEVED: Final = 60.0


class DueTime:
    """Time of the database, kept up by the machine's monotonic clock.

    A host's clock that is stepped by an hour would delay an event by as much, or hurry it.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        #: Seconds that the database's time is ahead of the monotonic clock, and until when that is believed.
        self._told: list[float] = store.told_time if isinstance(clock, SystemClock) else []

    def now(self) -> float:
        """Return the Unix time by which events are due: the database's, read once a minute and counted on."""
        if hasattr(self._clock, "sleep"):
            # One that only the program moves.
            return self._clock.now()
        reading = self._clock.monotonic()
        if not self._told or reading >= self._told[1]:
            clock = read_lease_clock(self._store, self._clock, {})
            step = partial(read_time, clock, reading, self._clock.now())
            self._told[:] = [
                sync_run_in_transaction(self._store, step) - reading,
                reading + _BELIEVED,
            ]
        return reading + self._told[0]
