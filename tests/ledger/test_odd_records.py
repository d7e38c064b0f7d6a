"""Records that Gate should not send but may: one odd row harms itself alone, now and at the next refresh."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final

import attrs
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate import GateUsageError, Page
from zerogate_ledger import mirror as mirrors
from zerogate_ledger import records
from zerogate_ledger.command import run
from zerogate_ledger.errors import WrongAccount
from zerogate_ledger.mirror import Mirror
from zerogate_ledger.options import parsed
from zerogate_ledger.partitions import newest
from zerogate_ledger.progress import Reached
from zerogate_ledger.sources import GateSource

from tests.services import unavailable
from tests.thorough import divided

from .engines import POSTGRES
from .gates import MemoryGate, Resource, StillClock

NOW = 1_770_000_000
KINDS = records.transactions({"completed"}, {"completed"}), records.sessions()
DEEP: Any = []
for _ in range(5_000):
    DEEP = [DEEP]

ODD: dict[str, Any] = {
    "a number": 5,
    "a truth": True,
    "nothing": None,
    "an empty text": "",
    "a list of numbers": [1, None, True, "x"],
    "a list of lists": [[{"status": "completed"}]],
    "an object": {"status": {"status": 5}, "order_id": [1]},
    "an object by number": {"0": {"at": 5}},
    "a huge number": 10**5_000,
    "a negative number": -(2**80),
    "a long decimal": Decimal("1E-100"),
    "a decimal without end": Decimal("1E+999999999"),
    "no number": Decimal("NaN"),
    "half a pair": "\ud800",
    "half a pair within": {"\udfff": ["a\ud83d", "\ud83d\ude00"]},
    "NUL": "a\x00b",
    "a line break": "a\nb\r",
    "year 0": "0000-01-01T00:00:00Z",
    "year 1 east of Greenwich": "0001-01-01T00:00:00+14:00",
    "the last instant": "9999-12-31T23:59:59-14:00",
    "year 10000": "10000-01-01T00:00:00Z",
    "no date": "2026-02-30T00:00:00Z",
    "a very long text": "x" * 300_000,
    "deep lists": DEEP,
}
#: Each of these once ended a refresh in another way; the reconciled mirror has all of them.
TOLD: Final = {"a number", "a huge number", "half a pair", "NUL", "deep lists", "nothing"}
odd_values = pytest.mark.parametrize("name", divided(ODD, TOLD.__contains__))


def gate_of(values: Iterable[Any]) -> MemoryGate:
    """A Gate with four plain payments, and one more for each field and value, odd in that one."""
    gate = MemoryGate()
    for number in range(3):
        gate.pay(number)
    odd = count(100)
    for rows, id in ((gate.transactions.rows, "refid"), (gate.sessions.rows, "id")):
        for name in [name for name in rows[0] if name != id]:
            for value in values:
                gate.pay(next(odd))
                rows[-1][name] = value
    gate.pay(3)
    return gate


def refresh(folder: Path, gate: MemoryGate, now: int = NOW, **options: Any) -> mirrors.Refreshed:
    sources = [
        (KINDS[0], GateSource(gate.transactions, None)),
        (KINDS[1], GateSource(gate.sessions, None)),
    ]
    return Mirror(folder, "test").refresh(sources, now=now, **options)


def held(folder: Path, kind: records.Kind = KINDS[0]) -> dict[str, dict[str, Any]]:
    files = Mirror(folder, "test").files(kind)
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert len({row[kind.id] for row in rows}) == len(rows)
    return {row[kind.id]: row for row in rows}


@odd_values
def test_a_row_that_is_odd_in_any_field_is_held_beside_all_others(
    name: str, tmp_path: Path
) -> None:
    gate = gate_of([ODD[name]])
    refresh(tmp_path, gate)
    gate.pay(4)
    refresh(tmp_path, gate, NOW + 60)
    for kind in KINDS:
        rows = held(tmp_path, kind)
        assert len(rows) == len(gate.transactions.rows)
        for row in rows.values():
            assert json.loads(row["raw"])[kind.id] == row[kind.id]
    assert held(tmp_path)["tx_3"]["past_statuses"] == '["CREATED","completed"]'


def test_a_mirror_with_rows_that_are_odd_in_any_field_is_reconciled(tmp_path: Path) -> None:
    gate = gate_of(ODD.values())
    ledger = tmp_path / "ledger.csv"
    rows = [f"A-{number},10.00,EUR,paid,2026-01-04" for number in range(4)]
    ledger.write_text("\n".join(["order_id,amount,currency,status,created_at", *rows]) + "\n")
    out = tmp_path / "out"
    options = parsed([str(ledger), "--out", str(out), "--tz", "UTC", "--tolerance", "2d"])
    assert run(options, open_gate=lambda: gate, clock=StillClock()) == 3
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["ledger_rows"] == 4


def test_a_record_keeps_the_statuses_that_can_be_read_of_an_odd_timeline() -> None:
    row = {"refid": "tx", "status": "completed"}
    for timeline in (5, True, "CREATED", {"status": "CREATED"}, [1, None, {"status": 5}]):
        read = KINDS[0].read({**row, "status_timeline": timeline})
        assert read["past_statuses"] == '["completed"]'


def test_half_a_character_is_held_as_the_sign_for_one() -> None:
    read = KINDS[0].read({"refid": "tx\ud800", "token": "\ud83d\ude00", "note": ["\udfff"]})
    assert (read["refid"], read["token"]) == ("tx\ufffd", "\U0001f600")
    assert json.loads(read["raw"])["note"] == ["\ufffd"]


@attrs.frozen
class Listed:
    """A source of these rows, in one page."""

    rows: list[Any]

    def pages(self, starting_after: str | None) -> Iterator[Page[Any]]:
        yield Page(self.rows, None)

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        raise AssertionError(id)


@pytest.mark.parametrize(
    "row", [{"refid": None}, {"refid": ""}, {}, None, 5, [], "tx_1"], ids=lambda row: repr(row)
)
def test_what_has_no_id_is_left_out_with_a_warning_and_takes_no_other_with_it(
    row: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    at = "2026-01-04T10:00:00Z"
    plain = [{"refid": f"tx_{n}", "status": "completed", "created_at": at} for n in range(3)]
    odd = {**row, "created_at": at} if isinstance(row, dict) else row
    with caplog.at_level(logging.WARNING, "zerogate"):
        for now in (NOW, NOW + 60):
            Mirror(tmp_path, "test").refresh([(KINDS[0], Listed([odd, *plain, odd]))], now=now)
    assert "left out" in caplog.text
    assert sorted(held(tmp_path)) == ["tx_0", "tx_1", "tx_2"]


def test_ids_that_repeat_in_a_page_and_over_days_are_held_once(tmp_path: Path) -> None:
    gate = MemoryGate()
    gate.pay(0)
    for day in ("2026-01-04", "2026-01-04", "2026-01-20", None):
        gate.transactions.rows.append({**gate.transactions.rows[0], "created_at": day})
    refresh(tmp_path, gate)
    refresh(tmp_path, gate, NOW + 60)
    assert list(held(tmp_path)) == ["tx_0"]


def test_rows_without_an_id_take_none_that_has_one_with_them() -> None:
    rows = [KINDS[0].read({"refid": id}) for id in ("b", None, "a", None)]
    read = newest(pa.Table.from_pylist(rows, schema=KINDS[0].schema), "refid")
    assert [id for id in read["refid"].to_pylist() if id] == ["a", "b"]


# ── What cannot be asked for ─────────────────────────────────────────────────────────────────────


class Strict(Resource):
    """A resource that refuses what the client refuses to ask for."""

    def list(self, *, limit: int, starting_after: str | None, status: str | None = None) -> Any:
        if status not in (None, "open", "completed"):
            raise GateUsageError(f"status must be one of open, completed, not {status!r}")
        return super().list(limit=limit, starting_after=starting_after, status=status)

    def retrieve_raw(self, id: str) -> dict[str, Any]:
        if "/" in id:
            raise GateUsageError("refid must be without /")
        return super().retrieve_raw(id)


def test_an_id_that_cannot_be_asked_for_keeps_no_other_from_being_read_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate = MemoryGate()
    gate.transactions = Strict([], "refid")
    gate.pay(0, status="CREATED")["refid"] = "a/b"
    for number in range(1, 700):
        gate.pay(number)
    gate.transactions.rows[1]["status"] = "CREATED"
    gate.sessions.rows[0]["status"] = "completed"
    refresh(tmp_path, gate)
    gate.transactions.rows[1]["status"] = "completed"
    with caplog.at_level(logging.WARNING, "zerogate"):
        done = refresh(tmp_path, gate, NOW + 60)
    assert (done.reread, done.gone) == (1, 0)
    assert "a/b" in caplog.text
    assert held(tmp_path)["tx_1"]["status"] == "completed"
    assert held(tmp_path)["a/b"]["status"] == "CREATED"


def test_a_status_that_cannot_be_asked_for_is_read_again_row_by_row(tmp_path: Path) -> None:
    gate = MemoryGate()
    gate.sessions = Strict([], "id")
    for number in range(700):
        gate.pay(number)
    for row in gate.sessions.rows[:30]:
        row["status"] = "paused"
    refresh(tmp_path, gate)
    for row in gate.sessions.rows[:30]:
        row["status"] = "completed"
    assert refresh(tmp_path, gate, NOW + 60).reread == 30
    assert {row["status"] for row in held(tmp_path, KINDS[1]).values()} == {"completed"}


# ── Whose records these are ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("odd", [5, None, {"id": "partner_2"}, ["partner_1"], ""])
def test_a_session_that_does_not_say_whose_it_is_leaves_that_to_the_next(
    odd: Any, tmp_path: Path
) -> None:
    gate = MemoryGate()
    for number in range(3):
        gate.pay(number)
    gate.sessions.rows[-1]["partner_id"] = odd
    refresh(tmp_path, gate)
    assert Mirror(tmp_path, "test").partner_id == "partner_1"
    refresh(tmp_path, gate, NOW + 60)
    for row in gate.sessions.rows[:-1]:
        row["partner_id"] = "partner_2"
    with pytest.raises(WrongAccount, match="of partner partner_2"):
        refresh(tmp_path, gate, NOW + 120)


def test_a_walk_back_to_before_every_calendar_is_told_without_its_day() -> None:
    assert Reached("t", "listed", 2, back_to=-62_135_647_200).told(None) == "2"


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


def test_a_text_that_postgresql_cannot_hold_is_matched_there_all_the_same(tmp_path: Path) -> None:
    try:
        psycopg.connect(POSTGRES).close()
    except psycopg.OperationalError as problem:
        unavailable(f"no PostgreSQL (ZEROGATE_TEST_POSTGRES): {problem}")
    gate = gate_of(["a\x00b"])
    gate.pay(4)
    gate.transactions.rows[-1]["currency"] = "EUR"
    ledger = tmp_path / "ledger.parquet"
    orders = ["A-0", "A-1", "A-2", "A-3", "a\x00b"]
    columns = {"order_id": orders, "amount": ["10.00"] * 5, "currency": ["EUR"] * 5}
    pq.write_table(pa.table(columns), ledger)
    told = []
    for engine in (("duckdb",), ("postgres", "--engine-url", POSTGRES)):
        out = tmp_path / engine[0]
        options = parsed(
            [str(ledger), "--out", str(out), "--engine", *engine, "--mirror", str(tmp_path / "m")]
        )
        assert run(options, open_gate=lambda: gate, clock=StillClock()) in (0, 3)
        summary = json.loads((out / "summary.json").read_text("utf-8"))
        told.append(json.dumps([summary["totals"], summary["classes"]]))
    # A currency's name is a heading of its own.
    assert told[0].replace("\\u0000", "\\ufffd") == told[1]
