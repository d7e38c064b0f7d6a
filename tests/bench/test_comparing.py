"""A run of the bench beside an earlier one: slower ratios are named, and other machines are refused."""

from __future__ import annotations

import copy
import importlib.util
import sys
from typing import Any

import pytest

from tests.roots import ROOT


def _loaded() -> Any:
    spec = importlib.util.spec_from_file_location("comparing", ROOT / "bench" / "comparing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their module up by name.
    sys.modules["comparing"] = module
    spec.loader.exec_module(module)
    return module


comparing = _loaded()

MACHINE = {
    "processor": "some, 2 cores",
    "system": "Linux 6",
    "python": "CPython 3.11.7",
    "pinned": True,
    "date": "2026-11-28",
    "load": [0.1, 0.2, 0.3],
    "packages": {"zerogate": "0.1.0", "httpx": "0.28.1"},
}


def run(**subjects: dict[str, list[float]]) -> dict[str, Any]:
    figures = {name: {"seconds": ways} for name, ways in subjects.items()}
    return {"machine": copy.deepcopy(MACHINE), "subjects": figures}


def test_a_ratio_that_grew_by_more_than_a_tenth_is_slower() -> None:
    before = run(creating={"zerogate": [6.0, 6.0, 6.0], "httpx": [10.0, 10.0, 10.0]})
    now = run(creating={"zerogate": [6.7, 6.7, 6.7], "httpx": [10.0, 10.0, 10.0]})
    [change] = comparing.changes(before, now)
    assert (change.subject, change.peer) == ("creating", "httpx")
    assert (change.before, change.now) == (pytest.approx(0.6), pytest.approx(0.67))
    assert change.is_slower
    assert "SLOWER" in change.shown()


@pytest.mark.parametrize(
    ("ours", "theirs", "mark"),
    [
        ([6.5, 6.5], [10.0, 10.0], "as before"),
        # A machine that is twice as busy is as busy for both.
        ([12.0, 12.0], [20.0, 20.0], "as before"),
        ([5.0, 5.0], [10.0, 10.0], "faster"),
        # One round that something disturbed does not count.
        ([6.0, 6.0, 60.0], [10.0, 10.0, 10.0], "as before"),
    ],
)
def test_what_bears_on_both_alike_is_no_change(
    ours: list[float], theirs: list[float], mark: str
) -> None:
    before = run(creating={"zerogate": [6.0, 6.0], "httpx": [10.0, 10.0]})
    [change] = comparing.changes(before, run(creating={"zerogate": ours, "httpx": theirs}))
    assert not change.is_slower
    assert mark in change.shown()


def test_each_peer_and_subject_that_both_have_is_compared() -> None:
    ways = {"zerogate": [1.0], "httpx": [2.0], "stripe": [4.0]}
    before = run(creating=ways, gone={"zerogate": [1.0], "httpx": [1.0]})
    now = run(creating=ways, new={"zerogate": [1.0], "httpx": [1.0]})
    found = [(change.subject, change.peer) for change in comparing.changes(before, now)]
    assert found == [("creating", "httpx"), ("creating", "stripe")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("processor", "another, 2 cores"),
        ("python", "CPython 3.13.1"),
        ("packages", {"zerogate": "0.1.0", "httpx": "0.27.0"}),
    ],
)
def test_another_machine_is_not_compared_with(name: str, value: object) -> None:
    now = run(creating={"zerogate": [1.0], "httpx": [2.0]})
    before = copy.deepcopy(now)
    before["machine"][name] = value
    with pytest.raises(comparing.Incomparable, match=r"was .* and is"):
        comparing.changes(before, now)


def test_another_version_of_ours_is_what_is_compared() -> None:
    now = run(creating={"zerogate": [1.0], "httpx": [2.0]})
    before = copy.deepcopy(now)
    before["machine"]["packages"]["zerogate"] = "0.0.9"
    assert len(comparing.changes(before, now)) == 1


@pytest.mark.parametrize(
    "file", [{}, [], None, {"machine": MACHINE}, {"machine": {}, "subjects": 1}]
)
def test_a_file_of_something_else_is_refused(file: object) -> None:
    now = run(creating={"zerogate": [1.0], "httpx": [2.0]})
    with pytest.raises(comparing.Incomparable, match="--json"):
        comparing.changes(file, now)


def test_nothing_in_common_is_said() -> None:
    with pytest.raises(comparing.Incomparable, match="in common"):
        comparing.changes(
            run(a={"zerogate": [1.0], "httpx": [1.0]}), run(b={"zerogate": [1.0], "httpx": [1.0]})
        )
