"""The door in this process: an object with `send(request, until)`, for both halves of a client.

Faults of the wire become what a socket would raise; time passes on the sandbox's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from zerogate_sandbox.calls import Request
from zerogate_sandbox.responses import Answer

if TYPE_CHECKING:
    from zerogate_sandbox.sandbox import Sandbox


class Transport:
    #: It reaches nothing outside of this process, so a client may use it where ZEROGATE_OFFLINE is set.
    offline = True

    def __init__(self, sandbox: Sandbox, monotonic: Callable[[], float] | None = None) -> None:
        self.sandbox = sandbox
        self._monotonic = monotonic or sandbox.clock.monotonic

    def send(self, request: Request, until: float) -> Answer:
        """Return the sandbox's answer, or raise what a socket would where a fault strikes.

        until: The instant on the client's monotonic clock at which the exchange must have ended.

        Raises ConnectionRefusedError (nothing was sent), ConnectionResetError, TimeoutError.
        """
        ends = self.sandbox.clock.monotonic() + max(0.0, until - self._monotonic())
        answer = self.sandbox.answer(request)
        wire = answer.wire
        self._pass(wire.wait, ends)
        match wire.ending:
            case "whole":
                return answer
            case "refuse":
                raise ConnectionRefusedError("the sandbox refused the connection")
            case "reset" | "truncate":
                raise ConnectionResetError("the sandbox dropped the connection")
            case "hang":
                self._pass(float("inf"), ends)
            case "drip":
                self._pass(wire.pause * len(answer.body), ends)
        return answer

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _pass(self, seconds: float, ends: float) -> None:
        """Wait on the sandbox's clock, but not beyond *ends*: TimeoutError then."""
        left = max(0.0, ends - self.sandbox.clock.monotonic())
        self._sleep(min(seconds, left))
        if seconds > left:
            raise TimeoutError("the sandbox let the time run out")

    def _sleep(self, seconds: float) -> None:
        """Sleep on the sandbox's clock where it can, else really; nothing for 0 or less."""
        if seconds <= 0:
            return
        sleep = getattr(self.sandbox.clock, "sleep", time.sleep)
        sleep(seconds)
