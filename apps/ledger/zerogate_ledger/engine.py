"""DuckDB, embedded: as much memory and disk as it may take, and never the network."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis

#: Beyond it DuckDB goes on on disk. Sized so that ten million rows a side stay under 2 GB in all.
MEMORY = "1200MB"


@contextmanager
def embedded(
    folder: Path | None = None, *, memory: str = MEMORY, threads: int | None = None
) -> Iterator[Any]:
    """A DuckDB of its own that leaves nothing behind. folder: where it may put what does not fit."""
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
    """An expression is a hundred thousand small objects that live to its end: a quarter of the time it
    takes to write one out went into looking for garbage among them.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 100_000) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
