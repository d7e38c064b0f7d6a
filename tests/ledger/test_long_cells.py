"""A cell of a stranger's file costs what it is long, however long it is: work is counted, not time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from types import FrameType

import pytest
from zerogate_ledger.dates import NotADate, day_first_in, instant, is_date_alone, numbered
from zerogate_ledger.exact import is_plain
from zerogate_ledger.number_formats import NumberFormat, remedy

CELLS: dict[str, Callable[[int], str]] = {
    "digits": lambda n: "1" * n,
    "times": lambda n: "10:11" + ":11" * (n // 3),
    "dates": lambda n: "1.1.2026 " * (n // 9),
    "zones": lambda n: "5 Jan 2026 10:30" + " CET" * (n // 4),
    "thousands": lambda n: "1" + ".000" * (n // 4),
    "thousands, and no end": lambda n: "1" + ".000" * (n // 4) + "x",
    "blanks": lambda n: "1" + " " * n + "1",
    "signs": lambda n: "-" * n,
    "symbols": lambda n: "EUR " * (n // 4),
    "brackets": lambda n: "(" * n + ")" * n,
    "points": lambda n: "." * n,
}
GERMAN = NumberFormat(decimal=",", thousands=".", symbols=True, parentheses=True).reader()
SPACED = NumberFormat(thousands=" ", symbols=True, trailing_minus=True, minor_units=True).reader()
READERS: dict[str, Callable[[str], object]] = {
    "a date": lambda text: instant(text, UTC, two_digit_years=True),
    "a date by its day": lambda text: instant(text, UTC, day_first=True),
    "seconds": lambda text: numbered(text, "epoch"),
    "a day of a spreadsheet": lambda text: numbered(text, "excel", UTC),
    "a date alone": is_date_alone,
    "the order of a date": lambda text: day_first_in([text]),
    "a figure": GERMAN,
    "a figure with blanks": SPACED,
    "a plain figure": is_plain,
    "what to do about a figure": remedy,
}


def calls(read: Callable[[str], object], text: str) -> int:
    """How often a function is called for it; each of them looks at a text once."""
    counted = 0

    def count(frame: FrameType, event: str, what: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with suppress(NotADate):
            read(text)
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_longer_cell_takes_no_more_calls(reader: str, cell: str) -> None:
    few, many = (calls(READERS[reader], CELLS[cell](size)) for size in (2_000, 64_000))
    assert many <= few + 2
