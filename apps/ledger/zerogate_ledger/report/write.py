"""Puts a report into a folder: all of its files or none, and the same bytes for the same result."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any, Final, TextIO

import attrs

from ..breaks import WAITING
from ..changes import Change, Since, identity
from ..findings import Findings
from ..known import Known, KnownBreaks
from .files import Csv, Jsonl, cells_of, repeated, summary, write_json
from .page import MOST_ROWS, page
from .story import Story, story
from .tables import ALSO, write_table

NAMES: Final = ("breaks.csv", "breaks.jsonl", "summary.json", "report.html")
#: The summary last, so that whoever waits for it finds the rest.
_IN_ORDER: Final = (*(name for name in NAMES if name != "summary.json"), "summary.json")


def write_report(
    found: Findings,
    folder: Path | str,
    about: Mapping[str, Any],
    *,
    known: Sequence[Known] = (),
    since: Since | None = None,
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Write the report's files to *folder*, over the last report's, and return the summary.

    about: What was compared with what, as it is to be shown; the same for the same run.
    known: Breaks that somebody answers for; they are listed, and are none to look at.
    since: An earlier report, for what is new and what is gone.
    also: Further files of breaks, of ALSO.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    told = _Stories(found, KnownBreaks.of(known, found.terms.as_of), since)
    shown: list[Story] = []
    run = about.get("run")
    with ExitStack() as files:
        table = files.enter_context(_part(folder / "breaks.csv", "utf-8-sig"))
        lines = files.enter_context(_part(folder / "breaks.jsonl"))
        writers = Csv(table, run), Jsonl(lines, run)
        for one in told.stories():
            for writer in writers:
                writer.add(one)
            if len(shown) < MOST_ROWS:
                shown.append(one)
    for kind in also:
        again = _Stories(found, KnownBreaks.of(known, found.terms.as_of), None)
        rows = (cells_of(one, run) for one in again.stories())
        write_table(_hidden(folder / ALSO[kind]), rows, about)
    numbers = {**summary(found, about), **told.numbers()}
    with _part(folder / "report.html") as file:
        file.write(page(found, shown, about, numbers))
    with _part(folder / "summary.json") as file:
        write_json(file, numbers)
    # Only now: a run that ends before leaves the last report as it was.
    for name in (*(ALSO[kind] for kind in also), *_IN_ORDER):
        _hidden(folder / name).replace(folder / name)
    return numbers


@attrs.define
class _Stories:
    """The breaks as stories, with what is known of each, and whether it was there before."""

    found: Findings
    known: KnownBreaks
    since: Since | None
    count: int = 0
    urgent_known: int = 0

    def stories(self) -> Iterator[Story]:
        """Yield the breaks with what is known and what changed, counting both; read anew."""
        # Named twice rather than held: the earlier report's breaks and these are compared on disk.
        changes: Iterator[Change | None] = (
            repeat(None) if self.since is None else self.since.compare(self._identities())
        )
        for told, change in zip(self._bare_stories(), changes, strict=False):
            first = told.classes[0]
            if self.since is not None and change is not None:
                self.since.count(change, told.ledger, told.gate)
            known = self.known.meet(told.order, first)
            expired = known is not None and not known.holds(self.known.as_of)
            if known is not None and not expired:
                self.count += 1
                self.urgent_known += first != WAITING
            if known is not None or change is not None:
                told = attrs.evolve(told, known=known, change=change, expired=expired)
            yield told

    def _bare_stories(self) -> Iterator[Story]:
        """Yield the breaks as stories, worst first, without what is known or changed."""
        said = {one.code for one in self.found.suspicions}
        for row in repeated(self.found.rows()):
            yield story(row, self.found.terms.as_of, said)

    def _identities(self) -> Iterator[bytes]:
        """Return an iterator of the breaks' digests, in their order."""
        return (identity(one.classes[0], one.ledger, one.gate) for one in self._bare_stories())

    def numbers(self) -> dict[str, Any]:
        """Return the summary's counts of known breaks and of changes, once stories() is read."""
        gone = [{"order": one.order, "class": one.code} for one in self.known.not_met()]
        numbers: dict[str, Any] = {
            "breaks_known": self.count,
            "breaks_to_look_at": self.found.urgent - self.urgent_known,
            "known_and_gone": gone,
        }
        if self.since is not None:
            numbers["since"] = {"as_of": self.since.as_of, **_by_change(self.since)}
        return numbers


def _by_change(since: Since) -> dict[str, Any]:
    """Return change → currency → rows and amount, for summary.json."""
    return {
        change.replace(" ", "_"): {
            currency: {"rows": total.rows, "amount": f"{total.amount:f}"}
            for currency, total in sorted(since.counts.get(change, {}).items())
        }
        for change in ("new", "carried over", "cleared")
    }


def _hidden(path: Path) -> Path:
    """Return the path under which a file is written before it is renamed."""
    return path.with_name(f".{path.name}.part")


@contextmanager
def _part(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open the hidden file of *path* for writing; sync it to the disk in the end."""
    with _hidden(path).open("w", encoding=encoding, newline="") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
