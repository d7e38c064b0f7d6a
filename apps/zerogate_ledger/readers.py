"""Files as they are exported, as batches of rows with the number of each: CSV, Parquet, Arrow, JSON Lines.

A reader has `schema`, `batches(only)` and `lines(records)`. Cells are what the file holds; nothing is
sniffed but a CSV file's delimiter, by its header.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from .errors import Unusable
from .spreadsheets import sheet_rows

_DELIMITERS: Final = (",", ";", "\t", "|")
_MOST_TITLES: Final = 20
_BLOCK: Final = 4 << 20
_ROWS: Final = 65_536
_PARQUET: Final = b"PAR1"
_ARROW: Final = b"ARROW1"
_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


#: The number of a row, its cells, and what is wrong with it.
_Row = tuple[int, Mapping[str, str | None], str | None]


@attrs.frozen
class Batch:
    """Rows with their place in the source, and whole rows that are no rows: (record, what is wrong)."""

    rows: pa.RecordBatch
    records: pa.Array
    broken: tuple[tuple[int, str], ...] = ()


@attrs.frozen
class Layout:
    """How a text file is laid out. skip_rows: Lines above the header. None: as the file shows."""

    delimiter: str | None = None
    encoding: str | None = None
    skip_rows: int = 0


class Reader(Protocol):
    """A table of rows, read as often as it takes."""

    @property
    def schema(self) -> pa.Schema: ...

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]: ...

    def lines(self, wanted: set[int]) -> Mapping[int, int]:
        """Record → the line on which it starts in the file."""


def reader_of(source: Path, layout: Layout) -> Reader:
    """A reader for a file, by what the file begins with.

    Raises:
        Unusable: it is none that can be read.
    """
    try:
        with source.open("rb") as file:
            start = file.read(8)
    except OSError as problem:
        raise Unusable(f"{source} cannot be read: {problem.strerror}") from problem
    if start.startswith(_PARQUET):
        return ParquetReader(source)
    if start.startswith(_ARROW):
        return ArrowReader(source)
    if start.startswith(_ZIP):
        return RowsReader.of_sheet(source, layout)
    if start.startswith(_OLD_EXCEL):
        raise Unusable(f"{source} is an old Excel workbook: save it as .xlsx or as CSV")
    name = source.name.removesuffix(".gz") if start.startswith(_GZIP) else source.name
    if name.endswith((".jsonl", ".ndjson")) or start.lstrip()[:1] == b"{":
        return RowsReader.of_json(source)
    return CsvReader(source, layout)


def _opened(source: Path) -> BinaryIO:
    with source.open("rb") as file:
        packed = file.read(2) == _GZIP
    return cast(BinaryIO, gzip.open(source, "rb")) if packed else source.open("rb")


def unique_names(header: Iterable[str]) -> list[str]:
    """Headings without blanks around them; an empty or repeated one gets a name of its own."""
    names: list[str] = []
    for place, cell in enumerate(header, 1):
        name = cell.strip() or f"(column {place})"
        names.append(name if name not in names else f"{name} (column {place})")
    return names


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


class CsvReader:
    """A CSV or TSV file, packed or not. Every cell is text."""

    def __init__(self, source: Path, layout: Layout) -> None:
        self.source, self.layout = source, layout
        self._encoding = layout.encoding or "utf-8-sig"
        try:
            self._skipped, self._delimiter, header = self._head()
        except (UnicodeError, LookupError, OSError, EOFError, csv.Error) as problem:
            raise Unusable(_why_not(source, problem)) from problem
        self.header = unique_names(header)
        # Written with a comma and a blank, as the headings themselves show.
        self._spaced = len(header) > 1 and all(name[:1] == " " for name in header[1:])
        self.schema = pa.schema([(name, pa.string()) for name in self.header])
        self._broken: list[tuple[int, str]] = []

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(_opened(self.source), encoding=self._encoding, newline="")

    def _head(self) -> tuple[int, str, list[str]]:
        """Lines up to and with the header, the delimiter, and the header."""
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
                raise Unusable(f"{self.source} is empty: there is no header below line {above}")
            delimiter = said or _delimiter(line)
            rows = csv.reader(_chained(line, file), delimiter=delimiter)
            header = next(rows)
            return above + rows.line_num, delimiter, header

    def _titles(self) -> int:
        """Lines above the header that are no row of a table: one cell each, and several below them."""
        marks = self.layout.delimiter or "".join(_DELIMITERS)
        with self._text() as file:
            for number, line in enumerate(islice(file, _MOST_TITLES)):
                if line.lower().startswith("sep="):
                    return 0
                if any(mark in line for mark in marks):
                    return number
        return 0

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        self._broken = []
        record = self._skipped + 1
        taken = 0
        try:
            for rows in self._rows(only):
                bad = {number for number, _ in self._broken}
                numbers: list[int] = []
                while len(numbers) < rows.num_rows:
                    if record not in bad:
                        numbers.append(record)
                    record += 1
                broken = tuple(found for found in self._broken[taken:] if found[0] < record)
                taken += len(broken)
                if self._spaced:
                    cells = [pc.utf8_ltrim(cell, " ") for cell in rows.columns]
                    rows = pa.RecordBatch.from_arrays(cells, schema=rows.schema)
                yield Batch(rows, pa.array(numbers, pa.int64()), broken)
        except (pa.ArrowInvalid, UnicodeError, OSError, EOFError) as problem:
            raise Unusable(_why_not(self.source, problem)) from problem
        if rest := tuple(self._broken[taken:]):
            empty = pa.RecordBatch.from_pylist([], schema=self.schema)
            yield Batch(empty, pa.array([], pa.int64()), rest)

    def _rows(self, only: Iterable[str] | None) -> Iterator[pa.RecordBatch]:
        with _opened(self.source) as file:
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
                    invalid_row_handler=self._keep,
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(self.header, pa.string()),
                    strings_can_be_null=False,
                    include_columns=None if only is None else list(only),
                ),
            )

    def _keep(self, row: Any) -> str:
        problem = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        self._broken.append((row.number, problem))
        return "skip"

    def lines(self, wanted: set[int]) -> Mapping[int, int]:
        found: dict[int, int] = {}
        with self._text() as file:
            for _ in range(self._skipped):
                file.readline()
            reader = csv.reader(file, delimiter=self._delimiter)
            record, before = self._skipped, 0
            for row in reader:
                if row:
                    record += 1
                    if record in wanted:
                        found[record] = self._skipped + before + 1
                before = reader.line_num
        return {record: found.get(record, record) for record in wanted}


def _chained(line: str, rest: Iterable[str]) -> Iterator[str]:
    yield line
    yield from rest


def _delimiter(header: str) -> str:
    """The mark that the header holds most of."""
    counts = {mark: header.count(mark) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=counts.__getitem__)
    return best if counts[best] else ","


def _why_not(source: Path, problem: Exception) -> str:
    if isinstance(problem, LookupError):
        return f"{source}: {problem}: give an encoding such as utf-8 or cp1252"
    if isinstance(problem, UnicodeError) or "UTF8" in str(problem) or "UTF-8" in str(problem):
        return f"{source} is not written in UTF-8: say --encoding cp1252, utf-16 or what it is"
    return f"{source} cannot be read as CSV: {str(problem)[:200]}"


# ── Files with types of their own ────────────────────────────────────────────────────────────────


def in_order(batches: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
    """Batches whose rows are counted from 1."""
    record = 1
    for rows in batches:
        yield Batch(rows, pa.array(range(record, record + rows.num_rows), pa.int64()))
        record += rows.num_rows


class ParquetReader:
    """A Parquet file. Its records are its rows, counted from 1."""

    def __init__(self, source: Path) -> None:
        self.source = source
        try:
            self._file = pq.ParquetFile(source)
        except (pa.ArrowInvalid, OSError) as problem:
            raise Unusable(f"{source} is not a Parquet file that can be read") from problem
        self.schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        columns = None if only is None else list(only)
        try:
            yield from in_order(self._file.iter_batches(batch_size=_ROWS, columns=columns))
        except (pa.ArrowException, OSError) as problem:
            raise Unusable(f"{self.source} cannot be read: {str(problem)[:200]}") from problem

    def lines(self, wanted: set[int]) -> Mapping[int, int]:
        return {record: record for record in wanted}


class ArrowReader(ParquetReader):
    """An Arrow (Feather) file."""

    def __init__(self, source: Path) -> None:
        self.source = source
        try:
            self._arrow = pa.ipc.open_file(pa.memory_map(str(source)))
        except (pa.ArrowInvalid, OSError) as problem:
            raise Unusable(f"{source} is not an Arrow file that can be read") from problem
        self.schema = self._arrow.schema
        self.rows = sum(
            self._arrow.get_batch(n).num_rows for n in range(self._arrow.num_record_batches)
        )

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        batches = map(self._arrow.get_batch, range(self._arrow.num_record_batches))
        names = self.schema.names if only is None else list(only)
        yield from in_order(batch.select(names) for batch in batches)


class RowsReader:
    """Rows that come one by one: JSON Lines, or the first sheet of a workbook. Every cell is text."""

    def __init__(self, source: Path, header: list[str], rows: Callable[[], Iterator[_Row]]) -> None:
        self.source, self.header, self._rows = source, header, rows
        self.schema = pa.schema([(name, pa.string()) for name in header])

    @classmethod
    def of_sheet(cls, source: Path, layout: Layout) -> RowsReader:
        """The first sheet; its header is the first row with cells below the skipped ones."""
        for number, cells in sheet_rows(source):
            if number > layout.skip_rows and any(cells):
                header = unique_names(cell or "" for cell in cells)
                return cls(source, header, partial(_below, source, number, header))
        raise Unusable(f"{source} has no rows in its first sheet")

    @classmethod
    def of_json(cls, source: Path) -> RowsReader:
        """Objects, one a line; their fields are all that any of the first thousand has."""
        names: dict[str, None] = {}
        for number, (_, row, _) in enumerate(_json_rows(source)):
            names |= dict.fromkeys(row)
            if number >= 1_000:
                break
        if not names:
            raise Unusable(f"{source} has no line with a JSON object")
        return cls(source, list(names), partial(_json_rows, source))

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        names = self.header if only is None else list(only)
        waiting: list[tuple[int, Mapping[str, str | None]]] = []
        broken: list[tuple[int, str]] = []
        for number, row, problem in self._rows():
            if problem is None:
                waiting.append((number, row))
            else:
                broken.append((number, problem))
            if len(waiting) >= _ROWS:
                yield _gathered(names, waiting, broken)
                waiting, broken = [], []
        yield _gathered(names, waiting, broken)

    def lines(self, wanted: set[int]) -> Mapping[int, int]:
        return {record: record for record in wanted}


def _gathered(
    names: list[str],
    rows: list[tuple[int, Mapping[str, str | None]]],
    broken: list[tuple[int, str]],
) -> Batch:
    columns = {name: pa.array([row.get(name) for _, row in rows], pa.string()) for name in names}
    batch = pa.RecordBatch.from_pydict(columns)
    return Batch(batch, pa.array([number for number, _ in rows], pa.int64()), tuple(broken))


def _below(source: Path, above: int, header: list[str]) -> Iterator[_Row]:
    for number, cells in sheet_rows(source):
        if number > above and any(cells):
            if any(cells[len(header) :]):
                yield number, {}, f"{len(cells)} cells where the header has {len(header)}"
            else:
                yield number, dict(zip(header, cells, strict=False)), None


def _json_rows(source: Path) -> Iterator[_Row]:
    try:
        with io.TextIOWrapper(_opened(source), encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _json_row(number, line)
    except (UnicodeError, OSError, EOFError) as problem:
        raise Unusable(f"{source} cannot be read as JSON Lines: {str(problem)[:200]}") from problem


def _json_row(number: int, line: str) -> _Row:
    try:
        # Numbers stay the digits that were written.
        row = json.loads(line, parse_float=str, parse_int=str)
    except ValueError:
        return number, {}, "this line is not JSON"
    if not isinstance(row, dict):
        return number, {}, "this line is not a JSON object"
    return number, {name: _cell(value) for name, value in row.items()}, None


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
