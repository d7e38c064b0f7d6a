"""Runs the tests near a module against each small change of it: `python -m tests.mutants money --sample 40`.

The changes are cosmic-ray's. Each is tried in a fork, by the tests that run through its line, up to the first
that fails; no file is changed. What is not noticed has to stand in `known.py`, with its reason.
"""

from __future__ import annotations

import argparse
import json
import random
import select
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from tests.mutants import running
from tests.mutants.changes import Change, changes_of, concerned
from tests.mutants.known import KNOWN
from tests.mutants.modules import MODULES, Module

ROOT: Final = Path(__file__).resolve().parents[2]
#: Of those that were tried, so many have to be noticed.
ENOUGH: Final = 0.9
#: Seconds after which one that only waits counts as noticed.
WAITS: Final = 300


@attrs.frozen
class Tried:
    """What came of one change. by: The test that failed, or how it ended otherwise; None: nothing did."""

    change: Change
    by: str | None


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("module", choices=list(MODULES))
    asked.add_argument("--sample", type=int, help="try so many of the changes, drawn by --seed")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=2, help="so many at a time (2)")
    asked.add_argument("--survivors", type=Path, help="write what was not noticed, as JSON")
    asked.add_argument("--again", type=Path, help="try those alone that such a file names")
    given = asked.parse_args(argv)
    module = MODULES[given.module]
    found = running.baseline(ROOT / module.path, module.tests)
    changes = changes_of((ROOT / module.path).read_text("utf-8"))
    if given.again:
        names = {(one["where"], one["after"]) for one in json.loads(given.again.read_text("utf-8"))}
        changes = [one for one in changes if (one.where, one.after) in names]
    whole = given.sample is None and given.again is None
    if given.sample is not None:
        changes = random.Random(given.seed).sample(changes, min(given.sample, len(changes)))
    running.import_ahead(found.modules)
    if said := _by(_begin(module, _nothing(module), list(found.reached), found).result(WAITS)):
        sys.exit(f"noticed without a change: {said}")
    tried = list(_tried(module, changes, found, given.jobs))
    if given.survivors:
        missed = [attrs.asdict(one.change) | {"text": ""} for one in tried if one.by is None]
        given.survivors.write_text(json.dumps(missed, indent=1), "utf-8")
    return _told(given.module, tried, whole=whole)


def _tried(
    module: Module, changes: Sequence[Change], found: running.Baseline, jobs: int
) -> Iterator[Tried]:
    """Try changes, some at a time."""
    left = iter(changes)
    under_way: dict[running.Fork, Change] = {}
    while True:
        while len(under_way) < jobs and (change := next(left, None)) is not None:
            if tests := concerned(change, found.reached, module.tests):
                under_way[_begin(module, change.text, tests, found)] = change
            else:
                yield Tried(change, None)
        if not under_way:
            return
        select.select(list(under_way), [], [], 5)
        for fork in list(under_way):
            ready = select.select([fork], [], [], 0)[0]
            if (ready and fork.read()) or time.monotonic() > fork.begun + WAITS:
                yield Tried(under_way.pop(fork), _by(fork.end()))


def _begin(
    module: Module, text: str, tests: Sequence[str], found: running.Baseline
) -> running.Fork:
    return running.attempt(module.name, ROOT / module.path, text, tests, 20 + 3 * found.cpu)


def _nothing(module: Module) -> str:
    return (ROOT / module.path).read_text("utf-8")


def _by(said: Mapping[str, object] | None) -> str | None:
    """Return what noticed a change, from the result of its fork."""
    if said is None:
        return "did not end"
    if said["code"] == 0:
        return None
    failed = said["failed"]
    return str(failed[0]) if isinstance(failed, list) and failed else f"exit {said['code']}"


def _told(name: str, tried: Sequence[Tried], *, whole: bool) -> int:
    """Print how many changes were noticed, and each that was not; return the exit code."""
    known = Counter({(one.where, one.after): 1 for one in KNOWN.get(name, ())})
    met: set[tuple[str, str]] = set()
    missed = [one.change for one in tried if one.by is None]
    unlisted = 0
    for change in missed:
        place = (change.where, change.after)
        met.add(place)
        if place not in known:
            unlisted += 1
            print(f"not noticed: line {change.line}, {change.where}, {change.operator}")
            print(f"    -{change.before}\n    +{change.after}")
    stale = [place for place in known if place not in met] if whole else []
    for where, after in stale:
        print(f"in known.py, and noticed or gone: {where}: {after}")
    ends = Counter((one.by or "").split("::")[0] for one in tried if one.by is not None)
    print(", ".join(f"{count} by {what}" for what, count in ends.most_common()))
    noticed = len(tried) - len(missed)
    share = noticed / len(tried) if tried else 1.0
    print(
        f"{name}: {noticed} of {len(tried)} noticed ({share:.1%}), "
        f"{len(missed) - unlisted} known, {unlisted} not"
    )
    return 0 if share >= ENOUGH and not unlisted and not stale else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
