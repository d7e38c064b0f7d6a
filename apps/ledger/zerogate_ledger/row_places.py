"""Line and file of each record of a ledger. Eight bytes a record, in a file: they take no memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from .batches import Reader, shown_name

_SIZE: Final = 8
#: Lines that are written together.
_AT_ONCE: Final = 8_192


class RowPlaces:
    """Places of a ledger's rows in its files, looked up by the number of their record.

    sources: Each file with the number of the first record after the file before it; none for a database,
        whose rows have no other place than their number. folder: Where the lines are put down.
    """

    def __init__(
        self, sources: Sequence[tuple[int, Path, Reader]], folder: Path | None = None
    ) -> None:
        self._sources = sources
        self._firsts = [first for first, _, _ in sources]
        # Open for as long as it is looked into.
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def look_up(self, records: Iterable[Any]) -> None:
        """Find the line numbers of these records in their files and put them down on disk, for `line`."""
        last = np.zeros(len(self._sources), np.int64)
        for numbers in records:
            if self._sources and len(numbers):
                of = np.searchsorted(self._firsts, numbers, side="left") - 1
                np.maximum.at(last, of, numbers)
        for (first, _, reader), end in zip(self._sources, last.tolist(), strict=True):
            if end:
                self._write_line_numbers(first, reader.lines(end - first))

    def _write_line_numbers(self, first: int, lines: Iterable[tuple[int, int]]) -> None:
        """Write the line number of each (record, line) to the file, at the place of *first* + record."""
        start, run = 0, array("q")
        for record, line in lines:
            if len(run) == _AT_ONCE or start + len(run) != record:
                self._write(first + start, run)
                start, run = record, array("q")
            run.append(line)
        self._write(first + start, run)

    def _write(self, start: int, run: array[int]) -> None:
        """Write the line numbers of records from *start* on, eight bytes each."""
        data, at = run.tobytes(), start * _SIZE
        while data:
            written = os.pwrite(self._file.fileno(), data, at)
            data, at = data[written:], at + written

    def line(self, record: int) -> int:
        """Return the line number of a record in its file: as looked up, else its record number there."""
        if not self._sources:
            return record
        known = os.pread(self._file.fileno(), _SIZE, record * _SIZE)
        found = array("q", known)[0] if len(known) == _SIZE else 0
        return found or record - self._firsts[self._source(record)]

    def file(self, record: int) -> str | None:
        """Return the name of a record's file; None where there are not several."""
        several = len(self._sources) > 1
        return shown_name(self._sources[self._source(record)][1].name) if several else None

    def _source(self, record: int) -> int:
        """Return the place of a record's file among the sources."""
        # The last record of a file has a lower number than the first one after it.
        return bisect_right(self._firsts, record - 1) - 1
