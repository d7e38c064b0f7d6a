"""Says that what runs is bulk work: recovery, sweeps, mirrors. It repeats on a budget of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_BULK: Final = ContextVar("zerogate_bulk", default=False)


@contextmanager
def bulk_work() -> Iterator[None]:
    """Count calls made in this `with` block, and in tasks made in it, as bulk work; not other threads'."""
    token = _BULK.set(True)
    try:
        yield
    finally:
        _BULK.reset(token)


def is_bulk() -> bool:
    """Return True inside of `bulk_work`."""
    return _BULK.get()
