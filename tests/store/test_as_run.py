"""Databases as they are run: pools between, other defaults, a fail-over, encodings, first starts at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from zerogate import Gate, GateError, GateUsageError, StoreFailed
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Inbox, Store
from zerogate_store._store import Statement, Step, async_in_thread, async_run_in_transaction
from zerogate_store._troubles import Patience, Remedy, remedy_for

from tests.databases import POSTGRES, in_children, schema
from tests.inbox.shop import SECRET, event, signed
from tests.store.bouncer import bouncer
from tests.store.cluster import cluster
from tests.store.crashing import TERMS


@contextmanager
def database(**settings: str) -> Iterator[str]:
    """The URL of a database of its own, made with these words after CREATE DATABASE."""
    with schema():
        name = f"zerogate_{token_hex(6)}"
    words = " ".join(f"{name_} {value}" for name_, value in settings.items())
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {words}")
        try:
            yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}", query=""))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def altered(url: str, what: str) -> None:
    name = urlsplit(url).path[1:]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} {what}")


def crowd(store: Store, *, orders: int, workers: int, sandbox: Sandbox) -> list[str]:
    """Several workers with the same orders; what went wrong."""
    failed: list[str] = []

    def work() -> None:
        gate = Gate("sk_test_shop", transport=sandbox.transport(), store=store, timeout=60)
        for number in range(orders):
            try:
                gate.sessions.create(order=f"o-{number}", **TERMS)
            except GateError as exc:
                failed.append(f"{type(exc).__name__}: {exc}")
        gate.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_a_pool_that_gives_each_transaction_another_connection() -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    with database() as url, bouncer(url) as through:
        store = Store(through)
        assert crowd(store, orders=20, workers=6, sandbox=sandbox) == []
        assert len(sandbox.books()["sessions"]) == 20
        body = event("evt_1", "gate_session.completed", 1_780_000_000, id="gs_1")
        clock = Sandbox().clock
        inbox = Inbox(store, SECRET, mode="test", match=False, clock=clock)
        assert inbox.receive(body, signed(body, clock.now())).verdict == "new"
        seen: list[str] = []
        assert inbox.drain(lambda received: seen.append(received.subject)) == 1
        store.close()


def test_what_an_url_says_of_prepared_statements_is_not_believed() -> None:
    with database() as url, bouncer(url) as through:
        store = Store(f"{through}?prepare_threshold=0")
        store.migrate()
        for _ in range(40):
            store.run_in_transaction(lambda: asked("SELECT 1"))
        store.close()


def asked(text: str) -> Step[Any]:
    rows = yield Statement(text)()
    return rows[0][0] if rows else None


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
@pytest.mark.parametrize("whose", ["a URL", "an engine of the partner's"])
def test_another_isolation_by_default(level: str, whose: str) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    with database() as url:
        altered(url, f"SET default_transaction_isolation TO '{level}'")
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        store = Store(url if whose == "a URL" else engine)
        assert crowd(store, orders=10, workers=5, sandbox=sandbox) == []
        assert len(sandbox.books()["sessions"]) == 10
        if whose == "a URL":
            assert (
                store.run_in_transaction(lambda: asked("SHOW transaction_isolation"))
                == "read committed"
            )
        store.close()
        engine.dispose()


def test_a_fail_over_that_leaves_pooled_connections_read_only() -> None:
    """The primary of before becomes a standby's like: what is connected may only read, new ones may write."""
    with database() as url:
        store = Store(url)
        store.migrate()
        held = [store.engine.raw_connection() for _ in range(5)]
        for connection in held:
            cursor = connection.cursor()
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            connection.commit()
            connection.close()
        sandbox = Sandbox(seed=1, clock=WallClock())
        with Gate("sk_test_shop", transport=sandbox.transport(), store=store, timeout=20) as gate:
            assert gate.sessions.create(order="o-1", **TERMS).client_secret
        store.close()


async def test_a_fail_over_under_an_awaited_engine() -> None:
    with database() as url:
        engine = create_async_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        store = Store(engine)
        await store.migrate_async()
        async with engine.connect() as connection:
            await connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            await connection.commit()
        await async_run_in_transaction(store, lambda: asked("CREATE TABLE one (n INT)"))
        await engine.dispose()


