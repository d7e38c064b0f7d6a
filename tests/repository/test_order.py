"""The order of the suite names files that are there, and divides none whose tests share what they made."""

from __future__ import annotations

import re

import pytest

from tests.order import DIVIDED, HERE, NOT_QUICK, QUICK, SLOW, _is_quick


def test_everything_that_is_named_is_there() -> None:
    named = {*SLOW, *DIVIDED, *QUICK, *NOT_QUICK}
    assert sorted(name for name in named if not (HERE / name).exists()) == []


@pytest.mark.parametrize("name", sorted(DIVIDED))
def test_tests_that_may_run_apart_share_nothing(name: str) -> None:
    text = (HERE / name).read_text("utf-8")
    assert re.findall(r"scope=\"(?:module|package|session)\"|^_?\w+ = pytest\.fixture", text) == []


def test_the_quick_ones_are_decisions_both_halves_and_the_sandbox() -> None:
    assert all(_is_quick(f"{one}/test_x.py") for one in ("facade", "client/_sync", "sandbox"))
    assert not any(_is_quick(one) for one in ("ledger/test_x.py", "sandbox/browser/test_x.py"))


def test_the_quick_ones_are_marked(request: pytest.FixtureRequest) -> None:
    marked = {item.path for item in request.session.items if item.get_closest_marker("quick")}
    assert all(_is_quick(path.relative_to(HERE).as_posix()) for path in marked)
    assert request.node.get_closest_marker("quick") is None
