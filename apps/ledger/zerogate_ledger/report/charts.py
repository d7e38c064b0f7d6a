"""Breaks by age and in time, and shares of a whole, drawn as SVG. Pure; every text is escaped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Final, TypeAlias

import attrs

from ..breaks import AGES
from .markup import plural
from .severity import LEVEL, LEVELS

#: (Level, count), worst first.
Shares: TypeAlias = Sequence[tuple[str, int]]
WIDTH: Final = 600
#: Of one count beside a million: still seen.
_LEAST: Final = 4.0
_MOST_COLUMNS: Final = 92
_MOST_HOURS: Final = 48
_HOUR: Final = timedelta(hours=1)


def meter(shares: Shares, title: str) -> str:
    """Return one bar as SVG, cut by the shares of its whole."""
    drawn = []
    for (name, count), (at, wide) in zip(shares, _cut([n for _, n in shares], WIDTH), strict=True):
        drawn.append(
            f'<rect x="{at:.1f}" y="0" width="{max(wide - 2, 1):.1f}" height="10" class="f-{name}">'
            f"<title>{escape(name)}: {count:,}</title></rect>"
        )
    return _svg(WIDTH, 10, title, drawn, "meter", stretched=True)


def by_age(ages: Mapping[tuple[str, str], int]) -> str:
    """Return bars of the breaks of each age as SVG, also of ages that have none."""
    sums = {age: _levels(ages, age) for age in AGES}
    shown = [age for age in AGES if sums[age] or age != AGES[-1]]
    most = max((_total(shares) for shares in sums.values()), default=0) or 1
    step, left, right = 40, 168, 76
    room = WIDTH - left - right
    drawn = []
    for place, age in enumerate(shown):
        top, shares = place * step, sums[age]
        total = _total(shares)
        kind = "" if total else " none"
        drawn.append(
            f'<text x="0" y="{top + 20}" class="label{kind}">{escape(age)}</text>'
            f'<rect x="{left}" y="{top + 8}" width="{room}" height="12" class="track"/>'
            f'<text x="{WIDTH}" y="{top + 20}" class="count{kind}">{total:,}</text>'
        )
        whole = max(room * total / most, _LEAST * len(shares))
        for (name, count), (at, wide) in zip(
            shares, _cut([n for _, n in shares], whole), strict=True
        ):
            drawn.append(
                f'<rect x="{left + at:.1f}" y="{top + 8}" width="{wide:.1f}" height="12" '
                f'class="f-{name}"><title>{escape(age)}, {name}: {count:,}</title></rect>'
            )
    said = "; ".join(f"{age}: {_total(sums[age]):,}" for age in shown if sums[age])
    return _svg(WIDTH, len(shown) * step - 6, f"Breaks by age. {said}", drawn)


@attrs.frozen
class Timeline:
    """Columns in time. period: What each is. earlier: Breaks from before the first."""

    period: str
    drawn: str
    earlier: int


def by_time(hours: Mapping[tuple[int | None, str], int], ends: int = 0) -> Timeline | None:
    """Return columns of breaks by hour, day, week or month as SVG; None where none has a time.

    hours: (Hour since 1970, class) → breaks that began in it. ends: Instant until which there is a ledger.
    """
    dated: dict[datetime, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (hour, code), count in hours.items():
        if hour is not None and (at := _instant(hour)):
            dated[at][LEVEL[code].code] += count
    if not dated:
        return None
    first, last = min(dated), max(dated)
    step, starts = _steps(first, last, _instant(ends // 3_600))
    sums: dict[datetime, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for at, counts in dated.items():
        for name, count in counts.items():
            sums[step.start(at)][name] += count
    columns = [(start, _by_severity(sums.pop(start, {}))) for start in starts]
    earlier = sum(sum(counts.values()) for counts in sums.values())
    return Timeline(step.name, _column_chart(columns, step), earlier)


def _levels(counts: Mapping[tuple[str, str], int], key: str) -> Shares:
    """Return (level, count) of the breaks under *key*, gravest first; none for a level without."""
    sums: dict[str, int] = defaultdict(int)
    for (name, code), count in counts.items():
        if name == key:
            sums[LEVEL[code].code] += count
    return _by_severity(sums)


def _by_severity(sums: Mapping[str, int]) -> Shares:
    """Return (level, count) of the levels that have any, gravest first."""
    return [(level.code, sums[level.code]) for level in LEVELS if sums.get(level.code)]


def _total(shares: Shares) -> int:
    """Return the sum of the counts."""
    return sum(count for _, count in shares)


def _instant(hour: int) -> datetime | None:
    """Return an hour since 1970 as a naive UTC time; None where no calendar has it."""
    try:
        return datetime.fromtimestamp(hour * 3_600, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class _Step:
    """A length of time on the axis. beyond: Time that leads from a start into the next step."""

    name: str
    start: Callable[[datetime], datetime]
    beyond: timedelta

    def says(self, start: datetime) -> str:
        """Return the step that begins at *start*, in words: 2026-01-05, week of 2026-01-05."""
        day = start.date().isoformat()
        if self.name == "hour":
            return f"{day} {start:%H:%M}"
        return day if self.name == "day" else f"{self.name} of {day}"

    def tick(self, start: datetime) -> str:
        """Return the label of a step on the axis: its day, or hours but for the day's first."""
        return f"{start:%H:%M}" if self.name == "hour" and start.hour else start.date().isoformat()


def _midnight(at: datetime) -> datetime:
    """Return the time with hour 0; minutes are 0 already."""
    return at.replace(hour=0)


