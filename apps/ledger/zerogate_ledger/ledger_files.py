"""The files that a ledger is made of: one, a folder's, a pattern's, an object store's. Reads none of them."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from .errors import Unusable
from .object_storage import bring_ledger, is_remote

_FILES: Final = (
    "*.csv",
    "*.tsv",
    "*.txt",
    "*.csv.gz",
    "*.jsonl",
    "*.ndjson",
    "*.parquet",
    "*.xlsx",
)


def ledger_files(named: str, work: Path | None = None) -> list[Path]:
    """Return the files of a ledger: one by its name, those of a folder, or those that a pattern fits.

    work: Where files of object storage are copied to.

    Raises:
        Unusable: there is none.
    """
    if is_remote(named) and work is not None:
        return bring_ledger(named, work / "brought", _FILES)
    path = Path(named)
    if path.is_file():
        # A name is what it says, whatever marks are in it.
        return [path]
    if path.is_dir():
        found = sorted({file for pattern in _FILES for file in path.rglob(pattern)})
        if not found:
            raise Unusable(f"no ledger in {path}: it holds no {', '.join(_FILES)}")
        return found
    found = sorted(Path(name) for name in glob.glob(named, recursive=True) if Path(name).is_file())
    if not found:
        raise Unusable(f"no ledger at {path}")
    return found


def partition_values(path: Path) -> dict[str, str | None]:
    """Return what the folders of a file say of all its rows: `currency=EUR/part-0.parquet`."""
    found = dict[str, str | None]()
    for folder in path.parts[:-1]:
        name, sign, value = folder.partition("=")
        if sign and name and value:
            found[name] = None if value == _NO_VALUE else unquote(value)
    return found


#: How Hive and Spark name the folder of rows without a value.
_NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
