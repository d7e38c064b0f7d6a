"""A process killed at every point where it could lose something: nothing is lost, nothing is made twice."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate
from zerogate_sandbox import Sandbox
from zerogate_store import Store

from tests.databases import database
from tests.store.crashing import KEY, TERMS, Fuse, worked
from tests.thorough import thorough

#: How often each point is tried, each time in another profile; 25 and more on demand.
TIMES = int(os.environ.get("ZEROGATE_KILLS", "1"))
PROFILES = ("forgetful", "hostile", "documented", "strict", "hourly")
#: A kill is one for both halves and for both databases: each of them stays once in the suite.
WAYS = (
    thorough("sqlite", "sync"),
    ("sqlite", "async"),
    ("postgresql", "sync"),
    thorough("postgresql", "async"),
    thorough("postgresql", "async engine"),
)


@pytest.mark.parametrize(("kind", "half"), WAYS)
def test_a_process_killed_at_any_point_of_a_create_or_of_its_recovery_does_no_harm(
    kind: str, half: str, tmp_path: Path
) -> None:
    with database(kind, tmp_path) as url:
        for number in range(TIMES):
            sandbox = Sandbox(seed=number, profile=PROFILES[number % len(PROFILES)])
            orders = killed_while_creating(url, half, sandbox, f"order-{number}")
            assert len(orders) >= 12
            killed_while_recovering(url, half, sandbox)
            judge(url, sandbox, orders)


def killed_while_creating(url: str, half: str, sandbox: Sandbox, name: str) -> list[str]:
    """An order for each point, until one comes to its end."""
    orders = []
    for at in itertools.count():
        order = f"{name}-{at}"
        orders.append(order)
        if worked(url, half, sandbox, Fuse(at), lambda gate, o=order: _create(gate, o)):
            break
    return orders


def _create(gate: Any, order: str) -> Any:
    return gate.sessions.create(order=order, **TERMS)


def killed_while_recovering(url: str, half: str, sandbox: Sandbox) -> None:
    for at in range(3, 60, 5):
        sandbox.clock.advance(100)
        worked(url, half, sandbox, Fuse(at), lambda gate: gate.recover())


def judge(url: str, sandbox: Sandbox, orders: list[str]) -> None:
    """After one recovery that is let finish: one session or none, and calling again is the same one."""
    store = Store(url)
    gate = Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store)
    for _ in range(3):
        sandbox.clock.advance(700)
        gate.recover(limit=1000)
    for order in orders:
        mine = [s for s in sandbox.books()["sessions"] if s["metadata"]["order_id"] == order]
        open_ones = [s["id"] for s in mine if s["status"] == "open"]
        assert len(open_ones) <= 1, order
        made = _create(gate, order)
        assert open_ones in ([], [made.id]), order
        assert standing(store, order) == [("known", made.id)]
    store.close()


def standing(store: Store, order: str) -> list[tuple[str, str]]:
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT state, object_id FROM zerogate_intents WHERE order_ref = '{order}'"
        )
        return [(row[0], row[1]) for row in rows]
