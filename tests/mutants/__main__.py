"""Runs the nearest tests against each small change of a module: `python -m tests.mutants money --sample 40`.

The changes are cosmic-ray's. They are made in a copy of what git tracks: a run that is broken off leaves
nothing changed in a working tree.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
#: What is changed, and which tests have to notice.
MODULES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "money": ("facade/zerogate/money.py", ("tests/facade/test_money.py",)),
    "amounts": (
        "facade/zerogate/_amounts.py",
        ("tests/facade/test_amounts.py", "tests/facade/test_money.py"),
    ),
    "keys": ("facade/zerogate/_idempotency/keys.py", ("tests/facade/test_keys.py",)),
    "identity": (
        "facade/zerogate/_idempotency/identity.py",
        ("tests/facade/test_identity.py", "tests/facade/test_keys.py"),
    ),
    "terms": ("facade/zerogate/_idempotency/terms.py", ("tests/facade/test_terms.py",)),
    "retries": ("facade/zerogate/_idempotency/retries.py", ("tests/facade/test_storms.py",)),
    "outcomes": (
        "facade/zerogate/_reconciliation/sessions.py",
        ("tests/facade/test_outcomes.py", "tests/facade/test_outcome_truth.py"),
    ),
    "signatures": ("facade/zerogate/webhooks/_signatures.py", ("tests/webhooks",)),
    "decisions": (
        "apps/store/zerogate_store/_journal/decisions.py",
        ("tests/store/test_journal_decisions.py", "tests/facade/test_answers.py"),
    ),
}
#: A `|` is only written between types here, and those are not evaluated.
_NOT_TRIED: Final = "core/ReplaceBinaryOperator_BitOr_%"
_FOLDERS: Final = (
    *("", "facade", "generated", "apps/store", "apps/celery", "apps/otel"),
    *("apps/sandbox", "apps/ledger", "apps/cli"),
)
_CONFIG: Final = """[cosmic-ray]
module-path = "{module}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""
#: Of those that were tried, so many have to be noticed.
ENOUGH: Final = 0.9


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("module", choices=list(MODULES))
    asked.add_argument("--sample", type=int, help="try so many of the changes, drawn by --seed")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--timeout", type=float, default=120.0, help="seconds for one run (120)")
    given = asked.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy, session = Path(folder) / "tree", Path(folder) / "session.sqlite"
        _run(sys.executable, "facade/tracked_tree.py", str(copy), at=ROOT)
        module, tests = MODULES[given.module]
        config = Path(folder) / "config.toml"
        config.write_text(
            _CONFIG.format(
                module=module, timeout=given.timeout, python=sys.executable, tests=" ".join(tests)
            )
        )
        cosmic_ray = (sys.executable, "-m", "cosmic_ray.cli")
        _run(*cosmic_ray, "baseline", str(config), at=copy)
        _run(*cosmic_ray, "init", str(config), str(session), at=copy)
        with closing(sqlite3.connect(session)) as database:
            left_out = _choose(database, given.sample, given.seed)
        _run(*cosmic_ray, "exec", str(config), str(session), at=copy)
        with closing(sqlite3.connect(session)) as database:
            return _told(database, given.module, left_out)


def _run(*command: str, at: Path) -> None:
    """Run a command on the copy; what it prints is printed where it fails."""
    path = os.pathsep.join(str(at / folder) for folder in _FOLDERS)
    # A change may keep size and date of a file, and what was compiled before would pass for it.
    env = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def _choose(database: sqlite3.Connection, sample: int | None, seed: int) -> int:
    """Take out of the session what is not tried; how many changes were left out of the sample."""
    # Ids are random: what is drawn follows from the places in the module.
    places = database.execute(
        "SELECT job_id FROM mutation_specs WHERE operator_name NOT LIKE ? "
        "ORDER BY start_pos_row, start_pos_col, operator_name, occurrence",
        (_NOT_TRIED,),
    ).fetchall()
    chosen = (
        places if sample is None else random.Random(seed).sample(places, min(sample, len(places)))
    )
    keep = {row[0] for row in chosen}
    for (job,) in database.execute("SELECT job_id FROM mutation_specs").fetchall():
        if job not in keep:
            database.execute("DELETE FROM mutation_specs WHERE job_id = ?", (job,))
            database.execute("DELETE FROM work_items WHERE job_id = ?", (job,))
    database.commit()
    return len(places) - len(keep)


def _told(database: sqlite3.Connection, name: str, left_out: int) -> int:
    """Print how many changes were noticed, and each that was not."""
    rows = database.execute(
        "SELECT m.operator_name, m.start_pos_row, m.definition_name, r.test_outcome, r.diff "
        "FROM mutation_specs m JOIN work_results r ON r.job_id = m.job_id "
        "ORDER BY m.start_pos_row"
    ).fetchall()
    survived = [row for row in rows if str(row[3]).upper().endswith("SURVIVED")]
    for operator, line, where, _, diff in survived:
        changed = [one for one in (diff or "").splitlines() if one[:1] in "+-"][2:]
        print(f"not noticed: line {line}, {where}, {operator}")
        print("\n".join(f"    {one}" for one in changed))
    share = 1 - len(survived) / len(rows) if rows else 0.0
    print(f"{name}: {len(rows) - len(survived)} of {len(rows)} noticed ({share:.0%})", end="")
    print(f", {left_out} not tried" if left_out else "")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
