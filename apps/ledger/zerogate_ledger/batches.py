"""Rows of a source in batches, each with its number: what every reader of a ledger gives."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

import attrs
import pyarrow as pa

GZIP: Final = b"\x1f\x8b"
#: Errors while a file is read: the disk's, and those of packed content that is cut off or damaged.
DAMAGED: Final = (OSError, EOFError, zlib.error)


@attrs.frozen
class Batch:
    """Rows with their place in the source, and whole rows that are no rows: (record, what is wrong)."""

    rows: pa.RecordBatch
    records: pa.Array
    broken: tuple[tuple[int, str], ...] = ()


@attrs.frozen
class Layout:
    """Layout of a text file. skip_rows: Lines above the header. None: as the file shows."""

    delimiter: str | None = None
    encoding: str | None = None
    skip_rows: int = 0


class Reader(Protocol):
    """A table of rows, read as often as it takes."""

    @property
    def schema(self) -> pa.Schema:
        """Names of the columns in their order; types as the source has them."""
        ...

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield all rows from the first on, with columns *only* (None: all), each time anew."""
        ...

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield (record, the line it starts on) up to *last*, in order; only where they differ."""
        ...


def in_order(batches: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
    """Yield each batch as a Batch whose records are counted from 1 on, over all batches."""
    record = 1
    for rows in batches:
        yield Batch(rows, pa.array(range(record, record + rows.num_rows), pa.int64()))
        record += rows.num_rows


def opened(source: Path) -> BinaryIO:
    """Open a file for reading bytes; one that begins as gzip is unpacked while it is read."""
    with source.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(source, "rb")) if packed else source.open("rb")


def shown_name(name: str) -> str:
    """Return a file's name as text that can be written; bytes that are no UTF-8 as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def unique_names(header: Iterable[str]) -> list[str]:
    """Return the headings stripped; an empty or repeated one gets "(column N)", from 1, till it is new."""
    names: list[str] = []
    for place, cell in enumerate(header, 1):
        name = cell.strip() or f"(column {place})"
        while name in names:
            name = f"{name} (column {place})"
        names.append(name)
    return names
