"""Processes that stop before everything they do to the world, so that somebody else decides what is next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import Any, TypeVar

import greenlet
from attrs import define, field
from zerogate import StoreFailed
from zerogate_store import Store
from zerogate_store._journal.statements import Step

from tests.exploration.standing import digest_of
from tests.simulation.weather import STATUSES, Disk

T = TypeVar("T")
#: What befalls nobody: the step is taken as it is meant.
WELL = ""


class Ended(BaseException):
    """A process ends here; nothing of it goes on, and it says nothing to anybody."""


@define(eq=False)
class Process:
    """One process, at the point where it stands.

    about: What it is about to do. fates: What may come of that. seen: A digest of all that it was told so
    far: its program is the same each time, so this is its state. slept: How long, in all.
    cut: Whether it has lost its database, for good.
    """

    name: str
    now: Callable[[], float]
    about: str | None = None
    fates: Sequence[str] = ()
    slept: float = 0.0
    cut: bool = False
    unattended: bool = True
    dead: bool = False
    tokens: int = 0
    besides: tuple[type, ...] = ()
    _main: Any = field(factory=greenlet.getcurrent)
    _running: Any = None
    _stands: bytes | None = None

    @property
    def time(self) -> float:
        return self.now() + self.slept

    def start(self, program: Callable[[], None]) -> None:
        """Run the program up to the first thing that it does to the world."""

        def run() -> None:
            with suppress(Ended):
                program()

        self._running, self.unattended = greenlet.greenlet(run, self._main), False
        self._running.switch()

    def pause(self, about: str, *fates: str) -> str:
        """Stand still until it is decided what comes of this; returns that."""
        if self.dead:
            raise Ended
        if self.unattended:
            return WELL
        self.about, self.fates = about, (WELL, *fates)
        fate: str = self._main.switch()
        if self.dead:
            raise Ended
        return fate

    def go_on(self, fate: str) -> None:
        self.about, self.fates, self._stands = None, (), None
        self._running.switch(fate)

    def end(self) -> None:
        self.dead, self.about, self.fates = True, None, ()
        if self._running is not None and not self._running.dead:
            self._running.switch(WELL)

    def token(self, size: int) -> str:
        """What is random elsewhere: each process has values of its own, always the same ones."""
        self.tokens += 1
        named = f"{self.name}-{self.tokens}".encode()
        return blake2b(named, digest_size=size).hexdigest()

    def facts(self) -> tuple[Any, ...]:
        """Return all that its future depends on; read once for each place where it stands."""
        if self._stands is None and self._running is not None:
            self._stands = digest_of(self._running.gr_frame, (Process, Disk, *self.besides))
        return (self.about, self._stands, self.slept, self.cut, self.dead, self.tokens)


@define(eq=False)
class Clock:
    """The time of the world as one process reads it, with what it has slept itself.

    So the clocks of two hosts differ by a second or two, and nobody's short sleep changes what others do.
    """

    process: Process

    def now(self) -> float:
        return self.process.time

    monotonic = now

    def sleep(self, seconds: float) -> None:
        self.process.slept += seconds


class Mount(Store):
    """A database as one process reaches it: each transaction is a step."""

    def __init__(self, disk: Disk, process: Process, **settings: Any) -> None:
        super().__init__("sqlite:///explored.db", statuses=STATUSES, **settings)
        self._disk, self._process = disk, process

    def run_in_transaction_within(self, step: Callable[[], Step[None]], seconds: float) -> None:
        """Only an end ends work from outside here, and whoever has ended lets nothing go."""

    def run_in_transaction(self, step: Callable[[], Step[T]]) -> T:
        process = self._process
        if process.cut:
            raise StoreFailed("this process has lost its database")
        process.pause(named(step))
        if process.cut:
            raise StoreFailed("this process has lost its database")
        return self._disk.run_in_transaction(step)


def named(step: Any) -> str:
    """Return the name of a step, for a story; the one within another where that only guards it."""
    while isinstance(step, partial):
        inner = [one for one in step.args if isinstance(one, partial)]
        step = inner[0] if inner else step.func
    name = str(getattr(step, "__name__", step))
    if name == "<lambda>":
        # One that calls a step of the module `steps`.
        names = step.__code__.co_names
        name = names[names.index("steps") + 1] if "steps" in names else name
    return name.replace("_", " ")


def rows_of(disk: Disk, tables: Sequence[str]) -> tuple[Any, ...]:
    """Return all that stands in some tables of a database, in an order that is always the same."""
    read = disk.connection.execute
    return tuple(tuple(sorted(map(repr, read(f"SELECT * FROM {name}")))) for name in tables)


__all__ = ["WELL", "Clock", "Ended", "Mount", "Process", "named", "rows_of"]
