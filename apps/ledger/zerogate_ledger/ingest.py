"""A partner's ledger, from files or a database, as one table of text that can be matched.

Rows that cannot be read are kept, with what is wrong with them; they never stop a run. Amounts stay
text all the way: a column of floats is refused, for its digits are already gone.
"""

from __future__ import annotations

import glob
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .arrow_text import FIGURES, as_text, check_type
from .batches import Batch, Layout, Reader
from .columns import PARTS, Columns, Settings, columns_of
from .databases import IbisReader
from .errors import Unusable
from .ledger_files import partition_values
from .match_inputs import CREATED_END, KIND, TROUBLE
from .readers import ParquetReader, reader_of, with_partitions
from .row_places import RowPlaces
from .row_times import RowTimes, beyond_the_calendar, row_times
from .spreadsheets import counts_from_1904
from .statuses import REFUND


@attrs.frozen
class Ingested:
    """A ledger that is ready. file: Its rows as Parquet. columns: What was found in it.

    sources: The partner's own files with the number of the first record of each, where line numbers are
        looked up; none for a database. left_out: Rows of kinds that `[where]` does not name.
    """

    file: Path
    columns: Columns
    rows: int
    sources: tuple[tuple[int, Path, Reader], ...] = ()
    left_out: int = 0

    @property
    def source(self) -> Path | None:
        """The first of the files; None for a database."""
        return self.sources[0][1] if self.sources else None

    def table(self, con: Any) -> Any:
        """Return the ledger in DuckDB, a column for each field; read from its file as needed."""
        if self.file == self.source:
            return _in_place(con, self.file, self.columns)
        return con.read_parquet(glob.escape(str(self.file)), table_name="ledger")

    def places(self, folder: Path | None = None) -> RowPlaces:
        """Return where the rows stand in the partner's files; *folder* holds what is looked up."""
        return RowPlaces(self.sources, folder)

    def digest(self) -> str | None:
        """Read the partner's files and return the SHA-256 of their bytes; None for a database."""
        if not self.sources:
            return None
        digest = hashlib.sha256()
        for _, path, _ in self.sources:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()


def take_in(
    source: Path | list[Path], folder: Path, settings: Settings, *, in_place: bool = True
) -> Ingested:
    """Read a ledger's files into a Parquet file in *folder*, or leave one as it is; Unusable if no table.

    in_place: Leave a Parquet file where it is, if DuckDB can read it as it is.

    Raises:
        Unusable: it cannot be read as a table, or a column cannot be what it should be.
    """
    paths = [source] if isinstance(source, Path) else source
    layout = Layout(settings.delimiter, settings.encoding, settings.skip_rows)
    for path in paths:
        if not path.is_file():
            raise Unusable(f"no ledger at {path}")
    readers: list[tuple[Path | None, Reader]] = [
        (path, with_partitions(reader_of(path, layout), partition_values(path))) for path in paths
    ]
    first = readers[0][1]
    if settings.time == "excel" and any(map(counts_from_1904, paths)):
        settings = attrs.evolve(settings, time="excel_1904")
    if in_place and len(readers) == 1 and type(first) is ParquetReader and _is_plain(settings):
        columns = _columns(first, settings)
        if _is_ready(first.schema, columns) and not _is_beyond(first, columns):
            return Ingested(paths[0], columns, first.rows, ((0, paths[0], first),))
    return _Writing(readers, folder, settings).write()


def take_in_table(rows: Any, folder: Path, settings: Settings) -> Ingested:
    """Read an Ibis table, which has no lines, a batch at a time, and write it to *folder*."""
    return take_in_reader(IbisReader(rows), folder, settings)


def take_in_reader(reader: Reader, folder: Path, settings: Settings) -> Ingested:
    """Read a database's table, write it to *folder* as Parquet, and return what was taken in."""
    return _Writing([(None, reader)], folder, settings).write()


def _columns(reader: Reader, settings: Settings) -> Columns:
    """Return the column of each field; raise Unusable for floats and for columns not there."""
    columns = columns_of(
        reader.schema.names, settings.columns, settings.constants, guess=settings.guess
    )
    for field, name in columns.found.items():
        check_type(field, name, reader.schema.field(name).type)
    for table, said in (("where", settings.where), ("refunds", settings.refunds)):
        for name in said:
            if name not in reader.schema.names:
                have = ", ".join(map(repr, reader.schema.names))
                raise Unusable(
                    f"[{table}] names a column {name!r} that is not there; there are {have}"
                )
    return columns


# ── A Parquet file where it is ───────────────────────────────────────────────────────────────────


def _is_plain(settings: Settings) -> bool:
    """Return whether settings take cells as they are and leave no row out."""
    told = (settings.format, settings.where or None, settings.refunds or None)
    return told == (None, None, None) and not settings.trim and settings.time == "text"


