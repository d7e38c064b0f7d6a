"""The vendor's file calls everything otherwise: after the lines that the report names are written, in two
files, the façade works with the client made from it, checked by the façade's own tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openapi.regenerate import source
from tests.generator.test_coverage import STALE, UNCOVERED
from tests.generator.test_rehearsals import rename, sections
from tests.roots import python_path

#: What a façade with a renamed client under it has to pass, in a tree of its own.
TESTS = (
    *("tests/facade/test_amounts.py", "tests/facade/test_coverage.py"),
    "tests/facade/test_outcomes.py::test_the_tables_have_every_status_of_the_contract",
    *("tests/webhooks/test_events.py", "tests/halves/_sync/test_operations.py"),
    *("tests/halves/_sync/test_sessions.py", "tests/halves/_sync/test_reconcile.py"),
)


def another_hand(document: dict[str, Any]) -> None:
    """Other names for every schema and operation, other order, prose and extensions."""
    for name in list(document["components"]["schemas"]):
        rename(document, name, f"{name}Response" if name.startswith("Gate") else f"Api{name}")
    for item in document["paths"].values():
        for operation in item.values():
            tag = operation["tags"][0]
            operation["operationId"] = f"{tag}Controller_{operation['operationId']}"
            operation["tags"].append("partner")
            operation["x-code-samples"] = [{"lang": "curl", "source": "curl …"}]
    document["paths"] = dict(reversed(document["paths"].items()))
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted(schemas.items(), reverse=True))


def write(root: Path, finding: str) -> None:
    """Do what one line of the report says, and nothing else."""
    place = re.match(r"([^:]+):([0-9]+): (.*)", finding)
    assert place is not None, finding
    path, number, text = root / place[1], int(place[2]), place[3]
    lines = path.read_text("utf-8").split("\n")
    line = lines[number - 1]
    if pair := re.search(r'RENAMED: write ("\w+": "\w+")', text):
        lines[number - 1] = line.replace("{", f"{{{pair[1]}, ", 1)
    elif imported := re.search(r"write `import (\w+) as (\w+)`", text):
        stem = line.partition(" import ")[0]
        lines[number - 1] = f"{stem} import {imported[1]} as {imported[2]}"
    else:
        told = re.search(r"its builder is '(.+)': write '(.+)'", text)
        assert told is not None, text
        lines[number - 1] = line.replace(f'"{told[1]}"', f'"{told[2]}"')
    path.write_text("\n".join(lines), "utf-8")


@pytest.fixture
def tree(real_root: Path, tmp_path: Path, project: Any) -> Any:
    """Everything that the façade's tests need, to be bumped."""
    skip = shutil.ignore_patterns("__pycache__", "fuzz", "browser")
    shutil.rmtree(project.root)
    for folder in ("openapi", "generated", "facade", "apps", "tests"):
        shutil.copytree(real_root / folder, project.root / folder, ignore=skip)
    shutil.copy(real_root / "pyproject.toml", project.root)
    return project


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": python_path(root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=root, env=environ, capture_output=True, text=True, timeout=300
    )


def test_two_files_are_all_that_another_hand_touches(tree: Any) -> None:
    document = source.parse(tree.contract.read_text("utf-8"), "contract")
    another_hand(document)
    bump = tree.root / "bump.json"
    bump.write_text(json.dumps(document), "utf-8")
    done = tree.regenerate("--spec", str(bump))
    assert done.code == 3, done.err
    told = sections(done.out)
    assert UNCOVERED not in told
    files = {line.partition(":")[0] for line in told[STALE]}
    tables = {f"facade/zerogate/_wire/{name}.py" for name in ("names", "operations")}
    assert files == {"facade/zerogate/types.py", *tables}

    before = run(tree.root, "-c", "import zerogate.types")
    assert "cannot import name" in before.stderr
    for line in told[STALE]:
        write(tree.root, line)

    assert STALE not in sections(tree.regenerate().out)
    script = "import zerogate, zerogate.types as t; print(zerogate.__file__, t.Session.__name__)"
    where = run(tree.root, "-c", script).stdout
    assert where == f"{tree.root}/facade/zerogate/__init__.py GateSessionResponse\n"
    passed = run(tree.root, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    assert passed.returncode == 0, passed.stdout[-4_000:]
