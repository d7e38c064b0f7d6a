"""Retries, in tables: the meaning of an attempt's end, the next step, and the wait before it."""

from __future__ import annotations

from itertools import product
from typing import Any

import attrs
import pytest
from zerogate import GateUsageError, RetryPolicy
from zerogate._idempotency.retries import (
    AttemptVerdict,
    GiveUp,
    RetryBudget,
    RetrySafety,
    attempt_until,
    may_repeat,
    meaning_of,
    next_step,
    retry_after,
    wait_before,
)
from zerogate._idempotency.retries import Retry as Again

DONE, REFUSED = AttemptVerdict.DONE, AttemptVerdict.REFUSED
THROTTLED, UNCLEAR = AttemptVerdict.THROTTLED, AttemptVerdict.UNCLEAR
HELD, REDIRECTED, UNSENT = AttemptVerdict.HELD, AttemptVerdict.REDIRECTED, AttemptVerdict.UNSENT

#: First status of each run of statuses that mean the same where no key is involved.
RUNS = {
    100: UNCLEAR,
    200: DONE,
    300: REDIRECTED,
    400: REFUSED,
    408: UNCLEAR,
    409: REFUSED,
    425: UNCLEAR,
    426: REFUSED,
    429: THROTTLED,
    430: UNCLEAR,
    501: REFUSED,
    502: UNCLEAR,
}


def plain(status: int) -> AttemptVerdict:
    return RUNS[max(first for first in RUNS if first <= status)]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_a_status_means_what_its_run_says_and_under_a_key_less_is_definite(
    told: bool, known: bool
) -> None:
    statuses = range(100, 600)
    asked = [meaning_of(status, told=told, known=known) for status in statuses]
    not_gates = set() if told else {404}
    assert asked == [HELD if status in not_gates else plain(status) for status in statuses]
    held = not_gates | (set() if known else {409, 423, 425})
    written = [meaning_of(status, keyed=True, told=told, known=known) for status in statuses]
    assert written == [HELD if status in held else plain(status) for status in statuses]


def test_an_answer_in_the_envelope_to_a_write_without_a_key_is_what_is_taken_for_granted() -> None:
    assert [meaning_of(404), meaning_of(404, keyed=True)] == [REFUSED, REFUSED]
    assert [meaning_of(409), meaning_of(409, keyed=True)] == [REFUSED, HELD]


#: What may be sent again after which meaning.
AGAIN = {
    RetrySafety.READ: {UNSENT, THROTTLED, UNCLEAR, HELD},
    RetrySafety.KEYED: {UNSENT, THROTTLED, UNCLEAR, HELD},
    RetrySafety.SETTLED: {UNSENT, THROTTLED},
    RetrySafety.ONCE: {UNSENT},
}


@pytest.mark.parametrize(("safety", "meaning"), [*product(RetrySafety, AttemptVerdict)])
def test_only_what_is_safe_is_sent_again(safety: RetrySafety, meaning: AttemptVerdict) -> None:
    assert may_repeat(safety, meaning) == (meaning in AGAIN[safety])
    step = decide(repeat=safety, meaning=meaning)
    assert isinstance(step, Again) == (meaning in AGAIN[safety])


def decide(**said: Any) -> Again | GiveUp:
    """Return the step after a first attempt that came to nothing, with ample time and half a chance."""
    policy = said.setdefault("policy", RetryPolicy())
    known: dict[str, Any] = {
        "budget": RetryBudget(policy),
        "repeat": RetrySafety.KEYED,
        "meaning": UNCLEAR,
        "attempts": 1,
        "left": 60.0,
        "asked": None,
        "chance": 0.5,
    }
    return next_step(**(known | said))


def test_a_call_is_sent_as_often_as_its_policy_says() -> None:
    policy = RetryPolicy(attempts=3)
    assert [isinstance(decide(policy=policy, attempts=n), Again) for n in (1, 2, 3, 4)] == [
        *(True, True),
        *(False, False),
    ]
    assert decide(policy=RetryPolicy(attempts=1)) == GiveUp()
    assert decide(policy=policy, attempts=3, asked=7.0) == GiveUp(7.0)


@pytest.mark.parametrize(
    ("left", "asked", "step"),
    [
        # Half of the first wait, and a try of a twentieth of a second.
        (0.30, None, Again(0.25, 14)),
        (0.29, None, GiveUp()),
        (2.30, 2.0, Again(2.25, 14)),
        # What Gate asked for is told, and not shortened.
        (2.29, 2.0, GiveUp(2.0)),
    ],
)
def test_no_wait_is_longer_than_what_is_left(
    left: float, asked: float | None, step: Again | GiveUp
) -> None:
    assert decide(left=left, asked=asked) == step


def test_each_repetition_waits_up_to_twice_as_long_as_the_one_before() -> None:
    waits = [decide(attempts=number) for number in (1, 2, 3)]
    assert waits == [Again(0.25, 14), Again(0.5, 14), Again(1.0, 14)]


def test_without_a_token_nothing_is_repeated_and_a_wait_that_was_asked_for_is_told() -> None:
    empty = RetryBudget(RetryPolicy(budget=1))
    assert decide(budget=empty) == GiveUp()
    assert decide(budget=empty, asked=3.0) == GiveUp(3.0)
    assert empty.left == 1


