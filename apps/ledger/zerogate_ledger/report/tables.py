"""Breaks as tables for other programs: Parquet, and a workbook in which every cell is text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ..spreadsheets import MOST_ROWS, write_sheet
from .files import HEADER

#: What a report is also written as, and the name of its file.
ALSO: Final = {"parquet": "breaks.parquet", "xlsx": "breaks.xlsx"}
_ROWS: Final = 10_000


def write_table(path: Path, rows: Iterable[list[str | None]], about: Mapping[str, Any]) -> None:
    """Write breaks as a workbook or Parquet file, by the name of *path*, and sync it to the disk.

    about: Kept with a Parquet file as its metadata.
    """
    if path.name.endswith(".xlsx.part"):
        write_sheet(path, _headed(rows))
    else:
        _write_parquet(path, rows, about)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _headed(rows: Iterable[list[str | None]]) -> Iterator[list[str | None]]:
    """Yield the headings, then the rows, as many as a sheet takes."""
    yield list(HEADER)
    yield from islice(rows, MOST_ROWS)


def _write_parquet(path: Path, rows: Iterable[list[str | None]], about: Mapping[str, Any]) -> None:
    """Write a Parquet file of text columns, with *about* as its metadata, None left out."""
    said = {name: str(value) for name, value in about.items() if value is not None}
    schema = pa.schema([(name, pa.string()) for name in HEADER], metadata=said)
    waiting = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        while batch := list(islice(waiting, _ROWS)):
            columns = zip(*batch, strict=True)
            arrays = [pa.array(column, pa.string()) for column in columns]
            file.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
