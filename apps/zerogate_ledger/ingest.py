"""A partner's ledger, from CSV, Parquet or a database, as a table of text that can be matched.

Rows that cannot be read are kept, with what is wrong with them; they never stop a run. Amounts stay
text all the way: a column of floats is refused, for its digits are already gone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from . import dates
from .breaks import DAY
from .columns import Columns, Settings, columns_of
from .errors import Unusable
from .match_inputs import CREATED_END, TROUBLE

_DELIMITERS: Final = (",", ";", "\t", "|")
_BLOCK: Final = 4 << 20
_ROWS: Final = 65_536
_MAGIC: Final = b"PAR1"


@attrs.frozen
class Intake:
    """A ledger that is ready. file: Its rows as Parquet. columns: What was found in it.

    source: The partner's own file, where line numbers are looked up; None for a database.
    """

    file: Path
    columns: Columns
    rows: int
    source: Path | None = None
    settings: Settings = attrs.Factory(Settings)

    def table(self, con: Any) -> Any:
        """The ledger in DuckDB, by its fields."""
        if self.file == self.source:
            return _in_place(con, self.file, self.columns)
        return con.read_parquet(str(self.file), table_name="ledger")

    def lines(self, records: Iterable[int]) -> dict[int, int]:
        """Record → the line on which it starts; they differ after empty lines and line breaks."""
        wanted = set(records)
        if self.source is None or not wanted or _is_parquet(self.source):
            return {record: record for record in wanted}
        return _lines(self.source, wanted, self.settings)


def take_in(source: Path, folder: Path, settings: Settings) -> Intake:
    """Read a ledger from a file, into *folder* where it has to be rewritten.

    Raises:
        Unusable: it cannot be read as a table, or a column cannot be what it should be.
    """
    if not source.is_file():
        raise Unusable(f"no ledger at {source}")
    if not _is_parquet(source):
        return _written(_Csv(source, settings), source, folder, settings)
    reader = _Parquet(source)
    columns = _columns(reader, settings)
    if _is_ready(reader.schema, columns):
        return Intake(source, columns, reader.rows, source, settings)
    return _written(reader, source, folder, settings)


def take_in_table(rows: Any, folder: Path, settings: Settings) -> Intake:
    """Read a ledger from a table of an Ibis connection, a batch at a time."""
    return _written(_Table(rows), None, folder, settings)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _MAGIC


# ── Readers: a header with types, and batches with the number of their first record ───────────────


@attrs.frozen
class Batch:
    """Rows with their place in the source, and whole rows that are no rows: (record, what is wrong)."""

    rows: pa.RecordBatch
    records: pa.Array
    broken: tuple[tuple[int, str], ...] = ()


class _Csv:
    """A CSV file. Every cell is text; nothing is sniffed but the delimiter, by the header line."""

    def __init__(self, source: Path, settings: Settings) -> None:
        self.source, self.settings = source, settings
        self.header = _header(source, settings)
        self.schema = pa.schema([(name, pa.string()) for name in self.header])
        self._broken: list[tuple[int, str]] = []

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        self._broken = []
        record = 2
        taken = 0
        try:
            for rows in self._open(only):
                bad = {number for number, _ in self._broken}
                numbers: list[int] = []
                while len(numbers) < rows.num_rows:
                    if record not in bad:
                        numbers.append(record)
                    record += 1
                broken = tuple(found for found in self._broken[taken:] if found[0] < record)
                taken += len(broken)
                yield Batch(rows, pa.array(numbers, pa.int64()), broken)
        except (pa.ArrowInvalid, UnicodeError) as problem:
            raise Unusable(_why_not(self.source, problem)) from problem
        if rest := tuple(self._broken[taken:]):
            empty = pa.RecordBatch.from_pylist([], schema=self.schema)
            yield Batch(empty, pa.array([], pa.int64()), rest)

    def _open(self, only: Iterable[str] | None) -> Any:
        return pa.csv.open_csv(
            self.source,
            read_options=pa.csv.ReadOptions(
                # One thread, so that broken rows come with their number.
                use_threads=False,
                block_size=_BLOCK,
                encoding=self.settings.encoding or "utf8",
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=_delimiter(self.source, self.settings),
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


class _Parquet:
    """A Parquet file. Its records are its rows, counted from 1."""

    def __init__(self, source: Path) -> None:
        try:
            self._file = pq.ParquetFile(source)
        except pa.ArrowInvalid as problem:
            raise Unusable(f"{source} is not a Parquet file that can be read") from problem
        self.schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        columns = None if only is None else list(only)
        yield from _in_order(self._file.iter_batches(batch_size=_ROWS, columns=columns))


class _Table:
    """A table of a database, read once from top to bottom, in the order it comes."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows
        self.schema = rows.schema().to_pyarrow()

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        rows = self._rows if only is None else self._rows.select(*only)
        if rows.get_backend().name == "duckdb":
            # DuckDB 2 has another name for what Ibis 12 calls to read one in batches.
            yield from _in_order(rows.to_pyarrow().to_batches(max_chunksize=_ROWS))
        else:
            yield from _in_order(rows.to_pyarrow_batches(chunk_size=_ROWS))


