"""What a journal is for, over whole lives of orders in every profile; `nox -s simulate` lives far more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulation.controls import CONTROLS, Control
from tests.simulation.life import Life, lived_without
from tests.simulation.profiles import SKIES

SCHEDULES = int(os.environ.get("ZEROGATE_SCHEDULES", "10"))


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="zerogate")


@pytest.mark.parametrize("profile", SKIES)
def test_no_order_is_paid_twice_or_lost_and_no_stranger_is_touched(profile: str) -> None:
    for seed in range(SCHEDULES):
        wrong = Life(seed, profile).lived().judged()
        assert not wrong, f"python -m tests.simulation --profile {profile} --seed {seed}"


#: Lives that went wrong once, by what it was.
ONCE_WRONG = {
    "sent again, and answered by what another service had made before": (682, ("laggard", "mute")),
    "sent before any answer, by a clock that is ahead, and then older than its send": (
        221,
        ("hostile", "tardy"),
    ),
    "answered by another's session that is as old as our clock is slow": (226, ("laggard", "mute")),
    "the same, after a first request that got no answer": (1484, ("laggard", "mute")),
    "cancelled for a changed basket by a service that had only found it": (3586, ("renamer",)),
    "the same, on another order": (4561, ("renamer",)),
    "opened again by its holder, after a walk had closed it": (5248, ("hourly",)),
    "adopted within the second of which a Date says nothing": (6101, ("laggard",)),
    "answered by another's session so late that the answer's Date is": (11301, ("laggard", "mute")),
    "answered so late, by another's session, that the only Date there is cannot tell": (
        101029,
        ("hourly", "mute", "laggard"),
    ),
    "closed because another service had made a later attempt of the same order": (
        20854,
        ("laggard",),
    ),
    "gone from its store while it made way for another": (30341, ("registrars",)),
    "taken back to doubt by who had read it before its answer was recorded": (5116, ("nameless",)),
}


@pytest.mark.parametrize(("seed", "profiles"), ONCE_WRONG.values(), ids=ONCE_WRONG)
def test_what_went_wrong_once_does_not_again(seed: int, profiles: tuple[str, ...]) -> None:
    for profile in profiles:
        assert not Life(seed, profile).lived().judged(), profile


def test_the_same_seed_is_the_same_life() -> None:
    def told(seed: int) -> Any:
        life = Life(seed, "hostile").lived()
        return life.judged(), life.sandbox.books(), life.stage.time, life.diary.entries

    for seed in range(5):
        assert told(seed) == told(seed)


def test_a_client_with_a_new_key_per_attempt_makes_three_in_ten_orders_twice() -> None:
    """The control: where this one does no harm, the weather proves nothing."""
    lives = [lived_without(seed, "documented") for seed in range(200)]
    orders, twice = (sum(column) for column in zip(*lives, strict=True))
    assert twice / orders > 0.3


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_control_a_client_without_one_of_its_rules_is_caught(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rule that the missing one is there for."""
    control.take_away(monkeypatch)
    assert any(
        control.rule in rule for seed in range(control.lives) for rule in _broken(control, seed)
    )


def _broken(control: Control, seed: int) -> Iterator[str]:
    life = Life(seed, control.profile, **control.plan)
    control.change(life)
    yield from (said.partition(":")[0] for said in life.lived().judged())


#: Lives of the profile `stale` in which an order is paid on two sessions, found by trying: 4 in 240 do.
PAID_TWICE = (120, 185)


@pytest.mark.parametrize("seed", PAID_TWICE)
def test_lives_are_full_of_what_they_are_to_prove(seed: int) -> None:
    """Where lists are behind for longer than anybody waits, orders are paid twice, and it is said.

    Where a change of what lives draw makes this fail, other seeds show it: none in 400 would be a fault.
    """
    life = Life(seed, "stale", shops={"shop": ""}, odd=None, loss=None, stranger=False).lived()
    assert not life.judged()
    assert life.paid_on_two_sessions()


def test_the_judge_sees_a_customer_who_is_registered_twice_or_given_anothers_record() -> None:
    life = next(
        life
        for life in (Life(seed, "payers").lived() for seed in range(20))
        if any(one["what"] == "registered" for one in life.diary.entries)
    )
    judge = life.judge()
    assert not [*judge.customers()]
    [told, *_] = [one for one in life.diary.entries if one["what"] == "registered"]
    [record] = [one for one in judge.books["customers"] if one["id"] == told["customer"]]
    judge.books["customers"].append({**record, "id": "cus_another"})
    said = "; ".join(judge.customers())
    assert f"{told['person']} is registered as {told['customer']}, cus_another" in said
    judge.books["customers"].remove(record)
    assert f"{told['person']} was returned {told['customer']}" in "; ".join(judge.customers())
