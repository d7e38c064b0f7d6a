"""PostgreSQL stopped at once, again and again, under load: what was acknowledged is there afterwards."""

from __future__ import annotations

import os
import threading
from typing import Any

from zerogate import Gate, GateError
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Store

from tests.store.cluster import cluster
from tests.store.crashing import KEY, TERMS

STOPS = int(os.environ.get("ZEROGATE_STOPS", "2"))


class Load:
    """Threads that create one order after another and note what they were told."""

    def __init__(self, url: str, sandbox: Sandbox) -> None:
        self.sandbox, self.over = sandbox, threading.Event()
        self.store = Store(url)
        self.acknowledged: dict[str, str] = {}
        self.refused: dict[str, GateError] = {}
        self.broken: list[BaseException] = []
        self.threads = [threading.Thread(target=self._work, args=(n,)) for n in range(4)]

    def gate(self) -> Gate:
        return Gate(
            KEY, transport=self.sandbox.transport(), clock=self.sandbox.clock, store=self.store
        )

    def _work(self, number: int) -> None:
        gate, count = self.gate(), 0
        try:
            while not self.over.is_set():
                count += 1
                self._create(gate, f"order-{number}-{count}")
        except BaseException as exc:
            self.broken.append(exc)

    def _create(self, gate: Gate, order: str) -> None:
        try:
            made: Any = gate.sessions.create(order=order, timeout=2, **TERMS)
        except GateError as exc:
            self.refused[order] = exc
            self.over.wait(0.05)
        else:
            self.acknowledged[order] = made.id


def test_nothing_acknowledged_is_lost_when_postgresql_is_stopped_under_load() -> None:
    with cluster() as server:
        sandbox = Sandbox(seed=1, clock=WallClock())
        load = Load(server.url, sandbox)
        load.store.migrate()
        for thread in load.threads:
            thread.start()
        for _ in range(STOPS):
            before = len(load.acknowledged)
            load.over.wait(0.5)
            server.crash()
            load.over.wait(0.1)
            server.start()
            load.over.wait(0.2)
            assert len(load.acknowledged) > before
        load.over.set()
        for thread in load.threads:
            thread.join()
        assert not load.broken
        gate = load.gate()
        for _ in range(3):
            sandbox.clock.advance(700)
            gate.recover(limit=10_000)
        with load.store.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT order_ref, object_id FROM zerogate_intents WHERE object_id IS NOT NULL"
            ).fetchall()
        load.store.close()
    recorded = {row[0]: row[1] for row in rows}
    remote = {s["metadata"]["order_id"]: s["id"] for s in sandbox.books()["sessions"]}
    assert recorded.items() >= load.acknowledged.items()
    assert recorded == remote
    assert len(remote) == len(sandbox.books()["sessions"])
