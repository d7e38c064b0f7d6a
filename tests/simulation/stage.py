"""Virtual time and those who act in it: one thing happens at a time, in an order that a seed decides."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import greenlet

START = 1_779_796_800.0


class Died(BaseException):
    """A process ends here, whatever it was doing; no code of ours may see it and go on."""


class Stage:
    """A clock, and everybody who waits for it. It is the clock of clients and of the sandbox."""

    def __init__(self, seed: int | str) -> None:
        self.random = Random(seed)
        self.time = 0.0
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0
        self._main = greenlet.getcurrent()

    # --- as a clock ---

    def now(self) -> float:
        return START + self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        """Whoever acts lets the others act until its time has come."""
        if greenlet.getcurrent() is self._main:
            self.run(until=self.time + seconds)
            return
        self.later(seconds, greenlet.getcurrent().switch)
        self._main.switch()

    def advance(self, seconds: float) -> None:
        self.sleep(seconds)

    # --- as a stage ---

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        self._count += 1
        heapq.heappush(self._queue, (self.time + max(0.0, seconds), self._count, what))

    def act(self, seconds: float, what: Callable[[], Any]) -> None:
        """Somebody begins to act then; an error nobody expected ends the whole run."""

        def actor() -> None:
            with suppress(Died):
                what()

        self.later(seconds, greenlet.greenlet(actor, self._main).switch)

    def run(self, until: float = float("inf")) -> None:
        """Let everything happen that is due by then."""
        while self._queue and self._queue[0][0] <= until:
            at, _, what = heapq.heappop(self._queue)
            self.time = max(self.time, at)
            what()
        if until != float("inf"):
            self.time = max(self.time, until)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability


class HostClock:
    """The clock of a host that is wrong by so many seconds; its sleep is the stage's."""

    def __init__(self, stage: Stage, ahead: float) -> None:
        self.stage, self.ahead = stage, ahead

    def now(self) -> float:
        return self.stage.now() + self.ahead

    def monotonic(self) -> float:
        return self.stage.monotonic()

    def sleep(self, seconds: float) -> None:
        self.stage.sleep(seconds)
