"""Instants from what people write: read in one way only, or refused. Pure: the machine's zone counts nowhere.

ISO 8601 first, by the standard library. Otherwise dateutil, twice, with different defaults: what is
missing in the text then differs, and is not made up. `03/04/2026` is decided for a whole column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from dateutil import parser

from .breaks import DAY
from .errors import Unusable

_NUMBERS: Final = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)", re.ASCII)
_TWO_DIGITS: Final = re.compile(r"^(\d{1,2}([./-])\d{1,2}\2)(\d{2})(?!\d)", re.ASCII)
_SHORT_YEAR: Final = re.compile(r"\s*\d{1,2}([./-])\d{1,2}\1\d{1,2}(?!\d)", re.ASCII)
#: They agree in nothing but midnight: a date alone means its beginning.
_DEFAULTS: Final = (datetime(2000, 1, 1), datetime(2003, 12, 30))
_UTC_NAMES: Final = ("UTC", "GMT", "Z")
#: POSIX and people mean opposite things by it.
_NAME_AND_OFFSET: Final = re.compile(r"[A-Za-z]{2,5}\s*[+-]\s*\d{1,2}(?::?\d{2})?\s*$", re.ASCII)
#: Looked for in front of it, and not by one pattern with it: that would begin again at each.
_MINUTES: Final = re.compile(r":\d{2}", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"\d{4}([./-])\d{1,2}\1\d{1,2}(?!\d)", re.ASCII)
_BARE_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
#: Digits of 20260526 and 20260526120000, the numbers that say a whole date.
_DATES: Final = (8, 14)
#: How numbers are read as times, where that is told: their unit in seconds, and what they count from.
NUMBERED: Final = {
    "epoch": (Decimal(1), 0),
    "epoch_ms": (Decimal("0.001"), 0),
    "excel": (Decimal(DAY), -25_569 * DAY),
    "excel_1904": (Decimal(DAY), -24_107 * DAY),
}
_DAYS: Final = ("excel", "excel_1904")


#: Texts of a date without a time of day, for Python's, RE2's and Arrow's regular expressions.
DATE_ALONE: Final = (
    r"^\s*([0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}"
    r"|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}"
    r"|([A-Za-z]{3,9}, ?)?[0-9]{1,2}[-. /]{1,2}[A-Za-z]{3,9}[-., /]{1,2}[0-9]{2,4}"
    r"|([A-Za-z]{3,9}, ?)?[A-Za-z]{3,9}\.? [0-9]{1,2},? [0-9]{4}"
    r"|[0-9]{8})\s*$"
)
#: The same of a spreadsheet's days: a whole number of them.
DAY_ALONE: Final = r"^\s*[0-9]+(\.0*)?\s*$"


#: No date is longer, with names of months and of zones; a cell may be, and is not searched for one.
_LONGEST: Final = 100


class NotADate(ValueError):
    """A text that says no instant, or more than one."""


class NaiveDate(NotADate):
    """A text that names an instant only together with a time zone."""


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; Unusable if no zone has that name.

    Raises:
        Unusable: no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise Unusable(f"no time zone {name!r}: give one like Europe/Berlin or UTC") from problem


def numbered(text: str, kind: str, tz: tzinfo | None = None) -> int:
    """Return Unix seconds of a number of this *kind*; NotADate, NaiveDate for a spreadsheet's without zone.

    kind: Of NUMBERED. tz: The zone of a spreadsheet's days, which name none.

    Raises:
        NaiveDate: a spreadsheet's day, and no zone given.
        NotADate: no number, or one that no calendar has.
    """
    text = _short(text)
    if _BARE_NUMBER.fullmatch(text) is None:
        raise NotADate(f"{text!r} is not a number, which time = {kind!r} says it is")
    unit, origin = NUMBERED[kind]
    # To the second: a spreadsheet holds a fraction of a day, and that rarely exactly.
    rounding = ROUND_HALF_EVEN if kind in _DAYS else ROUND_FLOOR
    seconds = int((Decimal(text) * unit).to_integral_value(rounding))
    try:
        read = datetime.fromtimestamp(seconds + origin, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotADate(f"{text!r} is not in any calendar as {kind}") from None
    if kind not in _DAYS:
        return seconds + origin
    if tz is None:
        raise NaiveDate(f"{text!r} names no time zone")
    return _seconds(text, read.replace(tzinfo=tz))


def instant(
    text: str,
    tz: tzinfo | None = None,
    day_first: bool | None = None,
    two_digit_years: bool = False,
) -> int:
    """Return Unix seconds, rounded down, of a date in text; NotADate if unclear, NaiveDate without zone.

    tz: The zone of texts that name none.
    day_first: How to read 03/04/2026; None refuses what can be read both ways.
    two_digit_years: Whether 03/04/26 is in this century; else it is refused.

    Raises:
        NaiveDate: no zone in the text, and none given.
        NotADate: nothing, or nothing certain.
    """
    text = _short(text)
    read = _read(with_century(text) if two_digit_years else text, day_first)
    if read.tzinfo is None:
        if tz is None:
            raise NaiveDate(f"{text!r} names no time zone")
        read = read.replace(tzinfo=tz)
    return _seconds(text, read)


def _short(text: str) -> str:
    """Return a text stripped; raise NotADate where it is longer than any date."""
    text = text.strip()
    if len(text) > _LONGEST:
        raise NotADate(f"{text[:40]!r}… has {len(text)} characters, which no date has")
    return text


def _seconds(text: str, read: datetime) -> int:
    """Return Unix seconds, rounded down; raise NotADate at the ends of the calendar."""
    try:
        return int(read.timestamp() // 1)
    except (ValueError, OverflowError, OSError):
        raise NotADate(f"{text!r} is at the end of the calendar") from None


def next_day(at: int, tz: tzinfo) -> int:
    """Return Unix seconds when the day of an instant ends: 23 to 25 hours after it began."""
    try:
        after = datetime.fromtimestamp(at, tz).date() + timedelta(days=1)
        return int(datetime(after.year, after.month, after.day, tzinfo=tz).timestamp())
    except (ValueError, OverflowError, OSError):
        # The last day of the calendar has none after it.
        return at + DAY


def with_century(text: str) -> str:
    """Return a text with 20 put before its two-digit year; any other text unchanged."""
    return _TWO_DIGITS.sub(r"\g<1>20\g<3>", text)


def _read(text: str, day_first: bool | None) -> datetime:
    """Return the datetime of a text, naive where it names no zone; raise NotADate if uncertain."""
    if not _BARE_NUMBER.fullmatch(text) or len(text) in _DATES:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    if not text.isascii():
        raise NotADate(f"{text!r} is not written in plain digits and letters")
    if _BARE_NUMBER.fullmatch(text) and len(text) not in _DATES:
        raise NotADate(
            f'{text[:40]!r} is a bare number: say time = "epoch" or "excel" under [format]'
        )
    named = _NAME_AND_OFFSET.search(text)
    if named is not None and _MINUTES.search(text, 0, named.start()):
        raise NotADate(f"{text!r} has a zone that is read in two ways: write only +01:00 or so")
    if _SHORT_YEAR.match(text):
        raise NotADate(
            f"{text!r} has a year of two digits: write it with four, or say "
            "two_digit_years = true under [format]"
        )
    numbers = _NUMBERS.match(text)
    if numbers:
        day_first = _order(text, int(numbers[1]), int(numbers[3]), day_first)
    if _YEAR_FIRST.match(text):
        day_first = False
    one, other = (_parsed(text, default, bool(day_first)) for default in _DEFAULTS)
    if one != other:
        raise NotADate(f"{text!r} leaves out a part of the date")
    return one


def _order(text: str, first: int, second: int, day_first: bool | None) -> bool:
    """Return whether the day comes first; raise NotADate where unknown or against *day_first*."""
    told = {True: first > 12, False: second > 12}
    if all(told.values()):
        raise NotADate(f"{text!r} has no month")
    for order, proven in told.items():
        if proven:
            if day_first is (not order):
                raise NotADate(f"{text!r} has no month where the others have it")
            return order
    if day_first is None and first != second:
        raise NotADate(f"{text!r} can be read with the day or the month first")
    return bool(day_first)


def _parsed(text: str, default: datetime, day_first: bool) -> datetime:
    """Return dateutil's reading, parts left out taken from *default*; raise NotADate if none."""
    try:
        read: datetime = parser.parse(
            text, default=default, dayfirst=day_first, tzinfos=_named_zone
        )
    except NotADate:
        raise
    except (ValueError, OverflowError, TypeError) as problem:
        raise NotADate(f"{text!r} is not a date") from problem
    return read


