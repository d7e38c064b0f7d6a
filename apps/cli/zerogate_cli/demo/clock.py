"""The demo's clock: the sandbox's, which stands still until it is moved. A wait takes no time."""

from __future__ import annotations

import math
import time
from typing import Final

from zerogate_cli.demo.control import Control

#: How long a client waits is drawn at random; in whole steps of these seconds it is the same in every run.
STEP: Final = 10.0


class SandboxClock:
    """For `Gate(clock=…)` and `verify(now=…)`."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._now = self.read()

    def now(self) -> float:
        """Return the Unix seconds that were read at the last advance; asks nobody."""
        return self._now

    def monotonic(self) -> float:
        """Return the machine's own steady seconds, not the sandbox's."""
        # Real sockets have real deadlines, whatever day it is in the story.
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Advance the sandbox's time, rounded up to whole steps of `STEP`; waits for nothing."""
        self.advance(STEP * math.ceil(seconds / STEP))

    def advance(self, seconds: float) -> None:
        """Advance the sandbox's time; returns once webhooks due on the way have arrived."""
        self._control.post("clock", {"advance": seconds})
        self._now = self.read()

    def read(self) -> float:
        """Return the Unix seconds of the sandbox's clock, asked now."""
        return float(self._control.get("clock")["now"])
