"""DuckDB, embedded: as much memory and disk as it may take, and never the network."""

from __future__ import annotations

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
    with TemporaryDirectory(dir=folder, prefix=".duckdb-") as spill:
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
