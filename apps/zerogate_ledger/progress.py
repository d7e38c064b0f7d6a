"""How far a long step has come, for a person who is looking; silent in logs and pipes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

#: kind, step, rows so far, rows in all where that is known.
Progress = Callable[[str, str, int, int | None], None]


def silent(kind: str, step: str, rows: int, total: int | None) -> None:
    """Says nothing."""


@contextmanager
def shown(what: str) -> Iterator[Progress]:
    """A bar with rate and time left, where stderr is a terminal and rich is installed."""
    if not sys.stderr.isatty() or find_spec("rich") is None:
        yield silent
        return
    with _bar() as bar:
        tasks: dict[str, Any] = {}
        if what:
            tasks[""] = bar.add_task(what, total=None, rate="")

        def progress(kind: str, step: str, rows: int, total: int | None) -> None:
            if task := tasks.pop("", None):
                bar.remove_task(task)
            name = f"{kind} {step}"
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total, rate="")
            task = tasks[name]
            speed = next((t.finished_speed or t.speed for t in bar.tasks if t.id == task), None)
            rate = f"{speed:,.0f} a second" if speed else ""
            bar.update(task, completed=rows, total=total, rate=rate)

        yield progress


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
