"""A session under a store, beside the same create without one and two commits of the raw driver.

- zerogate: `Gate(key, store=Store(url)).sessions.create(…)`: an intent committed before the first
  byte, the outcome after the last.
- create + commits: `Gate(key).sessions.create(…)`, and around it an INSERT and an UPDATE of one row of
  the same table through sqlite3 or psycopg, each committed; as durable, prepared once.

PostgreSQL is that of ZEROGATE_BENCH_POSTGRES, a URL; its time is not ours and is not counted.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import samples
from subjects import Run, Subject, Target

POSTGRES = os.environ.get("ZEROGATE_BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@contextmanager
def database(kind: str) -> Iterator[str]:
    """An empty one, with the store's tables."""
    from zerogate_store import Store

    with ExitStack() as after:
        if kind == "sqlite":
            folder = after.enter_context(TemporaryDirectory())
            url = f"sqlite:///{Path(folder) / 'gate.db'}"
        else:
            import psycopg

            name = f"zerogate_bench_{uuid4().hex[:12]}"
            connection = after.enter_context(psycopg.connect(POSTGRES, autocommit=True))
            connection.execute(f"CREATE SCHEMA {name}")
            after.callback(connection.execute, f"DROP SCHEMA {name} CASCADE")
            url = f"{POSTGRES}?options=-csearch_path%3D{name}"
        store = Store(url)
        store.migrate()
        store.close()
        yield url


@contextmanager
def journaled(kind: str, url: str) -> Iterator[Run]:
    from zerogate import Gate
    from zerogate_store import Store

    with database(kind) as found:
        store = Store(found)
        with Gate(samples.SECRET_KEY, base_url=f"{url}/v1", store=store) as gate:
            yield partial(_created, gate, count(), lambda order: None, lambda order: None)
        store.close()


@contextmanager
def bare(kind: str, url: str) -> Iterator[Run]:
    from zerogate import Gate

    with (
        database(kind) as found,
        _raw(kind, found, url) as (before, after),
        Gate(samples.SECRET_KEY, base_url=f"{url}/v1") as gate,
    ):
        yield partial(_created, gate, count(), before, after)


def _created(
    gate: Any, orders: Any, before: Callable[[str], None], after: Callable[[str], None], times: int
) -> None:
    from zerogate import Money

    for _ in range(times):
        order = f"order-{next(orders):04}"
        before(order)
        session = gate.sessions.create(
            amount=Money("100.00", "EUR"), order=order, return_url=samples.RETURN_URL
        )
        after(order)
        assert session.id


Write = Callable[[str], None]


@contextmanager
def _raw(kind: str, database: str, url: str) -> Iterator[tuple[Write, Write]]:
    """An INSERT of a whole row, and an UPDATE of what is known afterwards, each a transaction."""
    with driver(kind, database) as (connection, mark):
        yield written(connection, mark, _left_by_a_create(connection, database, url))


def _left_by_a_create(connection: Any, database: str, url: str) -> dict[str, Any]:
    """The row of one create under the store, whatever columns it has today."""
    from zerogate import Gate
    from zerogate_store import Store

    store = Store(database)
    with Gate(samples.SECRET_KEY, base_url=f"{url}/v1", store=store) as gate:
        _created(gate, count(9999), lambda order: None, lambda order: None, 1)
    store.close()
    return whole_row(connection)


def whole_row(connection: Any) -> dict[str, Any]:
    """The one row that the table has."""
    found = connection.execute("SELECT * FROM zerogate_intents")
    row = dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))
    connection.commit()
    return row


@contextmanager
def driver(kind: str, database: str) -> Iterator[tuple[Any, str]]:
    """A connection of the raw driver, as durable as the store's, and how it marks a parameter."""
    if kind == "sqlite":
        connection: Any = sqlite3.connect(database.removeprefix("sqlite:///"))
        connection.execute("PRAGMA synchronous=FULL")
    else:
        import psycopg

        connection = psycopg.connect(database)
    yield connection, "?" if kind == "sqlite" else "%s"
    connection.close()


def written(connection: Any, mark: str, row: dict[str, Any]) -> tuple[Write, Write]:
    """Two commits around a create: one writes its row as it is sent, one as it is known."""
    names, this = list(row), ("account", "mode", "namespace", "operation", "key")
    changes = ", ".join(f"{name} = {mark}" for name in _CHANGED)
    add = f"INSERT INTO zerogate_intents ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"
    change = f"UPDATE zerogate_intents SET {changes} WHERE " + " AND ".join(
        f"{name} = {mark}" for name in this
    )
    known = [row[name] for name in _CHANGED]

    def before(order: str) -> None:
        sent = {**row, **_SENT, "key": _key(order), "order_ref": order}
        connection.execute(add, list(sent.values()))
        connection.commit()

    def after(order: str) -> None:
        whose = {**row, "key": _key(order)}
        connection.execute(change, [*known, *(whose[name] for name in this)])
        connection.commit()

    return before, after


def _key(order: str) -> str:
    return f"zg1_{order}_with_as_many_letters_as_a_key_that_was_derived"


_BODY = b'{"amount":"100.00","currency":"EUR","return_url":"https://shop.example/thanks","metadata":{"order_id":"order-0001","zerogate_attempt":"1"}}'
#: What is otherwise in a row whose write is under way.
_SENT = {"state": "sent", "body": _BODY, "object_id": None, "object_status": None}
_CHANGED = (
    *("state", "object_id", "object_status", "status_at", "answered_at", "secret_at"),
    *("request_ids", "body", "due_at", "lease_until"),
)


def _subject(kind: str, name: str) -> Subject:
    return Subject(
        name=f"sessions.create under a store, {name}",
        ways={"zerogate": partial(journaled, kind), "create + commits": partial(bare, kind)},
        targets=(Target("create + commits", at_most=1.6),),
        operations=100,
    )


SQLITE, POSTGRESQL = _subject("sqlite", "SQLite"), _subject("postgresql", "PostgreSQL")