def _is_ready(schema: pa.Schema, columns: Columns) -> bool:
    """Return whether DuckDB can match a Parquet file as it is: its cells give the same texts."""
    if set(columns.found) & set(PARTS) or "file_row_number" in schema.names:
        return False
    kinds = {field: schema.field(name).type for field, name in columns.found.items()}
    at = kinds.pop("created_at", pa.timestamp("us", "UTC"))
    if not (pa.types.is_timestamp(at) and at.tz is not None and at.unit in ("us", "ms")):
        return False
    return all(map(_is_same_in_duckdb, kinds.values()))


def _is_beyond(reader: ParquetReader, columns: Columns) -> bool:
    """Return whether a file says of a time of its rows that it is in no calendar, or does not say."""
    name = columns.found.get("created_at")
    if name is None:
        return False
    kind = reader.schema.field(name).type
    bounds = reader.bounds(name)
    return bounds is None or any(beyond_the_calendar(kind, number) for number in bounds)


def _is_same_in_duckdb(kind: pa.DataType) -> bool:
    """Return whether DuckDB makes the same text of such cells as `as_text`."""
    if pa.types.is_decimal128(kind):
        return bool(0 <= kind.scale <= 18)
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(texts or pa.types.is_integer(kind))


def _in_place(con: Any, file: Path, columns: Columns) -> Any:
    """Return a Parquet file's rows by field in DuckDB: text, Unix seconds, and line from 1."""
    # DuckDB takes a name for a pattern.
    name = glob.escape(str(file))
    rows = con.read_parquet(name, table_name="ledger", file_row_number=True)
    ready = {field: ibis.literal(value, "string") for field, value in columns.constants.items()} | {
        field: rows[name].cast("string")
        for field, name in columns.found.items()
        if field != "created_at"
    }
    if name := columns.found.get("created_at", ""):
        ready["created_at"] = rows[name].epoch_seconds().cast("int64")
    return rows.select(**ready, line=(rows.file_row_number + 1).cast("int64"))


# ── Rewritten ────────────────────────────────────────────────────────────────────────────────────


class _Writing:
    """Files that become one table, batch by batch."""

    def __init__(
        self, readers: list[tuple[Path | None, Reader]], folder: Path, settings: Settings
    ) -> None:
        self._readers, self._folder, self._settings = readers, folder, settings
        self._columns = _columns(readers[0][1], settings)
        for path, reader in readers[1:]:
            if missing := sorted(set(self._columns.found.values()) - set(reader.schema.names)):
                raise Unusable(
                    f"{path} has no column {missing[0]!r}, which the files before it have"
                )
        fields = self._columns.fields()
        self._texts = [field for field in fields if field != "created_at"]
        self._times = self._times_reader() if "created_at" in fields else None
        form = settings.format
        self._figures = {} if form is None else {one: form.of(one).reader() for one in FIGURES}
        times = (("created_at", pa.int64()), (CREATED_END, pa.int64())) if self._times else ()
        kinds = ((KIND, pa.string()),) if settings.refunds else ()
        self._schema = pa.schema(
            [
                *kinds,
                *((field, pa.string()) for field in self._texts),
                *times,
                ("line", pa.int64()),
                (TROUBLE, pa.string()),
            ]
        )

    def _times_reader(self) -> RowTimes:
        """Return a reader of the rows' times, decided by a first look at the whole column."""
        name = self._columns.found["created_at"]
        time = self._columns.found.get("time")

        def columns() -> Iterator[tuple[pa.Array, pa.Array | None]]:
            """Yield (dates, times or None) of all files, batch by batch, anew each time."""
            names = {name} if time is None else {name, time}
            for _, reader in self._readers:
                for batch in reader.batches(names):
                    yield batch.rows[name], None if time is None else as_text(batch.rows[time])

        return row_times(name, self._settings, columns)

    def write(self) -> Ingested:
        """Write the rows, broken ones too, to `ledger.parquet`; only count those `[where]` does not name."""
        file = self._folder / "ledger.parquet"
        left_out = Counter[str]()
        sources = []
        rows = first = 0
        with pq.ParquetWriter(
            file, self._schema, compression="lz4", use_dictionary=False
        ) as writer:
            for path, reader in self._readers:
                if path is not None:
                    sources.append((first, path, reader))
                last = 0
                for batch in reader.batches(self._wanted()):
                    last = max(
                        [last, *batch.records[-1:].to_pylist(), *(n for n, _ in batch.broken)]
                    )
                    kept = self._of_meant_kinds(batch, left_out)
                    ready = self._rows_by_field(kept, first)
                    rows += ready.num_rows
                    writer.write_batch(ready)
                first += last + 1
        return Ingested(file, self._columns, rows, tuple(sources), left_out["rows"])

    def _wanted(self) -> list[str]:
        """Return the columns to read: those of fields and of `[where]` and `[refunds]`."""
        found = self._columns.found.values()
        return list(dict.fromkeys([*found, *self._settings.where, *self._settings.refunds]))

    def _of_meant_kinds(self, batch: Batch, left_out: Counter[str]) -> Batch:
        """Return rows that `[where]` or `[refunds]` name (no `[where]`: all); count others in *left_out*."""
        if not self._settings.where:
            return batch
        meant = _fits(batch.rows, self._settings.where)
        if self._settings.refunds:
            meant = pc.or_(meant, _fits(batch.rows, self._settings.refunds))
        left_out["rows"] += len(meant) - (pc.sum(meant).as_py() or 0)
        return Batch(batch.rows.filter(meant), batch.records.filter(meant), batch.broken)

    def _rows_by_field(self, batch: Batch, first: int) -> pa.RecordBatch:
        """Return a batch's rows by field, then broken ones; *first* is added to each record."""
        size = batch.rows.num_rows
        troubles: list[pa.Array] = []
        cells = {
            field: pa.array([value] * size, pa.string())
            for field, value in self._columns.constants.items()
        }
        for field, name in self._columns.found.items():
            if field != "created_at":
                cells[field] = self._cell(batch.rows[name])
        for field in FIGURES:
            if field in self._columns.found and field in self._figures:
                cells[field], trouble = _figures(field, cells, self._figures[field])
                troubles.append(trouble)
        if "debit" in cells:
            cells["amount"], trouble = _amounts_of_debit_and_credit(cells, self._settings.money_in)
            troubles.append(trouble)
        ready: dict[str, pa.Array] = {field: cells[field] for field in self._texts}
        if self._times is not None:
            values = batch.rows[self._columns.found["created_at"]]
            at = self._times.read(values, cells.get("time"))
            ready["created_at"], ready[CREATED_END] = at.starts, at.ends
            troubles.append(at.troubles)
        if self._settings.refunds:
            refund = _fits(batch.rows, self._settings.refunds)
            ready[KIND] = pc.if_else(refund, REFUND, pa.scalar(None, pa.string()))
        trouble = pc.coalesce(*troubles) if troubles else pa.nulls(size, pa.string())
        records = pc.add(batch.records, first)
        rows = pa.RecordBatch.from_pydict(
            {**ready, "line": records, TROUBLE: trouble}, schema=self._schema
        )
        if not batch.broken:
            return rows
        broken = [{"line": first + record, TROUBLE: problem} for record, problem in batch.broken]
        return pa.concat_batches([rows, pa.RecordBatch.from_pylist(broken, schema=self._schema)])

    def _cell(self, values: Any) -> pa.Array:
        """Return a column as text, stripped only where `trim` says so."""
        text = as_text(values)
        return pc.utf8_trim_whitespace(text) if self._settings.trim else text


