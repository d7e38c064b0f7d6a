"""Runs many lives, or one again and tells it: `python -m tests.simulation --seed 17 --profile hostile`."""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import sys
import time

from tests.simulation.life import Life, collect_rarely, judged, lived_without
from tests.simulation.profiles import SKIES
from tests.simulation.stage import START


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    asked.add_argument("--schedules", type=int, help="lives in each profile (10,000)")
    asked.add_argument("--seed", type=int, help="the first one; without --schedules this one alone")
    asked.add_argument("--profile", choices=sorted(SKIES), help="in this one alone")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args(argv)
    profiles = [given.profile] if given.profile else list(SKIES)
    if given.seed is not None and given.schedules is None:
        return max(told(profile, given.seed) for profile in profiles)
    first, count = given.seed or 0, given.schedules or 10_000
    begun, bad = time.monotonic(), 0
    with multiprocessing.get_context("spawn").Pool(given.jobs, initializer=collect_rarely) as pool:
        for profile in profiles:
            tasks = [(profile, seed) for seed in range(first, first + count)]
            wrong = [r for r in pool.imap_unordered(judged, tasks, chunksize=20) if r[2]]
            bad += len(wrong)
            print(f"{profile}: {count} lives from seed {first}, {len(wrong)} bad", flush=True)
            for _, seed, why in sorted(wrong)[:10]:
                print(f"  --profile {profile} --seed {seed}: {'; '.join(why)}")
    if given.profile is None:
        lives = [lived_without(seed, "documented") for seed in range(first, first + 500)]
        orders, twice = (sum(column) for column in zip(*lives, strict=True))
        print(f"control, a new key per attempt: {twice} of {orders} orders made twice")
        bad += twice / orders <= 0.3
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


def told(profile: str, seed: int) -> int:
    """One life as it was, step by step, and what is wrong with it."""
    logging.disable(logging.CRITICAL)
    life = Life(seed, profile)
    print(f"--profile {profile} --seed {seed}\n{life.plan}\n{life.weather}")
    wrong = life.lived().judged()
    for entry in life.diary.entries:
        facts = {name: value for name, value in entry.items() if name not in ("what", "at")}
        print(f"{entry['at'] - START:12.1f}  {entry['what']:<12} {facts}")
    for row in life.sandbox.books()["transactions"]:
        steps = ", ".join(f"{step['status']} {step['at']}" for step in row["status_timeline"])
        print(
            f"{row['session_id']} {row['action']} {row['fiat_amount']} {row['currency']}: {steps}"
        )
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
