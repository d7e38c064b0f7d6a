"""Rows by the UTC day on which they were created: new ones are merged in, however many a day has.

A day that is too large for memory is first cut into parts by id, on disk. What is written follows
from the rows alone.
"""

from __future__ import annotations

import glob
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .atomic_files import ROW_GROUP, write_parquet
from .breaks import DAY
from .engine import embedded
from .errors import Unusable
from .records import FIRST_DAY, LAST_DAY, UNDATED, Kind, day_of, dumped, united

#: Bytes of rows that are sorted in memory at once; sorting takes some times as much.
PART: Final = 32_000_000
#: What DuckDB may take to look for rows that have moved: ten million ids.
_MEMORY: Final = "300MB"
#: A row's day as a number.
_DAY: Final = (
    f"CASE WHEN created_at >= {FIRST_DAY} AND created_at < {LAST_DAY} "
    f"THEN created_at // {DAY} ELSE -1 END"
)
#: When a new row came: by its file's number, then by its place there. Held rows came before them.
_NEW: Final = "(parse_filename(filename, true)::BIGINT << 32) + file_row_number"
_HELD: Final = "-1::BIGINT"
#: Day → ids whose versions lie on several days, and the newest of them on that one.
Moved = Mapping[str, pa.Array]


@attrs.frozen
class Days:
    """The files of one kind, one for each day. work: A folder for what does not fit in memory."""

    kind: Kind
    folder: Path
    work: Path

    def files(self) -> list[Path]:
        """Return the Parquet files, oldest day first, rows without a date last."""
        return sorted(self.folder.glob("*.parquet"))

    def take_in(self, new: Sequence[Path]) -> None:
        """Merge files of new rows, in the order of their numbers, into the days; safe to repeat."""
        if not new:
            return
        self.work.mkdir(exist_ok=True, mode=0o700)
        days = {file: _days_in(file) for file in new}
        moved, left = self._moved(new)
        for day in sorted(left.union(*days.values())):
            self._merge(day, [file for file in new if day in days[file]], moved)

    def check(self) -> None:
        """Raise Unusable, naming the file, for the first day that is damaged or lacks a column.

        Raises:
            Unusable: it names the first such file.
        """
        for path in self.files():
            try:
                lacks = set(self.kind.schema.names) - set(pq.read_schema(path).names)
            except (pa.ArrowException, OSError):
                lacks = {"all"}
            if lacks:
                raise Unusable(
                    f"{path} is damaged: put it back from a copy; or delete it and say --audit, which reads "
                    "all records again"
                )

    def _merge(self, day: str, new: Sequence[Path], moved: Moved) -> None:
        """Write one day's file anew: its rows and the new ones, each id in its newest version."""
        path = self.folder / f"{day}.parquet"
        sources = [path, *new] if path.exists() else new
        elsewhere = [ids for other, ids in moved.items() if other != day]
        versions = _without_ids(self._versions(day, sources), elsewhere, self.kind.id)
        if cuts := self._cuts(sources):
            parts = self._parts(versions, cuts)
        else:
            parts = iter([pa.concat_tables([self.kind.schema.empty_table(), *versions])])
        write_parquet((newest(rows, self.kind.id) for rows in parts), self.kind.schema, path)

    def _versions(self, day: str, sources: Sequence[Path]) -> Iterator[pa.Table]:
        """Yield the rows of these files that were created on *day*, in the files' order."""
        within = _created_on(day)
        for file in sources:
            for batch in pq.ParquetFile(file).iter_batches(ROW_GROUP):
                yield pa.Table.from_batches([batch]).filter(within).select(self.kind.schema.names)

    # ── A day beyond memory ──────────────────────────────────────────────────────────────────────

    def _cuts(self, sources: Sequence[Path]) -> list[str]:
        """Return ids at which to cut rows into parts that memory holds; [] where it holds all."""
        parts = sum(_size(file) for file in sources) // PART
        if not parts:
            return []
        ids = pa.concat_tables(pq.read_table(file, columns=[self.kind.id]) for file in sources)
        ordered = ids.sort_by(self.kind.id)[self.kind.id]
        places = [len(ordered) * part // (parts + 1) for part in range(1, parts + 1)]
        return sorted({ordered[place].as_py() for place in places})

    def _parts(self, versions: Iterable[pa.Table], cuts: Sequence[str]) -> Iterator[pa.Table]:
        """Yield the rows by ranges of id, in order; written to disk first, deleted as read."""
        files = [self.work / f"{number:06d}.arrow" for number in range(len(cuts) + 1)]
        with ExitStack() as stack:
            writers = [
                stack.enter_context(pa.ipc.new_file(str(file), self.kind.schema)) for file in files
            ]
            for rows in versions:
                ordered = _in_order(rows, self.kind.id)
                ids = ordered[self.kind.id].to_pylist()
                ends = [*(bisect_left(ids, cut) for cut in cuts), len(ids)]
                for writer, start, end in zip(writers, [0, *ends], ends, strict=False):
                    writer.write_table(ordered.slice(start, end - start))
        for file in files:
            with pa.OSFile(str(file)) as opened:
                yield pa.ipc.open_file(opened).read_all()
            file.unlink()

    # ── Rows that have another date by now ───────────────────────────────────────────────────────

    def _moved(self, new: Sequence[Path]) -> tuple[Moved, set[str]]:
        """Return day → ids that have moved there from other days; and all days, old and new, of those."""
        held, id = self.files(), f'"{self.kind.id}"'
        versions = f"SELECT {id} AS id, {_DAY} AS day, {_NEW} AS came FROM {_scan(new)}"
        if held:
            again = f"SELECT {id} FROM {_scan(new)}"
            versions += f" UNION ALL SELECT {id}, {_DAY}, {_HELD} FROM {_scan(held)} WHERE {id} IN ({again})"
        with embedded(self.work, memory=_MEMORY, threads=1) as engine:
            found = engine.con.sql(
                "SELECT id, arg_max(day, came) AS newest, list(DISTINCT day) AS days "
                f"FROM ({versions}) GROUP BY id HAVING min(day) <> max(day)"
            ).fetchall()
        moved: dict[str, list[str]] = {}
        for row, day, _ in found:
            moved.setdefault(_day_name(day), []).append(row)
        left = {_day_name(day) for _, _, days in found for day in days}
        return {day: pa.array(ids, pa.string()) for day, ids in moved.items()}, left


def _day_name(day: int) -> str:
    """Return a day since 1970 as 2026-01-05; a negative one as the name of undated rows."""
    return UNDATED if day < 0 else day_of(day * DAY)


def _scan(files: Sequence[Path]) -> str:
    """Return the SQL to write after FROM: Parquet files' rows with filename and row number."""
    # A folder's name may hold what DuckDB takes for a pattern, or for the end of a text.
    names = ", ".join("'" + glob.escape(str(file)).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], filename = true, file_row_number = true)"


