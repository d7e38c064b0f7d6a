"""The demo's clock: this machine's, as far ahead as the sandbox's. A wait moves it and takes no time."""

from __future__ import annotations

import time

from zerogate_cli.demo.control import Control


class SandboxClock:
    """For `Gate(clock=…)` and `verify(now=…)`."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def monotonic(self) -> float:
        # Real sockets have real deadlines, whatever day it is in the story.
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass in the sandbox; webhooks that fall due on the way arrive before this returns."""
        self._control.post("clock", {"advance": seconds})
        self.follow()

    def follow(self) -> float:
        """Set this clock by the sandbox's, which may be on its way through a long night."""
        now = float(self._control.get("clock")["now"])
        self._ahead = now - time.time()
        return now
