"""Ledgers and mirrors that lie on object storage, read through fsspec. Writes nothing there.

A ledger's files are brought to the run's own folder, whatever their layout. A mirror's stay where they are:
DuckDB reads of them what a match needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final

import attrs

from .errors import Unusable
from .records import Kind

SCHEMES: Final = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss")


def is_remote(place: object) -> bool:
    """Return whether a path or URL has a scheme of object storage, as s3:// or gs://."""
    scheme, sign, _ = str(place).partition("://")
    return bool(sign) and scheme.lower() in SCHEMES


def bring_ledger(url: str, folder: Path, takes: Callable[[PurePath], bool]) -> list[Path]:
    """Copy a ledger's objects into *folder*, under their names; return the copies, sorted; or Unusable.

    takes: Tells a ledger's files from others under a name.

    Raises:
        Unusable: there is none, it cannot be read, or what reads it is not installed.
    """
    storage, root = _opened(url)
    try:
        if storage.exists(root) and not storage.isdir(root):
            names = [root]
        elif any(mark in root for mark in "*?["):
            names = [name for name in storage.glob(root) if not storage.isdir(name)]
        else:
            found = storage.find(root)
            names = [name for name in found if takes(PurePosixPath(name))]
        if not names:
            raise Unusable(f"no ledger at {_named(url)}")
        paths = []
        for name in sorted(names):
            path = folder / PurePosixPath(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            storage.get_file(name, str(path))
            paths.append(path)
        return paths
    except Unusable:
        raise
    except Exception as problem:
        kind = type(problem).__name__
    # Each storage has errors of its own; a URL may hold a secret, and they may repeat it. So the error
    # stands alone: nothing of theirs is its cause or its context.
    raise Unusable(f"{_named(url)} cannot be read: {kind}")


def _opened(url: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and the path in it; Unusable if not installed."""
    try:
        from fsspec.core import url_to_fs

        storage, root = url_to_fs(url)
    except ImportError as missing:
        scheme = url.partition("://")[0]
        remedy = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs"}.get(scheme, "adlfs")
        raise Unusable(f"{missing}: {scheme}:// needs pip install {remedy}") from missing
    return storage, root


def _named(url: str) -> str:
    """Return a URL without user and password, for messages."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


@attrs.frozen
class RemoteMirror:
    """A mirror as it is on object storage: what a match needs of one. Brought up to date elsewhere."""

    url: str
    mode: str
    partner_id: str | None
    as_of: int | None
    storage: Any

    @classmethod
    def open(cls, url: str) -> RemoteMirror:
        """Read mirror.json at a URL and return the mirror; Unusable, without secrets, if it can't be read.

        Raises:
            Unusable: there is none, or what reads it is not installed.
        """
        storage, root = _opened(url)
        try:
            data = json.loads(storage.cat_file(f"{root}/mirror.json"))
            return cls(root, data["mode"], data.get("partner_id"), data.get("as_of"), storage)
        except Exception as problem:
            kind = type(problem).__name__
        raise Unusable(
            f"no mirror at {_named(url)} ({kind}): bring one up to date in a folder, and copy that folder "
            "there"
        )

    def complete_until(self) -> int:
        """Return Unix seconds up to which all is held; Unusable where no refresh ended.

        Raises:
            Unusable: no refresh has come to its end yet.
        """
        if self.as_of is None:
            raise Unusable(
                f"the mirror in {self.url} is not complete: refresh it, and copy it again"
            )
        return self.as_of

    def files(self, kind: Kind) -> list[str]:
        """Return the URLs of a kind's Parquet files, oldest day first; may be none."""
        names = self.storage.glob(f"{self.url}/{kind.name}/*.parquet")
        return [str(self.storage.unstrip_protocol(name)) for name in sorted(names)]

    def table(self, con: Any, kind: Kind) -> Any:
        """Return a view of a kind's rows, and let DuckDB read this storage; empty for no file."""
        files = self.files(kind)
        if not files:
            return con.create_table(kind.name, kind.schema.empty_table(), temp=True)
        schemes = self.storage.protocol
        schemes = [schemes] if isinstance(schemes, str) else list(schemes)
        # Both kinds lie on the same, and DuckDB takes it once.
        if not set(schemes) & set(con.con.list_filesystems()):
            con.con.register_filesystem(self.storage)
        # Past Ibis, which would fetch an extension for such a name.
        con.con.read_parquet(files).create_view(kind.name, replace=True)
        return con.table(kind.name)
