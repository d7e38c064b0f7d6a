"""`zerogate reconcile` from a ledger to a report: exit codes, what it says, the same bytes again."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate import Unauthorized
from zerogate_ledger import parts
from zerogate_ledger.command import run
from zerogate_ledger.options import parsed
from zerogate_ledger.report.write import NAMES
from zerogate_ledger.spreadsheets import sheet_rows

from .gates import MemoryGate, StillClock
from .killing import image

Run = Callable[..., int]


@pytest.fixture
def reconcile(tmp_path: Path, gate: MemoryGate, ledger: Path) -> Run:
    def go(*flags: str, source: str | None = None, client: Any = None) -> int:
        words = [source or str(ledger), "--out", str(tmp_path / "out"), *flags]
        return run(parsed(words), lambda: client or gate, StillClock())

    return go


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def summary(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "out" / "summary.json").read_text())
    return found


def breaks(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "out" / "breaks.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_sides_that_agree_end_with_0_and_totals_that_add_up(reconcile: Run, tmp_path: Path) -> None:
    assert reconcile() == 0
    found = summary(tmp_path)
    assert (found["ledger_rows"], found["matched"], found["breaks"]) == (40, 40, 0)
    assert found["totals"]["EUR"]["ledger"] == {"rows": 40, "amount": "400"}
    assert found["totals"]["EUR"]["matched"] == {"rows": 40, "amount": "400"}
    assert found["totals"]["EUR"]["breaks"] == {"rows": 0, "amount": "0"}
    assert found["tolerance"] == "off"


def test_breaks_end_with_3_and_name_the_line(reconcile: Run, ledger: Path, tmp_path: Path) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    assert reconcile() == 3
    (row,) = breaks(tmp_path)
    assert (row["class"], row["ledger_line"], row["amount_difference"]) == ("amount", "5", "-0.01")
    total = summary(tmp_path)["totals"]["EUR"]
    assert total["ledger"] == {"rows": 40, "amount": "400.01"}
    assert total["breaks"] == {"rows": 1, "amount": "10.01"}


def test_an_amount_that_is_none_puts_its_row_aside_and_never_stops_the_run(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    amounts = ['"1.234,56"', "1e5", "NaN", "0.1234567890123456789", "", "1 0"]
    for number, amount in enumerate(amounts, 7):
        edit(ledger, f"A-{number},10.00", f"A-{number},{amount}")
    assert reconcile() == 3
    found = [(row["class"], int(row["ledger_line"])) for row in breaks(tmp_path)]
    assert sorted(found) == [("unreadable", 9 + place) for place in range(len(amounts))]
    totals = summary(tmp_path)["totals"]["EUR"]
    assert totals["breaks"] == {"rows": len(amounts), "amount": "0"}


def test_a_table_of_sqlite_is_reconciled_and_its_breaks_name_the_row(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-7,10.00", "A-7,11.00")
    with ledger.open(newline="") as file, sqlite3.connect(tmp_path / "shop.db") as con:
        header, *rows = csv.reader(file)
        con.execute(f"CREATE TABLE orders ({', '.join(f'{name} text' for name in header)})")
        con.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
    con.close()
    assert reconcile("--table", "orders", source=f"sqlite:///{tmp_path}/shop.db") == 3
    (found,) = breaks(tmp_path)
    assert (found["class"], found["ledger_order_id"], found["ledger_line"]) == (
        "amount",
        "A-7",
        "8",
    )


def test_a_database_is_no_host_and_the_message_says_how_to_write_it(
    reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile("--table", "orders", source="sqlite://shop.db") == 2
    assert "names a host, and a file has none: write sqlite:///shop.db" in capsys.readouterr().err


def test_a_first_day_without_a_row_on_either_side_agrees(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    ledger.write_text("order_id,amount,currency\n")
    assert reconcile(client=MemoryGate()) == 0
    assert (summary(tmp_path)["ledger_rows"], summary(tmp_path)["breaks"]) == (0, 0)
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_row_with_too_few_cells_is_put_aside_with_its_line(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-7,10.00,EUR,paid,", "A-7,10.00,EUR;paid;")
    assert reconcile() == 3
    found = {row["class"]: row for row in breaks(tmp_path)}
    assert found["unreadable"]["ledger_line"] == "9"
    assert "cells" in found["unreadable"]["ledger_problem"]
    assert found["missing_local"]["gate_order_id"] == "A-7"
    assert summary(tmp_path)["ledger_rows"] == 40


def test_lines_are_the_files_own_after_line_breaks_and_empty_lines(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-0,10.00,EUR,paid,", '\n\n"A-0",10.00,EUR,"pa\nid",')
    edit(ledger, "A-39,10.00", "A-39,10.5")
    assert reconcile("--status", "pa\nid=success") == 3
    (row,) = breaks(tmp_path)
    text = ledger.read_text().splitlines()
    assert "A-39" in text[int(row["ledger_line"]) - 1]


def test_a_rerun_leaves_the_same_bytes(reconcile: Run, ledger: Path, tmp_path: Path) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    edit(ledger, "A-5,10.00", "A-5,x")
    reconcile("--as-of", "2026-02-01T00:00:00Z")
    names = ("breaks.csv", "breaks.jsonl", "summary.json", "report.html")
    first = [(tmp_path / "out" / name).read_bytes() for name in names]
    reconcile("--as-of", "2026-02-01T00:00:00Z")
    assert first == [(tmp_path / "out" / name).read_bytes() for name in names]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        [*names, "mirror", ".lock"]
    )


def test_a_run_killed_while_it_matches_leaves_nothing_that_disturbs_the_next(
    reconcile: Run, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    reconcile()
    whole = (tmp_path / "out" / "report.html").read_bytes()
    replace = Path.replace
    for point in range(12):
        count = 0

        def killed(self: Path, target: Path, point: int = point) -> Path:
            nonlocal count
            count += 1
            if count > point:
                raise SystemExit("killed")
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", killed)
        try:
            reconcile()
        except SystemExit:
            monkeypatch.setattr(Path, "replace", replace)
            (tmp_path / "out" / ".work").mkdir(exist_ok=True)
            (tmp_path / "out" / ".work" / "ledger.parquet").write_bytes(b"half")
            continue
        break
    monkeypatch.setattr(Path, "replace", replace)
    reconcile()
    assert (tmp_path / "out" / "report.html").read_bytes() == whole


@pytest.fixture
def unpaid(gate: MemoryGate, ledger: Path) -> Path:
    """Books without statuses, of which four were never paid."""
    for number, status in enumerate(("cancelled", "expired", "open")):
        del gate.transactions.rows[0]
        gate.sessions.rows[number]["status"] = status
    gate.transactions.rows[0] |= {"status": "CREATED", "status_timeline": []}
    rows = [",".join(line.split(",")[:3]) for line in ledger.read_text().splitlines()]
    ledger.write_text("\n".join(rows) + "\n")
    return ledger


def test_books_without_statuses_need_a_success_for_every_row(
    reconcile: Run, unpaid: Path, tmp_path: Path
) -> None:
    assert reconcile("--stale-after", "900d") == 3
    found = {row["ledger_order_id"]: row["class"] for row in breaks(tmp_path)}
    assert found == dict.fromkeys(["A-0", "A-1", "A-2", "A-3"], "not_settled")
    states = summary(tmp_path)["totals"]["EUR"]["by_status"]
    assert states["unsaid"]["matched"] == {"rows": 36, "amount": "360"}
    assert states["unsaid"]["breaks"] == {"rows": 4, "amount": "40"}
    assert states["settled"]["gate"]["matched"] == {"rows": 36, "amount": "360"}
    assert states["in_flight"]["gate"]["breaks"] == {"rows": 2, "amount": "20"}
    assert states["failed"]["gate"]["breaks"] == {"rows": 2, "amount": "20"}


def test_a_status_for_every_row_is_compared_as_if_a_column_said_it(
    reconcile: Run, unpaid: Path, tmp_path: Path
) -> None:
    assert reconcile("--stale-after", "900d", "--constant", "status=paid") == 3
    assert [row["class"] for row in breaks(tmp_path)] == [
        *["status_regressed"] * 2,
        *["status_conflict"] * 2,
    ]
    states = summary(tmp_path)["totals"]["EUR"]["by_status"]
    assert states["settled"]["ledger"] == {"rows": 40, "amount": "400"}


def test_what_is_settled_in_flight_failed_and_unreadable_is_counted_apart(
    reconcile: Run, gate: MemoryGate, ledger: Path, tmp_path: Path, capsys: Any
) -> None:
    gate.transactions.rows[1]["status"] = "FAILED"
    gate.transactions.rows[2]["status"] = "CREATED"
    edit(ledger, "A-1,10.00,EUR,paid", "A-1,10.00,EUR,failed")
    edit(ledger, "A-2,10.00,EUR,paid", "A-2,10.00,EUR,open")
    edit(ledger, "A-3,10.00", 'A-3,"10,00"')
    assert reconcile("--stale-after", "900d", "--gate-status", "FAILED=failure") == 3
    states = summary(tmp_path)["totals"]["EUR"]["by_status"]
    assert {name: part["ledger"] for name, part in states.items()} == {
        "settled": {"rows": 37, "amount": "370"},
        "in_flight": {"rows": 1, "amount": "10"},
        "failed": {"rows": 1, "amount": "10"},
        "unreadable": {"rows": 1, "amount": "0"},
    }
    assert "of it settled 370 (37), in flight 10 (1), failed 10 (1)" in capsys.readouterr().out


def test_a_wrong_amount_basis_is_said_once(
    reconcile: Run, gate: MemoryGate, tmp_path: Path, capsys: Any
) -> None:
    for row in gate.transactions.rows[:30]:
        row |= {"fiat_amount": "9.50", "total_pay_or_receive": "10.00", "total_fees": "0.50"}
    assert reconcile() == 3
    (one,) = summary(tmp_path)["suspicions"]
    assert (one["code"], one["rows"], one["of"]) == ("amount_basis", 30, 40)
    assert "--amount-basis total" in capsys.readouterr().out
    assert {row["note"] for row in breaks(tmp_path)} == {""}
    assert reconcile("--amount-basis", "total") == 0
    assert summary(tmp_path)["suspicions"] == []


def test_figures_that_add_up_nowhere_are_our_reading_and_no_ten_thousand_breaks(
    reconcile: Run, gate: MemoryGate, tmp_path: Path
) -> None:
    for row in gate.transactions.rows[:21]:
        row["total_fees"] = "0.50"
    assert reconcile() == 0
    (one,) = summary(tmp_path)["suspicions"]
    assert (one["code"], one["rows"], one["of"]) == ("fee_rule", 21, 40)
    for row in gate.transactions.rows[:2]:
        row["total_fees"] = "0"
    assert reconcile() == 3
    assert [row["class"] for row in breaks(tmp_path)] == ["fee_identity"] * 19
    assert summary(tmp_path)["suspicions"] == []


PERIOD = ("--from", "2026-01-10T00:00:00Z", "--to", "2026-01-20T00:00:00Z")


def test_what_is_outside_the_period_is_named_and_left_out_on_both_sides(
    reconcile: Run, gate: MemoryGate, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-2,10.00", "A-2,99.00")
    edit(ledger, "A-10,10.00", "A-10,99.00")
    lines = ledger.read_text().splitlines()
    # Gone from the books: one within the period, one after it.
    kept = [line for line in lines if not line.startswith(("A-11,", "A-25,"))]
    ledger.write_text("\n".join(kept) + "\n")
    assert reconcile(*PERIOD) == 3
    found = {row["gate_order_id"]: row["class"] for row in breaks(tmp_path)}
    assert found == {"A-10": "amount", "A-11": "missing_local"}
    told = summary(tmp_path)
    assert (told["from"], told["to"]) == ("2026-01-10T00:00:00Z", "2026-01-20T00:00:00Z")
    control = told["totals"]["EUR"]
    assert control["ledger"]["rows"] == 38
    assert control["matched"]["rows"] == 11
    assert control["outside_period"] == {"rows": 26, "amount": "349"}
    assert control["gate"]["outside_period"]["rows"] == 27
    assert told["outside_period"] == 27
    assert "outside the period" in (tmp_path / "out" / "report.html").read_text()


def test_a_row_in_the_period_is_met_by_a_record_from_after_it(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-19,10.00,EUR,paid,2026-01-20", "A-19,10.00,EUR,paid,2026-01-19")
    assert reconcile(*PERIOD) == 0
    assert summary(tmp_path)["matched"] == 14


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--from", "2026-02-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"], "is not after --from"),
        (["--from", "2026-02-01"], "names no time zone"),
    ],
)
def test_a_period_that_is_none_is_refused(
    flags: list[str], says: str, reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile(*flags) == 2
    assert says in capsys.readouterr().err


def test_a_period_needs_the_rows_time(
    reconcile: Run, unpaid: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile("--from", "2026-01-01T00:00:00Z") == 2
    assert "say --column created_at=NAME" in capsys.readouterr().err


def test_a_closing_date_is_through_its_day(reconcile: Run, tmp_path: Path) -> None:
    assert reconcile("--from", "2026-01-10", "--to", "2026-01-19", "--tz", "UTC") == 0
    assert summary(tmp_path)["to"] == "2026-01-20T00:00:00Z"


@pytest.mark.parametrize(
    ("day", "last", "after"),
    [
        ("2026-10-25", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"),
        ("2026-03-29", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"),
    ],
    ids=["a day of 25 hours", "a day of 23 hours"],
)
def test_a_period_closes_at_midnight_also_where_clocks_change(
    day: str, last: str, after: str, reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    rows = [f"B-{n},10.00,EUR,paid,{when}" for n, when in enumerate((last, after))]
    ledger.write_text("\n".join(["order_id,amount,currency,status,created_at", *rows]) + "\n")
    closes = ("--from", "2026-03-01", "--to", day, "--tz", "Europe/Berlin", "--most-may-be-missing")
    assert reconcile(*closes) == 0  # younger than what Gate is known until
    assert summary(tmp_path)["totals"]["EUR"]["outside_period"]["rows"] == 1
    assert [row["ledger_order_id"] for row in breaks(tmp_path) if row["ledger_order_id"]] == ["B-0"]


def test_what_came_after_the_ledgers_newest_row_is_not_yet_due(
    reconcile: Run, gate: MemoryGate, tmp_path: Path
) -> None:
    gate.pay(40)
    gate.transactions.rows[-1]["created_at"] = "2026-01-28T12:00:00Z"
    assert reconcile() == 0
    assert [row["class"] for row in breaks(tmp_path)] == ["not_yet_due"]
    assert summary(tmp_path)["ledger_as_of"] == "2026-01-28T10:00:00Z"
    assert reconcile("--ledger-as-of", "2026-02-01T00:00:00Z") == 3
    assert [row["class"] for row in breaks(tmp_path)] == ["missing_local"]


def test_a_date_alone_lasts_through_its_day(reconcile: Run, ledger: Path, tmp_path: Path) -> None:
    # The mirror is read at 02:40 of this day.
    text = ledger.read_text().replace("T10:00:00Z", "")
    ledger.write_text(text + "A-90,1.00,EUR,paid,2026-02-02\n")
    assert reconcile("--tz", "UTC") == 0
    assert [row["class"] for row in breaks(tmp_path)] == ["not_yet_due"]


def test_a_second_run_in_the_same_folder_is_refused(
    reconcile: Run, gate: MemoryGate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Nested(MemoryGate):
        @property
        def mode(self) -> str:
            assert reconcile() == 2
            return "test"

        @mode.setter
        def mode(self, value: str) -> None: ...

    other = Nested()
    other.transactions, other.sessions = gate.transactions, gate.sessions
    assert reconcile(client=other) == 0
    assert "another run of" in capsys.readouterr().err
    assert summary(tmp_path)["matched"] == 40


def test_money_in_breaks_is_added_up_by_class_currency_and_age(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    edit(ledger, "A-27,10.00", "A-27,12.00")
    edit(ledger, "A-5,10.00,EUR", "A-5,10.00,USD")
    assert reconcile() == 3
    assert summary(tmp_path)["money"] == [
        {"class": "currency", "currency": "USD", "age": "7–30 days", "rows": 1, "amount": "10"},
        {"class": "amount", "currency": "EUR", "age": "7–30 days", "rows": 1, "amount": "10.01"},
        {"class": "amount", "currency": "EUR", "age": "3–7 days", "rows": 1, "amount": "12"},
    ]
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.index("Money in question") < page.index("Control totals")


KNOWN = """
[[known]]
order = "A-3"
class = "amount"
owner = "Maria"
reason = "rounded by the till"
until = 2026-02-28
[[known]]
order = "A-9"
class = "amount"
owner = "Tom"
reason = "paid back"
until = 2026-03-31
"""


def test_a_known_break_is_listed_with_its_owner_and_wakes_nobody_until_it_ends(
    reconcile: Run, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "known.toml"
    known.write_text(KNOWN)
    edit(ledger, "A-3,10.00", "A-3,10.01")
    assert reconcile("--known", str(known)) == 0
    (row,) = breaks(tmp_path)
    assert (row["known_owner"], row["known_reason"]) == ("Maria", "rounded by the till")
    told = summary(tmp_path)
    assert (told["breaks"], told["breaks_known"], told["breaks_to_look_at"]) == (1, 1, 0)
    assert told["known_and_gone"] == [{"order": "A-9", "class": "amount"}]
    assert "known until 2026-02-28, Maria" in (tmp_path / "out" / "report.html").read_text()
    assert "1 of them are known" in capsys.readouterr().out
    # Another class of the same order is not what Maria answers for.
    edit(ledger, "A-3,10.01,EUR", "A-3,10.01,USD")
    assert reconcile("--known", str(known)) == 3
    edit(ledger, "A-3,10.01,USD", "A-3,10.01,EUR")
    assert reconcile("--known", str(known), "--as-of", "2026-03-01T00:00:00Z") == 3
    assert "was known until 2026-02-28" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('owner = "Tom"\n', "", "number 2 needs"),
        ("2026-03-31", '"soon"', "until is a day"),
        ('class = "amount"', 'class = "sum"', "no class 'sum'"),
        ('owner = "Tom"', 'owner = ""', "owner is a text"),
        ('"A-9"', '"A-3"', "is there twice"),
        ("[[known]]", "[[seen]]", "and nothing else"),
    ],
)
def test_a_file_of_known_breaks_with_a_mistake_says_where(
    old: str, new: str, says: str, reconcile: Run, tmp_path: Path, capsys: Any
) -> None:
    known = tmp_path / "known.toml"
    known.write_text(KNOWN.replace(old, new, 1))
    assert reconcile("--known", str(known)) == 2
    assert says in capsys.readouterr().err


def test_what_is_new_carried_over_and_cleared_since_an_earlier_report_is_told_with_its_money(
    reconcile: Run, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(ledger, "A-3,10.00", "A-3,11.00")
    edit(ledger, "A-4,10.00", "A-4,12.00")
    assert reconcile() == 3
    edit(ledger, "A-4,12.00", "A-4,10.00")
    edit(ledger, "A-5,10.00", "A-5,13.00")
    assert reconcile("--since", str(tmp_path / "out")) == 3
    told = summary(tmp_path)["since"]
    assert told["new"] == {"EUR": {"rows": 1, "amount": "13.00"}}
    assert told["carried_over"] == {"EUR": {"rows": 1, "amount": "11.00"}}
    assert told["cleared"] == {"EUR": {"rows": 1, "amount": "12.00"}}
    assert [row["change"] for row in breaks(tmp_path)] == ["carried over", "new"]
    assert "cleared            1 of 12.00 EUR" in capsys.readouterr().out
    assert "<dt>cleared<dd>1 of 12.00 EUR" in (tmp_path / "out" / "report.html").read_text()
    assert reconcile("--since", str(tmp_path)) == 2
    assert "no report in" in capsys.readouterr().err


def test_breaks_are_also_written_as_parquet_and_as_a_workbook(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    assert reconcile("--also", "parquet", "--also", "xlsx") == 3
    (row,) = breaks(tmp_path)
    (same,) = pq.read_table(tmp_path / "out" / "breaks.parquet").to_pylist()
    assert {name: value or "" for name, value in same.items()} == row
    head, cells = (cells for _, cells in sheet_rows(tmp_path / "out" / "breaks.xlsx"))
    assert dict(zip(head, cells, strict=True)) == row
    assert (tmp_path / "out" / "breaks.csv").read_bytes().startswith(b"\xef\xbb\xbfclass,")


def test_every_file_names_its_run_and_the_run_its_ledger(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    assert reconcile() == 3
    told = summary(tmp_path)
    assert told["ledger_sha256"] == hashlib.sha256(ledger.read_bytes()).hexdigest()
    assert told["partner_id"] == "partner_1"
    assert set(told["versions"]) == {"duckdb", "ibis-framework", "pyarrow", "zerogate"}
    for name in ("breaks.csv", "breaks.jsonl", "report.html"):
        assert told["run"] in (tmp_path / "out" / name).read_text("utf-8-sig")
    edit(ledger, "A-3,10.01", "A-3,10.02")
    assert reconcile() == 3
    assert summary(tmp_path)["run"] != told["run"]


def with_refunds(ledger: Path, *rows: str) -> None:
    ledger.write_text(ledger.read_text() + "".join(f"{row},2026-01-20T10:00:00Z\n" for row in rows))


@pytest.mark.parametrize(
    ("word", "flags"),
    [("refunded", []), ("Erstattet", ["--status", "Erstattet=refund"])],
)
def test_refunds_are_rows_of_their_own_and_no_duplicates(
    word: str,
    flags: list[str],
    reconcile: Run,
    ledger: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with_refunds(ledger, f"A-1,-10.00,EUR,{word}", f"A-2,-4.00,EUR,{word}", f"A-2,-6.00,EUR,{word}")
    assert reconcile(*flags) == 0
    told = summary(tmp_path)
    assert (told["ledger_rows"], told["matched"], told["refunds"]) == (43, 40, 3)
    assert told["totals"]["EUR"]["ledger"] == {"rows": 43, "amount": "380"}
    assert told["totals"]["EUR"]["refunds"] == {"rows": 3, "amount": "-20"}
    # What is said to add up does, as it is read: 400 and -20 are 380.
    said = "ledger 380 (43) = matched 400 (40) + breaks 0 (0) + refunds -20 (3)"
    assert said in capsys.readouterr().out
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<th>In breaks<th>Refunds<th>Gate, matched" in page
    assert 'data-name="Refunds"><div>−20<small>3 rows' in page


def test_more_refunded_than_was_paid_is_a_break(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    with_refunds(
        ledger,
        *("A-1,-6.00,EUR,refunded", "A-1,-4.01,EUR,refunded"),
        *("A-99,-1.00,EUR,refunded", "A-2,-1.00,USD,refunded", 'A-3,"-1,00",EUR,refunded'),
    )
    assert reconcile() == 3
    found = [(row["ledger_order_id"], row["class"]) for row in breaks(tmp_path)]
    assert found == [
        ("A-3", "unreadable"),
        *(("A-1", "over_refunded"), ("A-1", "over_refunded")),
        *(("A-2", "over_refunded"), ("A-99", "over_refunded")),
    ]
    assert summary(tmp_path)["matched"] == 40


@pytest.mark.parametrize(
    ("status", "found"),
    [("paid", 0), ("failed", 1), ("open", 1)],
    ids=["that was paid", "that failed", "that is in flight"],
)
def test_money_that_goes_back_of_a_payment(
    status: str, found: int, reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-1,10.00,EUR,paid", f"A-1,10.00,EUR,{status}")
    with_refunds(ledger, "A-1,-10.00,EUR,refunded")
    reconcile()
    classes = [row["class"] for row in breaks(tmp_path)]
    assert classes.count("over_refunded") == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # A refund that failed was paid out again; a dispute that was won.
        (("A-1,-10.00", "A-1,10.00", "A-1,-10.00"), []),
        (("A-2,-10.00", "A-2,10.00"), []),
        # Some systems write what went back without a minus.
        (("A-3,4.00", "A-3,6.00"), []),
        (("A-4,4.00", "A-4,6.01"), ["A-4", "A-4"]),
        (("A-5,-10.00", "A-5,3.00", "A-5,-3.01"), ["A-5"] * 3),
    ],
)
def test_what_came_back_of_a_refund_stands_against_it(
    rows: tuple[str, ...], found: list[str], reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    lines = ledger.read_text().splitlines()
    more = [f"{row},EUR,paid,2026-01-20T10:00:00Z,refund" for row in rows]
    whole = [f"{lines[0]},Type", *(f"{line},charge" for line in lines[1:]), *more]
    ledger.write_text("\n".join(whole) + "\n")
    columns = tmp_path / "columns.toml"
    columns.write_text('[refunds]\nType = "refund"\n')
    assert reconcile("--columns", str(columns)) == (3 if found else 0)
    told = [(row["ledger_order_id"], row["class"]) for row in breaks(tmp_path)]
    assert told == [(order, "over_refunded") for order in found]


def test_a_refund_of_an_earlier_file_is_borne_out_where_both_are_given(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    head, *rows = ledger.read_text().splitlines()
    books = tmp_path / "books"
    books.mkdir()
    early = [row for row in rows if ",2026-01-0" in row]
    refund = f"{early[0].split(',')[0]},-10.00,EUR,refunded,2026-01-25T10:00:00Z"
    late = [row for row in rows if row not in early]
    (books / "1.csv").write_text("\n".join([head, *early]) + "\n")
    (books / "2.csv").write_text("\n".join([head, *late, refund]) + "\n")
    period = ("--from", "2026-01-10", "--tz", "UTC")
    assert reconcile(*period, source=str(books)) == 0
    told = summary(tmp_path)
    assert (told["refunds"], told["matched"]) == (1, len(late))
    assert reconcile(*period, source=str(books / "2.csv")) == 3
    assert [row["class"] for row in breaks(tmp_path)] == ["over_refunded"]


def test_an_order_that_is_marked_as_refunded_in_place_is_no_refund_row(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    edit(ledger, "A-3,10.00,EUR,paid", "A-3,10.00,EUR,refunded")
    assert reconcile() == 3
    assert [row["class"] for row in breaks(tmp_path)] == ["unknown_status"]
    assert reconcile("--status", "refunded=success") == 0


def test_kinds_of_rows_that_are_refunds_are_named_in_the_file_of_columns(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    lines = ledger.read_text().splitlines()
    rows = [f"{lines[0]},Type", *(f"{line},charge" for line in lines[1:])]
    rows += ["A-1,-10.00,EUR,paid,2026-01-20T10:00:00Z,refund", "x,1,EUR,paid,,fee"]
    ledger.write_text("\n".join(rows) + "\n")
    columns = tmp_path / "columns.toml"
    columns.write_text('[where]\nType = "charge"\n[refunds]\nType = "refund"\n')
    assert reconcile("--columns", str(columns)) == 0
    told = summary(tmp_path)
    assert (told["matched"], told["refunds"], told["rows_of_other_kinds"]) == (40, 1, 1)


def paid_in_parts(gate: MemoryGate, number: int, *amounts: str) -> None:
    """The order's one payment becomes several of its session."""
    (row,) = (row for row in gate.transactions.rows if row["refid"] == f"tx_{number}")
    for place, amount in enumerate(amounts):
        part = row if place == 0 else dict(row, refid=f"tx_{number}_{place}")
        part |= {"fiat_amount": amount, "total_pay_or_receive": amount}
        if place:
            gate.transactions.rows.append(part)


