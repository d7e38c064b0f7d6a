"""Days of the mirror: however many rows one has, each is held once, and the bytes follow from the rows."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate_ledger import atomic_files
from zerogate_ledger import partitions as day_files
from zerogate_ledger.atomic_files import write_parquet
from zerogate_ledger.engine import embedded
from zerogate_ledger.mirror import Mirror
from zerogate_ledger.partitions import Days, newest
from zerogate_ledger.records import transactions

from .test_mirror import FakeGate, refresh

KIND = transactions({"completed"})
DAY = "2026-01-05"


def row(id: str, status: str, at: str | None = f"{DAY}T10:00:00Z", **said: Any) -> dict[str, Any]:
    return KIND.read({"refid": id, "status": status, "created_at": at, **said})


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=KIND.schema)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    (tmp_path / "transactions" / "new").mkdir(parents=True)
    return Days(KIND, tmp_path / "transactions", tmp_path / ".work")


def come(days: Days, *tables: pa.Table) -> list[Path]:
    """Files of new rows, taken in, and gone."""
    files = [days.folder / "new" / f"{number:08d}.parquet" for number in range(1, len(tables) + 1)]
    for file, rows in zip(files, tables, strict=True):
        write_parquet([rows], KIND.schema, file)
    days.take_in(files)
    for file in files:
        file.unlink()
    return days.files()


def held(days: Days) -> dict[str, dict[str, list[str]]]:
    """Day → id → all statuses it ever had, as the files have them."""
    return {
        file.stem: {
            row["refid"]: json.loads(row["past_statuses"])
            for row in pq.read_table(file).to_pylist()
        }
        for file in days.files()
    }


@pytest.mark.parametrize("part", [1_000, 20_000, 200_000])
def test_a_day_beyond_memory_is_merged_into_the_same_bytes(
    part: int, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(part)
    rows = [row(f"tx_{chance.randrange(3_000)}é", chance.choice("ABC")) for _ in range(6_000)]
    tables = [table(*rows[start : start + 700]) for start in range(0, 6_000, 700)]
    (file,) = come(days, *tables[:4])
    come(days, *tables[4:])
    whole = file.read_bytes()
    file.unlink()
    sorted_: list[int] = []
    monkeypatch.setattr(day_files, "PART", part)
    monkeypatch.setattr(day_files, "newest", watched(sorted_))
    come(days, *tables[:4])
    come(days, *tables[4:])
    assert file.read_bytes() == whole
    assert len(sorted_) > 2
    assert max(sorted_) < 6_000 / 2
    ids = pq.read_table(file, columns=["refid"])["refid"].to_pylist()
    assert ids == sorted({row["refid"] for row in rows})
    assert [path.name for path in days.work.iterdir()] == []


def watched(sorted_: list[int]) -> Any:
    def watching(versions: pa.Table, id: str) -> pa.Table:
        sorted_.append(versions.num_rows)
        return newest(versions, id)

    return watching


def test_a_file_has_the_same_bytes_however_its_rows_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_files, "ROW_GROUP", 100)
    rows = table(*(row(f"tx_{number:04d}", "A") for number in range(730)))
    found = set()
    for number, size in enumerate((1, 33, 100, 250, 730)):
        pieces = [rows.slice(start, size) for start in range(0, 730, size)]
        write_parquet(pieces, KIND.schema, tmp_path / f"{number}.parquet")
        found.add((tmp_path / f"{number}.parquet").read_bytes())
    assert len(found) == 1
    assert pq.ParquetFile(tmp_path / "0.parquet").metadata.num_row_groups == 8


def test_the_later_version_counts_and_every_status_is_remembered(days: Days) -> None:
    come(days, table(row("a", "CREATED"), row("b", "CREATED")))
    come(days, table(row("a", "paid")), table(row("a", "completed")))
    assert held(days) == {DAY: {"a": ["CREATED", "paid", "completed"], "b": ["CREATED"]}}


@pytest.mark.parametrize("before", ["held", "new"])
def test_a_row_that_gets_another_day_is_held_on_that_one_alone(days: Days, before: str) -> None:
    first = table(row("a", "CREATED", None), row("b", "CREATED", None), row("c", "CREATED"))
    second = table(row("a", "completed"), row("c", "completed", "2026-01-06T00:00:00Z"))
    if before == "held":
        come(days, first)
        come(days, second)
    else:
        come(days, first, second)
    assert {day: list(rows) for day, rows in held(days).items()} == {
        DAY: ["a"],
        "2026-01-06": ["c"],
        "undated": ["b"],
    }


def test_a_day_that_all_rows_have_left_is_gone(days: Days) -> None:
    come(days, table(row("a", "CREATED", None)))
    come(days, table(row("a", "CREATED")))
    assert [file.stem for file in days.files()] == [DAY]


@pytest.mark.parametrize("at", [None, "1969-12-31T23:59:59Z", "9999-12-31T00:00:00Z", "soon"])
def test_a_row_of_no_day_that_has_a_name_is_kept_all_the_same(days: Days, at: str | None) -> None:
    come(days, table(row("a", "CREATED", at)))
    come(days, table(row("a", "completed", at)))
    assert held(days) == {"undated": {"a": ["CREATED", "completed"]}}


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / 'july [draft] *?\'s "best"'
    gate = FakeGate(120)
    refresh(folder, gate)
    gate["tx_000100"]["status"] = "reversed"
    refresh(folder, gate)
    with embedded() as con:
        found = con.to_pyarrow(Mirror(folder, "test").table(con, KIND))
    assert found.num_rows == 120
    assert "reversed" in found["status"].to_pylist()
    assert not (folder / ".work").exists()
