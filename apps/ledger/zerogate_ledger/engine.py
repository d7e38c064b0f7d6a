"""DuckDB, embedded: as much memory and disk as it may take, and never the network."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import duckdb
import ibis
import pyarrow as pa

T = TypeVar("T")
#: Beyond it DuckDB goes on on disk. So ten million rows a side, with sessions, take under 1.5 GB in all.
MEMORY = "1000MB"
_COLLECTION: Final = threading.Lock()
#: What each match that runs will put back.
_thresholds: Final[list[tuple[int, int, int]]] = []


@contextmanager
def embedded(
    folder: Path | None = None, *, memory: str = MEMORY, threads: int | None = None
) -> Iterator[Any]:
    """Yield an Ibis connection to a DuckDB of its own, without network; delete its files after.

    folder: Where it may put what does not fit into *memory*.
    """
    with TemporaryDirectory(dir=folder, prefix=".duckdb-") as spill, _rarely_collected():
        con = ibis.duckdb.connect(
            threads=threads or os.cpu_count() or 1,
            memory_limit=memory,
            temp_directory=spill,
            # The order of rows is decided when they are shown, and by bytes.
            preserve_insertion_order=False,
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
        try:
            yield con
        finally:
            con.disconnect()


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Let Python look for garbage less often while the block runs, then as before.

    An expression is a hundred thousand small objects that live to its end: a quarter of the time it
    takes to write one out went into looking for garbage among them.
    """
    # One threshold for the process, whose matches may overlap: the last that ends puts it back.
    with _COLLECTION:
        if not _thresholds:
            often = gc.get_threshold()
            gc.set_threshold(max(often[0], 100_000) if often[0] else 0, *often[1:])
        else:
            often = _thresholds[-1]
        _thresholds.append(often)
    try:
        yield
    finally:
        with _COLLECTION:
            often = _thresholds.pop()
            if not _thresholds:
                gc.set_threshold(*often)


@contextmanager
def less_memory(con: Any) -> Iterator[None]:
    """Set DuckDB's memory limit to a third while the block runs, then as it was."""
    ((limit,),) = con.con.sql("SELECT current_setting('memory_limit')").fetchall()
    number, unit = limit.split()
    con.raw_sql(f"SET memory_limit = '{float(number) / 3:.3f} {unit}'")
    try:
        yield
    finally:
        con.raw_sql(f"SET memory_limit = '{limit}'")


def in_less_memory(con: Any, do: Callable[[], T]) -> T:
    """Return do(), run within a third of DuckDB's memory; run once more with all if too little."""
    try:
        with less_memory(con):
            return do()
    except duckdb.OutOfMemoryException:
        return do()


def batches(con: Any, rows: Any, size: int) -> Iterator[pa.RecordBatch]:
    """Yield an expression's rows, at most *size* at a time, unsorted; streamed only from DuckDB."""
    if con.name == "duckdb":
        # Ibis asks for them under a name that DuckDB 2 no longer has; this shows it the tables of Python.
        con.to_pyarrow(rows.limit(0))
        yield from con.con.sql(con.compile(rows)).to_arrow_reader(size)
    else:
        yield from con.to_pyarrow(rows).to_batches(max_chunksize=size)


def sorted_rows(
    con: Any, given: pa.RecordBatchReader, names: Sequence[str], size: int
) -> Iterator[pa.RecordBatch]:
    """Yield Arrow rows sorted by these columns, NULL last, at most *size* at a time."""
    rows = con.con.from_arrow(given)
    by = ", ".join(f'"{name}" ASC NULLS LAST' for name in names)
    with less_memory(con):
        yield from rows.order(by).to_arrow_reader(size)
