"""Clients that lack one of the rules: each has to be caught, or the lives prove nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from attrs import field, frozen

from tests.simulation.life import Life


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


CONTROLS: Final[Mapping[str, Control]] = {
    "a grace of nothing": Control("twice", "laggard", change=_wait_for_nothing, lives=120),
    "one namespace for all": Control(
        "adopted", plan={"shops": {"north": "north", "south": "south"}}, change=_drop_namespaces
    ),
}
