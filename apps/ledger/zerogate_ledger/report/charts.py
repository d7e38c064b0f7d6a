"""Breaks by class, age and day, drawn as SVG. Pure; numbers in, markup out; every text is escaped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Final

import attrs

from ..breaks import AGES, CLASSES

#: Classes by what they are about; a colour each. Neighbours stay apart for every kind of sight.
FAMILIES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("rows", "Unreadable or doubled", ("unreadable", "duplicate_local", "duplicate_remote")),
    ("sides", "On one side only", ("missing_remote", "missing_local", "late", "not_yet_due")),
    (
        "facts",
        "Facts differ",
        ("mode", "currency", "asset", "action", "amount", "fee", "rate", "date", "fee_identity"),
    ),
    (
        "status",
        "Status differs",
        ("status_regressed", "status_behind", "status_conflict", "not_settled", "unknown_status"),
    ),
    (
        "money",
        "Money and sessions",
        (
            "paid_twice",
            "over_refunded",
            "late_money",
            "open_past_expiry",
            "stale_in_flight",
            "broken_link",
        ),
    ),
)
FAMILY: Final = {code: name for name, _, codes in FAMILIES for code in codes}
_TITLES: Final = {row.code: row.title for row in CLASSES}
_MOST_COLUMNS: Final = 46


@attrs.frozen
class Bar:
    """One bar: its label, its parts as (family, count), and what it says when pointed at."""

    label: str
    parts: tuple[tuple[str, int], ...]
    says: str

    @property
    def total(self) -> int:
        return sum(count for _, count in self.parts)


def by_class(classes: Mapping[str, int]) -> str:
    bars = [
        Bar(
            _TITLES[row.code],
            ((FAMILY[row.code], count),),
            f"{row.title}: {count:,}",
        )
        for row in CLASSES
        if (count := classes.get(row.code, 0))
    ]
    return _lying(bars, "Breaks by class")


def by_age(ages: Mapping[tuple[str, str], int]) -> str:
    bars = [_stack(age, age, ages, age) for age in AGES]
    return _lying([bar for bar in bars if bar.total], "Breaks by age")


def by_time(days: Mapping[tuple[int | None, str], int]) -> tuple[str, str]:
    """Columns in time, and what each is, a day, week or month: as many as a page has room for."""
    dated: dict[tuple[date, str], int] = defaultdict(int)
    for (day, code), count in days.items():
        if day is not None and (at := _date(day)):
            dated[at, code] += count
    if not dated:
        return "day", ""
    first, last = min(at for at, _ in dated), max(at for at, _ in dated)
    step, starts = _steps(first, last)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for (at, code), count in dated.items():
        sums[step.start(at).isoformat(), code] += count
    bars = [
        _stack(start.isoformat(), step.says(start), sums, start.isoformat()) for start in starts
    ]
    return step.name, _standing(bars, f"Breaks by the {step.name} they began")


def legend(classes: Mapping[str, int]) -> Iterable[tuple[str, str, int]]:
    """(family, its name, its count) of those that occur."""
    for name, title, codes in FAMILIES:
        if count := sum(classes.get(code, 0) for code in codes):
            yield name, title, count


def _stack(label: str, says: str, counts: Mapping[tuple[str, str], int], key: str) -> Bar:
    parts = [
        (name, count)
        for name, _, codes in FAMILIES
        if (count := sum(counts.get((key, code), 0) for code in codes))
    ]
    total = sum(count for _, count in parts)
    return Bar(label, tuple(parts), f"{says}: {total:,}")


def _date(day: int) -> date | None:
    try:
        return datetime.fromtimestamp(day * 86_400, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


@attrs.frozen
class _Step:
    """A length of time on the axis. beyond: Days that lead from a start into the next step."""

    name: str
    start: Callable[[date], date]
    beyond: int

    def says(self, start: date) -> str:
        return start.isoformat() if self.beyond == 1 else f"{self.name} of {start.isoformat()}"


_STEPS: Final = (
    _Step("day", lambda at: at, 1),
    _Step("week", lambda at: at - timedelta(days=at.weekday()), 7),
    _Step("month", lambda at: at.replace(day=1), 32),
)


def _steps(first: date, last: date) -> tuple[_Step, list[date]]:
    for step in _STEPS:
        starts = _starts(first, last, step)
        if len(starts) <= _MOST_COLUMNS:
            break
    return step, starts[-_MOST_COLUMNS:]


def _starts(first: date, last: date, step: _Step) -> list[date]:
    found, at = [], step.start(first)
    # From the end: of a ledger with a date in the year 1 the last columns are what matters.
    earliest = max(at, last - timedelta(days=40 * 366))
    at = step.start(earliest)
    while at <= last:
        found.append(at)
        at = step.start(at + timedelta(days=step.beyond))
    return found


# ── Drawing ──────────────────────────────────────────────────────────────────────────────────────


def _lying(bars: Sequence[Bar], title: str) -> str:
    """Bars from left to right under their labels: they read the same on a phone."""
    if not bars:
        return ""
    most = max(bar.total for bar in bars)
    step, width = 44, 600
    drawn = []
    for place, bar in enumerate(bars):
        top = place * step
        drawn.append(
            f'<text x="0" y="{top + 15}" class="label">{escape(bar.label)}</text>'
            f'<text x="{width}" y="{top + 15}" class="count">{bar.total:,}</text>'
            f'<rect x="0" y="{top + 22}" width="{width}" height="10" rx="2" class="track"/>'
        )
        at = 0.0
        for family, count in bar.parts:
            # A single break must be seen beside a million.
            wide = max(3.0, width * count / most) if len(bar.parts) == 1 else width * count / most
            drawn.append(
                f'<rect x="{at:.1f}" y="{top + 22}" width="{wide:.1f}" height="10" rx="2" '
                f'class="f-{family}"><title>{escape(bar.says)}</title></rect>'
            )
            at += wide
    return _svg(width, len(bars) * step - 4, title, drawn)


def _standing(bars: Sequence[Bar], title: str) -> str:
    """Columns side by side, the first and last named, the highest with its count."""
    most = max(bar.total for bar in bars)
    highest = next(place for place, bar in enumerate(bars) if bar.total == most)
    width, height, foot = 600, 170, 26
    room = width / len(bars)
    thick = min(28.0, room - 2)
    drawn = [
        f'<line x1="0" x2="{width}" y1="{height}" y2="{height}" class="axis"/>',
    ]
    # The first and the last, each under its end; one alone under its column.
    ends = {0: "label", width: "count"} if len(bars) > 1 else {width // 2: "peak"}
    drawn += [
        f'<text x="{left}" y="{height + 20}" class="{kind}">{escape(bar.label)}</text>'
        for (left, kind), bar in zip(ends.items(), (bars[0], bars[-1]), strict=False)
    ]
    for place, bar in enumerate(bars):
        left = place * room + (room - thick) / 2
        bottom = float(height)
        for family, count in bar.parts:
            tall = max(2.0, (height - 24) * count / most)
            bottom -= tall
            drawn.append(
                f'<rect x="{left:.1f}" y="{bottom:.1f}" width="{thick:.1f}" height="{tall:.1f}" '
                f'class="f-{family}"><title>{escape(bar.says)}</title></rect>'
            )
        if place == highest:
            middle = min(max(left + thick / 2, 20), width - 20)
            drawn.append(
                f'<text x="{middle:.1f}" y="{bottom - 6:.1f}" class="peak">{bar.total:,}</text>'
            )
    return _svg(width, height + foot, title, drawn)


def _svg(width: int, height: int, title: str, drawn: Iterable[str]) -> str:
    inside = "".join(drawn)
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="xMinYMin" role="img" '
        f'aria-label="{escape(title)}">{inside}</svg>'
    )
