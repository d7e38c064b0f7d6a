"""Memory that a report takes, counted and not timed: ten times the breaks take no more of it."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from zerogate_ledger import changes, parts, spool
from zerogate_ledger.breaks import BIT
from zerogate_ledger.changes import Since
from zerogate_ledger.columns import Settings
from zerogate_ledger.controls import Total
from zerogate_ledger.findings import at_lines, findings
from zerogate_ledger.ingest import take_in
from zerogate_ledger.match_inputs import Terms
from zerogate_ledger.report import tables, write
from zerogate_ledger.report.write import write_report
from zerogate_ledger.spool import Spool

TERMS = Terms(as_of=1_772_000_000, ledger_as_of=0, gate_as_of=0, kinds=("order_id",))
FEW = 200


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower what may be held at once, so that a thousand rows are many."""
    monkeypatch.setattr(spool, "FEW", 150)
    monkeypatch.setattr(spool, "AT_ONCE", 50)
    monkeypatch.setattr(changes, "_ROWS", 50)
    monkeypatch.setattr(tables, "_ROWS", 50)
    monkeypatch.setattr(write, "MOST_ROWS", 20)
    monkeypatch.setattr(parts, "_BUCKETS", 1 << 8)


def answer(breaks: int) -> Iterator[pa.Table]:
    """Rows of another amount, two for each second order, and each on a line of its own."""
    for start in range(0, breaks, 50):
        numbers = range(start, start + 50)
        size = len(numbers)
        yield pa.table(
            {
                "differences": pa.array([BIT["amount"]] * size, pa.int64()),
                "outside": [False] * size,
                "l_code": ["EUR"] * size,
                "g_code": ["EUR"] * size,
                "l_state": pa.array([0] * size, pa.int8()),
                "g_state": pa.array([0] * size, pa.int8()),
                "l_order_id": [f"order-{n - n % 4 // 3}" for n in numbers],
                "l_line": pa.array([n + 2 for n in numbers], pa.int64()),
                "l_amount": ["10"] * size,
                "g_amount": ["11"] * size,
                "l_created_at": pa.array([1_771_000_000] * size, pa.int64()),
                "g_created_at": pa.array([1_771_000_000] * size, pa.int64()),
                "ledger_rows": pa.array([1] * size, pa.int64()),
                "gate_rows": pa.array([1] * size, pa.int64()),
                "ledger_sum": pa.array([10] * size, pa.decimal128(38, 18)),
                "gate_sum": pa.array([11] * size, pa.decimal128(38, 18)),
                "gate_transactions": pa.array([1] * size, pa.int64()),
                **{name: pa.nulls(size, pa.string()) for name in ABSENT},
            }
        )


ABSENT = ("g_fiat_amount", "g_total_pay_or_receive")


def earlier(breaks: int) -> Iterator[str]:
    """A report of as many, of which half are still there."""
    for number in range(breaks // 2, breaks + breaks // 2):
        ledger = {"order_id": f"order-{number}", "currency": "EUR", "amount": "10"}
        yield json.dumps({"class": "amount", "ledger": ledger, "gate": {}}) + "\n"


def peak_of(breaks: int, folder: Path) -> tuple[int, dict[str, Any]]:
    """Bytes that Python holds at most, from the answer of a match to its report; and the summary."""
    folder.mkdir()
    file = folder / "ledger.csv"
    rows = (f"order-{n},10,EUR\n\n" for n in range(breaks))
    file.write_text("".join(["order_id,amount,currency\n", *rows]))
    before = folder / "before.jsonl"
    before.write_text("".join(earlier(breaks)))
    places = take_in(file, folder, Settings()).places(folder)
    make = partial(Spool, folder, "300MB")
    tracemalloc.start()
    with before.open(encoding="utf-8") as lines:
        held = Since.of("2026-02-01T00:00:00Z", lines, "before", make)
    ledger = {("EUR", "settled"): Total(breaks, Decimal(10 * breaks))}
    found = findings(answer(breaks), ledger, breaks, TERMS, spool=make)
    found = at_lines(found, places)
    about = {"ledger": "ledger.csv"}
    summary = write_report(found, folder / "out", about, since=held, also=("parquet", "xlsx"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, summary


def test_ten_times_the_breaks_take_no_more_memory(tmp_path: Path) -> None:
    peak_of(50, tmp_path / "warm")
    (little, few), (much, many) = (
        peak_of(count, tmp_path / str(count)) for count in (FEW, 10 * FEW)
    )
    assert (few["breaks"], many["breaks"]) == (FEW, 10 * FEW)
    for summary in (few, many):
        met = summary["since"]["carried_over"]["EUR"]["rows"]
        gone = summary["since"]["cleared"]["EUR"]["rows"]
        assert met + gone == summary["breaks"] == met + summary["since"]["new"]["EUR"]["rows"]
    lines = (tmp_path / "2000/out/breaks.jsonl").read_text("utf-8").splitlines()
    rows = list(map(json.loads, lines))
    assert {row["ledger"]["line"] for row in rows} == {str(2 + 2 * n) for n in range(10 * FEW)}
    assert much < 1.3 * little, (little, much)
