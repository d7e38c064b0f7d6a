"""Tables of any number of rows: in memory while they are few, beyond in files; and sorted there."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from .engine import embedded, sorted_rows

#: Rows that stay in memory; each takes up to a kilobyte.
FEW: Final = 50_000
#: Rows that are looked at together.
AT_ONCE: Final = 20_000


class Spool:
    """Tables in the order they came; columns that one of them lacks are empty there."""

    def __init__(self, folder: Path | None = None, memory: str | None = None) -> None:
        self._parent, self._memory = folder, memory
        self._folder: Path | None = None
        self._held: list[pa.Table] = []
        self._files: list[Path] = []
        self.rows = 0
        self.schema = pa.schema([])

    def add(self, rows: pa.Table) -> None:
        """Add rows at the end; beyond 50,000 rows in memory, all of these go to files."""
        self.schema = pa.unify_schemas([self.schema, rows.schema], promote_options="default")
        self.rows += rows.num_rows
        self._held.append(rows)
        if sum(table.num_rows for table in self._held) > FEW:
            self._write_held()

    def _write_held(self) -> None:
        """Write all tables held in memory to files of a temporary folder, made when needed."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(dir=self._parent, prefix=".rows-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        for table in self._held:
            path = self._folder / f"{len(self._files):06d}.arrow"
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_file(str(path), table.schema, options=options) as file:
                file.write_table(table, max_chunksize=AT_ONCE)
            self._files.append(path)
        self._held.clear()

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield all rows in order, some thousands at a time, with *columns* (None: all)."""
        names = self.schema.names if columns is None else columns
        wanted = pa.schema([self.schema.field(name) for name in names])
        empty = wanted.empty_table()
        for table in self._each(names):
            yield pa.concat_tables([empty, table], promote_options="default").select(names)

    def _each(self, names: Sequence[str]) -> Iterator[pa.Table]:
        """Yield rows in the order they came, with those of *names* that each table has."""
        for path in self._files:
            with pa.OSFile(str(path)) as opened:
                have = pa.ipc.open_file(opened).schema
                fields = [n for n, name in enumerate(have.names) if name in names]
                options = pa.ipc.IpcReadOptions(included_fields=fields)
                file = pa.ipc.open_file(opened, options=options)
                for number in range(file.num_record_batches):
                    yield pa.Table.from_batches([file.get_batch(number)])
        for table in self._held:
            for start in range(0, table.num_rows, AT_ONCE):
                part = table.slice(start, AT_ONCE)
                yield part.select([name for name in names if name in part.column_names])

    def reader(self) -> pa.RecordBatchReader:
        """Return all rows as a stream of batches, in the order they came."""
        batches = (batch for table in self.tables() for batch in table.to_batches())
        return pa.RecordBatchReader.from_batches(self.schema, batches)

    def engine(self) -> AbstractContextManager[Any]:
        """Return a DuckDB, to be entered, that has the folder and memory limit of these rows."""
        memory: dict[str, Any] = {} if self._memory is None else {"memory": self._memory}
        return embedded(self._folder or self._parent, **memory)

    def in_order(self, names: Sequence[str]) -> Spool:
        """Return a spool of the same rows sorted by these columns, by bytes, NULL last."""
        if not names or not self.schema.names:
            # Nothing was put in, so nothing says which columns there are.
            return self
        done = Spool(self._parent, self._memory)
        if not self._files:
            whole = pa.concat_tables(
                [self.schema.empty_table(), *self._held], promote_options="default"
            )
            done.add(whole.sort_by([(name, "ascending") for name in names]))
            return done
        with self.engine() as con:
            for batch in sorted_rows(con, self.reader(), names, AT_ONCE):
                done.add(pa.Table.from_batches([batch]))
        return done
