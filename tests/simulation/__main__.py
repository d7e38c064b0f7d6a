"""Runs many lives, or one again: `python -m tests.simulation --seed 17 --profile hostile`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time

from zerogate_sandbox import PROFILES

from tests.simulation.shop import judged, lived_without


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    asked.add_argument("--schedules", type=int, default=10_000, help="lives in each profile")
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--seed", type=int, help="this one alone")
    asked.add_argument("--profile", choices=sorted(PROFILES), help="in this one alone")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args(argv)
    first, count = (given.first, given.schedules) if given.seed is None else (given.seed, 1)
    profiles = [given.profile] if given.profile else list(PROFILES)
    begun, bad = time.monotonic(), 0
    with multiprocessing.get_context("spawn").Pool(given.jobs) as pool:
        for profile in profiles:
            tasks = [(profile, seed) for seed in range(first, first + count)]
            wrong = [r for r in pool.imap_unordered(judged, tasks, chunksize=50) if r[2]]
            bad += len(wrong)
            print(f"{profile}: {count} lives, {len(wrong)} bad", flush=True)
            for _, seed, why in sorted(wrong)[:10]:
                print(f"  --profile {profile} --seed {seed}: {'; '.join(why)}")
    if given.seed is None:
        lives = [lived_without(seed, "documented") for seed in range(first, first + 500)]
        orders, twice = (sum(column) for column in zip(*lives, strict=True))
        print(f"control, a new key per attempt: {twice} of {orders} orders made twice")
        bad += twice / orders <= 0.3
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
