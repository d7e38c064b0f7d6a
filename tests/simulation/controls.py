"""Clients that lack one of the rules: each has to be caught, or the lives prove nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from attrs import field, frozen

from tests.simulation.life import Life
from tests.simulation.weather import Weather


def _nothing(_: Any) -> None:
    """Not this way."""


@frozen
class Control:
    """
    rule: Of the judge, by which it has to be caught. plan: What befalls every life of it.
    take_away: A rule of the client. change: Something of a life, before it begins.
    """

    rule: str
    profile: str = "documented"
    plan: Mapping[str, Any] = field(factory=dict)
    lives: int = 60
    take_away: Callable[[pytest.MonkeyPatch], None] = _nothing
    change: Callable[[Life], None] = _nothing


def _wait_for_nothing(life: Life) -> None:
    for shop in life.shops:
        shop.settings = {"late_payment_grace": 0.0}


def _drop_namespaces(life: Life) -> None:
    for shop in life.shops:
        shop.namespace = ""


def _take_any_answer(patch: pytest.MonkeyPatch) -> None:
    """An answer is believed to be about the write that it answers."""
    patch.setattr("zerogate._idempotency.answers.stranger", lambda *_: None)


def _take_any_terms(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("zerogate._idempotency.answers.differences", lambda *_: ())


def _take_any_direction(patch: pytest.MonkeyPatch) -> None:
    from zerogate._reconciliation import sessions

    judged = sessions._payment

    def lax(*asked: Any) -> Any:
        found = judged(*asked)
        return None if found and found[0] in ("direction_needed", "direction") else found

    patch.setattr(sessions, "_payment", lax)


def _never_catch_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("zerogate_store._sync.store_loss.CatchUp.look", lambda *_: None)


_ONE: Final = {"shop": ""}
_ODD_ANSWERS: Final = Weather(faults=0.0, strange=0.6)
_CALM: Final = {"odd": None, "loss": None, "stranger": False}
#: Lost to a copy of half a minute, in sight of everybody.
_LOST: Final = {"shops": _ONE, "odd": None, "loss": (30.0, 120.0), "clear": True}
CONTROLS: Final[Mapping[str, Control]] = {
    "a grace of nothing": Control(
        "twice", "laggard", {"shops": _ONE, **_CALM}, change=_wait_for_nothing, lives=150
    ),
    "one namespace for all": Control(
        "adopted", plan={"shops": {"north": "north", "south": "south"}}, change=_drop_namespaces
    ),
    "an answer about anybody": Control(
        "adopted",
        plan={"shops": {"north": "north", "south": "south"}, "weather": _ODD_ANSWERS, **_CALM},
        take_away=_take_any_answer,
    ),
    "any terms": Control("terms", plan={"weather": _ODD_ANSWERS}, take_away=_take_any_terms),
    "any direction": Control("settled", "sellers", take_away=_take_any_direction),
    "no catching up": Control("twice", plan=_LOST, take_away=_never_catch_up, lives=300),
}
