"""Many processes at once with the same orders: one session each, whoever was first."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import pytest
from zerogate import AttemptOpen, GateError, Money
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Store

from tests.databases import database
from tests.store.crashing import TERMS, Fuse, crowd

PROCESSES, ORDERS = (int(n) for n in os.environ.get("ZEROGATE_CROWD", "8x20").split("x"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_processes_with_the_same_orders_make_one_session_each(
    kind: str, tmp_path: Path
) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())

    def work(gate: Any, number: int) -> Any:
        orders = [f"order-{n}" for n in range(ORDERS)]
        random.Random(number).shuffle(orders)
        if number % 2:
            return _awaited(gate, orders)
        for order in orders:
            assert gate.sessions.create(order=order, **TERMS).client_secret
        return None

    async def _awaited(gate: Any, orders: list[str]) -> None:
        for begin in range(0, len(orders), 5):
            some = orders[begin : begin + 5]
            made = await asyncio.gather(
                *[gate.sessions.create(order=order, timeout=120, **TERMS) for order in some]
            )
            assert all(one.client_secret for one in made)

    with database(kind, tmp_path) as url:
        store = Store(url)
        store.migrate()
        halves = ["async" if n % 2 else "sync" for n in range(PROCESSES)]
        assert crowd(url, halves, sandbox, Fuse(-1), work) == [0] * PROCESSES
        store.close()
    sessions = sandbox.books()["sessions"]
    assert sorted(s["metadata"]["order_id"] for s in sessions) == sorted(
        f"order-{n}" for n in range(ORDERS)
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_attempts_asked_for_at_once_are_never_both_open(kind: str, tmp_path: Path) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())

    def work(gate: Any, number: int) -> None:
        for n in range(10):
            try:
                gate.sessions.create(order=f"order-{n}", attempt=number % 3 + 1, **TERMS)
            except AttemptOpen as exc:
                assert exc.order == f"order-{n}"  # noqa: PT017
            except GateError as exc:
                raise AssertionError from exc

    with database(kind, tmp_path) as url:
        store = Store(url)
        store.migrate()
        assert crowd(url, ["sync"] * 6, sandbox, Fuse(-1), work) == [0] * 6
        store.close()
    sessions = sandbox.books()["sessions"]
    assert len({s["metadata"]["order_id"] for s in sessions}) == len(sessions) == 10


def test_money_is_compared_before_anything_is_sent_in_a_crowd(tmp_path: Path) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())

    def work(gate: Any, number: int) -> None:
        terms = TERMS | {"amount": Money(str(10 + number), "EUR")}
        try:
            gate.sessions.create(order="order-1", **terms)
        except GateError as exc:
            assert type(exc).__name__ == "IdempotencyConflict"  # noqa: PT017

    with database("sqlite", tmp_path) as url:
        store = Store(url)
        store.migrate()
        assert crowd(url, ["sync"] * 8, sandbox, Fuse(-1), work) == [0] * 8
        store.close()
    assert len(sandbox.books()["sessions"]) == 1
    assert sum(seen["operation"] == "createSession" for seen in sandbox.requests()) == 1
