"""Rules of the write protocol taken away one at a time: an exploration has to find the harm of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from attrs import evolve, field, frozen
from zerogate_store._inbox import statements as inbox_statements
from zerogate_store._journal import decisions, statements
from zerogate_store._journal.decisions import SearchFirst, Send
from zerogate_store._journal.statements import Statement
from zerogate_store._store import sync_step_on

from tests.exploration.writes import Scenario


def _as_it_is(_: pytest.MonkeyPatch) -> None:
    """The client is as it ships."""


@frozen
class BrokenRule:
    """
    harm: How the sentence begins that tells it. scenario, profile, allowed: Where it shows.
    take_away: The rule of the client. settings: Of the stores.
    parts: How many of the scenario take part.
    """

    harm: str
    scenario: str
    profile: str
    allowed: Mapping[str, int]
    take_away: Callable[[pytest.MonkeyPatch], None] = _as_it_is
    settings: Mapping[str, Any] = field(factory=dict)
    parts: int = 3

    def of(self, scenario: Scenario) -> Scenario:
        parts = scenario.parts[: self.parts]
        return evolve(scenario, parts=parts, allowed=self.allowed, settings=self.settings)


def _send_without_looking(patch: pytest.MonkeyPatch) -> None:
    """What may exist is sent again at once."""
    decide = decisions.decide

    def hasty(*args: Any, **named: Any) -> Any:
        decision = decide(*args, **named)
        if isinstance(decision, SearchFirst):
            return Send(decision.intent, decisions._before_sending(decision.intent))
        return decision

    patch.setattr("zerogate_store._journal.steps.decide", hasty)


def _save_over_others(patch: pytest.MonkeyPatch) -> None:
    """Whoever held an intent once may write it down, though it is another's by now."""
    fenced = " AND (holder = :was OR holder = :holder)"
    for name in ("INTENT_SAVE", "INTENT_SAVE_CLOSED", "INTENT_TAKE"):
        text = getattr(statements, name).text
        assert fenced in text
        patch.setattr(statements, name, Statement(text.replace(fenced, "")))


def _drop_namespaces(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("tests.exploration.writes.World.namespace_of", lambda *_: "")


def _take_any_terms(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("zerogate._idempotency.answers.differences", lambda *_: ())


BROKEN_RULES: Final[Mapping[str, BrokenRule]] = {
    "no look first": BrokenRule(
        "extra", "one order", "forgetful", {"cuts": 1, "short": 1}, _send_without_looking, parts=2
    ),
    "no fence": BrokenRule(
        "open", "one order", "hostile", {"short": 1, "forgets": 1}, _save_over_others, parts=2
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


# --- of the inbox --------------------------------------------------------------------------------


@frozen
class BrokenInbox:
    """harm: How the sentence begins that tells it. take_away: The rule."""

    harm: str
    take_away: Callable[[pytest.MonkeyPatch], None]


def _without(statement: str, *conditions: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A statement of the inbox that does not look at something any more."""

    def take_away(patch: pytest.MonkeyPatch) -> None:
        text = getattr(inbox_statements, statement).text
        for condition in conditions:
            assert condition in text
            text = text.replace(condition, "")
        patch.setattr(inbox_statements, statement, Statement(text))

    return take_away


def _put_off_what_is_done(patch: pytest.MonkeyPatch) -> None:
    """Who failed puts the event off, whoever has handled it by now."""
    text = inbox_statements.PUT_OFF.text
    head, _, _ = text.partition(" AND state = 'pending'")
    patch.setattr(inbox_statements, "PUT_OFF", Statement(head))


def _commit_before_the_mark(patch: pytest.MonkeyPatch) -> None:
    """The effect is committed, and then in another transaction it is marked as done."""

    def effect(store: Any, within: Any, opening: Any, work: Any, closing: Any) -> None:
        with within() as connection:
            sync_step_on(connection, opening())
            work(connection)
        with within() as connection:
            sync_step_on(connection, closing())

    patch.setattr("zerogate_store._sync.handling.sync_effect", effect)


def _newest_first(patch: pytest.MonkeyPatch) -> None:
    text = inbox_statements.EVENTS_WAITING.text
    order = "ORDER BY happened_at, received_at, id"
    assert order in text
    patch.setattr(
        inbox_statements,
        "EVENTS_WAITING",
        Statement(text.replace(order, "ORDER BY happened_at DESC, received_at, id")),
    )


def _go_on_past_a_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("zerogate_store._sync.handling.may_go", lambda *_, **__: True)


def _hold_nothing(patch: pytest.MonkeyPatch) -> None:
    """Neither the fence nor the mark looks whose turn it is, or whether it is done."""
    _without("FENCE", " AND holder = :holder")(patch)
    _without("DONE", " AND state = 'pending'")(patch)


BROKEN_INBOXES: Final[Mapping[str, BrokenInbox]] = {
    "no fence": BrokenInbox("twice", _hold_nothing),
    "a failure puts off what is done": BrokenInbox("twice", _put_off_what_is_done),
    "the mark after the commit": BrokenInbox("twice", _commit_before_the_mark),
    "the newest first": BrokenInbox("order", _newest_first),
    "on past a failure": BrokenInbox("order", _go_on_past_a_failure),
}
