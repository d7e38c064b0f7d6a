"""Puts a report into a folder: each file whole or not at all, and the same bytes for the same result."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from ..findings import Findings
from .files import Csv, Jsonl, repeated, summary, write_json
from .page import MOST_ROWS, page
from .story import Story, story

NAMES: Final = ("breaks.csv", "breaks.jsonl", "summary.json", "report.html")


def write_report(found: Findings, folder: Path | str, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write all four files and return the summary.

    about: What was compared with what, as it is to be shown; the same for the same run.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shown: list[Story] = []
    said = {one.code for one in found.suspicions}
    with _whole(folder / "breaks.csv") as table, _whole(folder / "breaks.jsonl") as lines:
        writers = Csv(table), Jsonl(lines)
        for row in repeated(found.rows()):
            told = story(row, found.terms.as_of, said)
            for writer in writers:
                writer.add(told)
            if len(shown) < MOST_ROWS:
                shown.append(told)
    numbers = summary(found, about)
    with _whole(folder / "report.html") as file:
        file.write(page(found, shown, about))
    # Last, so that whoever waits for it finds the rest.
    with _whole(folder / "summary.json") as file:
        write_json(file, numbers)
    return numbers


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
