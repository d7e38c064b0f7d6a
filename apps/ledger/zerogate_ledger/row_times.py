"""Times of rows: a column read all at once where it is ISO 8601, else value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from . import dates
from .arrow_text import as_text
from .breaks import DAY
from .columns import Settings
from .errors import Unusable

#: Dates whose day and month may be exchanged, with four or two digits of the year.
_ODD = r"^\s*[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4}|[0-9]{2})"
Columns = Callable[[], Iterator[tuple[pa.Array, pa.Array | None]]]


@attrs.frozen
class Read:
    """Unix seconds, until when where a row names a day alone, and what was wrong where there are none."""

    starts: pa.Array
    ends: pa.Array
    troubles: pa.Array


def row_times(name: str, settings: Settings, columns: Columns) -> RowTimes:
    """Return a reader of the rows' times, the column read once to see if days come first; or Unusable.

    columns: Reads it, and the times of day beside it, once through.

    Raises:
        Unusable: nothing says whether its days or months come first.
    """
    tz = None if settings.tz is None else dates.zone(settings.tz)
    day_first = settings.day_first
    if day_first is None and settings.time == "text":
        texts = _odd_dates(columns, settings.two_digit_years)
        day_first = dates.day_first_in(texts)
        if day_first is None:
            for text in texts:
                if dates.has_both_readings(text):
                    raise Unusable(
                        f"{text!r} in column {name!r} can be read with the day or the month first, "
                        "and no row decides it: say --day-first or --month-first"
                    )
    return RowTimes(name, settings, tz, day_first)


def _odd_dates(columns: Columns, two_digit_years: bool) -> list[str]:
    """Return the column's texts that begin like 03/04/2026, each once; [] for a typed column."""
    odd: dict[str, None] = {}
    for values, _ in columns():
        if _is_temporal(values.type):
            return []
        texts = as_text(values)
        mask = pc.fill_null(pc.match_substring_regex(texts, _ODD), False)
        odd |= dict.fromkeys(pc.unique(texts.filter(mask)).to_pylist())
    return [dates.with_century(text) for text in odd] if two_digit_years else list(odd)


