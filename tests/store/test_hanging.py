"""A database that refuses nothing and answers nothing: a pool without its server, a server that hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from zerogate import AsyncGate, Gate, NotSent, StoreFailed
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Inbox, Store
from zerogate_store._store import Statement, Step

from tests.inbox.shop import SECRET, event, signed
from tests.store.bouncer import bouncer
from tests.store.cluster import Cluster, cluster
from tests.store.crashing import TERMS
from tests.timing import STALL

#: Seconds of a call. PgBouncer would keep it for 120, and a server that is stopped for ever: that it ends
#: while the trouble lasts is what shows, so a busy machine may take its time (`timing.STALL`).
CALL = 0.5


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as machine:
        yield machine


def parents() -> Iterator[tuple[int, int]]:
    """Yield each process of the machine and the one that started it, of those that live to be read."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue


def signalled(process: int, number: signal.Signals) -> bool:
    """Signal a process; False where it has ended, as a server's do when their connection closes."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def frozen(machine: Cluster) -> Iterator[None]:
    """Hangs, as on a disk that does not answer.

    The first process is stopped first, so that none is started while the others are.
    """
    first = int((machine.folder / "data" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(first, signal.SIGSTOP)
    stopped = [first]
    try:
        children = [process for process, parent in parents() if parent == first]
        stopped += [process for process in children if signalled(process, signal.SIGSTOP)]
        yield
    finally:
        for process in reversed(stopped):
            signalled(process, signal.SIGCONT)


@contextmanager
def gone(machine: Cluster) -> Iterator[None]:
    """Dead, with a pool before it that lives on."""
    machine.crash()
    try:
        yield
    finally:
        machine.start()


class Counting:
    """The sandbox, which counts what was sent to make something."""

    def __init__(self, of: Any) -> None:
        self._of, self.sent = of, 0

    def send(self, request: Any, until: Any, /) -> Any:
        self.sent += request.method == "POST"
        return self._of.send(request, until)


@pytest.fixture(scope="module")
def pool(server: Cluster) -> Iterator[str]:
    with bouncer(server.url) as through:
        yield through


def stores(url: str, whose: str) -> Store:
    driver = url.replace("postgresql:", "postgresql+psycopg:")
    if whose == "an engine of the partner's":
        return Store(sa.create_engine(driver, connect_args={"prepare_threshold": None}))
    if whose == "an awaited engine":
        return Store(create_async_engine(driver, connect_args={"prepare_threshold": None}))
    return Store(url)


def created(
    store: Store, counting: Counting, order: str, *, awaited: bool, timeout: float = CALL
) -> tuple[Any, float]:
    """A create; what came of it, and how long that took."""

    async def by_awaiting() -> Any:
        async with AsyncGate("sk_test_shop", transport=counting, store=store) as gate:
            return await gate.sessions.create(order=order, timeout=timeout, **TERMS)

    def plainly() -> Any:
        with Gate("sk_test_shop", transport=counting, store=store) as gate:
            return gate.sessions.create(order=order, timeout=timeout, **TERMS)

    begun = time.monotonic()
    try:
        found: Any = asyncio.run(by_awaiting()) if awaited else plainly()
    except (NotSent, StoreFailed) as exc:
        found = exc
    return found, time.monotonic() - begun


@pytest.mark.parametrize(
    ("whose", "awaited", "trouble"),
    [
        ("a URL", False, gone),
        ("a URL", False, frozen),
        ("a URL", True, frozen),
        ("an engine of the partner's", False, frozen),
        ("an awaited engine", True, gone),
        ("an awaited engine", True, frozen),
    ],
)
def test_behind_a_pool_a_create_ends_in_its_time_and_sends_nothing(
    server: Cluster, pool: str, whose: str, awaited: bool, trouble: Any
) -> None:
    ends_in_its_time(server, pool, trouble, whose, awaited=awaited)


@pytest.mark.parametrize(
    ("whose", "awaited"),
    [("a URL", False), ("an engine of the partner's", False), ("an awaited engine", True)],
)
def test_a_server_that_hangs_keeps_no_create(server: Cluster, whose: str, awaited: bool) -> None:
    ends_in_its_time(server, server.url, frozen, whose, awaited=awaited)


def ends_in_its_time(server: Cluster, url: str, trouble: Any, whose: str, *, awaited: bool) -> None:
    counting = Counting(Sandbox(seed=1, clock=WallClock()).transport())
    store = stores(url, whose)
    # An awaited engine's connections belong to one loop, and each of these calls has its own.
    again = store.async_engine is None
    if again:
        made, _ = created(store, counting, f"before-{token()}", awaited=awaited, timeout=20)
        assert made.client_secret
    counting.sent = 0
    with trouble(server):
        found, took = created(store, counting, f"during-{token()}", awaited=awaited)
    assert isinstance(found, NotSent), found
    assert (counting.sent, took < STALL) == (0, True), took
    assert found.retry_after is not None
    if again:
        made, _ = created(store, counting, f"after-{token()}", awaited=awaited, timeout=20)
        assert made.client_secret
        store.engine.dispose()
    else:
        asyncio.run(store.async_engine.dispose())  # type: ignore[union-attr]
    store.close()


def token() -> str:
    return os.urandom(4).hex()


def test_what_cannot_be_recorded_in_time_is_handed_out_and_found_again(server: Cluster) -> None:
    """The server hangs between the send and the record: a commit that nobody confirmed is unknown."""
    sandbox = Sandbox(seed=1, clock=WallClock())
    order = f"o-{token()}"
    freeze = ExitStack()

    class Freezing(Counting):
        def send(self, request: Any, until: Any, /) -> Any:
            reply = super().send(request, until)
            if request.method == "POST" and self.sent == 1:
                freeze.enter_context(frozen(server))
            return reply

    store = Store(server.url)
    with Gate("sk_test_shop", transport=Freezing(sandbox.transport()), store=store) as gate:
        begun = time.monotonic()
        with freeze:
            made = gate.sessions.create(order=order, timeout=CALL, **TERMS)
            took = time.monotonic() - begun
        assert took < STALL
        assert "not recorded" in made.additional_properties["zerogate_warning"]
        # Written down by the next call, before it does anything else.
        assert gate.sessions.create(order=order, timeout=20, **TERMS).id == made.id
    assert len(sandbox.books()["sessions"]) == 1
    store.close()


def test_a_crowd_of_awaited_creates_waits_no_longer_than_one(server: Cluster) -> None:
    """A store has five threads: what is in their queue when its time is over is never begun."""
    sandbox = Sandbox(seed=1, clock=WallClock())
    store = Store(server.url)
    store.migrate()
    counting = Counting(sandbox.transport())

    async def crowd() -> list[Any]:
        async with AsyncGate("sk_test_shop", transport=counting, store=store) as gate:
            works = [
                gate.sessions.create(order=f"c-{token()}", timeout=CALL, **TERMS) for _ in range(40)
            ]
            return await asyncio.gather(*works, return_exceptions=True)

    with frozen(server):
        begun = time.monotonic()
        found = asyncio.run(crowd())
        assert time.monotonic() - begun < STALL
    assert {type(one) for one in found} == {NotSent}
    assert counting.sent == 0
    store.close()


def test_a_webhook_is_not_kept_waiting_by_a_server_that_hangs(server: Cluster) -> None:
    store = Store(server.url)
    store.migrate()
    body = event("evt_1", "gate_session.completed", 1_780_000_000, id="gs_1")
    clock = Sandbox().clock
    inbox = Inbox(store, SECRET, mode="test", match=False, clock=clock)
    with frozen(server), pytest.MonkeyPatch.context() as patch:
        patch.setattr("zerogate_store._sync.inbox.WAITED_AT_MOST", 0.5)
        with pytest.raises(StoreFailed, match="in time"):
            inbox.receive(body, signed(body, clock.now()))
    store.close()


def asked(text: str) -> Step[Any]:
    yield Statement(text)()


def test_a_locked_file_is_waited_for_as_long_as_the_call_has(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    store.migrate()
    counting = Counting(Sandbox(seed=1, clock=WallClock()).transport())
    holder = sqlite3.connect(tmp_path / "gate.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    found, took = created(store, counting, "o-1", awaited=False)
    holder.execute("ROLLBACK")
    holder.close()
    assert isinstance(found, NotSent), found
    assert (took < STALL, counting.sent) == (True, 0)
    store.close()


def test_what_is_thrown_in_while_it_hangs_goes_up_at_once(
    server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg would ask the server to stop the statement, and wait for that."""
    store, waits = Store(server.url), list[Any]()
    store.migrate()
    monkeypatch.setattr(psycopg.Connection, "_try_cancel", lambda *told, **_: waits.append(told))

    def throw(*_: Any) -> None:
        raise KeyboardInterrupt

    counting = Counting(Sandbox(seed=1, clock=WallClock()).transport())
    before = signal.signal(signal.SIGALRM, throw)
    try:
        with frozen(server), Gate("sk_test_shop", transport=counting, store=store) as gate:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                gate.sessions.create(order=f"k-{token()}", timeout=60, **TERMS)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert waits == []
    store.close()


def test_no_thread_is_made_for_it(server: Cluster) -> None:
    store = Store(server.url)
    store.migrate()
    counting = Counting(Sandbox(seed=1, clock=WallClock()).transport())
    with frozen(server):
        known = set(threading.enumerate())
        found, _ = created(store, counting, f"t-{token()}", awaited=False)
        assert (type(found), set(threading.enumerate()) - known) == (NotSent, set())
    store.close()
