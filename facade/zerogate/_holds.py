"""Tells the holder of a lease of each attempt of the calls that are made on its behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

_HOLD: Final[ContextVar[Any]] = ContextVar("zerogate_hold", default=None)


@contextmanager
def holding(hold: Any) -> Iterator[None]:
    """Have calls in this `with` block, and in tasks made in it, call *hold* before each attempt.

    hold: Its `attempt(until)` is called, and in the async half awaited, before each attempt.
    """
    token = _HOLD.set(hold)
    try:
        yield
    finally:
        # ValueError: a loop that is gone has its tasks ended from another context, which ends as well.
        with suppress(ValueError):
            _HOLD.reset(token)


def current_hold() -> Any:
    """Return what `holding` was given here; None outside of it."""
    return _HOLD.get()
