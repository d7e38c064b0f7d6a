"""Differences as numbers: a bit for each class, put together from conditions that engines share.

Conditions are counted rather than joined by AND and OR where reading a decimal is part of them:
DuckDB reads an amount once for all uses in a sum, and again for each use behind a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add, mul
from typing import Any, TypeAlias

import ibis

from .breaks import BIT

#: Class → the conditions of which any one is enough.
Told: TypeAlias = Mapping[str, Iterable[Any]]


def whole(value: int) -> Any:
    """Return a 64-bit integer literal."""
    return ibis.literal(value, "int64")


def one(flag: Any) -> Any:
    """Return an expression: 1 where a condition holds, 0 where it does not or is NULL."""
    # By way of 32 bits, because PostgreSQL makes no larger number of a boolean.
    return flag.fill_null(False).cast("int32").cast("int64")


def either(*flags: Any) -> Any:
    """Return the condition: any of these holds; NULL counts as no, and so does no flag at all."""
    return reduce(add, map(one, flags)) > 0 if flags else ibis.literal(False)


def both(*flags: Any) -> Any:
    """Return the condition: all of these hold; NULL counts as no."""
    return reduce(mul, map(one, flags)) > 0


def bits(told: Told) -> Any:
    """Return the mask of the classes of which any condition holds; 0 for none."""
    terms = []
    for code, flags in told.items():
        match list(flags):
            case []:
                pass
            case [flag]:
                terms.append(one(flag) * whole(BIT[code]))
            case several:
                terms.append(one(either(*several)) * whole(BIT[code]))
    return reduce(add, terms) if terms else whole(0)


def given(cell: Any) -> Any:
    """Return the condition: a cell is neither NULL nor empty."""
    return (cell.notnull() & (cell != "")).fill_null(False)