#: What Gate has of an order, and what the books have of it, by the order's number.
WHOLE = {
    3: (("6.00", "4.00"), ("10.00",)),
    5: (("10.00",), ("6.00", "4.00")),
    7: (("6.00", "4.00"), ("4.00", "6.00")),
    9: (("3.00", "3.00", "4.00"), ("10.00",)),
}
NOT_WHOLE = {
    3: (("6.00", "4.01"), ("10.00",)),
    5: (("10.00", "10.00"), ("10.00",)),
    7: (("10.00", "10.00"), ("10.00", "10.00")),
    9: (("10.00",), ("10.00", "10.00")),
}


@pytest.mark.parametrize(("orders", "code"), [(WHOLE, 0), (NOT_WHOLE, 3)], ids=["whole", "not"])
def test_parts_match_where_they_are_the_whole(
    orders: dict[int, tuple[tuple[str, ...], tuple[str, ...]]],
    code: int,
    reconcile: Run,
    gate: MemoryGate,
    ledger: Path,
    tmp_path: Path,
) -> None:
    for number, (paid, booked) in orders.items():
        paid_in_parts(gate, number, *paid)
        lines = ledger.read_text().splitlines()
        line = next(line for line in lines if line.startswith(f"A-{number},"))
        edit(ledger, line, "\n".join(line.replace("10.00", amount) for amount in booked))
    assert reconcile() == code
    told = summary(tmp_path)
    assert told["orders_in_parts"] == (len(orders) if code == 0 else 0)
    named = {row["ledger_order_id"] or row["gate_order_id"] for row in breaks(tmp_path)}
    assert named == (set() if code == 0 else {f"A-{number}" for number in orders})
    if code == 0:
        assert told["totals"]["EUR"]["gate"]["matched"]["amount"] == "400"
        assert told["totals"]["EUR"]["matched"]["amount"] == "400"


