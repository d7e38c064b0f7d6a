"""Differences as numbers: a bit for each class, put together from conditions that engines share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add, or_
from typing import Any, TypeAlias

import ibis

from .breaks import BIT

#: Class → the conditions of which any one is enough.
Told: TypeAlias = Mapping[str, Iterable[Any]]


def either(flags: Iterable[Any]) -> Any:
    """Whether any holds; unknown counts as no."""
    return reduce(or_, (flag.fill_null(False) for flag in flags), ibis.literal(False))


def bits(told: Told) -> Any:
    """The number of what was told, each class at most once."""
    terms = [
        ibis.ifelse(either(flags), whole(BIT[code]), whole(0))
        for code, flags in told.items()
        if list(flags)
    ]
    return reduce(add, terms, whole(0))


def whole(value: int) -> Any:
    return ibis.literal(value, "int64")


def given(cell: Any) -> Any:
    """Whether a cell says anything; an empty one does not."""
    return (cell.notnull() & (cell != "")).fill_null(False)
