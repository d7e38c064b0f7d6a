"""Progress of a long step, for a person who is looking; silent in logs and pipes."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from typing import Any, Final

import attrs

from .records import UNDATED, day_of

#: Seconds over which a speed is measured.
_LATELY: Final = 30.0


@attrs.frozen
class Reached:
    """Point that one step has reached.

    total: Rows in all, None where nothing says how many. about: Whether that is an estimate.
    back_to: When the oldest row that a walk has read was created, in Unix seconds.
    """

    kind: str
    step: str
    rows: int
    total: int | None = None
    about: bool = False
    back_to: int | None = None

    def told(self, per_second: float | None) -> str:
        """Return the point reached in words: rows, date, speed, time left; unknown parts are left out.

        per_second: Rows, as measured lately; None before that can be said.
        """
        about = "about " if self.about else ""
        words = [
            f"{self.rows:,}" if self.total is None else f"{self.rows:,} of {about}{self.total:,}"
        ]
        if (day := day_of(self.back_to)) != UNDATED:
            words.append(f"back to {day}")
        if per_second:
            digits = 0 if per_second >= 10 else 1
            words.append(f"{per_second:,.{digits}f} a second")
        if per_second and self.total is not None:
            left = timedelta(seconds=round(max(self.total - self.rows, 0) / per_second))
            words.append(f"{about}{left} left")
        return ", ".join(words)


Progress = Callable[[Reached], None]


def silent(reached: Reached) -> None:
    """Do nothing: progress that nobody sees."""


@attrs.define
class Walk:
    """A walk along a list from its newest row, judged by when rows were created.

    until: When the newest row was created that is held; None where none is, for when an account's
        first was is not known before it is reached.
    overlap: Rows to be read beyond that one.
    """

    kind: str
    until: int | None
    overlap: int
    rows: int = 0
    first: int | None = None
    last: int | None = None

    def on(self, times: Iterable[int | None], left: int | None) -> Reached:
        """Count a page's rows and return the point reached. left: Rows to come, None: unknown."""
        for at in times:
            self.rows += 1
            if at is not None:
                self.first = at if self.first is None else self.first
                self.last = at
        total = self.expected() if left is None else self.rows + max(left, 0)
        about = left is None and total is not None
        return Reached(self.kind, "listed", self.rows, total, about, self.last)

    def expected(self) -> int | None:
        """Return about how many rows there are in all, if as dense as so far; None if unknown."""
        if self.until is None or self.first is None or self.last is None:
            return None
        if not self.until <= self.last < self.first:
            return None
        span, whole = self.first - self.last, self.first - self.until
        return self.rows * whole // span + self.overlap


@attrs.define
class Speed:
    """Rows a second, as they came lately."""

    _seen: deque[tuple[float, int]] = attrs.Factory(deque)

    def at(self, now: float, rows: int) -> float | None:
        """Note *rows* done at *now*; return rows a second over 30 s, None in the first second."""
        if self._seen and rows < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, rows))
        while len(self._seen) > 2 and self._seen[1][0] < now - _LATELY:
            self._seen.popleft()
        begun, before = self._seen[0]
        return (rows - before) / (now - begun) if now - begun >= 1 else None


@contextmanager
def shown(what: str, monotonic: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Yield a function that draws progress on stderr; it does nothing without terminal or rich."""
    if not sys.stderr.isatty() or find_spec("rich") is None:
        yield silent
        return
    with _bar() as bar:
        steps: dict[str, tuple[Any, Speed]] = {}
        waiting = bar.add_task(what, total=None, told="")

        def progress(reached: Reached) -> None:
            """Show the point reached, a bar for each kind and step, with its speed."""
            bar.update(waiting, visible=False)
            name = f"{reached.kind} {reached.step}"
            if name not in steps:
                steps[name] = bar.add_task(name, total=None, told=""), Speed()
            task, speed = steps[name]
            told = reached.told(speed.at(monotonic(), reached.rows))
            part = reached.rows / reached.total if reached.total else None
            bar.update(task, told=told, completed=part or 0, total=None if part is None else 1)

        yield progress


def _bar() -> Any:
    """Return rich's progress display on stderr, which disappears when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
