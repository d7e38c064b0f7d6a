"""Divides what is thorough: some cases stay in the suite, the others wait for `nox -s thorough`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def thorough(*values: Any, id: str | None = None) -> Any:
    """Return one case of a test that the suite leaves to `nox -s thorough`."""
    return pytest.param(*values, id=id, marks=pytest.mark.thorough)


def divided(
    cases: Iterable[Any], stays: Callable[[Any], object], *, name: Callable[[Any], str] = str
) -> list[Any]:
    """Return all cases of a test, of which the suite runs those that stay."""
    return [
        pytest.param(case, id=name(case), marks=() if stays(case) else pytest.mark.thorough)
        for case in cases
    ]
