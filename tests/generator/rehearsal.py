"""A contract of the vendor's own hand, adopted in a copy of this tree; then what the report names is written,
and nothing else, and the project's tests have to pass there.

`nox -s rehearsal` plays it with every test that a contract can touch (`-- tests/facade` with some of them).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from facade.tracked_tree import copy_tracked
from tests.contract.reading import MARK
from tests.generator.walkthrough import EDITS, ROOT, altered, new_contract, run, written
from tests.roots import python_path

Document = dict[str, Any]
#: What stands on the contract. The rest plays it itself, asks about files, or meets it through these.
TESTS = (
    *("tests/contract", "tests/facade", "tests/webhooks", "tests/client", "tests/transport"),
    *("tests/sandbox", "tests/store", "tests/cli", "tests/probe", "tests/otel", "tests/inbox"),
    *("tests/shops", "tests/receivers", "tests/sockets", "tests/exploration", "tests/fleet"),
    *("tests/simulation", "tests/ledger", "tests/readme", "tests/test_architecture.py"),
)
STALE, UNCOVERED = "stale, written by hand", "not covered by hand yet"


class Unfinished(Exception):
    """Something in the rehearsal went otherwise than a person could follow."""


def rename(document: Document, old: str, new: str) -> None:
    """A schema under another name."""
    text = json.dumps(document).replace(f'schemas/{old}"', f'schemas/{new}"')
    document.update(json.loads(text))
    schemas = document["components"]["schemas"]
    schemas[new] = schemas.pop(old)


def another_hand(document: Document) -> None:
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


def vendors_own(document: Document) -> None:
    """All of that and a bump, without a mark of ours, another version, events under keys of their own."""
    new_contract(document)
    failed, reversed_ = (
        document["webhooks"][f"gate_session.{name}"]["post"]["requestBody"]["content"]
        for name in ("failed", "reversed")
    )
    shown = json.dumps(failed["application/json"]["examples"])
    shown = shown.replace('"gate_session.failed"', '"gate_session.reversed"')
    reversed_["application/json"]["examples"] = json.loads(shown)
    another_hand(document)
    document["info"]["version"] = "2031-01-01"
    hooks = document["webhooks"].items()
    document["webhooks"] = {re.sub(r"\W", "-", name): item for name, item in hooks}
    _forget(document)


def _forget(node: Any) -> None:
    """What says of itself that it is a guess of ours does not say so any more."""
    if isinstance(node, dict):
        node.pop(MARK, None)
    for value in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        _forget(value)


def titled(out: str) -> dict[str, list[str]]:
    """The sections of a printed report below its first screen."""
    found: dict[str, list[str]] = {}
    for line in out.partition("\n\n")[2].splitlines():
        if line.startswith("  "):
            found[list(found)[-1]].append(line[2:])
        elif line and not line.startswith("generated/"):
            found[line.rpartition(" (")[0]] = []
    return found


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


def rehearse(root: Path, alter: Callable[[Document], None]) -> tuple[int, int]:
    """Adopt the altered contract in a copy of the tree and write what the report names.

    Returns how many lines were renamed and how many decided.
    """
    copy_tracked(ROOT, root)
    said = run(root, "--spec", str(altered(root, alter, "vendor.json")))
    if not said.endswith("exit 3"):
        raise Unfinished(said)
    told = titled(said)
    named = [*told.get(UNCOVERED, ()), *told.get(STALE, ())]
    by_rote = [line for line in named if "write " in line.partition(": ")[2]]
    for line in by_rote:
        write(root, line)
    decided = [edit for edit in EDITS if alter is not another_hand]
    for edit in decided:
        if not any(line.startswith(f"{edit.path}:") for line in named):
            raise Unfinished(f"the report does not name {edit.path}")
        written(root, edit)
    again = run(root)
    if re.search(rf"^({UNCOVERED}|{STALE})", again, re.MULTILINE) or not again.endswith("exit 0"):
        raise Unfinished(again)
    return len(by_rote), len(decided)


def passes(
    root: Path, words: Sequence[str], stdout: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run pytest in the copy, which imports itself."""
    # Without bytecode each of hundreds of processes would compile again what it imports.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environ = {**kept, "PYTHONPATH": python_path(root)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=root, env=environ, stdout=stdout, check=False)


def rehearsal(words: Sequence[str]) -> int:
    """Play it whole; words: Options and paths for pytest instead of ours."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "tree"
        renamed, decided = rehearse(root, vendors_own)
        sys.stderr.write(f"adopted; written: {renamed} names, {decided} decisions\n")
        paths = () if any(word.startswith("tests/") for word in words) else TESTS
        return passes(root, [*words, *paths]).returncode


if __name__ == "__main__":
    sys.exit(rehearsal(sys.argv[1:]))
