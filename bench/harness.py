"""How a subject is measured: a process for each way, rounds that take turns, CPU time. Knows no subject.

Each way has a process of its own, so that none pays for what another has imported. All sit on one
core and the static server on another; only one of them works at a time. A round does the same number
of operations in every way, one way after the other, beginning with another one each time, and a
ratio is taken within a round: what else this machine is doing then bears on both sides alike. After
a few rounds all start anew, for where a process lies in memory makes it faster or slower for life.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from subjects import Subject

HERE = Path(__file__).parent


class Unmeasured(Exception):
    """A way's process ended before its time; what it had to say is on stderr."""


#: Seconds of CPU a single operation took, by way, round after round.
Times = Mapping[str, Sequence[float]]


def cores() -> tuple[int, int] | None:
    """One for the clients, one for the server; None where there is only one, or none can be chosen."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else None


@contextmanager
def process(core: int | None, *arguments: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """This program once more, to talk to by lines; ended at the end."""
    with subprocess.Popen(
        [sys.executable, str(HERE), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        if core is not None:
            os.sched_setaffinity(child.pid, {core})
        try:
            yield child.stdin, child.stdout
        finally:
            child.terminate()


def work(subject: Subject, way: str, url: str) -> None:
    """The life of one way's process: does as many operations as it is told, says what they took."""
    with subject.ways[way](url) as run:
        run(subject.operations)
        for line in sys.stdin:
            gc.collect()
            begun = _spent(subject)
            run(int(line))
            print((_spent(subject) - begun) / int(line), flush=True)


def _spent(subject: Subject) -> float:
    if subject.by_the_clock:
        return time.perf_counter()
    if not subject.in_children:
        return time.process_time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(name: str, subject: Subject, url: str, lives: int, rounds: int) -> Times:
    """The times of so many lives of each way's process, of so many rounds each."""
    times: dict[str, list[float]] = {way: [] for way in subject.ways}
    for _ in range(lives):
        for way, seconds in _life(name, subject, url, rounds):
            times[way].append(seconds)
    return times


def _life(name: str, subject: Subject, url: str, rounds: int) -> Iterator[tuple[str, float]]:
    core, ways = cores(), list(subject.ways)
    with ExitStack() as running:
        lines = {
            way: running.enter_context(process(core and core[0], "--work", name, way, url))
            for way in ways
        }
        for number in range(rounds + 1):
            first = number % len(ways)
            for way in ways[first:] + ways[:first]:
                told, heard = lines[way]
                seconds = _round(subject, told, heard)
                # The first round warms everything up.
                if number:
                    yield way, seconds


def _round(subject: Subject, told: IO[str], heard: IO[str]) -> float:
    try:
        print(subject.operations, file=told, flush=True)
        return float(heard.readline())
    except (BrokenPipeError, ValueError):
        raise Unmeasured from None