def _is_temporal(kind: pa.DataType) -> bool:
    """Return whether a column's type is a timestamp or a date."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


@attrs.define
class RowTimes:
    """Reads a column of times, a batch at a time."""

    name: str
    settings: Settings
    tz: Any
    day_first: bool | None
    _known: dict[str | None, tuple[int | None, str | None]] = attrs.Factory(dict)

    def read(self, values: Any, times: Any | None = None) -> Read:
        """Return a batch's times in Unix seconds; NULL and trouble if unreadable, Unusable without a zone.

        times: Those of day, as text, where they have a column.
        """
        if _is_temporal(values.type):
            return self._of_types(values, times)
        texts = as_text(values)
        whole = dates.DAY_ALONE if self.settings.time.startswith("excel") else dates.DATE_ALONE
        alone = pc.fill_null(pc.match_substring_regex(texts, whole), False)
        if times is not None:
            said = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(times), ""), False)
            joined = pc.binary_join_element_wise(texts, pc.utf8_trim_whitespace(times), " ")
            texts = pc.if_else(said, joined, texts)
            alone = pc.and_(alone, pc.invert(said))
        starts, troubles = self._of_texts(texts)
        return Read(starts, self._ends(starts, alone), troubles)

    def _of_types(self, values: Any, times: Any | None) -> Read:
        """Return the times of a column of timestamps or dates; a date lasts its day."""
        kind = values.type
        if times is not None:
            days = pc.strftime(values.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%d")
            return self.read(days, times)
        within, beyond = _within_the_calendar(values)
        # What is beyond the microsecond is beyond the second.
        starts, troubles = self._seconds(
            within.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
        )
        troubles = pc.coalesce(beyond, troubles)
        alone = pa.array([pa.types.is_date(kind)] * len(values), pa.bool_())
        return Read(starts, self._ends(starts, alone), troubles)

    def _ends(self, starts: Any, alone: Any) -> Any:
        """Return Unix seconds when a row's day is over, where it names a day alone; else NULL."""
        days = pc.if_else(alone, starts, pa.scalar(None, pa.int64())).dictionary_encode()
        ends = [dates.next_day(at, self.tz or UTC) for at in days.dictionary.to_pylist()]
        return pa.array(ends, pa.int64()).take(days.indices)

    def _of_texts(self, texts: Any) -> tuple[pa.Array, pa.Array]:
        """Return Unix seconds and troubles of texts, at once if all are ISO 8601; Unusable without a zone."""
        if self.settings.time == "text":
            written = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
            for tz in ("UTC", None):
                try:
                    return self._seconds(written.cast(pa.timestamp("us", tz)))
                except pa.ArrowInvalid:
                    continue
        read = [self._cached_time(text) for text in texts.to_pylist()]
        return (
            pa.array([at for at, _ in read], pa.int64()),
            pa.array([problem for _, problem in read], pa.string()),
        )

    def _seconds(self, values: Any) -> tuple[pa.Array, pa.Array]:
        """Return Unix seconds, rounded down, and troubles, all NULL; Unusable without a zone."""
        if values.type.tz is None:
            known = values.drop_null()
            self._need_zone(known[0].as_py() if len(known) else None)
            values = pc.assume_timezone(
                values, self.settings.tz or "UTC", ambiguous="earliest", nonexistent="earliest"
            )
        micros = values.cast(pa.int64())
        seconds = pc.divide(micros, 1_000_000)
        # Down to the second also before 1970, where a division rounds up.
        above = pc.greater(pc.multiply(seconds, 1_000_000), micros).cast(pa.int64())
        return pc.subtract(seconds, above), pa.nulls(len(values), pa.string())

    def _need_zone(self, example: Any) -> None:
        """Raise Unusable if no time zone is set and *example*, a time without zone, is not None."""
        if self.tz is None and example is not None:
            raise Unusable(
                f"times in column {self.name!r} name no zone ({example}): say --tz Europe/Berlin or "
                "whichever they are written in"
            )

    def _cached_time(self, text: str | None) -> tuple[int | None, str | None]:
        """Return what `_read_time` does, once for each text; (None, None) for an empty one."""
        if not text or not text.strip():
            return None, None
        if text not in self._known:
            self._known[text] = self._read_time(text)
        return self._known[text]

    def _read_time(self, text: str) -> tuple[int | None, str | None]:
        """Return (Unix seconds, None) or (None, trouble) of a text; Unusable without a zone."""
        try:
            if self.settings.time != "text":
                return dates.numbered(text, self.settings.time, self.tz), None
            return dates.instant(text, self.tz, self.day_first, self.settings.two_digit_years), None
        except dates.NaiveDate:
            self._need_zone(text)
            raise
        except dates.NotADate as problem:
            return None, f"created_at: {problem}"


#: Numbers in a second of the units that times are held in, and in a day of a date's.
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000}
_FIRST = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
_AFTER = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) + DAY


def beyond_the_calendar(kind: pa.DataType, number: int) -> bool:
    """Return whether a number that a column of times holds is in no year of four digits."""
    first, last = _ends_of(kind)
    return not first <= number <= last


def _ends_of(kind: pa.DataType) -> tuple[int, int]:
    """Return the first and the last number of a column's unit in the calendar."""
    if pa.types.is_date32(kind):
        return _FIRST // DAY, _AFTER // DAY - 1
    if pa.types.is_date64(kind):
        return _FIRST * 1_000, _AFTER * 1_000 - 1
    # Nanoseconds of 64 bits end in the year 2262.
    size = _UNITS.get(kind.unit)
    return (-(2**63), 2**63 - 1) if size is None else (_FIRST * size, _AFTER * size - 1)


def _within_the_calendar(values: Any) -> tuple[Any, Any]:
    """Return values, those in no calendar as NULL, and the trouble of these."""
    held = values.cast(pa.int32() if pa.types.is_date32(values.type) else pa.int64())
    first, last = _ends_of(values.type)
    held = held.cast(pa.int64())
    good = pc.and_(pc.greater_equal(held, first), pc.less_equal(held, last))
    said = pc.binary_join_element_wise(
        "created_at:", held.cast(pa.string()), "is in no calendar", " "
    )
    none = pa.scalar(None, pa.string())
    beyond = pc.if_else(pc.fill_null(good, True), none, said)
    return pc.if_else(good, values, pa.scalar(None, values.type)), beyond
