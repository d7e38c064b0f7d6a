"""Rows beyond memory: in files of a folder, in the order that memory gives, and gone afterwards."""

from __future__ import annotations

import gc
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest
from zerogate_ledger import spool
from zerogate_ledger.findings import Findings
from zerogate_ledger.match_inputs import LEDGER, SESSIONS, TRANSACTIONS
from zerogate_ledger.pipeline import ledger_totals, match, prove
from zerogate_ledger.shards import Sides
from zerogate_ledger.spool import Spool

from .test_match import a_batch, rules, table, terms

WORDS = ["b", "B", "a", "ä", "Ω", "z\u0000", "", None, "10", "9", "\U0001f4b6"]


def rows(chance: Random) -> pa.Table:
    count = 400
    return pa.table(
        {
            "word": pa.array(chance.choices(WORDS, k=count), pa.string()),
            "number": pa.array([chance.choice([None, -1, 0, 2**40]) for _ in range(count)]),
            "flag": pa.array([chance.choice([None, True, False]) for _ in range(count)]),
            "small": pa.array(chance.choices([3, 1, None, 2], k=count), pa.int16()),
            "place": pa.array(range(count), pa.int64()),
        }
    )


def in_order(tables: list[pa.Table], folder: Path) -> list[dict[str, Any]]:
    held = Spool(folder, "200MB")
    for one in tables:
        held.add(one)
    done = held.in_order(["word", "number", "flag", "small", "place"])
    return [row for part in done.tables() for row in part.to_pylist()]


def test_what_is_sorted_on_disk_has_the_order_that_memory_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [rows(Random(1)), rows(Random(2)).drop_columns("flag"), rows(Random(3))]
    wanted = in_order(tables, tmp_path)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(spool, "FEW", 300)
    monkeypatch.setattr(spool, "AT_ONCE", 70)
    assert in_order(tables, tmp_path) == wanted
    assert len(wanted) == 1_200


def test_columns_are_read_alone_and_an_absent_one_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "FEW", 0)
    held = Spool(tmp_path)
    held.add(pa.table({"a": [1, 2], "sum": [Decimal("1.5"), None]}))
    held.add(pa.table({"b": ["x"]}))
    found = [part.to_pylist() for part in held.tables(["b", "a"])]
    assert found == [[{"b": None, "a": 1}, {"b": None, "a": 2}], [{"b": "x", "a": None}]]


def test_its_files_are_in_its_folder_and_go_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "FEW", 10)
    held = Spool(tmp_path)
    held.add(rows(Random(4)))
    assert [path.name[:6] for path in tmp_path.iterdir()] == [".rows-"]
    del held
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_findings_beyond_memory_are_those_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = a_batch(7, 300)
    ours = table([row for story in batch for row in story.ledger], (*LEDGER, "trouble"))
    theirs = table([r for story in batch for r in story.transactions], list(TRANSACTIONS.names))
    held = table([r for story in batch for r in story.sessions], list(SESSIONS.names))
    con = ibis.duckdb.connect(threads=1)
    sides = Sides(ibis.memtable(ours), ibis.memtable(theirs), ibis.memtable(held))
    said = terms(rules(("order_id",)))

    def found() -> Findings:
        return prove(
            con,
            match(con, sides, said),
            sides.ledger,
            sides.transactions,
            said,
            most_may_be_missing=True,
            spool=lambda: Spool(tmp_path, "300MB"),
        )

    in_memory = found()
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(spool, "FEW", 50)
    monkeypatch.setattr(spool, "AT_ONCE", 40)
    on_disk = found()
    assert list(tmp_path.iterdir())
    assert (on_disk.controls, on_disk.classes, on_disk.ages, on_disk.hours, on_disk.money) == (
        in_memory.controls,
        in_memory.classes,
        in_memory.ages,
        in_memory.hours,
        in_memory.money,
    )
    assert list(on_disk.rows()) == list(in_memory.rows())
    assert on_disk.breaks > 100
    assert ledger_totals(con, sides.ledger, said.ledger_words)
    con.disconnect()
