"""One webhook into the inbox, on the disk, beside the raw driver inserting the same row.

- zerogate: `Inbox.receive(body, headers)`: verified, read, inserted unless it is there, committed.
- raw driver: one INSERT of that row and a commit, by sqlite3 or psycopg, as durable.

Each event has an id of its own; both sides make and sign it. What counts is the time by the clock, for
most of it is the disk's. PostgreSQL is that of ZEROGATE_BENCH_POSTGRES.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

import samples
from journaling import database, driver
from subjects import Run, Subject, Target

_BODY = samples.event()
_ID = b"evt_test_example0003"
assert _ID in _BODY


def _signed(number: int) -> tuple[bytes, dict[str, str]]:
    body = _BODY.replace(_ID, b"evt_test_%011d" % number)
    now = str(int(time.time()))
    digest = hmac.digest(samples.WEBHOOK_SECRET.encode(), now.encode() + b"." + body, "sha256")
    return body, {"gate-signature": f"t={now},v1={digest.hex()}"}


@contextmanager
def zerogate(kind: str, url: str) -> Iterator[Run]:
    from zerogate_store import Inbox, Store

    with database(kind) as found:
        store = Store(found)
        inbox, numbers = Inbox(store, samples.WEBHOOK_SECRET, mode="test"), count()

        def run(times: int) -> None:
            for _ in range(times):
                receipt = inbox.receive(*_signed(next(numbers)))
                assert receipt.verdict == "new"

        yield run
        store.close()


@contextmanager
def raw(kind: str, url: str) -> Iterator[Run]:
    from zerogate.webhooks import verify
    from zerogate_store._inbox.event_rows import row_of

    body, headers = _signed(0)
    event = verify(body, headers, samples.WEBHOOK_SECRET, typed=False)
    row: dict[str, Any] = {"account": "", "mode": "test", "namespace": ""}
    row |= row_of(event, mode="test", now=time.time())
    names = list(row)
    with database(kind) as found, driver(kind, found) as (connection, mark):
        marks = ", ".join([mark] * len(names))
        said = f"INSERT INTO zerogate_events ({', '.join(names)}) VALUES ({marks})"
        numbers = count()

        def run(times: int) -> None:
            for _ in range(times):
                number = next(numbers)
                mine, _ = _signed(number)
                values = {**row, "id": f"evt_test_{number:011}", "body": mine}
                connection.execute(said, list(values.values()))
                connection.commit()

        yield run


def _subject(kind: str, name: str) -> Subject:
    return Subject(
        name=f"Inbox.receive, {name} (time by the clock)",
        ways={"zerogate": partial(zerogate, kind), "raw driver": partial(raw, kind)},
        targets=(Target("raw driver", at_least=0.6),),
        operations=200,
        by_the_clock=True,
    )


SQLITE, POSTGRESQL = _subject("sqlite", "SQLite"), _subject("postgresql", "PostgreSQL")
