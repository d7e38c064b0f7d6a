"""Which of two Dates tells the server's clock: an answer may have been under way for seconds."""

from __future__ import annotations

import pytest
from zerogate._idempotency.retries import nearer_date, server_time

TWELVE = "Tue, 26 May 2026 12:00:00 GMT"
TEN_LATER = "Tue, 26 May 2026 12:00:10 GMT"
NOON = 1_779_796_800.0
NO_DATE = "yesterday"


def test_a_date_goes_on_with_the_monotonic_clock() -> None:
    assert server_time((TWELVE, 100.0), 107.5) == NOON + 7.5
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
    ],
)
def test_a_date_is_kept_where_a_later_one_was_under_way(
    kept: tuple[str, float] | None, told: tuple[str, float], taken: float, is_kept: bool
) -> None:
    assert nearer_date(kept, told, taken) == (kept if is_kept else told)
