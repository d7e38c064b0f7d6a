"""Files that are there whole or not at all, and on the disk before anything that rests on them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

#: Rows of a file that are written, and read, together.
ROW_GROUP: Final = 10_000
#: Columns with few different values.
_FEW_VALUES: Final = frozenset(
    {
        *("action", "status", "token", "network", "currency", "mode", "flow"),
        *("target_token", "target_network", "past_statuses"),
    }
)


def write_parquet(tables: Iterable[pa.Table], schema: pa.Schema, path: Path) -> None:
    """Write rows as a Parquet file, whole or not at all; without rows, delete the file at *path*.

    The same rows give the same bytes, however they are cut into tables. A `.part` file beside it is
    synced to the disk, then renamed.
    """
    part, count = path.with_suffix(".part"), 0
    few = [name for name in schema.names if name in _FEW_VALUES]
    with pq.ParquetWriter(part, schema, compression="zstd", use_dictionary=few) as file:
        for rows in _row_groups(tables):
            file.write_table(rows)
            count += rows.num_rows
    if not count:
        part.unlink()
        path.unlink(missing_ok=True)
        return
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    replace(part, path)


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the same rows in order, in tables of ROW_GROUP rows; the last may be shorter."""
    waiting, count = list[pa.Table](), 0
    for table in tables:
        waiting.append(table)
        count += table.num_rows
        if count >= ROW_GROUP:
            rows = pa.concat_tables(waiting)
            for start in range(0, count - ROW_GROUP + 1, ROW_GROUP):
                yield rows.slice(start, ROW_GROUP).combine_chunks()
            waiting = [rows.slice(count - count % ROW_GROUP)]
            count %= ROW_GROUP
    if count:
        yield pa.concat_tables(waiting).combine_chunks()


def replace(part: Path, path: Path) -> None:
    """Rename *part* to *path*, over a file there, and sync the folder to the disk."""
    part.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
