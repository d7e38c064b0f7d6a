"""The store's foundation: what a commit means, whose connection it is, which schema it works with."""

from __future__ import annotations

import asyncio
import pickle
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from zerogate import GateUsageError, StoreFailed
from zerogate_store import Store
from zerogate_store._compat import async_run_in_transaction, async_step_on, sync_step_on
from zerogate_store._drivers import execute_on
from zerogate_store._journal.statements import Statement, Step, run_step
from zerogate_store._schema import MIGRATIONS, Migration, migrate_schema

from tests.databases import in_children, schema
from tests.frames import values

ADD = Statement("INSERT INTO zerogate_accounts (account, mode, partner_id) VALUES (:a, 'test', :p)")
ALL = Statement("SELECT account, partner_id FROM zerogate_accounts ORDER BY account")


def added(account: str, partner: str = "p") -> Step[str]:
    yield ADD(a=account, p=partner)
    return account


def everything() -> Step[list[tuple[Any, ...]]]:
    rows = yield ALL()
    return [tuple(row) for row in rows]


def test_a_step_is_committed_when_it_returns(url: str, store: Store) -> None:
    assert store.run_in_transaction(lambda: added("a")) == "a"
    other = Store(url)
    assert other.run_in_transaction(everything) == [("a", "p")]
    other.close()


def test_a_step_that_raises_leaves_nothing(store: Store) -> None:
    def fails() -> Step[None]:
        yield from added("a")
        raise LookupError("in the middle")

    store.run_in_transaction(everything)
    with pytest.raises(LookupError):
        store.run_in_transaction(fails)
    assert store.run_in_transaction(everything) == []


def test_what_the_database_refuses_is_told_without_statement_and_values(store: Store) -> None:
    store.run_in_transaction(lambda: added("canary-a"))
    with pytest.raises(StoreFailed) as caught:
        store.run_in_transaction(lambda: added("canary-a", "canary-p"))
    told = f"{caught.value} {caught.value!r}"
    assert "canary-p" not in told
    assert "INSERT" not in told
    assert caught.value.__context__ is None
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message


async def test_the_async_half_runs_the_same_step(store: Store) -> None:
    await async_run_in_transaction(store, lambda: added("a"))
    assert await async_run_in_transaction(store, everything) == [("a", "p")]


async def test_fifty_at_once_are_fifty(store: Store) -> None:
    await asyncio.gather(
        *[async_run_in_transaction(store, lambda i=i: added(f"a{i:02}")) for i in range(50)]
    )
    assert len(await async_run_in_transaction(store, everything)) == 50


async def test_a_partners_own_async_engine_serves_the_async_half() -> None:
    with schema() as url:
        engine = create_async_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        store = Store(engine)
        await async_run_in_transaction(store, lambda: added("a"))
        assert await async_run_in_transaction(store, everything) == [("a", "p")]
        with pytest.raises(StoreFailed):
            await async_run_in_transaction(store, lambda: added("a"))
        with pytest.raises(GateUsageError, match="AsyncGate only"):
            store.run_in_transaction(everything)
        await engine.dispose()


def test_a_partners_own_engine_is_used_and_left_open(url: str) -> None:
    engine = sa.create_engine(sa.make_url(url).set(drivername=_driver(url)))
    store = Store(engine)
    store.run_in_transaction(lambda: added("a"))
    store.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM zerogate_accounts").scalar() == 1
    engine.dispose()


