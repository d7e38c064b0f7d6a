"""Files as they are exported, as batches of rows with the number of each: CSV, Parquet, Arrow, JSON Lines.

A reader has `schema`, `batches(only)` and `lines(last)`. Cells are what the file holds; nothing is
sniffed but a CSV file's delimiter, by its header.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from .batches import DAMAGED, GZIP, Batch, Layout, Reader, in_order, opened, unique_names
from .csv_files import MOST_TITLES, CsvReader
from .errors import Unusable
from .spreadsheets import sheet_rows

_ROWS: Final = 65_536
#: Field names of JSON Lines: a table has some tens, and a file that is keyed by its orders one a line.
_MOST_FIELDS: Final = 2_000
_PARQUET: Final = b"PAR1"
_ARROW: Final = b"ARROW1"
_ZIP: Final = b"PK\x03\x04"
#: How files begin that no encoding makes a table of, and what to do about each.
_NO_TABLES: Final = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or has a password: save it as .xlsx without one, or as CSV",
    b"%PDF": "a PDF: export the table itself, as CSV or .xlsx",
    b"{\\rtf": "a text document: save its table as CSV or .xlsx",
    b"\x89PNG": "a picture: export the table itself, as CSV or .xlsx",
    b"\xff\xd8\xff": "a picture: export the table itself, as CSV or .xlsx",
    b"Rar!": "an archive: unpack it",
    b"7z\xbc\xaf": "an archive: unpack it",
    **dict.fromkeys(
        (b"BZh91AY&", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"), "packed, and not by gzip: unpack it"
    ),
    b"SQLite f": "a database: name it as sqlite:///PATH, and its table with --table",
}


#: The number of a row, its cells, and what is wrong with it.
_Row = tuple[int, Mapping[str, str | None], str | None]


def reader_of(source: Path, layout: Layout) -> Reader:
    """Return a reader by first bytes, or a JSON Lines name; else CSV. Unusable if no table.

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
    for begin, what in _NO_TABLES.items():
        if start.startswith(begin):
            raise Unusable(f"{source} is {what}")
    name = source.name.removesuffix(".gz") if start.startswith(GZIP) else source.name
    if name.endswith((".jsonl", ".ndjson")) or start.lstrip()[:1] == b"{":
        return RowsReader.of_json(source)
    if start.lstrip()[:1] == b"[" and start.lstrip()[1:].lstrip()[:1] in (b"{", b""):
        raise Unusable(f"{source} is one array of JSON: write one object a line (jq -c '.[]')")
    return CsvReader(source, layout)


def with_partitions(reader: Reader, values: Mapping[str, str | None]) -> Reader:
    """Return a reader with columns of its folders' values, but for names that the file has."""
    more = {name: value for name, value in values.items() if name not in reader.schema.names}
    return PartitionedReader(reader, more) if more else reader


class PartitionedReader:
    """A file whose folders say something of all its rows."""

    def __init__(self, reader: Reader, values: Mapping[str, str | None]) -> None:
        self._reader, self._values = reader, values
        fields = [pa.field(name, pa.string()) for name in values]
        self.schema = pa.schema([*reader.schema, *fields])

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield the file's batches with the folders' values as columns of text."""
        names = list(self.schema.names if only is None else only)
        own = [name for name in names if name not in self._values]
        for batch in self._reader.batches(own):
            rows = batch.rows
            for name in names:
                if name in self._values:
                    column = pa.array([self._values[name]] * rows.num_rows, pa.string())
                    rows = rows.append_column(name, column)
            yield Batch(rows, batch.records, batch.broken)

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield what the file's own reader does."""
        return self._reader.lines(last)


# ── Files with types of their own ────────────────────────────────────────────────────────────────


class ParquetReader:
    """A Parquet file. Its records are its rows, counted from 1."""

    def __init__(self, source: Path) -> None:
        self.source = source
        try:
            self._file = pq.ParquetFile(source)
        except (pa.ArrowInvalid, OSError) as problem:
            raise Unusable(
                f"{source} is not a Parquet file that can be read: export it again"
            ) from problem
        self.schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows with the file's own types, numbered from 1; Unusable if damaged."""
        columns = None if only is None else list(only)
        try:
            yield from in_order(self._file.iter_batches(batch_size=_ROWS, columns=columns))
        except (pa.ArrowException, OSError) as problem:
            raise Unusable(f"{self.source} cannot be read: {str(problem)[:200]}") from problem

    def bounds(self, name: str) -> Iterator[int] | None:
        """Return a column's least and greatest number of each row group; None where one does not say.

        A group whose cells are all NULL has none.
        """
        told, found = self._file.metadata, list[int]()
        for group in map(told.row_group, range(told.num_row_groups)):
            for column in map(group.column, range(group.num_columns)):
                if column.path_in_schema != name:
                    continue
                said = column.statistics
                if said is not None and said.has_min_max:
                    found += said.min_raw, said.max_raw
                elif said is None or said.null_count != group.num_rows:
                    return None
        return iter(found)

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield nothing: a row's number is all the place it has."""
        return iter(())


