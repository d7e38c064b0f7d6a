"""SIGKILL at any point of a mirror, a match or a report: run again, it leaves the same bytes.

A few points in every suite, spread over all there are; as many as ZEROGATE_KILLS says on demand.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.ledger.gates import MemoryGate
from tests.ledger.killing import Loopback, Run, image, mirrored, reconciled, run

KILLS = int(os.environ.get("ZEROGATE_KILLS", "2"))
NOW, HOUR, DAY = 1_770_000_000, 3_600, 86_400
#: So that the second refresh reads some final rows again.
SETTLE = 6
KILLED = -signal.SIGKILL
OPTIONS = ("--settle-days", str(SETTLE))


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback(MemoryGate()).serve() as served:
        yield served


def grow(gate: MemoryGate, first: int, last: int) -> None:
    """Payments from the 22nd of January on, fifty a day; every eleventh is still open."""
    for number in range(first, last):
        at = f"2026-01-{22 + number // 50:02d}T{number % 24:02d}:00:00Z"
        status = "CREATED" if number % 11 == 0 else "completed"
        gate.pay(number, status=status, created_at=at)
        gate.sessions.rows[-1]["created_at"] = at


def change(gate: MemoryGate) -> None:
    """What a day may bring: news at the top, late ends anywhere, a date that was not there."""
    chance = Random(1)
    for row in chance.sample(gate.transactions.rows, 40):
        row["status"] = chance.choice(["completed", "CREATED", "reversed"])
    for row in gate.sessions.rows:
        row["status"] = "expired" if row["status"] == "open" else row["status"]
    gate.transactions.rows[3]["created_at"] = "2026-01-22T05:00:00Z"
    grow(gate, 350, 480)


def first_world(gate: MemoryGate) -> None:
    grow(gate, 0, 350)
    gate.transactions.rows[3] |= {"created_at": None, "status": "CREATED"}


def spread(count: int) -> list[int]:
    """So many points of all there are, the first of them included."""
    assert count >= 2
    return sorted({count * place // KILLS for place in range(KILLS)})


def written(ledger: Path, count: int) -> str:
    """A ledger of the first payments, with an amount that is wrong."""
    rows = [f"A-{n},{10 + (n == 7)}.00,EUR,2026-01-22T12:00:00Z" for n in range(count)]
    ledger.write_text("\n".join(["order_id,amount,currency,created_at", *rows]) + "\n")
    return str(ledger)


def points(whole: Run) -> list[dict[str, int]]:
    return [
        *({"before": point} for point in spread(whole.changes)),
        *({"after": 1 + point} for point in spread(whole.requests)),
    ]


def same(folder: Path, whole: Path, point: Any) -> None:
    """Compared by name first: a file's bytes say little in a failure."""
    found, wanted = image(folder), image(whole)
    assert sorted(found) == sorted(wanted), point
    assert [name for name in wanted if found[name] != wanted[name]] == [], point


def later(mirror: Path, now: int) -> int:
    """An hour on; or the same time where the killed run has not put down that it had begun."""
    state = mirror / "mirror.json"
    begun = state.exists() and json.loads(state.read_text())["began"] is not None
    return now + HOUR if begun else now


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    return tmp_path / "base", tmp_path / "whole", tmp_path / "cut"


@pytest.mark.parametrize("stage", ["first", "next"])
def test_a_mirror_killed_at_any_point_and_run_again_leaves_the_same_bytes(
    stage: str, loopback: Loopback, folders: tuple[Path, Path, Path]
) -> None:
    base, whole, cut = folders
    base.mkdir()
    first_world(loopback.gate)
    now = NOW
    if stage == "next":
        assert run(mirrored, loopback, base, now, SETTLE).code == 0
        change(loopback.gate)
        now += DAY
    shutil.copytree(base, whole)
    done = run(mirrored, loopback, whole, now, SETTLE)
    assert done.code == 0
    for point in points(done):
        shutil.rmtree(cut, ignore_errors=True)
        shutil.copytree(base, cut)
        assert run(mirrored, loopback, cut, now, SETTLE, **point).code == KILLED, point
        assert run(mirrored, loopback, cut, later(cut, now), SETTLE).code == 0
        same(cut, whole, point)


def test_a_reconciliation_killed_again_and_again_leaves_the_same_bytes(
    loopback: Loopback, folders: tuple[Path, Path, Path]
) -> None:
    base, whole, cut = folders
    first_world(loopback.gate)
    ledger = written(base.with_suffix(".csv"), 350)
    assert run(reconciled, loopback, base, NOW, ledger, *OPTIONS).code == 3
    change(loopback.gate)
    ledger = written(base.with_suffix(".csv"), 470)
    for folder in (whole, cut):
        shutil.copytree(base, folder)
    done = run(reconciled, loopback, whole, NOW + DAY, ledger, *OPTIONS)
    assert done.code == 3
    now, chance = NOW + DAY, Random(KILLS)
    for _ in range(KILLS):
        point = {"before": chance.randrange(done.changes)}
        ended = run(reconciled, loopback, cut, now, ledger, *OPTIONS, **point)
        if ended.code == 3:
            # What was left made fewer changes.
            break
        now = later(cut / "mirror", now)
    else:
        assert run(reconciled, loopback, cut, now, ledger, *OPTIONS).code == 3
    same(cut, whole, "in the end")


def test_a_match_or_report_killed_at_any_point_leaves_each_file_whole_and_the_rest_to_the_next_run(
    loopback: Loopback, folders: tuple[Path, Path, Path]
) -> None:
    base, whole, cut = folders
    first_world(loopback.gate)
    ledger = written(base.with_suffix(".csv"), 350)
    base.mkdir()
    assert run(mirrored, loopback, base / "mirror", NOW, SETTLE).code == 0
    for folder in (whole, cut):
        shutil.copytree(base, folder)
    done = run(reconciled, loopback, whole, NOW, ledger, "--offline")
    assert (done.code, done.requests) == (3, 0)
    wanted = image(whole)
    for point in spread(done.changes):
        killed = run(reconciled, loopback, cut, NOW, ledger, "--offline", before=point)
        assert killed.code == KILLED, point
        found = {name: data for name, data in image(cut).items() if not name.startswith(".")}
        assert found.items() <= wanted.items(), point
    assert run(reconciled, loopback, cut, NOW, ledger, "--offline").code == 3
    same(cut, whole, "in the end")