def _named_zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the zone for dateutil: UTC, an offset, or None; raise NotADate for other names.

    Left to itself dateutil takes the machine's own zone names for known and others for naive.
    """
    if name in _UTC_NAMES and not offset:
        return UTC
    if name is not None:
        raise NotADate(f"the zone {name!r} may mean several: write an offset such as +01:00")
    return None if offset is None else timezone(timedelta(seconds=offset))


def is_date_alone(text: str) -> bool:
    """Return whether a text is a date without a time of day, by DATE_ALONE."""
    return re.match(DATE_ALONE, text) is not None


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Return whether a column writes the day first, shown by a number over 12; None: unknown. Or Unusable.

    Raises:
        Unusable: one value says so, another the opposite.
    """
    proof: dict[bool, str] = {}
    for text in texts:
        if numbers := _NUMBERS.match(text):
            first, second = int(numbers[1]), int(numbers[3])
            if (first > 12) != (second > 12):
                proof.setdefault(first > 12, text)
    if len(proof) == 2:
        raise Unusable(
            f"{proof[True]!r} writes the day first and {proof[False]!r} the month: say --day-first "
            "or --month-first, and what does not fit is put aside"
        )
    return next(iter(proof), None)


def has_both_readings(text: str) -> bool:
    """Return whether a date stays one with day and month exchanged, and is another."""
    numbers = _NUMBERS.match(text)
    if numbers is None:
        return False
    first, second = int(numbers[1]), int(numbers[3])
    return first != second and max(first, second) < 13
