"""What many clients send in an outage: little more than once for each call, and still once more each."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from zerogate import Gate, GateError, RetryPolicy
from zerogate._bulk import bulk_work
from zerogate._idempotency.retries import AttemptVerdict, RetryBudget
from zerogate._transport.messages import Reply

from tests.client.scripts import VirtualClock, answer

POLICY = RetryPolicy()
ORDINARY, THROTTLED, HELD = AttemptVerdict.UNCLEAR, AttemptVerdict.THROTTLED, AttemptVerdict.HELD


def spent(budget: RetryBudget, meaning: AttemptVerdict, now: float = 0.0) -> int:
    """How many repetitions it has."""
    return next(number for number in count() if budget.take(meaning, now) is None)


def earned(successes: int) -> RetryBudget:
    budget = RetryBudget(POLICY)
    for _ in range(successes):
        budget.refund(0)
    return budget


@pytest.mark.parametrize(
    ("successes", "meaning", "repetitions"),
    [
        (0, ORDINARY, 3),
        (0, AttemptVerdict.UNSENT, 3),
        (0, THROTTLED, 3),
        (0, HELD, 3),
        (13, ORDINARY, 3),
        (14, ORDINARY, 4),
        (14, THROTTLED, 5),
        (14, HELD, 5),
        (10_000, ORDINARY, 35),
        (10_000, THROTTLED, 94),
    ],
)
def test_a_budget_begins_with_three_repetitions_and_successes_earn_more(
    successes: int, meaning: AttemptVerdict, repetitions: int
) -> None:
    assert spent(earned(successes), meaning) == repetitions


@pytest.mark.parametrize(
    ("seconds", "repetitions"), [(0, 0), (59, 0), (60, 1), (150, 2), (1e6, 3), (-60, 0)]
)
def test_what_is_missing_of_the_three_comes_back_at_one_a_minute(
    seconds: float, repetitions: int
) -> None:
    budget = RetryBudget(POLICY)
    spent(budget, ORDINARY, 1_000)
    assert spent(budget, ORDINARY, 1_000 + seconds) == repetitions


def test_time_alone_earns_no_more_than_the_three() -> None:
    budget = RetryBudget(POLICY)
    assert budget.take(ORDINARY, 0) is not None
    assert spent(budget, ORDINARY, 1e9) == 3


@pytest.mark.parametrize("budget", [10.0, 28.0])
def test_a_smaller_budget_is_what_there_is(budget: float) -> None:
    policy = RetryPolicy(budget=budget, cost=10, cost_throttled=5)
    assert RetryBudget(policy).left == min(budget, 30)
    assert spent(RetryBudget(policy), ORDINARY) == int(budget // 10)


class Away:
    """A Gate that answers nothing but this, and counts."""

    def __init__(self, status: int) -> None:
        self.status, self.count = status, 0

    def send(self, request: Any, until: float) -> Reply:
        self.count += 1
        return answer(self.status, b"{}", {"retry-after": "1"} if self.status == 429 else {})


def outage(status: int, clients: int, calls: int) -> float:
    """Requests for each call."""
    away = Away(status)
    for _ in range(clients):
        gate = Gate("sk_test_storm", transport=away, clock=VirtualClock())
        for number in range(calls):
            with pytest.raises(GateError):
                gate.customers.retrieve(f"cus_{number}")
    return away.count / (clients * calls)


@pytest.mark.parametrize("status", [503, 429])
@pytest.mark.parametrize(
    ("clients", "calls", "most"), [(200, 10, 1.3), (20, 100, 1.05), (1, 2000, 1.05)]
)
def test_an_outage_is_not_met_with_a_multiple_of_the_load(
    clients: int, calls: int, most: float, status: int
) -> None:
    assert 1 < outage(status, clients, calls) <= most


def test_a_client_that_makes_one_call_can_repeat_it() -> None:
    assert outage(503, 1, 1) == POLICY.attempts


@pytest.mark.parametrize(("first", "then"), [(False, True), (True, False)])
def test_bulk_work_and_customers_calls_leave_each_other_their_repetitions(
    first: bool, then: bool
) -> None:
    away = Away(503)
    gate = Gate("sk_test_storm", transport=away, clock=VirtualClock())

    def asked(bulk: bool) -> int:
        before = away.count
        with pytest.raises(GateError):
            _in(bulk, lambda: gate.customers.retrieve("cus_1"))
        return away.count - before

    assert [asked(first), asked(first), asked(then), asked(then)] == [4, 1, 4, 1]


def _in(bulk: bool, call: Callable[[], object]) -> None:
    if not bulk:
        call()
        return
    with bulk_work():
        call()
