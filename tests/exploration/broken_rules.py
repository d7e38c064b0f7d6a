"""Rules of the write protocol taken away one at a time: an exploration has to find the harm of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from attrs import evolve, field, frozen
from zerogate import decisions, statements
from zerogate.decisions import LookFirst, Send
from zerogate.statements import Statement

from tests.exploration.writes import Scenario


def _as_it_is(_: pytest.MonkeyPatch) -> None:
    """The client is as it ships."""


@frozen
class BrokenRule:
    """
    harm: How the sentence begins that tells it. scenario, profile, allowed: Where it shows.
    take_away: The rule of the client. settings: Of the stores.
    """

    harm: str
    scenario: str
    profile: str
    allowed: Mapping[str, int]
    take_away: Callable[[pytest.MonkeyPatch], None] = _as_it_is
    settings: Mapping[str, Any] = field(factory=dict)

    def of(self, scenario: Scenario) -> Scenario:
        return evolve(scenario, allowed=self.allowed, settings=self.settings)


def _send_without_looking(patch: pytest.MonkeyPatch) -> None:
    """What may exist is sent again at once."""
    decide = decisions.decide

    def hasty(*args: Any, **named: Any) -> Any:
        decision = decide(*args, **named)
        if isinstance(decision, LookFirst):
            return Send(decision.intent, decisions._before_sending(decision.intent))
        return decision

    patch.setattr("zerogate.journal.decide", hasty)


def _save_over_others(patch: pytest.MonkeyPatch) -> None:
    """Whoever held an intent once may write it down, though it is another's by now."""
    text = statements.INTENT_SAVE.text
    fenced = " AND (holder = :was OR holder = :holder)"
    assert fenced in text
    patch.setattr(statements, "INTENT_SAVE", Statement(text.replace(fenced, "")))


def _drop_namespaces(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("tests.exploration.writes.World.namespace_of", lambda *_: "")


def _take_any_terms(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("zerogate._idempotency.answers.differences", lambda *_: ())


BROKEN_RULES: Final[Mapping[str, BrokenRule]] = {
    "no look first": BrokenRule(
        "open", "one order", "forgetful", {"cuts": 1, "short": 1}, _send_without_looking
    ),
    "no fence": BrokenRule(
        "open", "one order", "hostile", {"short": 1, "forgets": 1}, _save_over_others
    ),
    "namespaces dropped": BrokenRule(
        "adopted", "two namespaces", "documented", {}, _drop_namespaces
    ),
    "a grace of nothing": BrokenRule(
        "twice",
        "another attempt",
        "laggard",
        {"payments": 2, "long": 1},
        settings={"late_payment_grace": 0.0},
    ),
    "terms not compared": BrokenRule(
        "terms", "other terms", "lenient", {"strange": 1}, _take_any_terms
    ),
}