def _days_in(file: Path) -> set[str]:
    """Return the days on which a file's rows were created."""
    times = pq.read_table(file, columns=["created_at"])["created_at"]
    return {day_of(at) for at in pc.unique(times).to_pylist()}


def _size(file: Path) -> int:
    """Return about how many bytes a file's rows take in memory."""
    data = pq.ParquetFile(file).metadata
    return sum(data.row_group(number).total_byte_size for number in range(data.num_row_groups))


def _created_on(day: str) -> pc.Expression:
    """Return the filter for rows created on a day (UTC); UNDATED: no date, or one that `day_of` calls so."""
    at = pc.field("created_at")
    if day == UNDATED:
        return at.is_null() | (at < FIRST_DAY) | (at >= LAST_DAY)
    start = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    return (at >= start) & (at < start + DAY)


def _without_ids(
    tables: Iterable[pa.Table], elsewhere: Sequence[pa.Array], id: str
) -> Iterator[pa.Table]:
    """Yield tables without the rows of these ids, which belong to another day."""
    if not elsewhere:
        yield from tables
        return
    ids = pa.concat_arrays(elsewhere)
    for rows in tables:
        yield rows.filter(pc.invert(pc.is_in(rows[id], value_set=ids)))


def _in_order(rows: pa.Table, id: str) -> pa.Table:
    """Return rows sorted by the bytes of their id; versions of one id stay in order."""
    order = pa.array(range(rows.num_rows), pa.int64())
    by = [(id, "ascending"), ("order", "ascending")]
    return rows.append_column("order", order).sort_by(by).drop_columns("order").combine_chunks()


def newest(versions: pa.Table, id: str) -> pa.Table:
    """Return each id once, as it came last, sorted by id, with all its earlier statuses."""
    rows = _in_order(versions, id)
    ids = rows[id]
    if len(ids) < 2:
        return rows
    differ = pc.not_equal(ids.slice(0, len(ids) - 1), ids.slice(1))
    # No id is another than any id.
    last = [*pc.fill_null(differ, True).to_pylist(), True]
    if all(last):
        return rows
    return _with_past_statuses(rows, last).filter(pa.array(last))


def _with_past_statuses(rows: pa.Table, last: Sequence[bool]) -> pa.Table:
    """Return rows where each version's `past_statuses` holds those of earlier versions too."""
    if "past_statuses" not in rows.column_names:
        return rows
    past = rows["past_statuses"].to_pylist()
    for place, ends in enumerate(last):
        if not ends:
            past[place + 1] = dumped(
                united([*json.loads(past[place] or "[]"), *json.loads(past[place + 1] or "[]")])
            )
    at = rows.column_names.index("past_statuses")
    return rows.set_column(at, "past_statuses", pa.array(past, pa.string()))