def test_a_database_that_stays_read_only_says_so() -> None:
    with database() as url:
        before = Store(url)
        before.migrate()
        before.close()
        store = Store(f"{url}?options={quote('-c default_transaction_read_only=on')}")
        with pytest.raises(StoreFailed, match="read-only"):
            store.run_in_transaction(lambda: asked("CREATE TABLE one (n INT)"))
        store.close()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
@pytest.mark.parametrize("whose", ["a URL", "an engine of the partner's"])
def test_an_encoding_that_cannot_hold_every_text_is_refused_at_the_start(
    encoding: str, whose: str
) -> None:
    with database(
        ENCODING=f"'{encoding}'", TEMPLATE="template0", LC_COLLATE="'C'", LC_CTYPE="'C'"
    ) as url:
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        store = Store(url if whose == "a URL" else engine)
        for start in (store.migrate, lambda: store.run_in_transaction(lambda: asked("SELECT 1"))):
            with pytest.raises(GateError, match="encoding is UTF8"):
                start()
        store.close()
        engine.dispose()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
async def test_an_awaited_engine_on_such_an_encoding_is_refused_alike(encoding: str) -> None:
    with database(
        ENCODING=f"'{encoding}'", TEMPLATE="template0", LC_COLLATE="'C'", LC_CTYPE="'C'"
    ) as url:
        for start in (
            lambda store: store.migrate_async(),
            lambda store: async_run_in_transaction(store, lambda: asked("SELECT 1")),
        ):
            engine = create_async_engine(url.replace("postgresql:", "postgresql+psycopg:"))
            with pytest.raises(GateError, match="encoding is UTF8"):
                await start(Store(engine))
            await engine.dispose()


@pytest.mark.parametrize("first", ["migrate", "write"])
async def test_first_starts_at_once_on_a_new_file(first: str, tmp_path: Path) -> None:
    for number in range(4):
        url = f"sqlite+aiosqlite:///{tmp_path}/gate{number}.db"
        engines = [create_async_engine(url) for _ in range(6)]
        stores = [Store(engine) for engine in engines]
        if first == "migrate":
            starts = [store.migrate_async() for store in stores]
        else:
            starts = [async_run_in_transaction(one, lambda: asked("SELECT 1")) for one in stores]
        failed = [one for one in await asyncio.gather(*starts, return_exceptions=True) if one]
        assert [one for one in failed if isinstance(one, BaseException)] == []
        for store, engine in zip(stores, engines, strict=True):
            await store.migrate_async()
            await engine.dispose()


def test_first_starts_at_once_on_a_new_file_with_engines_of_the_partners(tmp_path: Path) -> None:
    for number in range(4):
        engines = [sa.create_engine(f"sqlite:///{tmp_path}/gate{number}.db") for _ in range(6)]
        with ThreadPoolExecutor(6) as threads:
            for start in [threads.submit(Store(engine).migrate) for engine in engines]:
                start.result()
        for engine in engines:
            engine.dispose()


def test_a_client_encoding_of_the_roles_is_not_ours() -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    with database() as url:
        altered(url, "SET client_encoding TO 'LATIN1'")
        store = Store(url)
        with Gate("sk_test_shop", transport=sandbox.transport(), store=store) as gate:
            made = gate.sessions.create(order="заказ-1", **TERMS)
            assert gate.sessions.create(order="заказ-1", **TERMS).id == made.id
        store.close()


@pytest.mark.parametrize("level", ["read committed", "serializable"])
def test_first_starts_at_once(level: str) -> None:
    with database() as url:
        altered(url, f"SET default_transaction_isolation TO '{level}'")

        def start(number: int) -> None:
            engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
            store = Store(url if number % 2 else engine)
            store.run_in_transaction(lambda: asked("SELECT 1"))
            store.close()
            engine.dispose()

        assert in_children(12, start) == [0] * 12


