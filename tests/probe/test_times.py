"""Times of answers as the probe reads them: the same wherever it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from zerogate_probe.client import date_seconds
from zerogate_probe.questions import instant

NOON = 1_779_796_800.0


@pytest.fixture(params=["America/New_York", "UTC"])
def _anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_anywhere")
@pytest.mark.parametrize("date", ["Tue, 26 May 2026 12:00:00 GMT", "Tue May 26 12:00:00 2026"])
def test_a_date_without_a_zone_is_gmt(date: str) -> None:
    assert date_seconds(date) == NOON


@pytest.mark.usefixtures("_anywhere")
def test_a_time_without_a_zone_is_no_instant() -> None:
    assert instant("2026-05-26T12:00:00Z") == NOON
    assert instant("2026-05-26T12:00:00") is None
    assert instant("yesterday") is None
