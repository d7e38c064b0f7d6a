"""What goes wrong between a client, its database and Gate, drawn from the seed: before and after each."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from attrs import evolve, frozen
from zerogate import StoreFailed
from zerogate._reconciliation import DEFAULT_STATUSES
from zerogate._transport.messages import RequestNotSent
from zerogate_store import Store
from zerogate_store._journal.statements import BoundStatement, Step, run_step
from zerogate_store._schema import MIGRATIONS, migrate_schema

from tests.simulation.office import Office, order_of
from tests.simulation.stage import Died, Stage

T = TypeVar("T")


@frozen
class Weather:
    """How likely each trouble is. outages: From when to when nothing gets through, in seconds.

    faults: Of a request. strange: Of an answer that is whole, and about another payment, or other terms, or
        of a key that is in flight. disk: Of a transaction. deaths, stalls: Of a process, at each point
        where it can lose something; one that stalls outlives its lease.
    """

    faults: float
    strange: float = 0.0
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
            faults=draw.choice([0.0, 0.2, 0.4, 0.6, 0.8]),
            strange=draw.choice([0.0, 0.0, 0.1, 0.3]),
            deaths=draw.choice([0.0, 0.0, 0.02, 0.1]),
            disk=draw.choice([0.0, 0.0, 0.05, 0.2]),
            stalls=draw.choice([0.0, 0.0, 0.02]),
            outages=() if begins is None else ((begins, begins + lasts),),
        )

    def out(self, time: float) -> bool:
        return any(begins <= time < ends for begins, ends in self.outages)


class Process:
    """One life of a worker of a shop: it may die at any point, and then nothing of it goes on."""

    def __init__(self, stage: Stage, weather: Weather, shop: str = "shop") -> None:
        self.stage, self.weather, self.shop, self.dead = stage, weather, shop, False

    def point(self) -> None:
        """Here something could be lost."""
        if self.stage.chance(self.weather.stalls):
            self.stage.sleep(self.stage.random.uniform(20, 400))
        if self.dead or self.stage.chance(self.weather.deaths):
            self.dead = True
            raise Died


#: Those that the sandbox knows.
STATUSES = DEFAULT_STATUSES.extended(in_flight={"processing"}, failure={"failed", "cancelled"})


#: Connections of lives that are over: with their schema and their compiled statements, which took longer
#: to make than everything that a life then writes.
_LEFT: list[sqlite3.Connection] = []


def _empty() -> sqlite3.Connection:
    """Return a database in memory that has the tables and nothing in them."""
    if _LEFT:
        left = _LEFT.pop()
        for (table,) in left.execute(_TABLES).fetchall():
            left.execute(f"DELETE FROM {table}")
        return left
    made = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512)
    run_step(migrate_schema("sqlite", MIGRATIONS), partial(_execute, made))
    return made


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'zerogate_schema'"


def _execute(connection: sqlite3.Connection, said: BoundStatement) -> Any:
    return connection.execute(*said.written("named", "sqlite")).fetchall()


class Disk:
    """A database that outlives its processes; in memory, for speed.

    The real ones have tests of their own; here they would only take time.
    """

    def __init__(self) -> None:
        self.connection = _empty()
        # Whoever still holds this disk holds its connection; after the last one another life has it.
        weakref.finalize(self, _LEFT.append, self.connection)

    def execute(self, said: BoundStatement) -> Any:
        return _execute(self.connection, said)

    def run_in_transaction(self, step: Callable[[], Step[T]]) -> T:
        self.connection.execute("BEGIN")
        try:
            result = run_step(step(), self.execute)
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result

    def copy(self) -> bytes:
        return self.connection.serialize()

    def put_back(self, copy: bytes) -> None:
        """What was written since is gone, and nobody says so."""
        self.connection.deserialize(copy)


#: Tells of which kind the database is, which is all that is asked of it; one takes a tenth of a life to make.
_NEVER_CONNECTED = sa.create_engine("sqlite:///simulated.db")


class Mount(Store):
    """The disk as one process reaches it: a store as it comes, whose transactions are the simulation's."""

    def __init__(self, disk: Disk, process: Process, **settings: Any) -> None:
        super().__init__(_NEVER_CONNECTED, statuses=STATUSES, **settings)
        self._disk, self._process = disk, process

    def run_in_transaction_within(self, step: Callable[[], Step[None]], seconds: float) -> None:
        """Only a death ends work from outside here, and the dead let nothing go."""

    def run_in_transaction(self, step: Callable[[], Step[T]]) -> T:
        process, stage = self._process, self._process.stage
        stage.sleep(stage.random.uniform(0.001, 0.02))
        process.point()
        if stage.chance(process.weather.disk):
            raise StoreFailed("the disk of this simulation, before the commit")
        result = self._disk.run_in_transaction(step)
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

    #: Whole answers that are not what they should be: what a request is struck by.
    STRANGE = (
        ({"name": "another"},),
        ({"name": "another"},),
        ({"name": "other_terms", "operations": "createSession"},),
        ({"name": "other_terms", "operations": "createSession", "field": "currency"},),
        ({"name": "other_terms", "operations": "createSession", "field": "target_token"},),
        ({"name": "other_terms", "operations": "createSession", "kept": True},),
        ({"name": "slow", "operations": "createSession", "wait": 40.0},),
        ({"name": "error", "operations": "createSession", "when": "before", "status": 409},),
        ({"name": "error", "operations": "createSession", "when": "after", "status": 409},),
        ({"name": "error", "operations": "createSession", "when": "after", "status": 423},),
        ({"name": "error", "operations": "createSession", "when": "after", "status": 425},),
        ({"name": "html", "operations": "createSession", "when": "after", "status": 404},),
    )

    def __init__(self, office: Office, process: Process) -> None:
        self._office, self._process = office, process

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
        if (request.method, request.target) == ("POST", "/v1/gate_sessions"):
            self._office.diary.note("sent", shop=process.shop, order=order_of(request))
        self._strange = ()
        if fate == "whole" and stage.chance(process.weather.strange):
            self._strange = stage.random.choice(self.STRANGE)
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
                stage.later(left + late, lambda: self._asked(request))
                stage.sleep(until - stage.time)
                raise TimeoutError
            case "broken before" | "broken after":
                return self._troubled(request, "error", when=fate.partition(" ")[2])
            case "throttled":
                return self._troubled(request, "throttle", when="before")
            case "page before" | "page after":
                return self._troubled(request, "html", when=fate.partition(" ")[2])
        answer = self._asked(request, *self._strange)
        self._process.point()
        if answer.wire.wait:
            stage.sleep(min(answer.wire.wait, until - stage.time))
        if fate == "slow":
            stage.sleep(min(draw.uniform(1, 40), until - stage.time))
        if stage.time >= until:
            raise TimeoutError
        stage.sleep(min(draw.uniform(0.005, 0.3), until - stage.time))
        if fate == "answer lost":
            raise ConnectionResetError
        return answer

    def _troubled(self, request: Any, name: str, *, when: str) -> Any:
        return self._asked(request, {"name": name, "when": when})

    def _asked(self, request: Any, *faults: dict[str, Any]) -> Any:
        """And Gate's own time on the answer, as every HTTP server writes it."""
        answer = self._office.answer(self._process.shop, request, *faults)
        date = formatdate(self._process.stage.now(), usegmt=True)
        return evolve(answer, headers={**answer.headers, "date": date})

    def close(self) -> None:
        """Nothing to close."""
