"""What people write for a time is read in one way only, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from zerogate_ledger.dates import NaiveDate, NotADate, day_first_in, instant, next_day, zone
from zerogate_ledger.errors import Unusable


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-05T10:30:00Z", at(2026, 1, 5, 10, 30)),
        ("2026-01-05 10:30:00+01:00", at(2026, 1, 5, 9, 30)),
        ("20260105T103000+0000", at(2026, 1, 5, 10, 30)),
        ("2026-01-05T10:30:00.999999Z", at(2026, 1, 5, 10, 30)),
        ("2026-01-05", at(2026, 1, 5)),
        ("5 Jan 2026 10:30", at(2026, 1, 5, 10, 30)),
        ("Mon, 05 Jan 2026 10:30:00 GMT", at(2026, 1, 5, 10, 30)),
        ("5 Jan 2026 10:30 +0200", at(2026, 1, 5, 8, 30)),
        ("31.12.2026 23:59", at(2026, 12, 31, 23, 59)),
        ("12/31/2026", at(2026, 12, 31)),
        ("05/05/2026", at(2026, 5, 5)),
    ],
)
def test_a_time_that_reads_one_way_is_read(text: str, seconds: int) -> None:
    assert instant(text, UTC) == seconds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Jan 2026", "leaves out"),
        ("10:30", "leaves out"),
        ("Monday", "leaves out"),
        ("03/04/2026", "day or the month first"),
        ("01/02/26", "two digits"),
        ("31/31/2026", "no month"),
        ("30 Feb 2026", "not a date"),
        ("2026-13-01", "not a date"),
        ("1767607200", "bare number"),
        ("yesterday", "not a date"),
        ("", "not a date"),
        ("5 Jan 2026 10:30 CET", "may mean several"),
        ("5 Jan 2026 10:30 EST", "may mean several"),
        ("5 Jan 2026 10:30 GMT+3", "read in two ways"),
        ("١٢/٠١/٢٠٢٦", "plain digits"),
        ("9" * 80, "bare number"),
        ("9" * 400, "400 characters"),
        (" 10:11:11:11" * 5_000, "which no date has"),
    ],
)
def test_a_time_that_reads_several_ways_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotADate, match=why):
        instant(text, UTC)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "UTC"])
def test_the_machines_own_zone_counts_nowhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", name)
    time.tzset()
    try:
        assert instant("5 Jan 2026 10:30", UTC) == at(2026, 1, 5, 10, 30)
        with pytest.raises(NotADate):
            instant("5 Jan 2026 10:30 CET", UTC)
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_a_time_without_a_zone_asks_for_one() -> None:
    with pytest.raises(NaiveDate):
        instant("2026-01-05 10:30")
    assert instant("2026-07-05 10:30", ZoneInfo("Europe/Berlin")) == at(2026, 7, 5, 8, 30)


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(Unusable, match="no time zone"):
        zone(name)


def test_one_value_over_twelve_decides_for_the_column() -> None:
    assert day_first_in(["03/04/2026", "13/04/2026"]) is True
    assert day_first_in(["03/04/2026", "04/13/2026"]) is False
    assert day_first_in(["03/04/2026", "2026-01-05"]) is None


def test_a_column_that_writes_both_ways_has_to_be_told() -> None:
    with pytest.raises(Unusable, match="--day-first"):
        day_first_in(["13/04/2026", "04/13/2026"])


def test_a_value_that_contradicts_its_column_is_refused() -> None:
    assert instant("03/04/2026", UTC, day_first=True) == at(2026, 4, 3)
    assert instant("03/04/2026", UTC, day_first=False) == at(2026, 3, 4)
    with pytest.raises(NotADate, match="no month where the others"):
        instant("04/13/2026", UTC, day_first=True)


@pytest.mark.parametrize(
    ("day", "hours"),
    [((2026, 3, 29), 23), ((2026, 7, 1), 24), ((2026, 10, 25), 25)],
    ids=["clocks go forward", "no change", "clocks go back"],
)
def test_a_day_is_over_at_midnight_whatever_the_clocks_did(
    day: tuple[int, int, int], hours: int
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begins = int(datetime(*day, tzinfo=berlin).timestamp())
    assert next_day(begins, berlin) == begins + hours * 3600
    assert next_day(begins + hours * 3600 - 1, berlin) == begins + hours * 3600


def test_a_day_begins_an_hour_late_where_clocks_skip_midnight() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    assert next_day(at(2026, 3, 28, 12), beirut) == at(2026, 3, 28, 22)


def test_the_last_day_of_the_calendar_is_over_a_day_later() -> None:
    assert next_day(at(9999, 12, 31), UTC) == at(9999, 12, 31) + 86_400