_DAY: Final = timedelta(days=1)
_STEPS: Final = (
    _Step("day", _midnight, _DAY),
    _Step("week", lambda at: _midnight(at) - timedelta(days=at.weekday()), timedelta(days=7)),
    _Step("month", lambda at: _midnight(at).replace(day=1), timedelta(days=32)),
)
_HOURS: Final = _Step("hour", lambda at: at, _HOUR)


def _steps(first: datetime, last: datetime, until: datetime | None) -> tuple[_Step, list[datetime]]:
    """Return the finest step of which all columns have room, and the starts of its columns.

    The axis goes on to where the ledger ends, where that leaves days: "none since" is an answer too.
    """
    if until and last < until <= first + _MOST_COLUMNS * _DAY:
        last = until
    begins, ends = _midnight(first), _midnight(last) + 23 * _HOUR
    if ends - begins < _MOST_HOURS * _HOUR:
        return _HOURS, _starts(begins, ends, _HOURS)
    for step in _STEPS:
        starts = _starts(first, last, step)
        if len(starts) <= _MOST_COLUMNS:
            break
    return step, starts[-_MOST_COLUMNS:]


def _starts(first: datetime, last: datetime, step: _Step) -> list[datetime]:
    """Return the times at which steps from *first* to *last* start, oldest first; the last 40 years only."""
    # From the end: of a ledger with a date in the year 1 the last columns are what matters.
    years = timedelta(days=40 * 366)
    earliest = first if last - first < years else last - years
    found, at = [], step.start(earliest)
    while at <= last:
        found.append(at)
        if datetime.max - at < step.beyond:
            break
        at = step.start(at + step.beyond)
    return found


# ── Drawing ──────────────────────────────────────────────────────────────────────────────────────


def _cut(counts: Sequence[int], whole: float) -> Iterator[tuple[float, float]]:
    """Yield (start, length) of each part of *whole*; none is shorter than can be seen."""
    total, least = sum(counts) or 1, min(_LEAST, whole / max(len(counts), 1))
    wished = [max(least, whole * count / total) for count in counts]
    beyond = sum(wished) - whole
    spare = sum(one - least for one in wished) or 1
    at = 0.0
    for one in wished:
        wide = one - (one - least) * beyond / spare
        yield at, wide
        at += wide


def _column_chart(columns: Sequence[tuple[datetime, Shares]], step: _Step) -> str:
    """Return columns side by side over a scale as SVG, the highest with its count."""
    most = max(_total(shares) for _, shares in columns)
    highest = next(at for at, (_, shares) in enumerate(columns) if _total(shares) == most)
    height, foot, head = 200, 30, 26
    room = WIDTH / len(columns)
    thick = min(30.0, room * 0.78)
    drawn = [*_grid(most, height, head)]
    for place, (start, shares) in enumerate(columns):
        total = _total(shares)
        left = place * room + (room - thick) / 2
        whole = max((height - head) * total / most, _LEAST * len(shares))
        bottom = float(height)
        parts = reversed([*zip(shares, _cut([n for _, n in shares], whole), strict=True)])
        for (name, count), (_, tall) in parts:
            bottom -= tall
            drawn.append(
                f'<rect x="{left:.1f}" y="{bottom:.1f}" width="{thick:.1f}" height="{tall:.1f}" '
                f'class="f-{name}"><title>{escape(step.says(start))}, {name}: {count:,}</title></rect>'
            )
        if place == highest:
            middle = min(max(left + thick / 2, 24), WIDTH - 24)
            drawn.append(
                f'<text x="{middle:.1f}" y="{bottom - 6:.1f}" class="peak">{total:,}</text>'
            )
    drawn += _ticks([step.tick(start) for start, _ in columns], room, height + 22)
    dated = sum(_total(shares) for _, shares in columns)
    said = (
        f"{dated:,} {plural('break', dated)} by the {step.name} they began, from "
        f"{step.says(columns[0][0])} to {step.says(columns[-1][0])}; most, {most:,}, in "
        f"{step.says(columns[highest][0])}"
    )
    return _svg(WIDTH, height + foot, said, drawn)


def _grid(most: int, height: int, head: int) -> Iterator[str]:
    """Yield lines of the scale as SVG: half, full and the axis."""
    for part in (0.5, 1.0) if most > 1 else (1.0,):
        y = height - (height - head) * part
        yield f'<line x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
    yield f'<line x1="0" x2="{WIDTH}" y1="{height}" y2="{height}" class="axis"/>'


def _ticks(labels: Sequence[str], room: float, y: int) -> Iterator[str]:
    """Yield labels of the first, middle and last column as SVG."""
    last = len(labels) - 1
    places = sorted({0, last} if last < 3 else {0, last // 2, last})
    for place in places:
        middle = place * room + room / 2
        kind = "peak"
        if last and place in (0, last):
            middle, kind = (0, "label") if place == 0 else (WIDTH, "count")
        yield f'<text x="{middle:.1f}" y="{y}" class="{kind}">{escape(labels[place])}</text>'


def _svg(
    width: int,
    height: int,
    title: str,
    drawn: Iterable[str],
    kind: str = "chart",
    *,
    stretched: bool = False,
) -> str:
    """Return drawn parts as one SVG element with a label, which is escaped."""
    inside = "".join(drawn)
    fit = "none" if stretched else "xMinYMin"
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" preserveAspectRatio="{fit}" role="img" '
        f'aria-label="{escape(title)}">{inside}</svg>'
    )
