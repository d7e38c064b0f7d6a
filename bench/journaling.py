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

import attrs
import samples
from subjects import Run, Subject, Target
from zerogate_store._journal.steps import Intent

POSTGRES = os.environ.get("ZEROGATE_BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
_NAMES = [field.name for field in attrs.fields(Intent)]


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
        _raw(kind, found) as (before, after),
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
def _raw(kind: str, database: str) -> Iterator[tuple[Write, Write]]:
    """An INSERT of a whole row, and an UPDATE of what is known afterwards, each a transaction."""
    with driver(kind, database) as (connection, mark):
        yield _written(connection, mark)


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


def _written(connection: Any, mark: str) -> tuple[Write, Write]:
    values, changes = ", ".join([mark] * len(_NAMES)), ", ".join(f"{n} = {mark}" for n in _CHANGED)
    this = " AND ".join(f"{n} = {mark}" for n in _NAMES[:5])
    add = f"INSERT INTO zerogate_intents ({', '.join(_NAMES)}) VALUES ({values})"
    change = f"UPDATE zerogate_intents SET {changes} WHERE {this}"
    whose = ["", "test", "", "createSession"]

    def before(order: str) -> None:
        key = f"zg1_{order}_with_as_many_letters_as_a_key_that_was_derived"
        connection.execute(add, [*whose, key, order, *_ROW])
        connection.commit()

    def after(order: str) -> None:
        key = f"zg1_{order}_with_as_many_letters_as_a_key_that_was_derived"
        connection.execute(change, [*_KNOWN, *whose, key])
        connection.commit()

    return before, after


_HASH = "6f1ed002ab5595859014ebf0951522d9f0a1c2b3d4e5f60718293a4b5c6d7e8f"
_AT = 1_779_796_800.125
_BODY = b'{"amount":"100.00","currency":"EUR","return_url":"https://shop.example/thanks","metadata":{"order_id":"order-0001","zerogate_attempt":"1"}}'
#: What follows the order's reference in a row whose write is under way.
_ROW = (
    *(1, _HASH, _AT, _HASH, _BODY, 0, "sent", "0123456789abcdef", _AT, _AT, 0, None, None, None),
    *(_AT, _AT, _AT, None, None, None, None, "[]", "[]", None),
)
_CHANGED = (
    *("state", "object_id", "object_status", "status_at", "answered_at", "secret_at"),
    *("request_ids", "body", "due_at", "lease_until"),
)
_KNOWN = ("known", "gs_test_example000000000001", "open", _AT, _AT, _AT, '["req_1"]', None, None, 0)


def _subject(kind: str, name: str) -> Subject:
    return Subject(
        name=f"sessions.create under a store, {name}",
        ways={"zerogate": partial(journaled, kind), "create + commits": partial(bare, kind)},
        targets=(Target("create + commits", at_most=1.6),),
        operations=100,
    )


SQLITE, POSTGRESQL = _subject("sqlite", "SQLite"), _subject("postgresql", "PostgreSQL")
