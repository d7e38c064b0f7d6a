"""The command: which subjects, how many rounds, where the figures go. It never fails for a figure."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

import bumping
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
    parser.add_argument("--quick", action="store_true", help="a few rounds: rough figures")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    for name in set(given.subjects) - SUBJECTS.keys():
        parser.error(f"no subject {name!r}: one of {', '.join(SUBJECTS)}")
    return given


def _measured(names: list[str], lives: int, rounds: int, file: Path | None) -> None:
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
    if file is not None:
        file.write_text(json.dumps({"machine": told, "subjects": figures}, indent=2), "utf-8")


def main() -> None:
    given = _arguments()
    if given.serve:
        asyncio.run(static_server.serve())
    elif given.work:
        name, way, url = given.work
        harness.work(SUBJECTS[name], way, url)
    else:
        lives, rounds = (2, 3) if given.quick else (6, 5)
        _measured(given.subjects or list(SUBJECTS), lives, rounds, given.json)


if __name__ == "__main__":
    main()
