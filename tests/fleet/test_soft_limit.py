"""Real Celery on RabbitMQ: a soft time limit in the middle of payments loses none and doubles none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zerogate_store import Store
from zerogate_store._journal.statements import Statement, Step

from tests.databases import schema
from tests.fleet.broker import door, queue
from tests.fleet.limited import limited
from tests.roots import ROOT
from tests.store.slow_gate import slow_gate

ORDERS = [f"order-{number}" for number in range(4)]


def known() -> Step[list[str]]:
    text = "SELECT order_ref FROM zerogate_intents WHERE state = 'known' ORDER BY order_ref"
    return [row[0] for row in (yield Statement(text)())]


@contextmanager
def worker(folder: Path, **environment: str) -> Iterator[None]:
    given = {f"LIMITED_{name.upper()}": value for name, value in environment.items()}
    celery = [sys.executable, "-m", "celery", "-A", "tests.fleet.limited", "worker", "-c", "2"]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    with (folder / "worker.log").open("wb") as log:
        running = subprocess.Popen(
            [*celery, *quiet, "-Q", environment["queue"]],
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def until(what: threading.Event, store: Store) -> list[str]:
    """The orders that are known, once it is all of them, or after two minutes."""
    for _ in range(600):
        if (found := store.run_in_transaction(known)) == ORDERS:
            return found
        what.wait(0.2)
    return found


def test_a_soft_limit_loses_and_doubles_nothing(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    tries.touch()
    with schema() as url, queue() as name, door() as (_, broker), slow_gate() as slow:
        store = Store(url)
        store.migrate()
        app = limited(broker, name)
        given = {"store": url, "gate": slow.url, "broker": broker, "queue": name}
        with worker(tmp_path, log=str(tries), **given):
            for order in ORDERS:
                app.send_task("pay", [order])
            waiting = threading.Event()
            # Each has been cut off at least once, in the middle of whatever it did.
            for _ in range(600):
                tried = Counter(tries.read_text().split())
                if all(tried[order] > 1 for order in ORDERS):
                    break
                waiting.wait(0.2)
            slow.go.set()
            found = until(waiting, store)
        store.close()
        app.close()
        sessions = slow.sandbox.books()["sessions"]
    assert all(tried[order] > 1 for order in ORDERS), tried
    assert found == ORDERS
    assert sorted(one["metadata"]["order_id"] for one in sessions) == ORDERS