class ArrowReader(ParquetReader):
    """An Arrow (Feather) file."""

    def __init__(self, source: Path) -> None:
        self.source = source
        try:
            self._arrow = pa.ipc.open_file(pa.memory_map(str(source)))
        except (pa.ArrowInvalid, OSError) as problem:
            raise Unusable(
                f"{source} is not an Arrow file that can be read: export it again"
            ) from problem
        self.schema = self._arrow.schema
        self.rows = sum(
            self._arrow.get_batch(n).num_rows for n in range(self._arrow.num_record_batches)
        )

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows with the file's own types, numbered from 1, batches as the file has them."""
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
        """Return a reader of the first sheet, its header the first row below skipped ones; or Unusable.

        Where none are skipped, titles are passed over: rows of one cell above a row of several.
        """
        first: tuple[int, list[str | None]] | None = None
        for number, cells in sheet_rows(source):
            if number <= layout.skip_rows or not any(cells):
                continue
            if layout.skip_rows or sum(map(bool, cells)) > 1:
                first = number, cells
                break
            first = first or (number, cells)
            if number > MOST_TITLES:
                break
        if first is None:
            raise Unusable(f"{source} has no rows in its first sheet")
        above, names = first
        header = unique_names(name or "" for name in names)
        return cls(source, header, partial(_below, source, above, header))

    @classmethod
    def of_json(cls, source: Path) -> RowsReader:
        """Return a reader of JSON Lines with the fields of all objects, read once for them; or Unusable.

        A field may be left out where it is null, so that any line may be the first to name it.
        """
        names: dict[str, None] = {}
        for _, row, _ in _json_rows(source):
            names |= dict.fromkeys(row)
            if len(names) > _MOST_FIELDS:
                raise Unusable(
                    f"{source} has more than {_MOST_FIELDS:,} different field names: write one object a "
                    "line, each with the same fields"
                )
        if not names:
            raise Unusable(f"{source} has no line with a JSON object")
        return cls(source, list(names), partial(_json_rows, source))

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows as text, each cell that lacks as NULL, and unreadable ones as broken."""
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

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield nothing: a row's number is the line or row it has in the file."""
        return iter(())


def _gathered(
    names: list[str],
    rows: list[tuple[int, Mapping[str, str | None]]],
    broken: list[tuple[int, str]],
) -> Batch:
    """Return rows as one batch of text columns, NULL where a row has no such cell."""
    columns = {name: pa.array([row.get(name) for _, row in rows], pa.string()) for name in names}
    batch = pa.RecordBatch.from_pydict(columns)
    return Batch(batch, pa.array([number for number, _ in rows], pa.int64()), tuple(broken))


def _below(source: Path, above: int, header: list[str]) -> Iterator[_Row]:
    """Yield (row number, cells by heading, None) below the header; trouble for longer rows."""
    for number, cells in sheet_rows(source):
        if number > above and any(cells):
            if any(cells[len(header) :]):
                yield number, {}, f"{len(cells)} cells where the header has {len(header)}"
            else:
                yield number, dict(zip(header, cells, strict=False)), None


def _json_rows(source: Path) -> Iterator[_Row]:
    """Yield each line that isn't blank as a row; raise Unusable where the file can't be decoded."""
    try:
        with io.TextIOWrapper(opened(source), encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _json_row(number, line)
    except (UnicodeError, *DAMAGED) as problem:
        raise Unusable(f"{source} cannot be read as JSON Lines: {str(problem)[:200]}") from problem


def _json_row(number: int, line: str) -> _Row:
    """Return a line as (number, its fields as text, None), or (number, {}, what is wrong)."""
    try:
        # Numbers stay the digits that were written.
        row = json.loads(line, parse_float=str, parse_int=str, object_pairs_hook=_fields)
    except _Twice as problem:
        return number, {}, f"this line has the field {problem.args[0]!r} twice"
    except ValueError:
        return number, {}, "this line is not JSON"
    except RecursionError:
        return number, {}, "this line has lists or objects within each other without end"
    if not isinstance(row, dict):
        return number, {}, "this line is not a JSON object"
    cells = {name: _cell(value) for name, value in row.items()}
    if "\\u" in line and not all(map(_is_text, (*cells, *cells.values()))):
        return number, {}, "this line has half of a character, such as \\ud800"
    return number, cells, None


def _is_text(text: str | None) -> bool:
    """Return whether a text can be written: JSON may spell half of a pair of surrogates."""
    return text is None or text.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in text)


class _Twice(Exception):
    """A field that an object has twice; of two values neither is surely the one that was meant."""


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's fields; raise _Twice for a name that it has twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _cell(value: Any) -> str | None:
    """Return a JSON value as text: strings as they are, null as None, lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