def test_fees_of_another_system_are_one_suspicion(
    reconcile: Run, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = ledger.read_text().splitlines()
    ledger.write_text("\n".join([f"{head},fee", *(f"{row},0.55" for row in rows)]) + "\n")
    assert reconcile() == 3
    (said,) = summary(tmp_path)["suspicions"]
    assert (said["code"], said["rows"], said["of"]) == ("fees", 40, 40)
    assert "40 of 40 fees are others than Gate's" in capsys.readouterr().out
    columns = tmp_path / "columns.toml"
    columns.write_text(
        'guess = false\n[columns]\norder_id = "order_id"\nstatus = "status"\ncreated_at = "created_at"\n'
    )
    assert reconcile("--columns", str(columns)) == 0
    assert "not used      'fee'" in capsys.readouterr().err


def test_an_export_that_a_preset_reads_is_recognized(
    reconcile: Run, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "created_utc,currency,gross,fee,net,reporting_category,payment_metadata[order_id]"
    rows = (
        f"2026-01-{1 + n % 28:02d} 10:00:00,eur,10.00,0.55,9.45,charge,A-{n}" for n in range(40)
    )
    ledger.write_text("\n".join([head, *rows]) + "\n")
    assert reconcile() == 2
    assert "say --preset stripe-balance or stripe-payout" in capsys.readouterr().err
    # Of the fees none is Gate's: the preset leaves them alone.
    assert reconcile("--preset", "stripe-payout") == 0


def test_an_address_of_the_web_is_no_database(
    reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile(source="https://shop.example/orders.csv") == 2
    assert "is not on this machine: download it first" in capsys.readouterr().err


@pytest.mark.parametrize("told", ["{", "[]", '{"mode": "test"}', "\0"])
@pytest.mark.parametrize("flags", [(), ("--offline",)])
def test_a_mirror_whose_own_file_is_broken_is_named_and_left(
    told: str,
    flags: tuple[str, ...],
    reconcile: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "out" / "mirror" / "mirror.json"
    file.parent.mkdir(parents=True)
    file.write_text(told)
    assert reconcile(*flags) == 2
    assert f"{file} cannot be read: put it back from a copy" in capsys.readouterr().err
    assert file.read_text() == told


@pytest.mark.parametrize("size", ["lots", "1000", "-1GB", "1 GB of RAM", ""])
def test_a_memory_that_is_no_size_is_refused(
    size: str, reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        reconcile(f"--memory={size}")
    assert "is not a size such as 1000MB or 4GB" in capsys.readouterr().err


def test_an_order_of_too_many_rows_is_named_and_not_put_together(
    reconcile: Run,
    ledger: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = ledger.read_text().splitlines()
    line = next(line for line in lines if line.startswith("A-3,"))
    edit(ledger, line, "\n".join([line.replace("10.00", "2.50")] * 4))
    assert reconcile() == 0
    monkeypatch.setattr(parts, "MOST", 3)
    assert reconcile() == 3
    (said,) = summary(tmp_path)["suspicions"]
    assert (said["code"], said["rows"], said["of"]) == ("order_in_many_rows", 4, 4)
    assert "1 order of more than 3 rows each, such as 'A-3' with 4" in capsys.readouterr().out
    assert "not put together from parts" in (tmp_path / "out" / "report.html").read_text()


def test_a_part_that_is_still_in_flight_is_none_yet(reconcile: Run, gate: MemoryGate) -> None:
    paid_in_parts(gate, 3, "6.00", "4.00")
    gate.transactions.rows[-1] |= {"status": "CREATED", "status_timeline": []}
    assert reconcile("--stale-after", "900d") == 3


def test_dates_are_compared_where_days_are_said(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    # Paid on the 4th, in a ledger of dates.
    edit(ledger, "A-7,10.00,EUR,paid,2026-01-04T10:00:00Z", "A-7,10.00,EUR,paid,2026-01-01")
    edit(ledger, "A-8,10.00,EUR,paid,2026-01-04T10:00:00Z", "A-8,10.00,EUR,paid,2026-01-04")
    assert reconcile("--tz", "UTC") == 0
    assert reconcile("--offline", "--tz", "UTC", "--tolerance", "3d") == 0
    assert reconcile("--offline", "--tz", "UTC", "--tolerance", "2d") == 3
    [one] = breaks(tmp_path)
    assert (one["class"], one["ledger_order_id"]) == ("date", "A-7")
    assert summary(tmp_path)["tolerance"] == "2 days"


@pytest.mark.parametrize(
    ("flags", "left"),
    [
        (["0.01"], ["A-4", "A-5"]),
        (["EUR=0.02"], ["A-5"]),
        (["USD=5", "0.01"], ["A-4", "A-5"]),
        (["0.5%"], []),
        (["0.1%", "EUR=0.02"], ["A-5"]),
    ],
)
def test_a_tolerance_is_for_a_currency_or_a_part_of_the_amount(
    flags: list[str], left: list[str], reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    for order, amount in (("A-3", "10.01"), ("A-4", "10.02"), ("A-5", "10.05")):
        edit(ledger, f"{order},10.00", f"{order},{amount}")
    given = [word for flag in flags for word in ("--tolerance", flag)]
    assert reconcile(*given) == (3 if left else 0)
    assert [row["gate_order_id"] for row in breaks(tmp_path)] == left


def test_a_tolerance_for_no_currency_is_refused(
    reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        reconcile("--tolerance", "=1")
    assert "'=1' names no currency" in capsys.readouterr().err


def test_a_tolerance_forgives_money_and_no_tokens(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    tokens = {"A-3": "9.5", "A-4": "9.50", "A-5": "9.6", "A-6": ""}
    for order in tokens:
        edit(ledger, f"{order},10.00", f"{order},10.01")
    lines = ledger.read_text().splitlines()
    rows = [f"{line},{tokens.get(line.partition(',')[0], '')}" for line in lines[1:]]
    ledger.write_text("\n".join([f"{lines[0]},token_amount", *rows]) + "\n")
    assert reconcile("--tolerance", "0.01") == 3
    assert [row["ledger_order_id"] for row in breaks(tmp_path)] == ["A-5"]


NO_ROOM = {
    "memory": (duckdb.OutOfMemoryException("could not allocate"), "say --memory 4GB"),
    "disk of the engine": (duckdb.IOException("could not write: disk full"), "has room"),
    "disk": (OSError(28, "No space left on device"), "No space left on device"),
}


def test_a_run_without_room_says_so_and_leaves_the_last_report_whole(
    reconcile: Run,
    ledger: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reconcile() == 0
    before = image(tmp_path / "out")
    edit(ledger, "A-3,10.00", "A-3,10.01")
    for name, (problem, says) in NO_ROOM.items():

        def full(*given: Any, problem: Exception = problem, **said: Any) -> Any:
            raise problem

        # What is written needs one match to come to it; what ends a match is told apart by its words.
        for place in (
            ("command.match", "report.write.page") if name == "disk" else ("command.match",)
        ):
            monkeypatch.setattr(f"zerogate_ledger.{place}", full)
            assert reconcile("--offline") == 1, name
            assert says in capsys.readouterr().err
            monkeypatch.undo()
            now = image(tmp_path / "out")
            assert {name: now[name] for name in before} == before


def test_a_ledger_of_another_account_stops_with_that_diagnosis(
    reconcile: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert reconcile(client=MemoryGate()) == 4
    assert "40 of 40 ledger rows are not at Gate" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report.html").exists()
    assert reconcile("--most-may-be-missing", client=MemoryGate()) == 3


def changed(gate: MemoryGate, **said: Any) -> MemoryGate:
    """The same records under another partner, or none at all."""
    other = MemoryGate(**said)
    other.transactions.rows = gate.transactions.rows
    other.sessions.rows = [
        row | {"partner_id": other.partner_id} for row in gate.sessions.rows if other.partner_id
    ]
    return other


def test_a_mirror_of_another_account_stops_before_anything_is_written(
    reconcile: Run, gate: MemoryGate, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert reconcile() == 0
    state = tmp_path / "out" / "mirror" / "mirror.json"
    assert json.loads(state.read_text())["partner_id"] == "partner_1"
    others = {"partner_2": "is of partner partner_2", "": "lists no sessions at all"}
    for pinned in (True, False):
        if not pinned:
            # As one from before mirrors were pinned; the rows that it holds say whose it is.
            edit(state, '"partner_id": "partner_1"', '"partner_id": null')
        before = image(state.parent)
        for partner, says in others.items():
            assert reconcile(client=changed(gate, partner_id=partner)) == 4
            assert f"mirrors partner partner_1, and the key {says}" in capsys.readouterr().err
            assert image(state.parent) == before
        assert reconcile() == 0
        assert json.loads(state.read_text())["partner_id"] == "partner_1"


def test_a_mirror_is_pinned_by_the_first_session_of_its_account(
    reconcile: Run, gate: MemoryGate, tmp_path: Path
) -> None:
    assert reconcile("--most-may-be-missing", client=MemoryGate()) == 3
    assert reconcile() == 0
    assert reconcile(client=changed(gate, partner_id="partner_2")) == 4


def test_a_transaction_that_settles_days_later_is_seen_by_the_next_run(
    reconcile: Run, gate: MemoryGate, ledger: Path, tmp_path: Path
) -> None:
    row = gate.transactions.rows[4]
    row |= {"status": "CREATED", "status_timeline": []}
    edit(ledger, "A-4,10.00,EUR,paid", "A-4,10.00,EUR,open")
    assert reconcile("--stale-after", "900d") == 0
    row["status"] = "completed"
    assert reconcile("--stale-after", "900d") == 3
    assert [b["class"] for b in breaks(tmp_path)] == ["status_behind"]


def test_rows_that_are_merely_young_are_listed_and_wake_nobody(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    ledger.write_text(ledger.read_text() + "A-90,10.00,EUR,open,2026-02-02T02:30:00Z\n")
    assert reconcile() == 0
    assert summary(tmp_path)["breaks_not_yet_due"] == 1
    assert [row["class"] for row in breaks(tmp_path)] == ["not_yet_due"]


def test_tolerance_forgives_and_says_so(reconcile: Run, ledger: Path, tmp_path: Path) -> None:
    edit(ledger, "A-3,10.00", "A-3,10.01")
    edit(ledger, "A-4,10.00", "A-4,10.02")
    assert reconcile("--tolerance", "0.01") == 3
    assert [row["gate_order_id"] for row in breaks(tmp_path)] == ["A-4"]
    found = summary(tmp_path)
    assert found["tolerance"] == "0.01"
    assert found["within_tolerance"] == {"rows": 1, "amount": "-0.01"}


def test_amounts_with_fees_are_explained_and_can_be_chosen(
    reconcile: Run, gate: MemoryGate, ledger: Path, tmp_path: Path
) -> None:
    gate.transactions.rows[6] |= {"total_pay_or_receive": "10.50", "total_fees": "0.50"}
    edit(ledger, "A-6,10.00", "A-6,10.50")
    assert reconcile() == 3
    assert "--amount-basis total" in breaks(tmp_path)[0]["note"]
    assert reconcile("--amount-basis", "total") == 0


def test_the_mapping_that_was_guessed_is_printed(
    reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    reconcile()
    said = capsys.readouterr().err
    assert "amount        column 'amount', guessed from its name" in said
    assert "'paid' means success, guessed" in said


def test_a_file_of_columns_says_what_names_do_not(
    reconcile: Run, ledger: Path, tmp_path: Path
) -> None:
    text = ledger.read_text().replace(
        "order_id,amount,currency,status,created_at", "Nr,Betrag,W,S,Am"
    )
    ledger.write_text(text.replace("paid", "bezahlt"))
    columns = tmp_path / "columns.toml"
    columns.write_text(
        '[columns]\norder_id = "Nr"\namount = "Betrag"\ncurrency = "W"\nstatus = "S"\n'
        'created_at = "Am"\n[statuses]\nbezahlt = "success"\n'
    )
    assert reconcile("--columns", str(columns)) == 0
    assert summary(tmp_path)["columns_guessed"] == []


def test_offline_takes_the_mirror_as_it_is(
    reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile("--offline") == 2
    assert "run once without --offline" in capsys.readouterr().err
    assert reconcile() == 0
    assert reconcile("--offline", client=object()) == 0


def test_errors_of_the_client_are_left_to_the_command_line(reconcile: Run) -> None:
    class Refused(MemoryGate):
        @property
        def mode(self) -> str:
            raise Unauthorized("wrong key", status=401)

        @mode.setter
        def mode(self, value: str) -> None: ...

    with pytest.raises(Unauthorized):
        reconcile(client=Refused())


def test_no_client_secret_reaches_the_disk(reconcile: Run, tmp_path: Path) -> None:
    reconcile()
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert b"gsec_never_here" not in path.read_bytes()


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--tz", "Mars/Phobos"], "no time zone 'Mars/Phobos'"),
        (["--column", "amount=Betrag"], "no column 'Betrag'"),
        (["--column", "sum=amount"], "'sum' is not a field"),
        (["--as-of", "soon"], "--as-of"),
        (["--as-of", "2026-02-01"], "names no time zone"),
        (["--status", "paid=good"], "means success, in_flight, failure or refund"),
        (["--delimiter", "||"], "one character"),
        (["--columns", "nowhere.toml"], "cannot be read as TOML"),
    ],
)
def test_a_wrong_option_ends_with_2_and_says_what_to_give(
    flags: list[str], says: str, reconcile: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile(*flags) == 2
    assert says in capsys.readouterr().err


def test_a_ledger_that_is_not_there_ends_with_2(reconcile: Run, tmp_path: Path) -> None:
    assert reconcile(source=str(tmp_path / "none.csv")) == 2


def test_a_swap_is_compared_by_its_token_alone(
    reconcile: Run, gate: MemoryGate, ledger: Path, tmp_path: Path
) -> None:
    gate.pay(
        77,
        "50.00",
        action="SWAP",
        fiat_amount="0.00",
        token_amount="250.00",
        total_pay_or_receive="249.40",
        total_fees="0.60",
    )
    ledger.write_text(ledger.read_text() + "A-77,250,USDC,paid,2026-01-22T10:00:00Z\n")
    assert reconcile() == 0
    assert summary(tmp_path)["totals"]["USDC"]["matched"] == {"rows": 1, "amount": "250"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda day: day.write_bytes(day.read_bytes()[:60]),
        lambda day: day.write_bytes(b""),
        lambda day: pq.write_table(pa.table({"refid": ["x"]}), day),
    ],
    ids=["cut off", "empty", "of another table"],
)
@pytest.mark.parametrize("flags", [(), ("--offline",)])
def test_a_damaged_day_of_the_mirror_is_named_and_the_last_report_stays(
    spoil: Callable[[Path], object],
    flags: tuple[str, ...],
    reconcile: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reconcile() == 0
    before = {name: (tmp_path / "out" / name).read_bytes() for name in NAMES}
    day = sorted((tmp_path / "out" / "mirror" / "transactions").glob("*.parquet"))[1]
    spoil(day)
    assert reconcile(*flags) == 2
    assert f"{day} is damaged: put it back" in capsys.readouterr().err
    assert {name: (tmp_path / "out" / name).read_bytes() for name in NAMES} == before
    day.unlink()
    assert reconcile("--audit") == 0
