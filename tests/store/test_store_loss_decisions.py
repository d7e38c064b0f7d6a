"""What is decided about a store that has forgotten, without one."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from zerogate import GateUsageError, NotSent, OutcomeUnknown, StoreLoss
from zerogate._idempotency.identity import marks_for
from zerogate._idempotency.keys import identify
from zerogate_store._journal.listings import ours, partner_of, time_of
from zerogate_store._journal.steps import Intent
from zerogate_store._journal.store_loss import Refused, never_sent, refusal, seconds_older
from zerogate_store._journal.store_walks import is_last_page

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
LOSS = StoreLoss(
    noticed_at=1000.0,
    gate_time=1000.0,
    reason="it does not know 1 of the sessions on Gate's newest page, such as gs_1",
    since=0.0,
    asked=0,
    walk=1,
    search_cursor=None,
    resume_at=0.0,
    found=0,
    another_writes=0,
    over_at=None,
    vouched_at=None,
)
INTENT = Intent(
    account="",
    mode="test",
    namespace="",
    operation="createSession",
    key="zg1_a",
    order_ref="order-1",
    attempt=1,
    terms="t",
    made_at=1.0,
    fingerprint="f",
)


@pytest.mark.parametrize(
    ("created", "gate_time", "taken", "older"),
    [
        (NOON, NOON.timestamp() + 60, 0.5, 59.5),
        (NOON, NOON.timestamp() + 60, 58.0, None),
        (NOON, NOON.timestamp() + 5, 0.0, None),
        (NOON, NOON.timestamp() + 5.1, 0.0, pytest.approx(5.1)),
        (NOON, NOON.timestamp() - 60, 0.0, None),
        (NOON, None, 0.0, None),
        (None, NOON.timestamp() + 60, 0.0, None),
        ("soon", NOON.timestamp() + 60, 0.0, None),
    ],
    ids=["older", "slow", "whole seconds", "just older", "younger", "no Date", "no time", "odd"],
)
def test_an_answer_is_older_than_its_send_where_both_times_are_told(
    created: Any, gate_time: float | None, taken: float, older: Any
) -> None:
    assert seconds_older(SimpleNamespace(created_at=created), gate_time, taken) == older


@pytest.mark.parametrize(
    ("ahead", "ours", "older"),
    [
        (30, (0.0, 0.5), None),
        (30, (1.4, 1.9), None),
        (30, (1.6, 2.1), 29.5),
        (30, (-9.0, -5.5), 29.5),
        (30, (60.0, 60.5), 29.5),
        (30, (-60.0, -59.5), 29.5),
        (30, (-2.0, 2.0), None),
        (30, (-60.0, 60.0), 29.5),
        (-30, (60.0, 60.5), None),
    ],
    ids=[
        *("at its moment", "nearly", "not quite", "not yet", "older by both", "ours slow"),
        *("a slow send", "sends that lie apart", "slow"),
    ],
)
def test_a_date_that_is_ahead_makes_nothing_older_that_our_own_clock_saw_being_made(
    ahead: float, ours: tuple[float, float], older: float | None
) -> None:
    """The Date is a proxy's, and so many seconds ahead of what stamps objects."""
    made = NOON.timestamp()
    seen = (made + ours[0], made + ours[1])
    record = SimpleNamespace(created_at=NOON)
    assert seconds_older(record, made + 0.5 + ahead, 1.0, seen) == older


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ({}, True),
        ({"state": "rejected"}, True),
        ({"state": "sent"}, False),
        ({"ambiguous": 1}, False),
        ({"operation": "createPayIn"}, True),
        ({"operation": "createCustomer"}, False),
    ],
)
def test_only_the_first_send_of_a_payment_is_compared_with_the_age_of_its_answer(
    changed: dict[str, Any], first: bool
) -> None:
    assert never_sent(attrs.evolve(INTENT, **changed)) is first


def test_a_session_is_ours_by_its_namespace_and_only_with_a_key() -> None:
    marked = marks_for(identify("", "createSession", "order-1", 1, None), "")
    pos = marks_for(identify("pos", "createSession", "order-1", 1, None), "pos")
    rows: list[Any] = [
        {"id": "a", "metadata": marked, "status": "open", "created_at": "2026-11-28T12:00:00Z"},
        {"id": "b", "metadata": pos},
        {"id": "cut short", "metadata": {**marked, "zerogate_key": "zg1_a"}},
        {"id": "c", "metadata": {"order_id": "order-1"}},
        {"id": "d", "metadata": None},
        {"id": None, "metadata": marked},
        {"metadata": marked},
        "a row",
    ]
    (one,) = ours(rows, "")
    assert (one.id, one.status, one.created_at) == ("a", "open", NOON.timestamp())
    assert [two.id for two in ours(rows, "pos")] == ["b"]
    assert partner_of([{"partner_id": 7}, None, {"partner_id": "p"}]) == "p"


@pytest.mark.parametrize("told", [None, "", "yesterday", 7, [], "2026-11-28T12:00:00"])
def test_a_time_that_cannot_be_read_is_none(told: Any) -> None:
    assert time_of(told) is None


def test_a_walk_ends_where_all_the_rest_is_older_by_a_margin() -> None:
    page = [{"created_at": "2026-11-28T12:00:00Z"}, {"created_at": "2026-11-28T11:00:00Z"}]
    assert is_last_page(page, NOON.timestamp() + 301)
    assert not is_last_page(page, NOON.timestamp() + 299)
    assert not is_last_page([*page, {}], NOON.timestamp() + 301)
    # One row that tells a wrong time says nothing about the pages behind it.
    assert not is_last_page([*page, {"created_at": "2001-01-01T00:00:00Z"}], NOON.timestamp())
    assert not is_last_page([{}], NOON.timestamp())
    assert not is_last_page([], NOON.timestamp())


@pytest.mark.parametrize(
    ("changed", "in_doubt", "kind", "said", "wait"),
    [
        ({}, False, NotSent, "rebuild(since=", 120),
        ({}, True, OutcomeUnknown, "rebuild(since=", 120),
        ({"walk": 2, "resume_at": 1090.0}, False, NotSent, "Walk 2 of 2", 60),
        ({"another_writes": 1}, False, NotSent, "another store writes here", 120),
        ({"walk": 3, "over_at": 1020.0}, False, GateUsageError, "gate.journal.vouch(order)", None),
    ],
)
def test_a_refusal_says_what_to_do_and_how_long_it_takes(
    changed: dict[str, Any], in_doubt: bool, kind: type, said: str, wait: float | None
) -> None:
    error = refusal(Refused(attrs.evolve(LOSS, **changed), in_doubt), INTENT, 1030.0, 120.0)
    assert type(error) is kind
    assert said in str(error)
    assert (error.order, error.idempotency_key) == ("order-1", "zg1_a")
    assert error.retry_after == wait
