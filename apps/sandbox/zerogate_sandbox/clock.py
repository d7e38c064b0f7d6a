"""Two clocks with one face: one that only moves when told, one that follows the machine's."""

from __future__ import annotations

import time
from typing import Protocol

# 26 May 2026, noon UTC: the moment of the documentation's own example session.
DOCUMENTED_NOON = 1_779_796_800.0


class Clock(Protocol):
    """A clock as the sandbox reads it and moves it; `Gate(clock=…)` takes it as well."""

    def now(self) -> float:
        """Unix seconds."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never go back."""

    def advance(self, seconds: float) -> None:
        """Move forward at once."""


def _forward(seconds: float) -> float:
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
        return self._start + self._passed

    def monotonic(self) -> float:
        return self._passed

    def advance(self, seconds: float) -> None:
        self._passed += _forward(seconds)

    def turn_to(self, now: float) -> None:
        """Say another time from now on, earlier ones as well; `monotonic` does not notice."""
        self._start = now - self._passed

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))


class WallClock:
    """The machine's clock, which can be frozen, advanced and let go again."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped: tuple[float, float] | None = None

    @property
    def frozen(self) -> bool:
        return self._stopped is not None

    def now(self) -> float:
        return (self._stopped[0] if self._stopped else time.time()) + self._ahead

    def monotonic(self) -> float:
        return (self._stopped[1] if self._stopped else time.monotonic()) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += _forward(seconds)

    def freeze(self) -> None:
        if self._stopped is None:
            self._stopped = (time.time(), time.monotonic())

    def resume(self) -> None:
        """Go on from the frozen instant: time spent frozen has not passed."""
        if self._stopped is not None:
            wall, steady = self._stopped
            self._stopped = None
            self._ahead -= max(0.0, min(time.time() - wall, time.monotonic() - steady))
