"""Dates that tell the server's clock: an answer may be seconds late, or name another clock."""

from __future__ import annotations

import pytest
from zerogate._idempotency.retries import Dated, date_span, nearer_date, server_time

TWELVE = "Tue, 26 May 2026 12:00:00 GMT"
TEN_LATER = "Tue, 26 May 2026 12:00:10 GMT"
NOON = 1_779_796_800.0
NO_DATE = "yesterday"
ONE_LATER = "Tue, 26 May 2026 13:00:00 GMT"


def test_a_date_goes_on_with_the_monotonic_clock() -> None:
    assert server_time((TWELVE, 100.0), 107.5) == NOON + 7.5
    assert server_time((TWELVE, 100.0), 99.0) == NOON - 1
    assert server_time((NO_DATE, 100.0), 107.5) is None


@pytest.mark.parametrize(
    ("kept", "told", "taken", "is_kept"),
    [
        # Said at 100, and again with an answer that came at 107 and was asked for at 100.
        ((TWELVE, 100.0), (TWELVE, 107.0), 7.0, True),
        # The same, with an answer that came at once: the first Date was another clock's.
        ((TWELVE, 100.0), (TWELVE, 107.0), 0.5, False),
        # The newer one is nearer: the first one was late itself.
        ((TWELVE, 100.0), (TEN_LATER, 107.0), 7.0, False),
        # Whole seconds: within one of them either is as good.
        ((TWELVE, 100.0), (TWELVE, 100.9), 0.1, True),
        ((NO_DATE, 100.0), (TWELVE, 107.0), 7.0, False),
        ((TWELVE, 100.0), (NO_DATE, 107.0), 7.0, False),
        (None, (TWELVE, 107.0), 7.0, False),
        (None, (TWELVE, 107.0), 1e12, False),
        # As far on as the time that went by, and a second more.
        ((TWELVE, 100.0), (TEN_LATER, 110.0), 0.0, True),
        ((TWELVE, 100.0), (TEN_LATER, 109.0), 0.0, False),
        # Behind by what it was under way and the second that whole seconds leave open, and by more.
        ((TWELVE, 100.0), (TEN_LATER, 111.0), 0.0, True),
        ((TWELVE, 100.0), (TEN_LATER, 111.5), 0.0, False),
        ((TWELVE, 100.0), (TEN_LATER, 117.0), 6.0, True),
        ((TWELVE, 100.0), (TEN_LATER, 117.5), 6.0, False),
    ],
)
def test_a_date_is_kept_where_a_later_one_was_under_way(
    kept: tuple[str, float] | None, told: tuple[str, float], taken: float, is_kept: bool
) -> None:
    assert nearer_date(kept, told, taken) == (kept if is_kept else told)


RIGHT, AHEAD = (TWELVE, 100.0), (ONE_LATER, 105.0)


@pytest.mark.parametrize(
    ("kept", "told", "span"),
    [
        ((), RIGHT, (RIGHT, RIGHT)),
        # Of one clock: the newest alone counts, a second more or less.
        ((RIGHT, RIGHT), (TWELVE, 104.0), ((TWELVE, 104.0),) * 2),
        # Another clock's: both count, whichever came first.
        ((RIGHT, RIGHT), AHEAD, (RIGHT, AHEAD)),
        ((AHEAD, AHEAD), (TWELVE, 110.0), ((TWELVE, 110.0), AHEAD)),
        # And go on counting while others come, of the one clock or the other.
        ((RIGHT, AHEAD), (TEN_LATER, 110.0), ((TEN_LATER, 110.0), AHEAD)),
        ((RIGHT, AHEAD), (ONE_LATER, 108.0), (RIGHT, (ONE_LATER, 108.0))),
        # For an hour.
        ((RIGHT, RIGHT), (TWELVE, 3700.0), ((TWELVE, 3700.0), RIGHT)),
        ((RIGHT, RIGHT), (TWELVE, 3701.0), ((TWELVE, 3701.0),) * 2),
        # What cannot be read tells nothing.
        ((RIGHT, AHEAD), (NO_DATE, 110.0), (RIGHT, AHEAD)),
        ((), (NO_DATE, 110.0), ()),
    ],
)
def test_dates_that_contradict_each_other_both_count(
    kept: tuple[Dated, ...], told: Dated, span: tuple[Dated, ...]
) -> None:
    assert date_span(kept, told) == span
