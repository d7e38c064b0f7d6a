"""What a subject of measurement is: our way, its peers, and the ratios that are to hold. Runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

#: Does its operation so many times.
Run = Callable[[int], None]
#: Sets one way of doing it up; given the address of the static server.
Way = Callable[[str], AbstractContextManager[Run]]


@dataclass(frozen=True)
class Target:
    """Our CPU time, or our rate, as a multiple of a peer's.

    peer: The name of its way. at_most, at_least: One of the two; at_least is of rates.
    """

    peer: str
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Subject:
    """One operation, done by us and by others.

    ways: "zerogate" is ours.
    operations: How many of it a round does, in each way.
    in_children: The time is that of processes which the operation starts and waits for.
    by_the_clock: The time is not the CPU's: what waits for a disk waits in it.
    """

    name: str
    ways: Mapping[str, Way]
    targets: tuple[Target, ...]
    operations: int
    in_children: bool = False
    by_the_clock: bool = False
