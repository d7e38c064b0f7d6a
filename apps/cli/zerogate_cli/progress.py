"""One line on stderr that says how far a command has come, where a person has waited for a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol, TypeVar

T = TypeVar("T")
#: Seconds of silence before the first line, and between two of them.
QUIET: Final = 1.0
BETWEEN: Final = 0.1


class Tell(Protocol):
    """Takes a line of progress; cheap enough to be called for every row."""

    def __call__(self, text: str, /) -> None: ...


@contextmanager
def progress(monotonic: Callable[[], float] = time.monotonic) -> Iterator[Tell]:
    """Yield a function that shows a text on stderr, from 1 s on, till the end; silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    due, shown = monotonic() + QUIET, False

    def tell(text: str) -> None:
        """Show the text in place of the last one; do nothing if it is too early."""
        nonlocal due, shown
        if (now := monotonic()) >= due:
            due, shown = now + BETWEEN, True
            # Back to the line's start, the text, and nothing of what stood there before.
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def counted(rows: Iterable[T], what: str) -> Iterator[T]:
    """Yield the rows as they are, showing on stderr how many were read."""
    with progress() as tell:
        for number, row in enumerate(rows, start=1):
            yield row
            tell(f"{number:,} {what} read …")
