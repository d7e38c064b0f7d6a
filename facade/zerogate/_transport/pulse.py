"""A call that blocking waits make every few seconds, where somebody asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

#: Seconds of a wait between two of them.
EVERY = 3.0
_PULSE: Final[ContextVar[Callable[[], None] | None]] = ContextVar("zerogate_pulse", default=None)


@contextmanager
def pulsing(call: Callable[[], None]) -> Iterator[None]:
    """In here, and in what runs in copies of this context, waits are cut and *call* is made between."""
    token = _PULSE.set(call)
    try:
        yield
    finally:
        _PULSE.reset(token)


def current_pulse() -> Callable[[], None] | None:
    return _PULSE.get()
