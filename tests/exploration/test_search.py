"""The search itself, on systems small enough to count by hand; how a place in a program is known again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from attrs import define, field

from tests.exploration.search import explore, retold
from tests.exploration.standing import digest_of


@define
class Counters:
    """Two of them, each counts to its end; some pairs are wrong."""

    ends: int
    bad: tuple[int, int] | None = None
    stands: list[int] = field(factory=lambda: [0, 0])
    closed: int = 0

    def choices(self) -> Sequence[str]:
        return [name for name, at in zip("ab", self.stands, strict=True) if at < self.ends]

    def take(self, choice: str) -> None:
        assert choice in self.choices()
        self.stands["ab".index(choice)] += 1

    def digest(self) -> bytes:
        return bytes(self.stands)

    def wrong(self) -> Sequence[str]:
        return ["bad: they stand there"] if tuple(self.stands) == self.bad else []

    def wrong_at_the_end(self) -> Sequence[str]:
        return []

    def close(self) -> None:
        self.closed += 1


def test_each_state_is_visited_once_and_each_step_is_taken() -> None:
    result = explore(partial(Counters, 3))
    assert (result.states, result.ends, result.longest, result.complete) == (16, 1, 6, True)
    # The first state, and every step between two others: 2 x 4 x 3.
    assert result.steps == 1 + 24


def test_what_is_wrong_is_told_without_steps_that_it_does_not_need() -> None:
    result = explore(partial(Counters, 4, (2, 1)))
    assert result.found is not None
    assert sorted(result.found.steps) == ["a", "a", "b"]
    assert "  => bad: they stand there" in str(result.found)
    assert retold(partial(Counters, 4, (2, 1)), ["b", "a", "nothing like it", "a"]).wrong
    assert not retold(partial(Counters, 4), result.found.steps).wrong


def test_a_search_that_is_not_complete_says_so() -> None:
    assert not explore(partial(Counters, 9), most=5).complete


def _stands(*told: Any) -> bytes:
    """The digest of a call that has these at hand."""
    return digest_of(_Frame(list(told)), (_Still,))  # type: ignore[arg-type]


class _Still:
    """The world's, and no part of where anybody stands."""

    def __init__(self, number: int) -> None:
        self.number = number


class _Moving(_Still):
    """A process's own."""


class _Frame:
    """As a frame of a call that stands still: the place, and the values by their names."""

    def __init__(self, held: list[Any]) -> None:
        self.f_code, self.f_lasti, self.f_back = sys._getframe().f_code, 4, None
        self.f_locals = {"held": held}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1], [True]),
        ([1, [2]], [1, 2]),
        ([[1], [2]], [[1, 2], []]),
        ([{"a": 1}], [{"a": 2}]),
        ([_Moving(1)], [_Moving(2)]),
        ([partial(int, "1")], [partial(int, "2")]),
        ([ValueError("a")], [ValueError("b")]),
        ([lambda: 1], [lambda x=2: x]),
    ],
    ids=range(8),
)
def test_who_has_something_else_at_hand_stands_elsewhere(one: list[Any], other: list[Any]) -> None:
    assert _stands(*one) != _stands(*other)


def test_who_has_the_like_at_hand_stands_at_the_same_place() -> None:
    assert _stands(_Moving(1), {"a": (1, "b")}) == _stands(_Moving(1), {"a": (1, "b")})
    assert _stands(_Still(1)) == _stands(_Still(2))
    ring: list[Any] = [1]
    ring.append(ring)
    again: list[Any] = [1]
    again.append(again)
    assert _stands(ring) == _stands(again)