def _fits(rows: pa.RecordBatch, meant: Mapping[str, tuple[str, ...]]) -> pa.Array:
    """Return for each row whether all these columns hold one of their values, blanks aside."""
    fits = None
    for name, values in meant.items():
        cells = pc.utf8_trim_whitespace(as_text(rows[name]))
        one = pc.fill_null(pc.is_in(cells, value_set=pa.array(values, pa.string())), False)
        fits = one if fits is None else pc.and_(fits, one)
    return fits


def _figures(
    field: str, cells: Mapping[str, pa.Array], read: Callable[[str, str | None], str | None]
) -> tuple[pa.Array, pa.Array]:
    """Return a column's figures as plain decimals, None if unreadable; and the trouble of each."""
    texts = cells[field].to_pylist()
    codes = cells["currency"].to_pylist() if "currency" in cells else [None] * len(texts)
    known: dict[tuple[str, str | None], str | None] = {}
    found, troubles = list[str | None](), list[str | None]()
    for text, code in zip(texts, codes, strict=True):
        if not text or not text.strip() or (field in ("debit", "credit") and _says_nothing(text)):
            found.append(text)
            troubles.append(None)
            continue
        key = text, code
        if key not in known:
            known[key] = read(text, code)
        value = known[key]
        found.append(value)
        troubles.append(
            None if value is not None else f"{field}: {text!r} is not written as [format] says"
        )
    return pa.array(found, pa.string()), pa.array(troubles, pa.string())


def _amounts_of_debit_and_credit(
    cells: Mapping[str, pa.Array], money_in: str
) -> tuple[pa.Array, pa.Array]:
    """Return amounts of debit and credit columns, money in positive; trouble where both say one."""
    amounts, troubles = list[str | None](), list[str | None]()
    for debit, credit in zip(cells["debit"].to_pylist(), cells["credit"].to_pylist(), strict=True):
        came, went = (credit, debit) if money_in == "credit" else (debit, credit)
        came, went = (None if _says_nothing(cell) else cell for cell in (came, went))
        both = came is not None and went is not None
        troubles.append(
            f"debit {debit!r} and credit {credit!r} both say an amount" if both else None
        )
        amounts.append(None if both else came if went is None else _negated(went))
    return pa.array(amounts, pa.string()), pa.array(troubles, pa.string())


def _says_nothing(cell: str | None) -> bool:
    """Return whether one of two columns leaves the amount to the other: empty, dash or nought."""
    return not cell or not cell.strip("-\u2212\u2013\u20140., \u00a0\u2009\u202f\t")


def _negated(figure: str) -> str:
    """Return a figure with its minus taken away, or put before it."""
    return figure[1:] if figure.startswith("-") else f"-{figure}"