def _driver(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"


# --- connections of the partner's own ---


@pytest.fixture
def connections(url: str, store: Store) -> Iterator[list[Any]]:
    """Every kind of connection to the same database, none of them ours."""
    store.run_in_transaction(everything)
    engine = sa.create_engine(sa.make_url(url).set(drivername=_driver(url)))
    with engine.connect() as core, sa.orm.Session(engine) as session:
        if url.startswith("sqlite"):
            raw: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
        else:
            raw = psycopg.connect(url)
        try:
            yield [core, session, raw]
        finally:
            raw.close()
    engine.dispose()


def test_a_step_runs_in_the_partners_own_transaction(store: Store, connections: list[Any]) -> None:
    for number, connection in enumerate(connections):
        sync_step_on(connection, added(f"kept-{number}"))
        connection.commit()
        sync_step_on(connection, added(f"lost-{number}"))
        connection.rollback()
    assert [row[0] for row in store.run_in_transaction(everything)] == [
        "kept-0",
        "kept-1",
        "kept-2",
    ]


async def test_a_step_runs_on_connections_that_are_awaited() -> None:
    with schema() as url:
        store = Store(url)
        store.run_in_transaction(everything)
        engine = create_async_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        async with engine.begin() as connection:
            assert await async_step_on(connection, added("core")) == "core"
        async with await psycopg.AsyncConnection.connect(url) as raw:
            assert await async_step_on(raw, added("raw")) == "raw"
            assert await async_step_on(raw, everything()) == [("core", "p"), ("raw", "p")]
        await engine.dispose()
        store.close()


def test_what_is_no_connection_is_refused() -> None:
    with pytest.raises(GateUsageError, match="no connection"):
        execute_on(object())


@pytest.mark.parametrize(
    ("style", "text", "values"),
    [
        ("named", "a = :one AND b = :two AND c = :one", {"one": 1, "two": 2}),
        ("pyformat", "a = %(one)s AND b = %(two)s AND c = %(one)s", {"one": 1, "two": 2}),
        ("qmark", "a = ? AND b = ? AND c = ?", (1, 2, 1)),
        ("format", "a = %s AND b = %s AND c = %s", (1, 2, 1)),
        ("numeric_dollar", "a = $1 AND b = $2 AND c = $3", (1, 2, 1)),
    ],
)
def test_a_statement_is_written_as_the_driver_reads(style: str, text: str, values: Any) -> None:
    statement = Statement("a = :one AND b = :two AND c = :one")
    assert statement(one=1, two=2).written(style, "any") == (text, values)
    assert "2" not in repr(statement(one="1", two="2"))


@pytest.mark.parametrize("style", ["named", "qmark"])
def test_a_text_that_no_database_takes_is_written_with_a_mark_in_its_place(style: str) -> None:
    values = {"one": "a\0b", "two": "Ä\ud800€", "three": b"a\0b", "four": "größer", "five": None}
    statement = Statement("f(:one, :two, :three, :four, :five, :one)")
    _, given = statement(**values).written(style, "any")
    told = given if isinstance(given, tuple) else tuple(given.values())
    assert told[:5] == ("a\ufffdb", "Ä\ufffd\ufffd\ufffd€", b"a\0b", "größer", None)


# --- schema ---


NEXT = Migration(
    MIGRATIONS[-1].version + 1,
    (
        "ALTER TABLE zerogate_accounts ADD COLUMN told_at /*real*/",
        "CREATE TABLE zerogate_next (id /*serial*/, body /*blob*/)",
        "CREATE INDEX zerogate_next_body ON zerogate_next (body)",
    ),
)


class Next(Store):
    """The release after this one."""

    migrations = (*MIGRATIONS, NEXT)


class Major(Store):
    """A release that has taken away what this one needs."""

    migrations = (*MIGRATIONS, NEXT, Migration(NEXT.version + 1, (), needs=NEXT.version + 1))


def test_this_release_works_beside_the_next_whoever_comes_first(url: str, store: Store) -> None:
    store.run_in_transaction(lambda: added("this"))
    following = Next(url)
    following.run_in_transaction(lambda: added("next"))
    store.run_in_transaction(lambda: added("this-again"))
    late = Store(url)
    late.run_in_transaction(lambda: added("this-started-late"))
    assert len(following.run_in_transaction(everything)) == 4
    for one in (following, late):
        one.close()


def test_a_schema_of_the_next_major_release_is_refused(url: str, store: Store) -> None:
    newer = Major(url)
    newer.migrate()
    with pytest.raises(GateUsageError, match="later major release"):
        store.run_in_transaction(everything)
    newer.close()


def test_a_schema_that_a_later_major_release_migrates_first_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both start on an empty database, and the later release has the lock first."""
    monkeypatch.setattr(
        "zerogate_store._care.migrate_schema",
        lambda dialect, _: migrate_schema(dialect, Major.migrations),
    )
    late = Store(url)
    with pytest.raises(GateUsageError, match=f"version {NEXT.version + 1}, of a later major"):
        late.run_in_transaction(lambda: added("late"))
    late.close()


def test_where_it_may_not_migrate_it_says_what_to_run(url: str) -> None:
    careful = Store(url, migrate=False)
    with pytest.raises(GateUsageError, match=r"Store\.migrate\(\)"):
        careful.run_in_transaction(everything)
    allowed = Store(url)
    allowed.migrate()
    assert careful.run_in_transaction(everything) == []
    for one in (allowed, careful):
        one.close()


ADDS = re.compile(
    r"CREATE TABLE zerogate_\w+ \(|CREATE (UNIQUE )?INDEX zerogate_\w+ ON zerogate_\w+|"
    r"ALTER TABLE zerogate_\w+ ADD COLUMN \w+ \S+$"
)


#: The version that renamed columns while there was no release yet.
RENAMED = 9


def test_a_migration_within_a_major_release_only_adds_what_older_code_can_leave_empty() -> None:
    numbers = [migration.version for migration in MIGRATIONS]
    assert numbers == sorted(set(numbers))
    for migration in MIGRATIONS:
        assert migration.needs == (1 if migration.version < RENAMED else RENAMED)
        for text in migration.statements:
            assert (migration.version == RENAMED) != bool(ADDS.match(" ".join(text.split()))), text


class Before(Store):
    """The last state of the project in which columns were called otherwise."""

    migrations = MIGRATIONS[: RENAMED - 1]


def rows_of_before() -> Step[None]:
    """Write a row into each table that has another name or other columns now."""
    scope = "account, mode, namespace"
    yield Statement(
        f"INSERT INTO zerogate_intents ({scope}, operation, key, terms, fingerprint, sealed, state, "
        "holder, lease_until, ambiguous, made_at, look_after, extras, request_ids) VALUES "
        "('', 'test', '', 'createSession', 'k', 't', 'f', 0, 'sent', '', 0, 1, 1, 'gs_9', "
        "'[\"gs_2\"]', '[]')"
    )()
    yield Statement(
        f"INSERT INTO zerogate_losses ({scope}, noticed_at, gate_time, reason, since, asked, walk, "
        "look_after, resume_at, holder, lease_until, found, another_writes) VALUES "
        "('', 'test', '', 1, 1, 'r', 1, 0, 1, 'gs_8', 0, '', 0, 0, 0)"
    )()
    yield Statement(
        "INSERT INTO zerogate_paces (account, mode, next_at, rate, slowed_at) "
        "VALUES ('', 'test', 7, 2, 1)"
    )()


def rows_of_today() -> Step[tuple[Any, ...]]:
    intents = yield Statement("SELECT key, search_cursor, duplicates FROM zerogate_intents")()
    losses = yield Statement("SELECT search_cursor FROM zerogate_losses")()
    limits = yield Statement("SELECT next_at, rate FROM zerogate_rate_limits")()
    return (*map(tuple, intents), *map(tuple, losses), *map(tuple, limits))


def test_a_database_whose_columns_were_called_otherwise_opens_with_all_that_it_knew(
    url: str,
) -> None:
    before, today = Before(url), Store(url)
    before.run_in_transaction(rows_of_before)
    assert today.run_in_transaction(rows_of_today) == (
        ("k", "gs_9", '["gs_2"]'),
        ("gs_8",),
        (7.0, 2.0),
    )
    again = Before(url)
    with pytest.raises(GateUsageError, match="later major release"):
        again.run_in_transaction(rows_of_before)
    for one in (before, today, again):
        one.close()


def test_sixteen_processes_that_start_at_once_make_one_schema(url: str) -> None:
    def child(number: int) -> None:
        Store(url).run_in_transaction(lambda: added(f"a{number}"))

    assert in_children(16, child) == [0] * 16
    store = Store(url)
    assert len(store.run_in_transaction(everything)) == 16
    store.close()


# --- what a store is made of ---


@pytest.mark.parametrize(
    "given", ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "gate.db", 7, None]
)
def test_what_keeps_nothing_or_is_not_known_is_refused(given: Any) -> None:
    with pytest.raises(GateUsageError):
        Store(given)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(Store("postgresql://u:hunter2@127.0.0.1/x"))


def test_commits_reach_the_disk(url: str, store: Store) -> None:
    with store.engine.connect() as connection:
        if url.startswith("sqlite"):
            settings = ("PRAGMA journal_mode", "PRAGMA synchronous")
            assert [connection.exec_driver_sql(s).scalar() for s in settings] == ["wal", 2]
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_child_opens_connections_of_its_own(url: str, store: Store) -> None:
    store.run_in_transaction(lambda: added("parent"))
    assert in_children(1, lambda _: store.run_in_transaction(lambda: added("child"))) == [0]
    store.run_in_transaction(lambda: added("parent-again"))
    assert len(store.run_in_transaction(everything)) == 3


def test_a_connection_that_died_meanwhile_is_replaced(url: str, store: Store) -> None:
    store.run_in_transaction(lambda: added("a"))
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND query LIKE %s",
                ["%zerogate_accounts%"],
            )
    store.run_in_transaction(lambda: added("b"))
    assert len(store.run_in_transaction(everything)) == 2


def test_importing_zerogate_loads_no_database_library() -> None:
    script = "import sys, zerogate; zerogate.Gate; print('sqlalchemy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_step_may_be_tried_on_paper() -> None:
    asked: list[Any] = []

    def execute(said: Any) -> Any:
        asked.append(said.statement)
        return [("a", "p")]

    assert run_step(everything(), execute) == [("a", "p")]
    assert asked == [ALL]


@pytest.mark.parametrize(
    "rest",
    [
        "h:port/x",
        "CANARY@127.0.0.1:1/x",
        "h1:1,h2:2/x",
        "h1,h2/x",
        "[CANARY/x",
    ],
)
def test_a_url_of_postgresql_that_cannot_be_read_shows_nothing_of_its_password(rest: str) -> None:
    with pytest.raises(GateUsageError, match=r"%40 for @") as refused:
        Store(f"postgresql://shop:CANARY@{rest}")
    assert "CANARY" not in str(refused.value)
    assert not [value for value in values(refused.value) if "CANARY" in value]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{}/gate.db\n",
        " sqlite:///{}/gate.db",
        "sqlite:///{}/gate.db\r",
        "sqlite:///{}/a\0b",
    ],
)
def test_white_space_around_a_url_is_no_other_store(tmp_path: Path, url: str) -> None:
    with pytest.raises(GateUsageError, match="white space"):
        Store(url.format(tmp_path))


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:shop?mode=memory&cache=shared&uri=true",
        "sqlite:///shop.db?mode=memory",
    ],
)
def test_a_store_in_memory_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(GateUsageError, match="in memory remembers nothing"):
        Store(url)


def test_a_file_named_by_a_uri_is_its_owners_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///file:{tmp_path}/gate.db?uri=true")
    store.migrate()
    assert (tmp_path / "gate.db").stat().st_mode & 0o777 == 0o600
    store.close()