def _in_order(batches: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
    record = 1
    for rows in batches:
        yield Batch(rows, pa.array(range(record, record + rows.num_rows), pa.int64()))
        record += rows.num_rows


def _header(source: Path, settings: Settings) -> list[str]:
    delimiter = _delimiter(source, settings)
    try:
        with source.open(encoding=settings.encoding or "utf-8-sig", newline="") as file:
            return next(csv.reader(file, delimiter=delimiter))
    except StopIteration:
        raise Unusable(f"{source} is empty") from None
    except (UnicodeError, LookupError) as problem:
        raise Unusable(_why_not(source, problem)) from problem


def _delimiter(source: Path, settings: Settings) -> str:
    """The one told, else the one that the first line holds most of."""
    if settings.delimiter:
        return settings.delimiter
    with source.open("rb") as file:
        first = file.readline(1 << 20).decode("latin-1")
    counts = {mark: first.count(mark) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=counts.__getitem__)
    return best if counts[best] else ","


def _why_not(source: Path, problem: Exception) -> str:
    if isinstance(problem, LookupError):
        return f"{source}: {problem}: give an encoding such as utf-8 or cp1252"
    if isinstance(problem, UnicodeError) or "UTF8" in str(problem) or "UTF-8" in str(problem):
        return f"{source} is not written in UTF-8: say --encoding cp1252, utf-16 or what it is"
    return f"{source} cannot be read as CSV: {str(problem)[:200]}"


def _lines(source: Path, wanted: set[int], settings: Settings) -> dict[int, int]:
    found: dict[int, int] = {}
    with source.open(encoding=settings.encoding or "utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=_delimiter(source, settings))
        record, before = 0, 0
        for row in reader:
            if row:
                record += 1
                if record in wanted:
                    found[record] = before + 1
            before = reader.line_num
    return {record: found.get(record, record) for record in wanted}


# ── One table ────────────────────────────────────────────────────────────────────────────────────


def _columns(reader: Any, settings: Settings) -> Columns:
    columns = columns_of(reader.schema.names, settings.columns, settings.constants)
    for field, name in columns.found.items():
        _check_type(field, name, reader.schema.field(name).type)
    return columns


def _is_ready(schema: pa.Schema, columns: Columns) -> bool:
    """Whether a file can be matched where it is: its times, if any, are instants."""
    name = columns.found.get("created_at")
    if name is None:
        return True
    kind = schema.field(name).type
    return pa.types.is_timestamp(kind) and kind.tz is not None


def _in_place(con: Any, file: Path, columns: Columns) -> Any:
    rows = con.read_parquet(str(file), table_name="ledger", file_row_number=True)
    ready = {field: ibis.literal(value, "string") for field, value in columns.constants.items()} | {
        field: rows[name].cast("string")
        for field, name in columns.found.items()
        if field != "created_at"
    }
    if name := columns.found.get("created_at"):
        ready["created_at"] = rows[name].epoch_seconds().cast("int64")
    return rows.select(**ready, line=(rows.file_row_number + 1).cast("int64"))


def _written(reader: Any, source: Path | None, folder: Path, settings: Settings) -> Intake:
    columns = _columns(reader, settings)
    clock = _clock(reader, columns, settings)
    fields = [*columns.found, *columns.constants]
    texts = [field for field in fields if field != "created_at"]
    schema = pa.schema(
        [
            *((field, pa.string()) for field in texts),
            *(
                (("created_at", pa.int64()), (CREATED_END, pa.int64()))
                if "created_at" in fields
                else ()
            ),
            ("line", pa.int64()),
            (TROUBLE, pa.string()),
        ]
    )
    file = folder / "ledger.parquet"
    rows = 0
    with pq.ParquetWriter(file, schema, compression="lz4", use_dictionary=False) as writer:
        for batch in reader.batches(set(columns.found.values())):
            ready = _ready(batch, columns, texts, clock, schema)
            rows += ready.num_rows
            writer.write_batch(ready)
    return Intake(file, columns, rows, source, settings)


def _check_type(field: str, name: str, kind: pa.DataType) -> None:
    if pa.types.is_floating(kind):
        raise Unusable(
            f"column {name!r} ({field}) holds floats, which have lost digits already: "
            "write it as text or as a decimal"
        )
    if field == "created_at" and pa.types.is_integer(kind):
        raise Unusable(f"column {name!r} (created_at) holds numbers: write dates or timestamps")


def _ready(
    batch: Batch, columns: Columns, texts: list[str], clock: _Clock | None, schema: pa.Schema
) -> pa.RecordBatch:
    size = batch.rows.num_rows
    troubles: pa.Array = pa.nulls(size, pa.string())
    ready: dict[str, Any] = {}
    for field in texts:
        if field in columns.constants:
            ready[field] = pa.array([columns.constants[field]] * size, pa.string())
        else:
            ready[field] = batch.rows[columns.found[field]].cast(pa.string())
    if clock is not None:
        values = batch.rows[columns.found["created_at"]]
        ready["created_at"], troubles = clock.read(values)
        ready[CREATED_END] = _ends(ready["created_at"], values)
    ready |= {"line": batch.records, TROUBLE: troubles}
    rows = pa.RecordBatch.from_pydict(ready, schema=schema)
    if not batch.broken:
        return rows
    broken = [{"line": record, TROUBLE: problem} for record, problem in batch.broken]
    return pa.concat_batches([rows, pa.RecordBatch.from_pylist(broken, schema=schema)])


def _ends(starts: pa.Array, values: pa.Array) -> pa.Array:
    """Until when rows may have been made that name a day alone."""
    if pa.types.is_date(values.type):
        days = pc.is_valid(values)
    elif pa.types.is_timestamp(values.type):
        return pa.nulls(len(values), pa.int64())
    else:
        days = pc.match_substring_regex(values, dates.DATE_ALONE)
    return pc.if_else(days, pc.add(starts, DAY), pa.scalar(None, pa.int64()))


# ── When a row was made ──────────────────────────────────────────────────────────────────────────


def _clock(reader: Any, columns: Columns, settings: Settings) -> _Clock | None:
    name = columns.found.get("created_at")
    if name is None:
        return None
    tz = None if settings.tz is None else dates.zone(settings.tz)
    day_first = settings.day_first
    if day_first is None and pa.types.is_string(reader.schema.field(name).type):
        texts = _odd_dates(reader, name)
        day_first = dates.day_first_in(texts)
        if day_first is None:
            for text in texts:
                if dates.has_both_readings(text):
                    raise Unusable(
                        f"{text!r} in column {name!r} can be read with the day or the month first, "
                        "and no row decides it: say --day-first or --month-first"
                    )
    return _Clock(name, settings.tz, tz, day_first)


def _odd_dates(reader: Any, name: str) -> list[str]:
    """What a column of dates holds that begins like 03/04/2026; ISO columns are left in a moment."""
    odd: dict[str, None] = {}
    for batch in reader.batches([name]):
        values = batch.rows[name]
        mask = pc.match_substring_regex(values, r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{4}")
        odd |= dict.fromkeys(pc.unique(values.filter(mask)).to_pylist())
    return list(odd)


@attrs.define
class _Clock:
    """Reads the column of times, a batch at a time: all at once where it is ISO, else by value."""

    name: str
    tz_name: str | None
    tz: Any
    day_first: bool | None
    _known: dict[str | None, tuple[int | None, str | None]] = attrs.Factory(dict)

    def read(self, values: Any) -> tuple[pa.Array, pa.Array]:
        """Unix seconds, and what was wrong where there are none."""
        kind = values.type
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return self._seconds(values.cast(pa.timestamp("us", getattr(kind, "tz", None))))
        written = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
        for tz in ("UTC", None):
            try:
                return self._seconds(written.cast(pa.timestamp("us", tz)))
            except pa.ArrowInvalid:
                continue
        read = [self._one(text) for text in values.to_pylist()]
        return (
            pa.array([at for at, _ in read], pa.int64()),
            pa.array([problem for _, problem in read], pa.string()),
        )

    def _seconds(self, values: Any) -> tuple[pa.Array, pa.Array]:
        if values.type.tz is None:
            self._need_zone(values[0].as_py() if len(values) else None)
            values = pc.assume_timezone(
                values, self.tz_name or "UTC", ambiguous="earliest", nonexistent="earliest"
            )
        micros = values.cast(pa.int64())
        return pc.divide(micros, 1_000_000), pa.nulls(len(values), pa.string())

    def _need_zone(self, example: Any) -> None:
        if self.tz is None and example is not None:
            raise Unusable(
                f"times in column {self.name!r} name no zone ({example}): say --tz Europe/Berlin or "
                "whichever they are written in"
            )

    def _one(self, text: str | None) -> tuple[int | None, str | None]:
        if not text:
            return None, None
        if text not in self._known:
            self._known[text] = self._worked_out(text)
        return self._known[text]

    def _worked_out(self, text: str) -> tuple[int | None, str | None]:
        try:
            return dates.instant(text, self.tz, self.day_first), None
        except dates.NaiveDate:
            self._need_zone(text)
            raise
        except dates.NotADate as problem:
            return None, f"created_at: {problem}"
