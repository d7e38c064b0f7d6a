"""A part of what `nox -s explore` visits: in no interleaving is an order paid twice, or an effect doubled."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve

from tests.exploration.broken_rules import BROKEN_INBOXES, BROKEN_RULES, BrokenInbox, BrokenRule
from tests.exploration.events import Postroom, Trouble
from tests.exploration.profiles import DIFFERENT
from tests.exploration.search import CounterExample, explore, retold
from tests.exploration.writes import SCENARIOS, World
from tests.thorough import thorough


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="zerogate")


@pytest.mark.parametrize(
    ("scenario", "profile"),
    [
        thorough("one order", "hostile"),
        thorough("two namespaces", "terse"),
        ("other terms", "lenient"),
    ],
)
def test_every_interleaving_without_trouble_is_right(scenario: str, profile: str) -> None:
    make = partial(World, evolve(SCENARIOS[scenario], most=0), DIFFERENT[profile])
    result = explore(make)
    assert result.complete
    assert not result.found, f"\n{result.found}"
    assert result.states > 100


@pytest.mark.parametrize("profile", [thorough("hourly"), "laggard"])
def test_the_first_interleavings_with_a_trouble_are_right(profile: str) -> None:
    make = partial(World, evolve(SCENARIOS["one order"], most=1), DIFFERENT[profile])
    result = explore(make, most=300)
    assert not result.found, f"\n{result.found}"


def test_every_order_of_steps_of_two_workers_has_each_effect_once() -> None:
    result = explore(partial(Postroom, Trouble(most=2)), most=1_000)
    assert not result.found, f"\n{result.found}"


@pytest.mark.parametrize("rule", BROKEN_RULES.values(), ids=BROKEN_RULES)
def test_control_a_rule_that_is_taken_away_is_missed(
    rule: BrokenRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = partial(World, rule.of(SCENARIOS[rule.scenario]), DIFFERENT[rule.profile])
    with monkeypatch.context() as patch:
        rule.take_away(patch)
        found = explore(make, most=6_000).found
    assert found is not None
    assert _is_of(found, rule.harm), f"\n{found}"
    if not rule.settings:
        # The same story, as far as it can be told then, with the rule in its place.
        again = retold(make, found.steps)
        assert not _is_of(again, rule.harm), f"\n{again}"


@pytest.mark.parametrize("broken", BROKEN_INBOXES.values(), ids=BROKEN_INBOXES)
def test_control_a_rule_of_the_inbox_that_is_taken_away_is_missed(
    broken: BrokenInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = partial(Postroom, Trouble())
    with monkeypatch.context() as patch:
        broken.take_away(patch)
        found = explore(make, most=6_000).found
    assert found is not None
    assert _is_of(found, broken.harm), f"\n{found}"
    assert not retold(make, found.steps).wrong


def _is_of(found: CounterExample, harm: str) -> bool:
    return any(sentence.startswith(harm + ":") for sentence in found.wrong)


def test_the_same_steps_lead_to_the_same_state() -> None:
    """Or what is known again would not be what was seen before."""
    make = partial(World, SCENARIOS["one order"], DIFFERENT["hostile"])

    def gone(length: int) -> list[bytes]:
        world, found = make(), []
        for number in range(length):
            choices = world.choices()
            world.take(choices[number % len(choices)])
            found.append(world.digest())
        world.close()
        return found

    assert gone(9) == gone(9)
    assert len(set(gone(9))) == 9
