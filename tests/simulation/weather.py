"""What goes wrong between a client, its database and Gate, drawn from the seed: before and after each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import frozen
from zerogate import StoreFailed
from zerogate._transport.messages import RequestNotSent
from zerogate.outcomes import DEFAULT_STATUSES
from zerogate.sealing import Sealer
from zerogate.statements import MIGRATIONS, Said, Step, carried_out, migrated
from zerogate_sandbox import Sandbox

from tests.simulation.stage import Died, Stage

T = TypeVar("T")


@frozen
class Weather:
    """How likely each trouble is. outages: From when to when nothing gets through, in seconds.

    faults: Of a request. disk: Of a transaction. deaths, stalls: Of a process, at each point where it
        can lose something; one that stalls outlives its lease.
    """

    faults: float
    deaths: float = 0.0
    disk: float = 0.0
    stalls: float = 0.0
    outages: tuple[tuple[float, float], ...] = ()

    @classmethod
    def drawn(cls, stage: Stage) -> Weather:
        draw = stage.random
        begins = draw.choice([None, None, None, draw.uniform(0, 300), draw.uniform(0, 3000)])
        lasts = draw.choice([20, 300, 900, 900, 5000, 100_000])
        return cls(
            faults=draw.choice([0.2, 0.4, 0.6, 0.8]),
            deaths=draw.choice([0.0, 0.0, 0.02, 0.1]),
            disk=draw.choice([0.0, 0.0, 0.05, 0.2]),
            stalls=draw.choice([0.0, 0.0, 0.02]),
            outages=() if begins is None else ((begins, begins + lasts),),
        )

    def out(self, time: float) -> bool:
        return any(begins <= time < ends for begins, ends in self.outages)


class Process:
    """One life of a worker: it may die at any point, and then nothing of it goes on."""

    def __init__(self, stage: Stage, weather: Weather) -> None:
        self.stage, self.weather, self.dead = stage, weather, False

    def point(self) -> None:
        """Here something could be lost."""
        if self.stage.chance(self.weather.stalls):
            self.stage.sleep(self.stage.random.uniform(20, 400))
        if self.dead or self.stage.chance(self.weather.deaths):
            self.dead = True
            raise Died


class Disk:
    """A database that outlives its processes, as a store sees it; in memory, for speed.

    The real ones have tests of their own; here they would only take time.
    """

    async_engine = None

    def __init__(self, stage: Stage, key_trust: float = 600.0, quiet: float = 120.0) -> None:
        self.stage, self.key_trust, self.quiet = stage, key_trust, quiet
        self.statuses = DEFAULT_STATUSES.extended(failure={"failed", "cancelled"})
        self.sealer = Sealer(None)
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        carried_out(migrated("sqlite", MIGRATIONS), self.execute)

    def execute(self, said: Said) -> Any:
        return self.connection.execute(*said.written("named", "sqlite")).fetchall()

    def transact(self, step: Callable[[], Step[T]]) -> T:
        self.connection.execute("BEGIN")
        try:
            result = carried_out(step(), self.execute)
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result


class Mount:
    """The disk as one process reaches it."""

    def __init__(self, disk: Disk, process: Process) -> None:
        self._disk, self._process = disk, process
        self.async_engine = None
        self.key_trust, self.quiet = disk.key_trust, disk.quiet
        self.statuses, self.sealer = disk.statuses, disk.sealer

    def transact(self, step: Callable[[], Step[T]]) -> T:
        process, stage = self._process, self._process.stage
        stage.sleep(stage.random.uniform(0.001, 0.02))
        process.point()
        if stage.chance(process.weather.disk):
            raise StoreFailed("the disk of this simulation, before the commit")
        result = self._disk.transact(step)
        process.point()
        if stage.chance(process.weather.disk):
            raise StoreFailed("the disk of this simulation, after the commit")
        stage.sleep(stage.random.uniform(0.001, 0.02))
        process.point()
        return result


class Wire:
    """The way from one process to Gate and back, for `Gate(transport=…)`."""

    #: Before Gate did anything, and after; as often one as the other.
    FATES = (
        *("refused", "lost", "broken before", "page before", "throttled"),
        *("answer lost", "arrives late", "broken after", "page after", "slow"),
    )

    def __init__(self, sandbox: Sandbox, process: Process) -> None:
        self._sandbox, self._process = sandbox, process

    def send(self, request: Any, until: float) -> Any:
        process, stage = self._process, self._process.stage
        process.point()
        if stage.time >= until:
            raise RequestNotSent("the time is up")
        fate = "whole"
        if stage.chance(process.weather.faults):
            fate = stage.random.choice(self.FATES)
        if process.weather.out(stage.time):
            fate = stage.random.choice(("refused", "lost"))
        answer = self._fare(request, until, fate)
        process.point()
        return answer

    def _fare(self, request: Any, until: float, fate: str) -> Any:
        stage, draw = self._process.stage, self._process.stage.random
        left = until - stage.time
        stage.sleep(min(draw.uniform(0.005, 0.3), left))
        self._process.point()
        match fate:
            case "refused":
                raise ConnectionRefusedError
            case "lost":
                stage.sleep(until - stage.time)
                raise TimeoutError
            case "arrives late":
                late = draw.choice([draw.uniform(0, 60), draw.uniform(0, 900)])
                stage.later(left + late, lambda: self._sandbox.answer(request))
                stage.sleep(until - stage.time)
                raise TimeoutError
            case "broken before" | "broken after":
                return self._troubled(request, "error", when=fate.partition(" ")[2])
            case "throttled":
                return self._troubled(request, "throttle", when="before")
            case "page before" | "page after":
                return self._troubled(request, "html", when=fate.partition(" ")[2])
        answer = self._sandbox.answer(request)
        self._process.point()
        if fate == "slow":
            stage.sleep(min(draw.uniform(1, 40), until - stage.time))
        if stage.time >= until:
            raise TimeoutError
        stage.sleep(min(draw.uniform(0.005, 0.3), until - stage.time))
        if fate == "answer lost":
            raise ConnectionResetError
        return answer

    def _troubled(self, request: Any, name: str, *, when: str) -> Any:
        self._sandbox.faults.add(name, times=1, when=when)
        answer = self._sandbox.answer(request)
        self._sandbox.faults.clear()
        return answer

    def close(self) -> None:
        """Nothing to close."""
