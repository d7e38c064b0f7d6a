"""The vendor's file calls everything otherwise: after the lines that the report names are written, in two
files, the façade works with the client made from it. `nox -s rehearsal` plays the same with every test."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.generator.rehearsal import TESTS, another_hand, passes, rehearse, vendors_own
from tests.thorough import thorough

#: What is quick of it: the tables, the contract, the events, and the calls of one resource.
QUICK = (
    *("tests/contract", "tests/facade/test_amounts.py", "tests/facade/test_coverage.py"),
    *("tests/facade/test_bump.py", "tests/webhooks/test_events.py"),
    "tests/facade/test_validation.py",
    "tests/facade/test_outcomes.py::test_the_tables_have_every_status_of_the_contract",
    "tests/client/_sync/test_operations.py",
)


@pytest.mark.parametrize(
    ("alter", "decisions"),
    [pytest.param(another_hand, 0, id="names"), thorough(vendors_own, 9, id="everything")],
)
def test_the_lines_that_the_report_names_are_all_there_is_to_write(
    tmp_path: Path, alter: Any, decisions: int
) -> None:
    root = tmp_path / "tree"

    renamed, decided = rehearse(root, alter)

    assert (renamed > 100, decided) == (True, decisions)
    tables = {f"facade/zerogate/_wire/{name}.py" for name in ("names", "operations")}
    touched = {"facade/zerogate/types.py", *tables}
    assert decisions or touched == changed(root)
    passed = passes(root, QUICK, stdout=subprocess.PIPE)
    assert passed.returncode == 0, passed.stdout[-4_000:].decode()


def changed(root: Path) -> set[str]:
    """What is written by hand and not as it is here."""
    here = Path(__file__).parents[2]
    files = {
        path.relative_to(root)
        for folder in ("facade", "apps")
        for path in (root / folder).rglob("*.py")
    }
    return {str(name) for name in files if (root / name).read_bytes() != (here / name).read_bytes()}


def test_the_whole_rehearsal_asks_every_test_that_a_contract_can_touch() -> None:
    root = Path(__file__).parents[1]
    left = {"generator", "bench", "distributions", "docs", "repository", "mutants", "api"}
    folders = {
        path.name for path in root.iterdir() if path.is_dir() and any(path.rglob("test_*.py"))
    }
    assert folders - left <= {one.removeprefix("tests/") for one in TESTS}
