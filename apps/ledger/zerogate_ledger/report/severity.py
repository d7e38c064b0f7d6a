"""Levels of the classes of breaks: act, correct, watch. Pure; the order of the classes decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from ..breaks import CLASSES


@attrs.frozen
class Level:
    """One level. code: Its colour in page.css. says: What is asked of a person."""

    code: str
    title: str
    says: str


LEVELS: Final = (
    Level("act", "Act", "money or goods are at stake"),
    Level("correct", "Correct", "the books and Gate say otherwise"),
    Level("watch", "Watch", "time may settle it"),
)
#: The first class of each level but the first. Classes stand worst first, so order and colour agree.
_BEGINS: Final = {"fee_identity": 1, "late": 2}


def _levels() -> Iterator[tuple[str, Level]]:
    """Yield (class, its level) of every class, worst first."""
    at = 0
    for row in CLASSES:
        at = _BEGINS.get(row.code, at)
        yield row.code, LEVELS[at]


LEVEL: Final[Mapping[str, Level]] = dict(_levels())


def by_level(classes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return (level, its breaks) of the levels that occur, worst first; `matched` is left out."""
    counts = dict.fromkeys((level.code for level in LEVELS), 0)
    for code, count in classes.items():
        if code in LEVEL:
            counts[LEVEL[code].code] += count
    return tuple((code, count) for code, count in counts.items() if count)
