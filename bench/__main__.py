"""The command: which subjects, how many rounds, where the figures go.

It never fails for a target; with `--compare` it fails where we became slower than we were.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import bumping
import comparing
import creating
import creating_at_once
import cut_off
import harness
import inbox
import journaling
import long_texts
import machine
import reading
import report
import starting
import static_server
import verifying

SUBJECTS = {
    "bumping": bumping.SUBJECT,
    "creating": creating.SUBJECT,
    "creating_at_once": creating_at_once.SUBJECT,
    "cut_off": cut_off.SMALL,
    "cut_off_long": cut_off.LARGE,
    "long_texts": long_texts.SMALL,
    "long_texts_long": long_texts.LARGE,
    "inbox": inbox.SQLITE,
    "inbox_postgresql": inbox.POSTGRESQL,
    "journaling": journaling.SQLITE,
    "journaling_postgresql": journaling.POSTGRESQL,
    "reading": reading.SUBJECT,
    "starting": starting.SUBJECT,
    "verifying": verifying.SUBJECT,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="CPU time of one operation, ours beside others'."
    )
    parser.add_argument(
        "subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; all if none"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="FILE",
        help="an earlier run's --json on this machine: ends with 1 where a ratio grew by more than 10 %%",
    )
    parser.add_argument("--quick", action="store_true", help="a few rounds: rough figures")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    for name in set(given.subjects) - SUBJECTS.keys():
        parser.error(f"no subject {name!r}: one of {', '.join(SUBJECTS)}")
    return given


def _measured(names: list[str], lives: int, rounds: int) -> dict[str, Any]:
    core = harness.cores()
    told = machine.described()
    print(machine.shown(told))
    print(
        f"\nCPU time of one operation: median (quartiles) of {lives} × {rounds} rounds; "
        "ratios are of the times within a round"
    )
    figures = {}
    with harness.process(core and core[1], "--serve") as (_, heard):
        url = f"http://127.0.0.1:{int(heard.readline())}"
        for name in names:
            try:
                times = harness.measure(name, SUBJECTS[name], url, lives, rounds)
            except harness.Unmeasured:
                print(f"\n{SUBJECTS[name].name}\n  not measured: see above", flush=True)
                continue
            print("\n" + report.table(SUBJECTS[name], times), flush=True)
            figures[name] = report.figures(SUBJECTS[name], times)
    return {"machine": told, "subjects": figures}


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as why:
        raise SystemExit(f"bench: {file} cannot be read: {why}") from None


def _compared(before: Any, now: dict[str, Any], file: Path) -> int:
    print(f"\nbeside {file}: our time as a multiple of a peer's, then and now")
    try:
        found = comparing.changes(before, now)
    except comparing.Incomparable as why:
        print(f"  cannot be compared: {why}")
        return 2
    for change in found:
        print(change.shown())
    return int(any(change.is_slower for change in found))


def main() -> None:
    given = _arguments()
    if given.serve:
        asyncio.run(static_server.serve())
    elif given.work:
        name, way, url = given.work
        harness.work(SUBJECTS[name], way, url)
    else:
        # Read first: a file that cannot be read is said before minutes of work.
        before = None if given.compare is None else _read(given.compare)
        lives, rounds = (2, 3) if given.quick else (6, 5)
        figures = _measured(given.subjects or list(SUBJECTS), lives, rounds)
        if given.json is not None:
            given.json.write_text(json.dumps(figures, indent=2), "utf-8")
        if given.compare is not None:
            raise SystemExit(_compared(before, figures, given.compare))


if __name__ == "__main__":
    main()
