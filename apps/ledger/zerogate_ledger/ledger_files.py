"""The files that a ledger is made of: one, a folder's, a pattern's, an object store's. Reads none of them."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final
from urllib.parse import unquote

from .errors import Unusable
from .object_storage import bring_ledger, is_remote

#: Endings of the files that a folder may hold, in any case; texts may be packed.
_TEXTS: Final = ("csv", "tsv", "txt", "jsonl", "ndjson")
_ENDINGS: Final = (
    *(f".{text}{packed}" for text in _TEXTS for packed in ("", ".gz")),
    *(".parquet", ".arrow", ".feather", ".xlsx"),
)
#: Files that open programs and systems leave beside those of people.
_HIDDEN: Final = (".", "~$")


def ledger_files(named: str, work: Path | None = None, *, but: Iterable[Path] = ()) -> list[Path]:
    """Return a ledger's files: one, or all of a folder or pattern, sorted, remote ones copied; or Unusable.

    work: Where files of object storage are copied to. but: Folders within that hold no ledger.

    Raises:
        Unusable: there is none.
    """
    if is_remote(named) and work is not None:
        return bring_ledger(named, work / "brought", _is_ledger)
    path = Path(named)
    if path.is_file():
        # A name is what it says, whatever marks are in it.
        return [path]
    if path.is_dir():
        found = [file for file in _of_people(path, but) if _is_ledger(file)]
        if not found:
            raise Unusable(f"no ledger in {path}: it holds no file in {', '.join(_ENDINGS)}")
        return found
    found = sorted(Path(name) for name in glob.glob(named, recursive=True) if Path(name).is_file())
    if not found:
        raise Unusable(f"no ledger at {path}")
    return found


def passed_over(named: str, files: Iterable[Path], *, but: Iterable[Path] = ()) -> list[str]:
    """Return the names of a folder's files that are none of the ledger; [] if *named* is no folder here."""
    path, read = Path(named), set(files)
    if is_remote(named) or not path.is_dir():
        return []
    return [str(file.relative_to(path)) for file in _of_people(path, but) if file not in read]


def _of_people(folder: Path, but: Iterable[Path]) -> list[Path]:
    """Return the files of a folder in order, without those of programs and of systems."""
    apart = [one.resolve() for one in but if one.resolve() != folder.resolve()]
    return sorted(
        file
        for file in folder.rglob("*")
        if (file.is_file() or file.is_symlink())
        and not any(part.startswith(_HIDDEN) for part in file.relative_to(folder).parts)
        and not any(file.resolve().is_relative_to(one) for one in apart)
    )


def _is_ledger(file: PurePath) -> bool:
    """Return whether a file's name ends as a ledger's does."""
    return file.name.lower().endswith(_ENDINGS)


def partition_values(path: Path) -> dict[str, str | None]:
    """Return column → value of a path's folders, as `currency=EUR/`; None for Hive's null."""
    found = dict[str, str | None]()
    for folder in path.parts[:-1]:
        name, sign, value = folder.partition("=")
        if sign and name and value:
            found[name] = None if value == _NO_VALUE else unquote(value)
    return found


#: How Hive and Spark name the folder of rows without a value.
_NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
