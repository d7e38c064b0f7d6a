"""Dates that tell the server's clock: an answer may be seconds late, or name another clock."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from zerogate._idempotency.retries import (
    Dated,
    _moment_of,
    clock_span,
    nearer_date,
    retry_after,
    server_time,
)

TWELVE = "Tue, 26 May 2026 12:00:00 GMT"
TEN_LATER = "Tue, 26 May 2026 12:00:10 GMT"
NOON = 1_779_796_800.0
NO_DATE = "yesterday"
ONE_LATER = "Tue, 26 May 2026 13:00:00 GMT"


def test_a_date_goes_on_with_the_monotonic_clock() -> None:
    assert server_time((TWELVE, 100.0, 0.0), 107.5) == NOON + 7.5
    assert server_time((TWELVE, 100.0, 0.0), 99.0) == NOON - 1
    assert server_time((NO_DATE, 100.0, 0.0), 107.5) is None
    for last in ("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2300"):
        # Counted on from there, the calendar would be left.
        assert server_time((last, 100.0, 0.0), 100.0) is None


@pytest.fixture(params=["America/New_York", "Europe/Berlin", "UTC"])
def _anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    _moment_of.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    _moment_of.cache_clear()


@pytest.mark.usefixtures("_anywhere")
@pytest.mark.parametrize(
    "date",
    [
        TWELVE,
        "Tuesday, 26-May-26 12:00:00 GMT",
        "Tue May 26 12:00:00 2026",
        "Tue, 26 May 2026 12:00:00 -0000",
        "Tue, 26 May 2026 12:00:00",
        "Tue, 26 May 2026 14:00:00 +0200",
    ],
    ids=["IMF-fixdate", "RFC 850", "asctime", "no zone known", "no zone", "another zone"],
)
def test_every_form_of_a_date_is_one_moment_wherever_the_host_is(date: str) -> None:
    assert server_time((date, 100.0, 0.0), 100.0) == NOON
    assert retry_after(date, NOON - 60) == 60.0


@pytest.mark.parametrize(
    ("kept", "told", "is_kept"),
    [
        # Said at 100, and again with an answer that came at 107 and was asked for at 100.
        ((TWELVE, 100.0, 0.2), (TWELVE, 107.0, 7.0), True),
        # The same, with an answer that came at once: the first Date was another clock's.
        ((TWELVE, 100.0, 0.2), (TWELVE, 107.0, 0.5), False),
        # The newer one is nearer: the first one was late itself.
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 107.0, 7.0), False),
        # Whole seconds: within one of them either is as good.
        ((TWELVE, 100.0, 0.2), (TWELVE, 100.9, 0.1), True),
        ((NO_DATE, 100.0, 0.2), (TWELVE, 107.0, 7.0), False),
        ((TWELVE, 100.0, 0.2), (NO_DATE, 107.0, 7.0), False),
        (None, (TWELVE, 107.0, 7.0), False),
        (None, (TWELVE, 107.0, 1e12), False),
        # The first one took long, and says the same: the second one is sure.
        ((TWELVE, 100.0, 9.0), (TWELVE, 100.5, 0.2), False),
        ((TWELVE, 100.0, 5.0), (TWELVE, 100.5, 0.2), True),
        ((TWELVE, 100.0, 9.0), (TWELVE, 107.0, 9.0), True),
        ((TWELVE, 100.0, 9.0), (TWELVE, 107.0, 8.9), False),
        # As far on as the time that went by, and a second more.
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 110.0, 0.0), True),
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 109.0, 0.0), False),
        # Behind by what it was under way and the second that whole seconds leave open, and by more.
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 111.0, 0.0), True),
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 111.5, 0.0), False),
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 117.0, 6.0), True),
        ((TWELVE, 100.0, 0.2), (TEN_LATER, 117.5, 6.0), False),
    ],
)
def test_a_date_is_kept_where_a_later_one_was_under_way(
    kept: Dated | None, told: Dated, is_kept: bool
) -> None:
    assert nearer_date(kept, told) == (kept if is_kept else told)


RIGHT, AHEAD = (TWELVE, 100.0, 0.0), (ONE_LATER, 105.0, 0.0)


@pytest.mark.parametrize(
    ("dates", "span"),
    [
        ((), (NOON, NOON)),
        ((RIGHT,), (NOON, NOON)),
        # Of one clock: the nearest reading counts, a few seconds more or less.
        ((RIGHT, (TWELVE, 104.0, 0.0)), (NOON, NOON)),
        ((RIGHT, (TWELVE, 105.0, 0.0)), (NOON, NOON)),
        ((RIGHT, (TWELVE, 105.5, 0.0)), (NOON + 4.5, NOON + 10)),
        # Another clock's: both count, whichever came first.
        ((RIGHT, AHEAD), (NOON + 10, NOON + 3605)),
        ((AHEAD, RIGHT), (NOON + 10, NOON + 3605)),
        # What cannot be read tells nothing.
        ((RIGHT, (NO_DATE, 105.0, 0.0)), (NOON, NOON)),
    ],
)
def test_dates_that_contradict_each_other_both_count(
    dates: tuple[Dated, ...], span: tuple[float, float]
) -> None:
    assert clock_span(dates, 110.0, NOON) == span
