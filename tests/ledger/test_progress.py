"""What a person who is looking is told of a refresh: how far, how fast, and how long still."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate_ledger.mirror import Mirror
from zerogate_ledger.progress import Reached, Speed, Walk, shown

from .test_mirror import DAY, KIND, NOW, FakeGate

HOUR = 3_600


@pytest.mark.parametrize(
    ("until", "read", "expected"),
    [
        pytest.param(0, [1000, 900], 2 * 10 + 7, id="a tenth of the way took two rows"),
        pytest.param(0, [1000, None, 500], 3 * 2 + 7, id="rows without a date count as rows"),
        pytest.param(None, [1000, 900], None, id="where nothing is held nobody knows the end"),
        pytest.param(0, [1000, 1000], None, id="no time has passed between the rows so far"),
        pytest.param(0, [None], None, id="no row has a date"),
        pytest.param(950, [1000, 900], None, id="older than the newest held, which was not met"),
        pytest.param(2000, [1000, 900], None, id="a walk that goes on below what is held"),
        pytest.param(0, [], None, id="nothing was read"),
    ],
)
def test_how_many_rows_a_walk_has_is_judged_by_their_dates(
    until: int | None, read: list[int | None], expected: int | None
) -> None:
    walk = Walk("transactions", until, overlap=7)
    reached = walk.on(read, None)
    assert (reached.rows, reached.total, reached.about) == (
        len(read),
        expected,
        expected is not None,
    )


def test_once_the_newest_held_row_is_met_the_rest_is_known() -> None:
    walk = Walk("transactions", 0, overlap=7)
    walk.on([1000, 500], None)
    reached = walk.on([100, -100], 4)
    assert (reached.rows, reached.total, reached.about, reached.back_to) == (4, 8, False, -100)


@pytest.mark.parametrize(
    ("reached", "speed", "said"),
    [
        (Reached("t", "listed", 1200), None, "1,200"),
        (
            Reached("t", "listed", 1200, back_to=NOW),
            480.4,
            "1,200, back to 2026-02-25, 480 a second",
        ),
        (
            Reached("t", "listed", 1200, 50_000, True, NOW),
            500.0,
            "1,200 of about 50,000, back to 2026-02-25, 500 a second, about 0:01:38 left",
        ),
        (
            Reached("t", "read again", 20, 4_000),
            5.0,
            "20 of 4,000, 5.0 a second, 0:13:16 left",
        ),
        (Reached("t", "read again", 20, 20), 5.0, "20 of 20, 5.0 a second, 0:00:00 left"),
        (
            Reached("t", "read again", 1, 90_000),
            0.5,
            "1 of 90,000, 0.5 a second, 2 days, 1:59:58 left",
        ),
    ],
)
def test_what_is_reached_is_told_with_rate_and_time_left(
    reached: Reached, speed: float | None, said: str
) -> None:
    assert reached.told(speed) == said


def test_a_speed_is_that_of_the_last_half_minute() -> None:
    speed = Speed()
    assert [speed.at(0, 0), speed.at(0.5, 5)] == [None, None]
    assert speed.at(10, 100) == 10
    for second in range(11, 60):
        found = speed.at(second, 100 + second)
    assert found == pytest.approx(1)
    # The next walk of the same list begins at nothing.
    assert speed.at(60, 0) is None


def heard(folder: Path, gate: FakeGate, now: int, settle_days: int = 14) -> list[Reached]:
    told: list[Reached] = []
    Mirror(folder, "test").refresh(
        [(KIND, gate)], now=now, settle_days=settle_days, progress=told.append
    )
    return told


def test_a_first_walk_tells_the_date_it_has_reached_and_no_end(tmp_path: Path) -> None:
    told = heard(tmp_path, FakeGate(1_000), NOW)
    assert [reached.rows for reached in told] == list(range(100, 1_001, 100))
    assert [reached.total for reached in told] == [None] * 9 + [1_000]
    dates = [reached.back_to or 0 for reached in told]
    assert dates == sorted(dates, reverse=True)


def test_a_later_walk_tells_about_how_many_rows_there_are(tmp_path: Path) -> None:
    gate = FakeGate(1_000)
    heard(tmp_path, gate, NOW)
    for number in range(1_000, 4_000):
        gate.add(number)
    told = [reached for reached in heard(tmp_path, gate, NOW, 0) if reached.step == "listed"]
    for reached in told:
        assert reached.total == pytest.approx(3_200, rel=0.04)
    assert [reached.about for reached in told] == [True] * 30 + [False] * 3


def test_reading_again_tells_of_all_that_is_to_be_read(tmp_path: Path) -> None:
    gate = FakeGate(600)
    heard(tmp_path, gate, NOW - 80 * DAY)
    for row in gate.rows[:5]:
        row["status"] = "CREATED"
    heard(tmp_path, gate, NOW - 80 * DAY)
    told = [reached for reached in heard(tmp_path, gate, NOW) if reached.step != "listed"]
    assert [(reached.rows, reached.total) for reached in told] == [(n, 5) for n in range(1, 6)]


def written_to(terminal: int) -> Iterator[bytes]:
    """All of it, until nobody writes any more: then Linux says EIO, others nothing."""
    with contextlib.suppress(OSError):
        while text := os.read(terminal, 65_536):
            yield text


def test_somebody_at_a_terminal_sees_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    clock = [0.0]
    screen: list[bytes] = []
    reader = threading.Thread(target=lambda: screen.extend(written_to(ours)))
    reader.start()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("COLUMNS", "140")
        monkeypatch.setenv("TERM", "xterm")
        with shown("reading", lambda: clock[0]) as progress:
            for rows in (0, 100, 200):
                progress(Reached("transactions", "listed", rows, 1_000, True, NOW))
                clock[0] += 2
    reader.join()
    os.close(ours)
    seen = b"".join(screen).decode()
    assert "transactions listed" in seen
    assert "200 of about 1,000, back to 2026-02-25, 50 a second, about 0:00:16 left" in seen


def test_nobody_at_a_pipe_is_told_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    said: Any = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with shown("reading") as progress:
        progress(Reached("transactions", "listed", 1, 2))
    assert said.getvalue() == ""
