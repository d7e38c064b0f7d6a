"""The inbox as a system to explore: two workers, six events of two sessions, a handler that fails, a death.

What runs is the real inbox with its real statements; each transaction is a step, an effect with its mark
is one, for a database lets nobody see the half of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import blake2b
from typing import Any, Final
from unittest.mock import patch

from attrs import define, frozen
from zerogate_store import EventContext, Inbox
from zerogate_store._store import Statement, Step, sync_step_on

from tests.exploration.processes import Clock, Mount, Process, rows_of
from tests.inbox.shop import SECRET, event, signed
from tests.simulation.weather import Disk

START: Final = 1_779_796_800.0
#: In the order in which they happened, of one session after the other.
LIVES: Final[Mapping[str, Sequence[str]]] = {
    "paid": ("created", "processing", "completed"),
    "ended": ("created", "processing", "cancelled"),
}
#: Events that are not there from the beginning.
LATER: Final = ("paid-completed", "ended-processing")
LEASE: Final = 60.0
#: Past a lease, and past the pause after a failure.
AN_HOUR: Final = 3_700.0
FAILS: Final = "fails"
_TABLES: Final = ("zerogate_events", "zerogate_subjects", "effects")
_EFFECTS: Final = "CREATE TABLE IF NOT EXISTS effects (nr INTEGER PRIMARY KEY, event TEXT)"
_EFFECT: Final = Statement("INSERT INTO effects (event) VALUES (:event)")


@frozen
class Trouble:
    """How much of it may come. most: Of all kinds together. turns: That each worker takes."""

    failures: int = 1
    deaths: int = 1
    leases: int = 1
    most: int = 2
    turns: int = 3


class HandlerFailed(Exception):
    """What a handler raises here."""


@define(eq=False)
class Worker:
    """One process that handles events, a few turns long."""

    world: Postroom
    process: Process

    def works(self, turns: int) -> None:
        world = self.world
        mount = Mount(world.disk, self.process)
        inbox = Inbox(mount, mode="test", match=False, lease=LEASE, clock=Clock(self.process))
        for turn in range(turns):
            if turn:
                self.process.pause("looks again")
            inbox.process(self.handle, within=self.transaction)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """One transaction is one step, and what comes of its handler is decided before it begins."""
        self.world.fate = self.process.pause("effect", FAILS)
        connection = self.world.disk.connection
        connection.execute("BEGIN")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def handle(self, received: EventContext) -> None:
        def effect() -> Step[None]:
            yield _EFFECT(event=received.event.id)

        sync_step_on(received.connection, effect())
        if self.world.fate == FAILS:
            self.world.failed.add(received.event.id)
            raise HandlerFailed


class Postroom:
    """One state of all of it."""

    def __init__(self, trouble: Trouble) -> None:
        self.now, self.trouble, self.left = START, trouble, trouble.most
        self.counts = {
            "failures": trouble.failures,
            "deaths": trouble.deaths,
            "leases": trouble.leases,
        }
        self.fate, self.accused, self.failed = "", list[str](), set[str]()
        self.disk = Disk()
        self.disk.connection.execute(_EFFECTS)
        self.disk.connection.execute("DELETE FROM effects")
        self._patches = ExitStack()
        self._patches.enter_context(patch("secrets.token_hex", self._token))
        self._acting = Process("post", lambda: self.now)
        self.inbox = Inbox(
            Mount(self.disk, self._acting),
            SECRET,
            match=False,
            mode="test",
            clock=Clock(self._acting),
        )
        self.coming = {f"{life}-{name}": (life, name) for life in LIVES for name in LIVES[life]}
        for id in [id for id in self.coming if id not in LATER]:
            self._comes(id)
        self.processes = [Process(name, lambda: self.now, besides=_WORLD) for name in ("V", "W")]
        for process in self.processes:
            self._acting = process
            process.start(partial(self._works, process))

    def _works(self, process: Process) -> None:
        try:
            Worker(self, process).works(self.trouble.turns)
        except Exception as exc:
            self.accused.append(f"error: {process.name} met {exc!r}")

    def _token(self, size: int = 8) -> str:
        return self._acting.token(size)

    def _comes(self, id: str) -> None:
        life, name = self.coming.pop(id)
        happened = START - 10 + LIVES[life].index(name)
        body = event(id, f"gate_session.{name}", happened, id=f"gs_{life}", mode="test")
        self.inbox.receive(body, signed(body, self.now))

    # --- as a system ---

    def choices(self) -> Sequence[str]:
        found = []
        waiting = [one for one in self.processes if one.about is not None]
        for one in waiting:
            found.append(f"{one.name}: {one.about}")
            if FAILS in one.fates and self._may("failures"):
                found.append(f"{one.name}: {one.about} {FAILS}")
            if self._may("deaths"):
                found.append(f"{one.name} dies")
        if waiting and self._may("leases"):
            found.append("a lease ends")
        return found + [f"{id} comes" for id in self.coming]

    def _may(self, trouble: str) -> bool:
        return self.left > 0 and self.counts[trouble] > 0

    def _spend(self, trouble: str) -> None:
        self.left -= 1
        self.counts[trouble] -= 1

    def take(self, choice: str) -> None:
        match choice.split(" "):
            case ("a", "lease", "ends"):
                self._spend("leases")
                self.now += LEASE + 1
            case (name, "dies"):
                self._spend("deaths")
                self._process(name).end()
            case (id, "comes"):
                self._comes(id)
            case (name, *words):
                if words[-1] == FAILS:
                    self._spend("failures")
                self._acting = self._process(name.rstrip(":"))
                self._acting.go_on(FAILS if words[-1] == FAILS else "")

    def _process(self, name: str) -> Process:
        return next(one for one in self.processes if one.name == name)

    def digest(self) -> bytes:
        facts = (
            self.now,
            rows_of(self.disk, _TABLES),
            [one.facts() for one in self.processes],
            list(self.coming),
            self.counts,
            self.left,
            self.accused,
            sorted(self.failed),
        )
        return blake2b(repr(facts).encode(), digest_size=16).digest()

    def close(self) -> None:
        for one in self.processes:
            one.end()
        self._patches.close()

    # --- what must not be ---

    def effects(self) -> list[str]:
        read = self.disk.connection.execute
        return [row[0] for row in read("SELECT event FROM effects ORDER BY nr")]

    def wrong(self) -> Sequence[str]:
        done = self.effects()
        twice = [f"twice: the effect of {id} happened twice" for id in _repeated(done)]
        return [*self.accused, *twice, *self._out_of_order(done)]

    def _out_of_order(self, done: Sequence[str]) -> list[str]:
        """An event that was there has its effect before a later one of its session."""
        found = []
        for number, id in enumerate(done):
            life, _, name = id.partition("-")
            names = LIVES[life]
            before = [f"{life}-{one}" for one in names[: names.index(name)]]
            # An end goes past one whose handler failed, and past all that wait behind that one.
            goes_past = name == names[-1] and bool(self.failed & set(before))
            for earlier in before:
                if earlier not in (*done[:number], *LATER) and not goes_past:
                    found.append(f"order: {id} was handled before {earlier}")
        return found

    def wrong_at_the_end(self) -> Sequence[str]:
        """And once a calm worker has handled all that is due, however late it is due."""
        for _ in range(4):
            self.now += AN_HOUR
            self._acting = calm = Process("calm", lambda: self.now)
            self.fate = ""
            Worker(self, calm).works(8)
        read = self.disk.connection.execute
        rows = read("SELECT id, state, reason FROM zerogate_events").fetchall()
        done = self.effects()
        lost = [
            f"lost: {id} is {state}, and had no effect"
            for id, state, reason in rows
            if id not in done and not (state == "done" and reason == "late")
        ]
        rows = read("SELECT subject, succeeded, ended FROM zerogate_subjects").fetchall()
        stands = {subject: (succeeded, ended) for subject, succeeded, ended in rows}
        right = {"gs_paid": (1, 0), "gs_ended": (0, 1)}
        more = [] if stands == right else [f"standing: the sessions stand as {stands}"]
        return [*lost, *more, *self.wrong()]


_WORLD: Final = (Worker, Postroom, Mount, Clock)


def _repeated(ids: Sequence[str]) -> list[str]:
    return sorted({id for id in ids if ids.count(id) > 1})
