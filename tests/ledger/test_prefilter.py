"""What is cleared before the match, and what is left to it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import ibis
import pytest
from zerogate_ledger.engine import embedded
from zerogate_ledger.match_inputs import LEDGER, SESSIONS, TRANSACTIONS, Terms
from zerogate_ledger.pipeline import reconcile
from zerogate_ledger.prefilter import Screened, screened
from zerogate_ledger.statuses import Words

from tests.thorough import thorough

from .stories import NOW
from .test_match import a_batch, rules, table
from .test_match import terms as oracles

BOOKED = ("order_id", "refid", "session_id", "currency", "amount", "status", "line")
DAY = 86_400


def booked(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "order_id": f"o{number}",
        "refid": f"tx{number}",
        "session_id": f"gs{number}",
        "currency": "EUR",
        "amount": f"{number}.50",
        "status": "paid",
        "line": number,
    }
    return row | changes


def paid(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "refid": f"tx{number}",
        "session_id": f"gs{number}",
        "action": "BUY",
        "status": "completed",
        "currency": "EUR",
        "fiat_amount": f"{number}.5",
        "created_at": NOW - 10 * DAY,
    }
    return row | changes


def session(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"gs{number}",
        "order_id": f"o{number}",
        "mode": "test",
        "status": "completed",
        "flow": "on_ramp",
        "amount": f"{number}.5",
        "currency": "EUR",
        "created_at": NOW - 10 * DAY,
    }
    return row | changes


def terms(*kinds: str) -> Terms:
    return Terms(
        as_of=NOW,
        ledger_as_of=NOW,
        gate_as_of=NOW,
        kinds=kinds,
        ledger_words=Words(success=("paid",)),
        gate_words=Words(("completed",), ("CREATED",), ("FAILED",)),
    )


@pytest.fixture
def con() -> Iterator[Any]:
    con = ibis.duckdb.connect(threads=1)
    yield con
    con.disconnect()


def left(found: Screened, con: Any) -> tuple[list[str], list[str]]:
    """Orders and transactions that the match still gets."""
    orders = con.to_pyarrow(found.ledger)["order_id"].to_pylist()
    return sorted(orders), sorted(con.to_pyarrow(found.transactions)["refid"].to_pylist())


def cleared(found: Screened) -> tuple[int, int, Decimal]:
    rows = found.cleared.to_pylist()
    return (
        sum(row["ledger_rows"] for row in rows),
        sum(row["gate_rows"] for row in rows),
        sum((row["ledger_sum"] for row in rows if row["ledger_rows"]), Decimal(0)),
    )


def sides(
    ledger: list[dict[str, Any]], transactions: list[dict[str, Any]]
) -> tuple[ibis.Table, ibis.Table]:
    return (
        ibis.memtable(table(ledger, BOOKED)),
        ibis.memtable(table(transactions, list(TRANSACTIONS.names))),
    )


def test_rows_that_agree_are_added_up_and_leave_the_match_nothing(con: Any) -> None:
    rows = range(1, 101)
    both = sides([booked(n) for n in rows], [paid(n) for n in rows])
    with screened(con, *both, None, terms("refid")) as found:
        assert left(found, con) == ([], [])
        assert cleared(found) == (100, 100, sum((Decimal(f"{n}.5") for n in rows), Decimal(0)))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param([booked(1, amount="1.51")], [paid(1)], id="amount"),
        pytest.param([booked(1, currency="USD")], [paid(1)], id="currency"),
        pytest.param([booked(1, amount="1,50")], [paid(1)], id="unreadable"),
        pytest.param([booked(1, status="open")], [paid(1)], id="unknown status"),
        pytest.param([booked(1)], [paid(1, status="FAILED")], id="status"),
        pytest.param([booked(1)], [paid(1), paid(1)], id="two records"),
        pytest.param([booked(1), booked(1)], [paid(1)], id="two rows"),
        pytest.param([booked(1)], [], id="missing at Gate"),
        pytest.param([], [paid(1)], id="missing in the ledger"),
        pytest.param([booked(1)], [paid(1), paid(3, session_id="gs1")], id="paid twice"),
        pytest.param([booked(1, session_id="gs9")], [paid(1)], id="broken link"),
        pytest.param([booked(1, refid="")], [], id="a row without a name"),
        pytest.param([], [paid(1, refid=None)], id="a record without an id"),
        pytest.param(
            [booked(1, amount="100000000000")],
            [paid(1, fiat_amount="100000000000")],
            id="too large to be added up by an engine",
        ),
    ],
)
def test_whatever_differs_is_left_to_the_match_and_nothing_else(
    con: Any, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> None:
    good = [2, 5, 6]
    both = sides([*map(booked, good), *ours], [*map(paid, good), *theirs])
    with screened(con, *both, None, terms("refid")) as found:
        orders, refids = left(found, con)
        assert orders == [row["order_id"] for row in ours]
        assert refids == sorted((row["refid"] for row in theirs), key=str) or refids == [None]
        assert cleared(found)[:2] == (3, 3)


def test_failed_attempts_and_unpaid_sessions_that_nobody_booked_are_cleared(con: Any) -> None:
    both = sides([booked(1)], [paid(1), paid(2, status="FAILED")])
    held = [session(1), session(2, status="expired"), session(3, status="expired")]
    sessions = ibis.memtable(table(held, list(SESSIONS.names)))
    with screened(con, *both, sessions, terms("refid")) as found:
        assert left(found, con) == ([], [])
        assert cleared(found)[:2] == (1, 3)


def test_what_is_left_keeps_its_sessions(con: Any) -> None:
    both = sides([booked(1), booked(2, amount="9")], [paid(1), paid(2)])
    held = [session(1), session(2), session(4, status="completed"), session(5, status="open")]
    sessions = ibis.memtable(table(held, list(SESSIONS.names)))
    with screened(con, *both, sessions, terms("order_id")) as found:
        assert left(found, con) == (["o2"], ["tx2"])
        assert found.sessions is not None
        ids = con.to_pyarrow(found.sessions)["id"].to_pylist()
        # gs4 says that it was paid, and nothing shows for it.
        assert sorted(ids) == ["gs2", "gs4"]


def test_a_record_without_an_id_is_left_by_whatever_name_the_ledger_has_for_it(con: Any) -> None:
    both = sides([booked(1), booked(2)], [paid(1, refid=None), paid(2)])
    with screened(con, *both, None, terms("session_id")) as found:
        assert con.to_pyarrow(found.transactions)["session_id"].to_pylist() == ["gs1"]
        assert cleared(found)[:2] == (1, 1)


def test_a_record_that_was_claimed_by_a_better_name_is_not_claimed_again(con: Any) -> None:
    ours = [booked(1, order_id=None, session_id=None), booked(2, refid=None, session_id="gs1")]
    both = sides(ours, [paid(1)])
    with screened(con, *both, None, terms("refid", "session_id")) as found:
        assert left(found, con) == (["o2"], [])


def test_the_payments_of_an_order_that_was_paid_twice_are_listed_together(con: Any) -> None:
    both = sides(
        [booked(n, refid=None) for n in (1, 2)],
        [
            paid(n + way, session_id=f"gs{n}", fiat_amount=f"{n}.50")
            for n in (1, 2)
            for way in (0, 10)
        ],
    )
    sessions = ibis.memtable(table([session(1), session(2)], list(SESSIONS.names)))
    found = reconcile(con, *both, sessions, terms("order_id"), most_may_be_missing=True)
    assert [row["g_order_id"] for row in found.rows()] == ["o1", "o1", "o2", "o2"]


def test_the_collector_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    with embedded():
        assert gc.get_threshold()[0] >= 100_000
    assert gc.get_threshold() == before


def test_tables_of_what_is_left_are_gone_afterwards(con: Any) -> None:
    both = sides([booked(1)], [])
    with screened(con, *both, None, terms("refid")):
        assert {"zerogate_left_ledger", "zerogate_left_transactions"} <= set(tables_left(con))
    assert tables_left(con) == []


def tables_left(con: Any) -> list[str]:
    found = con.raw_sql("select table_name from duckdb_tables()").fetchall()
    return [name for (name,) in found if name.startswith("zerogate_")]


@pytest.mark.parametrize("ways", [thorough(("refid",)), ("refid", "order_id")], ids=str)
def test_a_report_does_not_show_whether_there_was_a_screen(
    con: Any, ways: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = a_batch(5, 300)
    names = (*LEDGER, "trouble")
    ours = ibis.memtable(table([row for story in batch for row in story.ledger], names))
    theirs = [row for story in batch for row in story.transactions]
    held = [row for story in batch for row in story.sessions]
    rest = (
        ibis.memtable(table(theirs, list(TRANSACTIONS.names))),
        ibis.memtable(table(held, list(SESSIONS.names))),
        oracles(rules(ways)),
    )
    screens = []

    def counted(*sides: Any) -> Any:
        screens.append(sides)
        return screened(*sides)

    monkeypatch.setattr("zerogate_ledger.pipeline.screened", counted)
    at_once = reconcile(con, ours, *rest, most_may_be_missing=True)
    assert screens == []
    monkeypatch.setattr("zerogate_ledger.pipeline.MANY", 0)
    screened_ = reconcile(con, ours, *rest, most_may_be_missing=True)
    assert len(screens) == 1
    assert screened_ == attrs.evolve(at_once, listed=screened_._listed)
    assert list(screened_.rows()) == list(at_once.rows())
    assert screened_.breaks > 100
