"""Figures of two runs on one machine side by side: what became slower beside its peers. Pure.

Ratios are compared, not seconds: what else the machine did on either day bears on us and on a peer alike.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: A ratio may grow by a tenth before it counts: quartiles of one subject lie that far apart.
ALLOWED: Final = 0.10
#: A change of these makes another machine of it.
_OF_THE_MACHINE: Final = ("processor", "system", "python", "pinned")


class Incomparable(Exception):
    """Two files of figures say nothing about each other; the message says why."""


@dataclass(frozen=True)
class Change:
    """Our time as a multiple of a peer's, then and now: medians over the rounds."""

    subject: str
    peer: str
    before: float
    now: float

    @property
    def growth(self) -> float:
        """A share: 0.25 is a quarter slower than before, beside the same peer."""
        return self.now / self.before - 1

    @property
    def is_slower(self) -> bool:
        return self.growth > ALLOWED

    def shown(self) -> str:
        mark = "SLOWER" if self.is_slower else "faster" if self.growth < -ALLOWED else "as before"
        name = f"{self.subject} / {self.peer}"
        return f"  {name:<48} {self.before:>8.2f} -> {self.now:>8.2f}  {self.growth:>+6.0%}  {mark}"


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Each ratio that both runs have, in the order of the later one.

    before, now: Files as `--json` writes them.

    Raises:
        Incomparable: another machine or interpreter, other peers, no figures, or none in common.
    """
    _same_machine(before, now)
    found = [
        Change(name, peer, then, _ratio(ways, peer))
        for name, subject in now["subjects"].items()
        for ways in [subject["seconds"]]
        for peer in ways
        if peer != "zerogate"
        for earlier in [before["subjects"].get(name, {}).get("seconds", {})]
        if earlier.get(peer) and earlier.get("zerogate")
        for then in [_ratio(earlier, peer)]
    ]
    if not found:
        raise Incomparable("the two runs measured nothing in common")
    return found


def _same_machine(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    try:
        then, today = before["machine"], now["machine"]
        before["subjects"].items()
    except (AttributeError, KeyError, TypeError):
        raise Incomparable("no figures of a run: write them with --json FILE") from None
    differing = [
        f"{name} was {then.get(name)!r} and is {today.get(name)!r}"
        for name in _OF_THE_MACHINE
        if then.get(name) != today.get(name)
    ]
    peers = {name: number for name, number in today["packages"].items() if name != "zerogate"}
    differing += [
        f"{name} was {then.get('packages', {}).get(name)} and is {number}"
        for name, number in peers.items()
        if then.get("packages", {}).get(name) != number
    ]
    if differing:
        raise Incomparable("; ".join(differing))


def _ratio(ways: Mapping[str, list[float]], peer: str) -> float:
    pairs = zip(ways["zerogate"], ways[peer], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)
