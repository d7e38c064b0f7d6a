"""One outcome for an order of several parts: nothing doubtful about a part is lost in the whole."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from zerogate import Failed, Hold, Mismatch, Money, Outcome, Pending, Settled
from zerogate._reconciliation import Evidence, Part, outcome_of_order, rails_named

SETTLED, FAILED = Settled(reason="paid"), Failed(reason="expired")
OPEN, MOVING = Pending(reason="open"), Pending(reason="in_flight")
UNDERPAID, HELD = Mismatch(reason="underpaid"), Hold(reason="late_money")
LATE = Pending(
    reason="may_still_show", status="cancelled", look_again_at=datetime(2026, 5, 26, tzinfo=UTC)
)
HALF = Mismatch(reason="underpaid", paid=Money("50.00", "EUR"))
WHOLE = Settled(reason="paid", paid=Money("100.00", "EUR"))
LATE_MONEY = Hold(reason="late_money", paid=Money("100.00", "EUR"))
COMPLETING = Pending(reason="completing", paid=Money("100.00", "EUR"))
ANOTHERS = Mismatch(reason="namespace", paid=Money("100.00", "EUR"))
NONE: frozenset[str] = frozenset()
IN, OUT = frozenset({"on_ramp"}), frozenset({"off_ramp"})
PAID_EVENT = Evidence("event", "evt_1", "gate_session.completed")


def session(id: str, outcome: Outcome, *rails: str) -> Part:
    return Part(id, id, outcome, frozenset(rails))


def rail(id: str, outcome: Outcome, of: str | None = None, flows: frozenset[str] = NONE) -> Part:
    return Part(id, of, outcome, flows=flows)


CASES: dict[str, tuple[list[Part], dict[str, Any], type[Outcome], str]] = {
    "paid on the second attempt": (
        [session("a", FAILED), session("b", SETTLED)],
        {},
        Settled,
        "paid",
    ),
    "two sessions paid": (
        [session("a", SETTLED), session("b", SETTLED)],
        {},
        Mismatch,
        "paid_twice",
    ),
    "a session and a rail of none paid": (
        [session("a", SETTLED), rail("r", SETTLED)],
        {},
        Mismatch,
        "paid_twice",
    ),
    "a rail that the session's transaction names is the same money": (
        [session("a", SETTLED, "r"), rail("r", SETTLED, "a")],
        {},
        Settled,
        "paid",
    ),
    "a rail of the same session that nothing names may be": (
        [session("a", SETTLED), rail("r", SETTLED, "a")],
        {},
        Hold,
        "same_money",
    ),
    "paid, and underpaid before": (
        [session("a", UNDERPAID), session("b", SETTLED)],
        {},
        Mismatch,
        "underpaid",
    ),
    "paid, and late money on the other": (
        [session("a", HELD), session("b", SETTLED)],
        {},
        Hold,
        "late_money",
    ),
    "paid, and late money on another session": (
        [session("a", LATE_MONEY), session("b", WHOLE)],
        {"expect": Money("100.00", "EUR")},
        Mismatch,
        "paid_twice",
    ),
    "paid, and paid on one that does not say so yet": (
        [session("a", COMPLETING), session("b", WHOLE)],
        {"expect": Money("100.00", "EUR")},
        Mismatch,
        "paid_twice",
    ),
    "late money on two": (
        [session("a", LATE_MONEY), session("b", LATE_MONEY)],
        {"expect": Money("100.00", "EUR")},
        Mismatch,
        "paid_twice",
    ),
    "paid, and another service's payment beside it": (
        [session("a", ANOTHERS), session("b", WHOLE)],
        {"expect": Money("100.00", "EUR")},
        Mismatch,
        "namespace",
    ),
    "paid, and a rail of the same session that nothing names and that is held": (
        [session("a", WHOLE), rail("r", LATE_MONEY, "a")],
        {"expect": Money("100.00", "EUR")},
        Hold,
        "same_money",
    ),
    "paid, and another still open": (
        [session("a", OPEN), session("b", SETTLED)],
        {},
        Settled,
        "paid_other_open",
    ),
    "paid, and another payment under way": (
        [session("a", MOVING), session("b", SETTLED)],
        {},
        Settled,
        "paid_other_in_flight",
    ),
    "one failed, one open": ([session("a", FAILED), session("b", OPEN)], {}, Pending, "open"),
    "one failed, one may still show": (
        [session("a", FAILED), session("b", LATE)],
        {},
        Pending,
        "may_still_show",
    ),
    "paid, and another may still show": (
        [session("a", LATE), session("b", SETTLED)],
        {},
        Settled,
        "paid_other_may_show",
    ),
    "one may still show, one is open": (
        [session("a", LATE), session("b", OPEN)],
        {},
        Pending,
        "open",
    ),
    "paid in two halves, on two sessions": (
        [session("a", HALF), session("b", HALF)],
        {"expect": Money("100.00", "EUR")},
        Mismatch,
        "paid_in_parts",
    ),
    "paid in, and paid out": (
        [rail("i", SETTLED, "a", IN), rail("o", SETTLED, "b", OUT)],
        {},
        Hold,
        "both_directions",
    ),
    "paid in, and on its way out": (
        [rail("i", SETTLED, "a", IN), rail("o", MOVING, "b", OUT)],
        {},
        Hold,
        "both_directions",
    ),
    "paid in, the pay-out failed": (
        [rail("i", SETTLED, "a", IN), rail("o", FAILED, "b")],
        {},
        Settled,
        "paid",
    ),
    "all failed": ([session("a", FAILED), session("b", FAILED)], {}, Failed, "expired"),
    "failed, and a write in doubt": (
        [session("a", FAILED)],
        {"in_doubt": ["zg1_x"]},
        Pending,
        "attempt_in_doubt",
    ),
    "failed, and an event says paid": (
        [session("a", FAILED)],
        {"known": [PAID_EVENT]},
        Hold,
        "events_disagree",
    ),
    "paid, as the event says": ([session("a", SETTLED)], {"known": [PAID_EVENT]}, Settled, "paid"),
    "nothing at all": ([], {}, Hold, "nothing_known"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_order_is_what_all_of_it_came_to(case: str) -> None:
    parts, more, kind, reason = CASES[case]
    for order in itertools.permutations(parts):
        found = outcome_of_order(order, **more)
        assert (type(found), found.reason) == (kind, reason)
        assert found.next_step.endswith(".")


def test_all_payments_of_an_order_are_in_its_sum() -> None:
    found = outcome_of_order(
        [session("a", LATE_MONEY), session("b", WHOLE), session("c", WHOLE)],
        expect=Money("100.00", "EUR"),
    )
    assert found.paid == Money("300.00", "EUR")
    assert "fulfil at most once" in found.next_step


def test_a_doubt_about_any_part_is_never_fulfilled() -> None:
    every = [SETTLED, FAILED, OPEN, MOVING, UNDERPAID, HELD]
    for outcomes in itertools.product(every, repeat=3):
        found = outcome_of_order([session(str(n), o) for n, o in enumerate(outcomes)])
        paid = sum(isinstance(o, Settled) for o in outcomes)
        doubtful = any(isinstance(o, Mismatch | Hold) for o in outcomes)
        assert found.may_fulfil == (paid == 1 and not doubtful)
        assert found.may_retry == all(isinstance(o, Failed) for o in outcomes)


def test_the_evidence_of_all_parts_is_kept_and_a_block_is_told() -> None:
    told = Evidence("gate_session", "a", "open")
    blocked = Settled(reason="paid", evidence=(told,), account_blocked=True)
    found = outcome_of_order([session("a", blocked), session("b", FAILED)], known=[PAID_EVENT])
    assert found.evidence == (told, PAID_EVENT)
    assert found.account_blocked


class Row:
    def __init__(self, **named: Any) -> None:
        self.__dict__.update(named)


def test_the_older_name_of_a_rail_counts_only_where_the_newer_is_missing() -> None:
    rows = [
        Row(local_rail_transaction_id="new", facilita_transaction_id="old"),
        Row(facilita_transaction_id="alone"),
        Row(),
    ]
    assert rails_named(rows) == {"new", "alone"}
