"""The answer of one shard of a match as a file, and the answers of all shards read together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from .atomic_files import replace
from .errors import Unusable
from .shards import Shard
from .spool import AT_ONCE, Spool

_MATCH: Final = b"zerogate.match"
_SHARD: Final = b"zerogate.shard"


def write_answer(answer: Spool, shard: Shard, match: str, folder: Path) -> Path:
    """Write a shard's answer to *folder*, whole or not at all, and return its path.

    match: The name that all its shards share.
    """
    path = folder / f"shard-{shard.number}-of-{shard.of}.parquet"
    part = folder / f".{path.name}.part"
    told = {_MATCH: match.encode(), _SHARD: str(shard).encode()}
    with pq.ParquetWriter(part, answer.schema.with_metadata(told), compression="zstd") as file:
        for table in answer.tables():
            file.write_table(table.replace_schema_metadata(told))
    replace(part, path)
    return path


def read_answers(folder: Path, match: str) -> Iterator[pa.Table]:
    """Yield the answers of all shards, as tables; Unusable if one is missing or of another match.

    Raises:
        Unusable: one is missing, or is of another match: another ledger, mirror, setting or version.
    """
    paths = sorted(folder.glob("shard-*-of-*.parquet"))
    found: dict[str, Path] = {}
    for path in paths:
        told = pq.read_schema(path).metadata or {}
        if told.get(_MATCH, b"").decode() != match:
            raise Unusable(
                f"{path} is of another match: give every shard and --merge the same ledger, mirror, "
                "settings and versions"
            )
        found[told[_SHARD].decode()] = path
    if not found:
        raise Unusable(f"no shards in {folder}: run with --shard 1/N to --shard N/N first")
    counts = {int(name.partition("/")[2]) for name in found}
    of = min(counts)
    if len(counts) > 1:
        raise Unusable(
            f"shards of {' and of '.join(map(str, sorted(counts)))} lie in {folder}: keep those of one"
        )
    if missing := [n for n in range(1, of + 1) if f"{n}/{of}" not in found]:
        raise Unusable(f"{folder} has no shard {missing[0]}/{of}: run --shard {missing[0]}/{of}")
    return _read_rows(found.values())


def _read_rows(paths: Iterable[Path]) -> Iterator[pa.Table]:
    """Yield the rows of these files, some thousands at a time."""
    for path in paths:
        for batch in pq.ParquetFile(path).iter_batches(AT_ONCE):
            yield pa.Table.from_batches([batch]).replace_schema_metadata(None)
