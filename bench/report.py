"""What the times amount to: medians, spreads, ratios beside their targets. Pure; measures nothing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness import Times
from subjects import Subject, Target


@dataclass(frozen=True)
class Spread:
    """Half of the figures lie between the quartiles."""

    median: float
    lower: float
    upper: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        lower, median, upper = statistics.quantiles(figures, n=4, method="inclusive")
        return cls(median, lower, upper)

    def shown(self, scale: float, form: str) -> str:
        low, high = (format(scale * end, form) for end in (self.lower, self.upper))
        return f"{self.median * scale:{form}} ({low}–{high})"


@dataclass(frozen=True)
class Verdict:
    """A target, and the ratio that was found."""

    target: Target
    ratio: Spread

    @property
    def holds(self) -> bool:
        if self.target.at_most is not None:
            return self.ratio.median <= self.target.at_most
        assert self.target.at_least is not None
        return self.ratio.median >= self.target.at_least

    @property
    def wanted(self) -> str:
        most, least = self.target.at_most, self.target.at_least
        return f"≤ {most:g}" if most is not None else f"≥ {least:g}"


def verdicts(subject: Subject, times: Times) -> list[Verdict]:
    """Each target's ratio, of the two times of every round."""
    found = []
    for target in subject.targets:
        pairs = zip(times["zerogate"], times[target.peer], strict=True)
        rates = target.at_least is not None
        ratios = [theirs / ours if rates else ours / theirs for ours, theirs in pairs]
        found.append(Verdict(target, Spread.of(ratios)))
    return found


def table(subject: Subject, times: Times) -> str:
    """One line for each way, CPU time of one operation in µs; a ratio where there is a target."""
    lines = [subject.name]
    found = {verdict.target.peer: verdict for verdict in verdicts(subject, times)}
    for way, seconds in times.items():
        line = f"  {way:<18} {Spread.of(seconds).shown(1e6, ',.0f'):>28} µs"
        if verdict := found.get(way):
            holds = "holds" if verdict.holds else "DOES NOT HOLD"
            line += f"   {verdict.ratio.shown(1, '.2f'):>18}  {verdict.wanted:<7} {holds}"
        lines.append(line)
    return "\n".join(lines)


def figures(subject: Subject, times: Times) -> dict[str, Any]:
    """The same as data, seconds and every round included."""
    return {
        "seconds": {way: list(found) for way, found in times.items()},
        "ratios": [
            {
                "peer": verdict.target.peer,
                "of": "times" if verdict.target.at_most is not None else "rates",
                "median": verdict.ratio.median,
                "quartiles": [verdict.ratio.lower, verdict.ratio.upper],
                "target": verdict.wanted,
                "holds": verdict.holds,
            }
            for verdict in verdicts(subject, times)
        ],
    }
