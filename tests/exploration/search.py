"""Visits every state that a system can come to, step by step. Knows nothing of what the system is.

Python cannot copy a call that has begun. So a state is reached by making the system anew and taking the
steps that lead to it; it is known again by its digest, and what follows from a known state is not tried
twice. A digest has to cover all that the future depends on: then nothing is left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol

from attrs import define, frozen


class System(Protocol):
    """Something that stands at one state, and may go on in one of several ways."""

    def choices(self) -> Sequence[str]:
        """Return the steps that can be taken now, always in the same order; none where all is over."""

    def take(self, choice: str) -> None:
        """Take one of them."""

    def digest(self) -> bytes:
        """Return what tells this state from all others."""

    def wrong(self) -> Sequence[str]:
        """Return what must not be so in any state, as sentences; none where all is well."""

    def wrong_at_the_end(self) -> Sequence[str]:
        """Return what must not be so where all is over."""

    def close(self) -> None:
        """End whatever is under way."""


@frozen
class CounterExample:
    """The steps that lead to something wrong, as few as were found, and what is wrong then."""

    steps: tuple[str, ...]
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{number:3}. {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join([*lines, *(f"  => {sentence}" for sentence in self.wrong)])


@define
class Explored:
    """
    states: Different ones. ends: Those of them where all is over. steps: Taken from one to another.
    longest: The number of steps of the longest way that was gone.
    complete: Whether nothing was left to try. found: What was wrong, if anything.
    """

    states: int = 0
    ends: int = 0
    steps: int = 0
    longest: int = 0
    complete: bool = False
    found: CounterExample | None = None

    def __str__(self) -> str:
        end = "complete" if self.complete else "not complete"
        return (
            f"{self.states} states ({self.ends} ends), {self.steps} steps between them, "
            f"the longest way {self.longest} steps, {end}"
        )


def explore(make: Callable[[], Any], *, most: int | None = None) -> Explored:
    """Visit all states, those that are few steps away first; end at the first that is wrong.

    most: Steps to try at most.
    """
    result, seen = Explored(), set[bytes]()
    # A way is the numbers of its choices. Short ones come first, so that what is wrong is told shortly.
    ways: list[tuple[int, bytes]] = [(0, b"")]
    while ways:
        if most is not None and result.steps >= most:
            return result
        _, way = heapq.heappop(ways)
        with closing(make()) as system:
            steps = _replayed(system, way)
            for found in _gone_on(system, way, seen, ways, result):
                result.found = _shortened(make, (*steps, *found.steps), found.wrong)
                return result
    result.complete = True
    return result


def _replayed(system: System, way: bytes) -> list[str]:
    taken = []
    for number in way:
        choice = system.choices()[number]
        system.take(choice)
        taken.append(choice)
    return taken


def _gone_on(
    system: System,
    way: bytes,
    seen: set[bytes],
    ways: list[tuple[int, bytes]],
    result: Explored,
) -> Iterator[CounterExample]:
    """Go on along the first choice of each new state, until one is known; keep the others for later."""
    further: list[str] = []
    while True:
        result.steps += 1
        result.longest = max(result.longest, len(way))
        if (digest := system.digest()) in seen:
            return
        seen.add(digest)
        result.states += 1
        choices, wrong = system.choices(), system.wrong()
        if not choices:
            result.ends += 1
            wrong = [*wrong, *system.wrong_at_the_end()]
        if wrong:
            yield CounterExample(tuple(further), tuple(wrong))
        if not choices:
            return
        for number in range(1, len(choices)):
            heapq.heappush(ways, (len(way) + 1, way + bytes([number])))
        way += b"\0"
        further.append(choices[0])
        system.take(choices[0])


def retold(make: Callable[[], Any], steps: Sequence[str]) -> CounterExample:
    """Go one way again; a step that cannot be taken by then is left out. What is wrong then, if anything."""
    taken: list[str] = []
    with closing(make()) as system:
        for step in steps:
            if step in system.choices():
                system.take(step)
                taken.append(step)
                if wrong := system.wrong():
                    return CounterExample(tuple(taken), tuple(wrong))
        end = () if system.choices() else system.wrong_at_the_end()
    return CounterExample(tuple(taken), tuple(end))


def _shortened(
    make: Callable[[], Any], steps: tuple[str, ...], wrong: tuple[str, ...]
) -> CounterExample:
    """The same story without the steps that it does not need."""
    told = CounterExample(steps, wrong)
    kinds = {sentence.partition(":")[0] for sentence in wrong}
    shorter = True
    while shorter:
        shorter = False
        for number in reversed(range(len(told.steps))):
            tried = retold(make, told.steps[:number] + told.steps[number + 1 :])
            same = kinds & {sentence.partition(":")[0] for sentence in tried.wrong}
            if same and len(tried.steps) < len(told.steps):
                told, shorter = tried, True
                break
    return told
