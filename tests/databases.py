"""Databases for tests: a file of SQLite, a schema of its own on a real PostgreSQL."""

from __future__ import annotations

import os
import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

from tests.services import unavailable

KINDS = ("sqlite", "postgresql")
POSTGRES = os.environ.get("ZEROGATE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@cache
def _unreachable() -> str | None:
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as exc:
        return str(exc)
    return None


@contextmanager
def schema() -> Iterator[str]:
    """The URL of a schema that nobody else uses, gone afterwards."""
    why = _unreachable()
    if why is not None:
        unavailable(f"no PostgreSQL at {POSTGRES} (ZEROGATE_TEST_POSTGRES names another): {why}")
    name = f"zerogate_{secrets.token_hex(6)}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        try:
            joint = "&" if "?" in POSTGRES else "?"
            yield f"{POSTGRES}{joint}options=-csearch_path%3D{name}"
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of this kind, for `Store`."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'gate.db'}"
        return
    with schema() as url:
        yield url


def in_children(count: int, work: Callable[[int], object]) -> list[int]:
    """Forked at once, each with its number; how each of them ended, 0 where nothing was raised."""
    pids = [_forked(number, work) for number in range(count)]
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def _forked(number: int, work: Callable[[int], object]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work(number)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid
