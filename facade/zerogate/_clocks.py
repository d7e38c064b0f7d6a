"""Time as a value that is passed in: what a clock is, and the real one."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two ways to read time. One that also has `sleep(seconds)` is virtual: waits move it instead."""

    def now(self) -> float:
        """Return Unix seconds."""
        raise NotImplementedError

    def monotonic(self) -> float:
        """Return seconds from any start, never going back."""
        raise NotImplementedError


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """Return Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds from any start, never going back."""
        return time.monotonic()
