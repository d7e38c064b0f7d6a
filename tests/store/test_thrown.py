"""A journaled write that an exception is thrown into: noted as doubt, nobody's at once, made once."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zerogate import AsyncGate, Gate, RetryPolicy
from zerogate._transport.messages import RequestNotSent
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Store
from zerogate_store._journal.statements import Statement, Step

from tests.store.crashing import KEY, TERMS
from tests.thrown import THROWN, Interrupting, thrown

EACH = pytest.mark.parametrize("make", THROWN.values(), ids=THROWN.keys())


def rows(store: Store) -> list[Any]:
    def step() -> Step[list[Any]]:
        found = yield Statement(
            "SELECT state, ambiguous, lease_until, due_at FROM zerogate_intents ORDER BY order_ref"
        )()
        return list(found)

    return store.run_in_transaction(step)


def opened(store: Store, sandbox: Sandbox, **way: Any) -> Gate:
    transport: Any = Interrupting(sandbox.transport(), **way)
    return Gate(KEY, transport=transport, clock=sandbox.clock, store=store)


def made(sandbox: Sandbox) -> int:
    return sum(1 for one in sandbox.requests if one.operation_id == "createSession")


@EACH
@pytest.mark.parametrize("after", [False, True], ids=["before it was sent", "after"])
def test_the_order_is_free_at_once_and_is_made_once(
    store: Store, after: bool, make: Callable[[], BaseException]
) -> None:
    sandbox = Sandbox(seed=1)
    with opened(store, sandbox, after=after) as gate:
        with thrown(make):
            gate.sessions.create(order="order-1", **TERMS)
        [(state, ambiguous, lease_until, due_at)] = rows(store)
        assert (state, ambiguous, lease_until) == ("sent", 1, 0)
        assert due_at <= sandbox.clock.now()
        session = gate.sessions.create(order="order-1", **TERMS)
    assert session.client_secret
    assert [one.id for one in _listed(sandbox, store)] == [session.id]


def _listed(sandbox: Sandbox, store: Store) -> list[Any]:
    with Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock) as gate:
        return [one for one in gate.sessions.list() if one.status == "open"]


@EACH
def test_recovery_that_is_broken_off_holds_nothing(
    store: Store, make: Callable[[], BaseException]
) -> None:
    sandbox = Sandbox(seed=1)
    with opened(store, sandbox) as gate:
        for order in ("order-1", "order-2"):
            with thrown(make):
                gate._calls.transport.count = 0
                gate.sessions.create(order=order, **TERMS)
        sandbox.clock.advance(1)
        with thrown(make):
            gate._calls.transport.count = 0
            gate.recover()
        assert [row[2] for row in rows(store)] == [0, 0]
        gate._calls.transport.count = 10
        assert all(one.id for one in gate.recover())
    assert len(_listed(sandbox, store)) == 2


def test_a_replay_that_is_broken_off_is_in_doubt_and_free(store: Store) -> None:
    sandbox = Sandbox(seed=1)
    with opened(store, sandbox, at=2) as gate:
        first = gate.sessions.create(order="order-1", **TERMS)
        with thrown(TimeoutError):
            gate.sessions.create(order="order-1", **TERMS)
        assert [row[:3] for row in rows(store)] == [("known", 1, 0)]
        assert gate.sessions.create(order="order-1", **TERMS).id == first.id


def test_what_is_thrown_in_costs_nothing_of_the_retry_budget(store: Store) -> None:
    sandbox = Sandbox(seed=1)

    class Away:
        def send(self, request: Any, until: float) -> Any:
            if request.method == "GET":
                return sandbox.transport().send(request, until)
            raise RequestNotSent("away")

    policy = RetryPolicy(attempts=2, budget=14)
    gate = Gate(
        KEY,
        transport=Interrupting(Away(), at=2),
        clock=sandbox.clock,
        store=store,
        retries=policy,
    )
    budget = gate._calls._budget()
    with thrown(TimeoutError):
        gate.sessions.create(order="order-1", **TERMS)
    assert budget.left == 14


def test_a_database_that_is_locked_does_not_keep_anybody(tmp_path: Path) -> None:
    """The statement is tried in a thread of its own, and waited for half a second of its ten."""
    url = tmp_path / "gate.db"
    store, sandbox = Store(f"sqlite:///{url}"), Sandbox(seed=1)
    holding: list[sqlite3.Connection] = []

    class Locks:
        def send(self, request: Any, until: float) -> Any:
            if request.method == "GET":
                return sandbox.transport().send(request, until)
            other = sqlite3.connect(url, isolation_level=None, check_same_thread=False)
            other.execute("BEGIN IMMEDIATE")
            holding.append(other)
            return Interrupting(sandbox.transport()).send(request, until)

    gate = Gate(KEY, transport=Locks(), clock=sandbox.clock, store=store)
    with thrown(TimeoutError):
        gate.sessions.create(order="order-1", **TERMS)
    [waiting] = [one for one in threading.enumerate() if one.name == "zerogate-let-go"]
    holding[0].execute("ROLLBACK")
    holding[0].close()
    waiting.join()
    assert [row[:3] for row in rows(store)] == [("sent", 1, 0)]
    store.close()


class Hangs:
    """Answers no write."""

    def __init__(self, sandbox: Sandbox, begun: list[Any]) -> None:
        self._transport, self._begun = sandbox.transport(), begun

    async def send(self, request: Any, until: float) -> Any:
        if request.method == "GET":
            return self._transport.send(request, until)
        self._begun.append(request)
        return await asyncio.Event().wait()


def test_the_order_is_free_after_a_loop_that_ended_in_the_middle_of_its_create(
    store: Store,
) -> None:
    """`asyncio.run` cancels what runs on behind a caller that is gone."""
    sandbox = Sandbox(seed=1, clock=WallClock())
    begun: list[Any] = []

    async def cut_off() -> None:
        gate = AsyncGate(KEY, transport=Hangs(sandbox, begun), clock=sandbox.clock, store=store)
        task = asyncio.create_task(gate.sessions.create(order="order-1", **TERMS))
        while not begun:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert rows(store)[0][2] > 0, "a caller that is gone does not end the exchange"

    asyncio.run(cut_off())
    assert [row[:3] for row in rows(store)] == [("sent", 1, 0)]
    with Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store) as gate:
        assert gate.sessions.create(order="order-1", **TERMS).client_secret


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_order_is_free_after_a_loop_that_was_closed_and_cancelled_nothing(
    store: Store,
) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    begun: list[Any] = []

    async def started() -> None:
        while not begun:
            await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    gate = AsyncGate(KEY, transport=Hangs(sandbox, begun), clock=sandbox.clock, store=store)
    task = loop.create_task(gate.sessions.create(order="order-1", **TERMS))
    loop.run_until_complete(started())
    loop.close()
    del task, gate
    gc.collect()
    assert [row[:3] for row in rows(store)] == [("sent", 1, 0)]
