"""A store that is closed while somebody is at work in it: no connection of it stays open."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import Pool
from zerogate_store import Store
from zerogate_store._journal.statements import Statement, Step

ONE = Statement("SELECT 1")


def asked() -> Step[None]:
    yield ONE()


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """All that are made meanwhile, by whichever engine."""
    made: list[Any] = []

    def note(connection: Any, _record: object) -> None:
        made.append(connection)

    event.listen(Pool, "connect", note)
    yield made
    event.remove(Pool, "connect", note)


def still_open(connections: list[Any]) -> int:
    return sum(map(_is_open, connections))


def _is_open(connection: Any) -> bool:
    if not isinstance(connection, sqlite3.Connection):
        return not connection.closed
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def test_a_step_under_way(url: str, connections: list[Any]) -> None:
    store = Store(url)
    store.migrate()

    def step() -> Step[None]:
        yield ONE()
        store.close()

    store.run_in_transaction(step)
    assert (len(connections) > 0, still_open(connections)) == (True, 0)


def test_the_first_use_under_way(url: str, connections: list[Any]) -> None:
    class Closing(Store):
        def _prepare(self, connection: sa.Connection, may_migrate: bool) -> bool:
            done = super()._prepare(connection, may_migrate)
            self.close()
            return done

    Closing(url).migrate()
    assert (len(connections) > 0, still_open(connections)) == (True, 0)


def test_a_write_that_is_let_go_by_a_thread_that_comes_too_late(
    url: str, connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(url)
    store.migrate()
    start = threading.Thread.start

    def late(thread: threading.Thread) -> None:
        if thread.name == "zerogate-let-go":
            store.close()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", late)
    store.run_in_transaction_within(asked, 30)
    assert (len(connections) > 0, still_open(connections)) == (True, 0)


def test_a_closed_store_can_be_used_again(url: str, connections: list[Any]) -> None:
    store = Store(url)
    for _ in range(2):
        store.run_in_transaction(asked)
        store.close()
    assert still_open(connections) == 0
