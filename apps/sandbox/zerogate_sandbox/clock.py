"""Two clocks with one face: one that only moves when told, one that follows the machine's."""

from __future__ import annotations

import time
from typing import Protocol

# 26 May 2026, noon UTC: the moment of the documentation's own example session.
DOCUMENTED_NOON = 1_779_796_800.0


class Clock(Protocol):
    """A clock as the sandbox reads it and moves it; `Gate(clock=…)` takes it as well."""

    def now(self) -> float:
        """Return Unix seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; they never go back."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the time forward at once, without waiting."""


def _forward(seconds: float) -> float:
    """Return the seconds; ValueError where they are negative or not finite."""
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"a clock only moves forward by finite seconds, not by {seconds!r}")
    return seconds


class VirtualClock:
    """Stands still until somebody sleeps on it or advances it.

    >>> clock = VirtualClock(start=1000)
    >>> clock.sleep(2.5)
    >>> clock.now(), clock.monotonic()
    (1002.5, 2.5)
    """

    def __init__(self, start: float = DOCUMENTED_NOON) -> None:
        self._start = start
        self._passed = 0.0

    def now(self) -> float:
        """Return Unix seconds, the same until the clock is moved."""
        return self._start + self._passed

    def monotonic(self) -> float:
        """Return the seconds by which the clock was advanced so far."""
        return self._passed

    def advance(self, seconds: float) -> None:
        """Move the time forward at once; ValueError for negative or infinite seconds."""
        self._passed += _forward(seconds)

    def turn_to(self, now: float) -> None:
        """Set the Unix time, an earlier one as well; `monotonic` stays."""
        self._start = now - self._passed

    def sleep(self, seconds: float) -> None:
        """Advance by these seconds instead of waiting; nothing for negative ones."""
        self.advance(max(0.0, seconds))


class WallClock:
    """The machine's clock, which can be frozen, advanced and let go again."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped: tuple[float, float] | None = None

    @property
    def frozen(self) -> bool:
        """Return True between `freeze` and `resume`."""
        return self._stopped is not None

    def now(self) -> float:
        """Return the machine's Unix seconds, or frozen ones, plus what was advanced."""
        return (self._stopped[0] if self._stopped else time.time()) + self._ahead

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds, or frozen ones, plus what was advanced."""
        return (self._stopped[1] if self._stopped else time.monotonic()) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the time forward at once; ValueError for negative or infinite seconds."""
        self._ahead += _forward(seconds)

    def freeze(self) -> None:
        """Stop the time at this instant; do nothing where it stands still already."""
        if self._stopped is None:
            self._stopped = (time.time(), time.monotonic())

    def resume(self) -> None:
        """Let the time go on from the frozen instant; do nothing where it was not frozen."""
        if self._stopped is not None:
            wall, steady = self._stopped
            self._stopped = None
            self._ahead -= max(0.0, min(time.time() - wall, time.monotonic() - steady))
