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
    def schema(self) -> pa.Schema: ...

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]: ...

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """(Record, the line on which it starts), up to *last*, in order; without those where both are one."""


def in_order(batches: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
    """Batches whose rows are counted from 1."""
    record = 1
    for rows in batches:
        yield Batch(rows, pa.array(range(record, record + rows.num_rows), pa.int64()))
        record += rows.num_rows


def opened(source: Path) -> BinaryIO:
    with source.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(source, "rb")) if packed else source.open("rb")


def shown_name(name: str) -> str:
    """A file's name as text that can be written: bytes of it may be no UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def unique_names(header: Iterable[str]) -> list[str]:
    """Headings without blanks around them; an empty or repeated one gets a name of its own."""
    names: list[str] = []
    for place, cell in enumerate(header, 1):
        name = cell.strip() or f"(column {place})"
        names.append(name if name not in names else f"{name} (column {place})")
    return names
