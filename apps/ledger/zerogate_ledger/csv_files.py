"""CSV and TSV files: the header found below titles, every cell as it stands, broken rows kept by number."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from .batches import DAMAGED, Batch, Layout, opened, unique_names
from .errors import Unusable

_DELIMITERS: Final = (",", ";", "\t", "|")
MOST_TITLES: Final = 20
_BLOCK: Final = 4 << 20


class CsvReader:
    """A CSV or TSV file, packed or not. Every cell is text."""

    def __init__(self, source: Path, layout: Layout) -> None:
        if layout.encoding is None and _is_utf_16(source):
            layout = attrs.evolve(layout, encoding="utf-16")
        self.source, self.layout = source, layout
        self._encoding = layout.encoding or "utf-8-sig"
        try:
            self._skipped, self._delimiter, header = self._head()
        except (UnicodeError, LookupError, csv.Error, *DAMAGED) as problem:
            raise Unusable(_reason_unreadable(source, problem)) from problem
        if any("\0" in name for name in header):
            raise Unusable(
                f"{source} is not written in UTF-8: say --encoding utf-16-le or utf-16-be"
            )
        self.header = unique_names(header)
        # Written with a comma and a blank, as the headings themselves show.
        self._spaced = len(header) > 1 and all(name[:1] == " " for name in header[1:])
        self.schema = pa.schema([(name, pa.string()) for name in self.header])
        self._broken: list[tuple[int, str]] = []

    def _text(self) -> io.TextIOWrapper:
        """Open the file from its start as text, unpacked and decoded, its line ends as they are."""
        return io.TextIOWrapper(opened(self.source), encoding=self._encoding, newline="")

    def _head(self) -> tuple[int, str, list[str]]:
        """Return (lines through the header's last, delimiter, header), noting if rows follow; or Unusable."""
        said = self.layout.delimiter
        titles = 0 if self.layout.skip_rows else self._titles()
        with self._text() as file:
            above = 0
            for line in file:
                bare = line.strip().lower()
                if above < max(self.layout.skip_rows, titles) or not bare:
                    above += 1
                elif bare.startswith("sep=") and len(bare) <= 5:
                    # Excel's own way of saying it; a tab is stripped with the rest of the line.
                    said, above = said or bare[4:] or "\t", above + 1
                else:
                    break
            else:
                below = f" below line {above}" if above else ""
                raise Unusable(f"{self.source} is empty: there is no header{below}")
            delimiter = said or _delimiter(line)
            rows = csv.reader(_chained(line, file), delimiter=delimiter)
            header = next(rows)
            self._has_rows = next(file, None) is not None
            return above + rows.line_num, delimiter, header

    def _titles(self) -> int:
        """Return how many lines above the header are titles without a delimiter; 0 where unsure."""
        marks = self.layout.delimiter or "".join(_DELIMITERS)
        with self._text() as file:
            for number, line in enumerate(islice(file, MOST_TITLES)):
                if line.lower().startswith("sep="):
                    return 0
                if any(mark in line for mark in marks):
                    return number
        return 0

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows as text, those of another length as broken; Unusable for a damaged file."""
        self._broken = []
        record = self._skipped + 1
        try:
            for rows in self._rows(only):
                bad = {number for number, _ in self._broken}
                numbers: list[int] = []
                while len(numbers) < rows.num_rows:
                    if record not in bad:
                        numbers.append(record)
                    record += 1
                broken = tuple(found for found in self._broken if found[0] < record)
                # Only what was read ahead stays: a file may be broken in every row.
                del self._broken[: len(broken)]
                if self._spaced:
                    cells = [pc.utf8_ltrim(cell, " ") for cell in rows.columns]
                    rows = pa.RecordBatch.from_arrays(cells, schema=rows.schema)
                yield Batch(rows, pa.array(numbers, pa.int64()), broken)
        except (pa.ArrowInvalid, UnicodeError, *DAMAGED) as problem:
            raise Unusable(_reason_unreadable(self.source, problem)) from problem
        if rest := tuple(self._broken):
            empty = pa.RecordBatch.from_pylist([], schema=self.schema)
            yield Batch(empty, pa.array([], pa.int64()), rest)

    def _rows(self, only: Iterable[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield batches from Arrow, of columns *only*; rows of another length go to `_broken`."""
        if not self._has_rows:
            # Arrow takes a header without its end of line for too few lines.
            names = self.header if only is None else list(only)
            yield pa.RecordBatch.from_pylist([], schema=pa.schema(map(self.schema.field, names)))
            return
        with opened(self.source) as plain:
            file = _Counted(plain)
            yield from pa.csv.open_csv(
                file,
                read_options=pa.csv.ReadOptions(
                    # One thread, so that broken rows come with their number.
                    use_threads=False,
                    block_size=_BLOCK,
                    encoding=self.layout.encoding or "utf8",
                    column_names=self.header,
                    skip_rows=self._skipped,
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=self._note_broken_row,
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(self.header, pa.string()),
                    strings_can_be_null=False,
                    include_columns=None if only is None else list(only),
                ),
            )

            if file.quotes % 2:
                self._check_quotes()

    def _check_quotes(self) -> None:
        """Raise Unusable where a quote is never closed: all below it would be one cell, unseen."""
        with self._text() as file:
            for _ in range(self._skipped):
                file.readline()
            reader = csv.reader(file, delimiter=self._delimiter, strict=True)
            _allow_long_cells()
            begins = 0
            try:
                for _ in reader:
                    begins = reader.line_num
            except csv.Error as problem:
                if "unexpected end of data" in str(problem):
                    line = self._skipped + begins + 1
                    raise Unusable(
                        f"{self.source}: the quote that opens on line {line} is never closed, so all below "
                        "it is one cell: close it, or write a quote within a cell twice"
                    ) from problem

    def _note_broken_row(self, row: Any) -> str:
        """Note a row with too many or too few cells as broken, and tell Arrow to skip it."""
        problem = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        self._broken.append((row.number, problem))
        return "skip"

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield (record, line) up to *last* where they differ, as after breaks within cells."""
        # They differ after empty lines and line breaks within a cell.
        with self._text() as file:
            for _ in range(self._skipped):
                file.readline()
            reader = csv.reader(file, delimiter=self._delimiter)
            _allow_long_cells()
            record, before = self._skipped, 0
            for row in reader:
                if row:
                    record += 1
                    if record > last:
                        return
                    if record != (line := self._skipped + before + 1):
                        yield record, line
                before = reader.line_num


def _allow_long_cells() -> None:
    """Let Python's reader take cells as long as Arrow's does, of which two blocks are the limit."""
    csv.field_size_limit(max(csv.field_size_limit(), 2 * _BLOCK))


class _Counted(io.RawIOBase):
    """A file that counts the quotes that go by: in a whole one they are even."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.quotes = file, 0

    def readable(self) -> bool:
        """Return True: `io` asks this of whatever it reads from."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes, and count the double quotes in them."""
        block = self._file.read(size)
        self.quotes += block.count(b'"')
        return block


def _is_utf_16(source: Path) -> bool:
    """Return whether a file begins with UTF-16's byte order mark; False if unreadable."""
    try:
        with opened(source) as file:
            return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    except DAMAGED:
        return False


def _chained(line: str, rest: Iterable[str]) -> Iterator[str]:
    """Yield *line*, then *rest*."""
    yield line
    yield from rest


def _delimiter(header: str) -> str:
    """Return the delimiter that the header holds most often; a comma where it holds none."""
    counts = {mark: header.count(mark) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=counts.__getitem__)
    return best if counts[best] else ","


def _reason_unreadable(source: Path, problem: Exception) -> str:
    """Return a sentence for the user: why a file can't be read as CSV, and what to do."""
    if isinstance(problem, EOFError):
        return f"{source} is cut off, its packed content has no end: fetch or export it again"
    if isinstance(problem, zlib.error | gzip.BadGzipFile):
        return f"{source} is damaged, its packed content cannot be read: fetch or export it again"
    if isinstance(problem, LookupError):
        return f"{source}: {problem}: give an encoding such as utf-8 or cp1252"
    if isinstance(problem, UnicodeError) or "UTF8" in str(problem) or "UTF-8" in str(problem):
        return f"{source} is not written in UTF-8: say --encoding cp1252, utf-16 or what it is"
    return f"{source} cannot be read as CSV: {str(problem)[:200]}"