def test_a_budget_is_asked_by_its_own_clock() -> None:
    budget = RetryBudget(RetryPolicy())
    assert [isinstance(decide(budget=budget, now=0.0), Again) for _ in range(4)].count(True) == 3
    assert isinstance(decide(budget=budget, now=59.9), GiveUp)
    assert isinstance(decide(budget=budget, now=60.0), Again)


def test_part_of_a_minute_gives_part_of_a_repetition_and_a_clock_set_back_takes_none() -> None:
    budget = RetryBudget(RetryPolicy())
    assert [budget.take(UNCLEAR, 100.0) for _ in range(4)] == [14, 14, 14, None]
    assert budget.take(UNCLEAR, 130.0) is None
    assert budget.left == 7
    assert budget.take(UNCLEAR, 70.0) is None
    assert budget.left == 7


@pytest.mark.parametrize(
    ("attempt", "bound"), [(2, 0.5), (3, 1.0), (4, 2.0), (5, 4.0), (6, 8.0), (7, 8.0), (20, 8.0)]
)
def test_waits_double_up_to_the_longest_and_are_drawn_from_nothing_on(
    attempt: int, bound: float
) -> None:
    policy = RetryPolicy()
    assert wait_before(attempt, policy, 0.0) == 0.0
    assert wait_before(attempt, policy, 0.5) == bound / 2
    assert wait_before(attempt, policy, 0.999) == bound * 0.999
    assert wait_before(attempt, RetryPolicy(first_wait=0.3, longest_wait=0.7), 1.0) == min(
        0.7, 0.3 * 2 ** (attempt - 2)
    )


@pytest.mark.parametrize("name", ["first_wait", "longest_wait", "budget", "cost", "cost_throttled"])
@pytest.mark.parametrize("value", [0, 0.0, -1, -0.5, float("inf"), float("nan"), True])
def test_a_limit_of_the_policy_is_above_nothing(name: str, value: Any) -> None:
    with pytest.raises(GateUsageError, match=rf"RetryPolicy\({name}=…\) must be above 0"):
        RetryPolicy(**{name: value})
    assert getattr(RetryPolicy(**{name: 0.25}), name) == 0.25


@pytest.mark.parametrize("value", [0, -1, 21, 1.0, True, "3"])
def test_attempts_are_one_to_twenty(value: Any) -> None:
    with pytest.raises(GateUsageError, match="must be 1 to 20"):
        RetryPolicy(attempts=value)
    assert [RetryPolicy(attempts=n).attempts for n in (1, 20)] == [1, 20]


def test_the_policy_is_as_documented_and_is_not_changed() -> None:
    policy = RetryPolicy()
    assert attrs.astuple(policy) == (4, 0.5, 8.0, 500, 14, 5)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        policy.attempts = 9  # type: ignore[misc]
    with pytest.raises(TypeError):
        RetryPolicy(4)  # type: ignore[misc]


def test_a_throttled_repetition_is_cheap_only_out_of_what_was_earned() -> None:
    budget = RetryBudget(RetryPolicy(budget=60))
    assert budget.take(THROTTLED) == 14  # of the first three
    budget.give_back(19)
    assert budget.left == 47
    assert [budget.take(THROTTLED), budget.take(HELD)] == [5, 14]
    small = RetryBudget(RetryPolicy(budget=28, cost=10, cost_throttled=5))
    assert small.take(THROTTLED) == 28 / 3


def test_what_a_call_paid_comes_back_where_it_succeeds_and_one_token_more() -> None:
    budget = RetryBudget(RetryPolicy(budget=43))
    paid = budget.take(UNCLEAR)
    assert (paid, budget.left) == (14, 28)
    budget.refund(14)
    assert budget.left == 43
    budget.refund(14)
    assert budget.left == 43  # never more than the budget
    odd = RetryBudget(RetryPolicy(cost=7))
    odd.refund(7)
    assert odd.left == 29
    budget.take(UNCLEAR)
    budget.give_back(4)
    assert budget.left == 33


@pytest.mark.parametrize(
    ("header", "now", "seconds"),
    [
        ("7", 0.0, 7.0),
        (" 120 ", 0.0, 120.0),
        ("1", 0.0, 1.0),
        ("0", 0.0, None),
        ("-1", 0.0, None),
        ("1.5", 0.0, None),
        ("9" * 9, 0.0, 999_999_999.0),
        ("9" * 10, 0.0, None),
        ("٣", 0.0, None),
        ("", 0.0, None),
        (None, 0.0, None),
        ("soon", 0.0, None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0, 60.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT" + " " * 80, 40.0, 60.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT" + "(" + "x" * 33 + ")", 40.0, 60.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT" + "(" + "x" * 34 + ")", 40.0, None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 100.0, None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 99.5, 0.5),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 101.0, None),
        ("Thu, 99 Jan 1970 00:01:40 GMT", 40.0, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_ahead_and_nothing_else(
    header: str | None, now: float, seconds: float | None
) -> None:
    assert retry_after(header, now) == seconds


def test_an_attempt_has_half_of_what_is_left_and_the_last_all_of_it() -> None:
    assert attempt_until(100.0, 251.0, last=False) == 175.5
    assert attempt_until(100.0, 130.0, last=True) == 130.0
