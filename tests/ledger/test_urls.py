"""An address may hold a password: no error of the ledger shows it, nor carries one that does."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zerogate_ledger import object_storage
from zerogate_ledger.databases import table_reader
from zerogate_ledger.errors import Unusable
from zerogate_ledger.match_engines import opened

DATABASE = "postgresql://postgres:hush@127.0.0.1:1/test"
BUCKET = "s3://key:hush@bucket/ledger"


class Refusing:
    """A storage whose own errors repeat the address, as some do."""

    def exists(self, name: str) -> bool:
        raise OSError(f"cannot read {BUCKET}")

    def cat_file(self, name: str) -> bytes:
        raise OSError(f"cannot read {BUCKET}")


class Empty:
    """A storage that has nothing."""

    def exists(self, name: str) -> bool:
        return False

    def find(self, name: str) -> list[str]:
        return []


def a_table(folder: Path) -> None:
    table_reader(DATABASE, "orders")


def an_engine(folder: Path) -> None:
    with opened("postgres", DATABASE, folder, "1GB"):
        raise AssertionError("nobody listens there")


def a_ledger(folder: Path) -> None:
    object_storage.bring_ledger(BUCKET, folder, lambda file: file.suffix == ".csv")


def a_mirror(folder: Path) -> None:
    object_storage.RemoteMirror.open(BUCKET)


@pytest.mark.parametrize("storage", [Refusing(), Empty()], ids=["refusing", "empty"])
@pytest.mark.parametrize("ask", [a_table, an_engine, a_ledger, a_mirror])
def test_an_address_that_leads_nowhere_is_told_without_its_password(
    ask: Callable[[Path], None], storage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_storage, "_opened", lambda url: (storage, "bucket/ledger"))
    with pytest.raises(Unusable) as raised:
        ask(tmp_path)
    assert "hush" not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__context__ is None