def test_migrate_raises_ours() -> None:
    store = Store("postgresql://postgres@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(StoreFailed):
        store.migrate()
    with database() as url:
        altered(url, "SET search_path TO nowhere")
        store = Store(url)
        with pytest.raises(StoreFailed):
            store.migrate()
        store.close()


async def test_a_store_of_an_awaited_engine_is_cared_for() -> None:
    with database() as url:
        engine = create_async_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        store = Store(engine)
        with pytest.raises(GateUsageError, match="migrate_async"):
            store.migrate()
        await store.migrate_async()
        await store.forget_async(order="nobody")
        await store.retain_async(days=1)
        with pytest.raises(GateUsageError, match="whom to forget"):
            await store.forget_async()
        for call in (lambda: store.forget(order="o"), lambda: store.retain(days=1)):
            with pytest.raises(GateUsageError, match="_async"):
                call()
        await engine.dispose()
        # A store of a URL has them too.
        plain = Store(url)
        await plain.migrate_async()
        await plain.forget_async(order="nobody")
        await plain.retain_async(days=1)
        plain.close()


ENDING = """
import asyncio, atexit, sys
from zerogate import AsyncGate, Gate, Money
from zerogate_store._store import Store
from zerogate_sandbox import Sandbox
sandbox = Sandbox(seed=1)
terms = dict(amount=Money("5.00", "EUR"), return_url="https://shop.example/")
store = Store(sys.argv[1])
given = dict(transport=sandbox.transport(), clock=sandbox.clock, store=store)
async def awaited():
    async with AsyncGate("sk_test_a", account="a", **given) as gate:
        return (await gate.sessions.create(order="o-1", **terms)).status
def plain():
    with Gate("sk_test_b", account="b", **given) as gate:
        return gate.sessions.create(order="o-2", **terms).status
atexit.register(lambda: print(asyncio.run(awaited())))
atexit.register(lambda: print(plain()))
"""


def test_an_interpreter_that_is_shutting_down(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING, f"sqlite:///{tmp_path / 'gate.db'}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stdout.split(), done.returncode) == (["open", "open"], 0), done.stderr


async def test_without_threads_to_be_had_a_step_is_done_once(tmp_path: Path) -> None:
    """What could not get a thread is in the pool's queue all the same: a later one must not do it again."""
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    store.run_in_transaction(lambda: asked("CREATE TABLE one (n INT)"))
    begun = threading.Thread.start
    count = [0]

    def start(self: threading.Thread) -> None:
        count[0] += 1
        if count[0] == 1:
            raise RuntimeError("can't start new thread")
        begun(self)

    done: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        await async_in_thread(store, lambda: done.append(1))
        await async_in_thread(store, lambda: done.append(2))
        await asyncio.sleep(0)
    store.close()
    assert done == [1, 2]


class Failure(Exception):
    def __init__(self, state: str) -> None:
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "racing", "remedy"),
    [
        ("40001", False, Remedy.AGAIN),
        ("40P01", False, Remedy.AGAIN),
        ("25006", False, Remedy.RECONNECT),
        ("57P01", False, Remedy.RECONNECT),
        ("23505", False, Remedy.NOTHING),
        ("23505", True, Remedy.AGAIN),
        ("42P07", True, Remedy.AGAIN),
        ("42501", True, Remedy.NOTHING),
    ],
)
def test_what_a_failure_asks_for(state: str, racing: bool, remedy: Remedy) -> None:
    assert remedy_for(Failure(state), disconnected=False, racing=racing) is remedy
    wrapped = RuntimeError()
    wrapped.__cause__ = Failure(state)
    assert remedy_for(wrapped, disconnected=False, racing=racing) is remedy


def test_patience_ends() -> None:
    for remedy, least in ((Remedy.RECONNECT, 15), (Remedy.AGAIN, 20)):
        patience, pauses = Patience(), []
        while (pause := patience.pause(remedy, 1.0)) is not None:
            pauses.append(pause)
        assert least <= len(pauses) <= 60
        assert sum(pauses) <= 15
    assert Patience().pause(Remedy.NOTHING, 1.0) is None


def test_a_server_that_acknowledges_too_soon_does_not_do_so_for_us() -> None:
    with database() as url:
        altered(url, "SET synchronous_commit TO off")
        store = Store(url)
        assert store.run_in_transaction(lambda: asked("SHOW synchronous_commit")) == "on"
        with store.engine.begin() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        store.close()
        with bouncer(url) as through:
            pooled = Store(through)
            assert {
                pooled.run_in_transaction(lambda: asked("SHOW synchronous_commit"))
                for _ in range(9)
            } == {"on"}
            pooled.close()


def test_a_server_that_was_stopped_and_started_is_found_again() -> None:
    with cluster() as machine:
        store = Store(machine.url)
        store.migrate()
        machine.crash()
        machine.start()
        assert store.run_in_transaction(lambda: asked("SELECT 7")) == 7
        store.close()
