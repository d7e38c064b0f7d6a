"""Databases in trouble and callers that go away: a clear error, and nothing lost."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from zerogate import ANY_ORDER, AsyncGate, Gate, GateUsageError, NotSent
from zerogate._async.sessions import AsyncSessions
from zerogate._wire.bodies import SessionTerms
from zerogate_sandbox import Sandbox
from zerogate_store import Store, _commits

from tests.store.crashing import KEY, TERMS


def engine_of(file: Path, *settings: str) -> sa.Engine:
    """A partner's own engine, with settings of theirs."""
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": 0.05})

    @sa.event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")

    return engine


def gate_of(sandbox: Sandbox, store: Store, **options: Any) -> Gate:
    return Gate(
        KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store, timeout=3, **options
    )


def test_a_locked_database_sends_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_commits, "LOCKED_AT_MOST", 0.1)
    sandbox, engine = Sandbox(), engine_of(tmp_path / "gate.db")
    store = Store(engine)
    gate = gate_of(sandbox, store)
    gate.sessions.create(order="order-1", **TERMS)
    other = sqlite3.connect(tmp_path / "gate.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotSent, match="locked"):
        gate.sessions.create(order="order-2", **TERMS)
    assert len(sandbox.books()["sessions"]) == 1
    other.rollback()
    other.close()
    assert gate.sessions.create(order="order-2", **TERMS).client_secret
    engine.dispose()


def test_a_full_disk_sends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    small = engine_of(tmp_path / "gate.db", "page_size=4096", "max_page_count=40")
    sandbox, store = Sandbox(), Store(small)
    gate, made = gate_of(sandbox, store), {}

    def fill() -> None:
        for number in range(1000):
            order = f"order-{number}"
            made[order] = gate.sessions.create(order=order, **TERMS).id

    with pytest.raises(NotSent, match="full"):
        fill()
    assert len(made) > 5
    assert len(sandbox.books()["sessions"]) == len(made)
    small.dispose()
    larger = engine_of(tmp_path / "gate.db")
    gate = gate_of(sandbox, Store(larger))
    for order, id in made.items():
        assert gate.sessions.create(order=order, **TERMS).id == id
    assert len(sandbox.books()["sessions"]) == len(made)
    larger.dispose()


class Slow:
    """Answers when it is told to."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self.sent, self.may_answer = sandbox, asyncio.Event(), asyncio.Event()

    async def send(self, request: Any, until: float) -> Any:
        self.sent.set()
        await self.may_answer.wait()
        return self._sandbox.transport().send(request, until)


async def test_a_caller_that_goes_away_in_mid_exchange_leaves_it_recorded(store: Store) -> None:
    sandbox = Sandbox()
    slow = Slow(sandbox)
    gate = AsyncGate(KEY, transport=slow, clock=sandbox.clock, store=store)
    calling = asyncio.create_task(gate.sessions.create(order="order-1", **TERMS))
    await slow.sent.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert not sandbox.books()["sessions"]
    slow.may_answer.set()
    await gate.aclose()
    ((state, id),) = _rows(store)
    assert (state, [id]) == ("known", [s["id"] for s in sandbox.books()["sessions"]])


async def test_a_caller_that_goes_away_at_any_moment_leaves_no_write_behind(store: Store) -> None:
    sandbox = Sandbox()
    gate = AsyncGate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store)
    for number in range(60):
        calling = asyncio.create_task(gate.sessions.create(order=f"order-{number}", **TERMS))
        for _ in range(number % 12):
            await asyncio.sleep(0)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
    await gate.aclose()
    rows = _rows(store)
    assert {state for state, _ in rows} == {"known"}
    assert sorted(id for _, id in rows) == sorted(s["id"] for s in sandbox.books()["sessions"])


def _rows(store: Store) -> list[tuple[str, str]]:
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT state, object_id FROM zerogate_intents")
        return [(row[0], row[1]) for row in rows]


def test_a_read_only_client_recovers_nothing_and_holds_up_nobody(store: Store) -> None:
    gate = gate_of(Sandbox(), store, read_only=True)
    for write in (
        gate.recover,
        lambda: gate.journal.rebuild(since=datetime(2026, 11, 27, tzinfo=UTC)),
        lambda: gate.journal.vouch("order-1"),
        lambda: gate.journal.vouch(ANY_ORDER),
    ):
        with pytest.raises(GateUsageError, match="read_only"):
            write()
    assert gate.journal.store_loss() is None


def test_what_can_be_created_can_be_intended() -> None:
    create = inspect.signature(AsyncSessions.create).parameters
    # `at_once` cancels at Gate, and inside of a transaction of yours nothing is sent.
    beside = {"self", "timeout", "at_once"}
    assert SessionTerms.__annotations__.keys() == create.keys() - beside
