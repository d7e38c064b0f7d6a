"""One bump from the vendor's file to green tests, played in a copy of the tree; docs/spec-bump.md shows it.

`python -m tests.generator.walkthrough` writes what it says into the document; a test compares.
"""

from __future__ import annotations

import copy
import difflib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from attrs import frozen

from openapi.regenerate import source
from openapi.regenerate.cli import main
from tests.roots import python_path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "spec-bump.md"
FOLDERS = ("openapi", "generated", "facade", "apps", "tests")
TESTS = (
    "tests/facade/test_coverage.py",
    "tests/facade/test_amounts.py",
    "tests/facade/test_bump.py",
)


@frozen
class Edit:
    """One line that the report asked for."""

    path: str
    before: str
    after: str


EDITS = (
    Edit(
        "facade/zerogate/_reconciliation/expectations.py",
        '    "cancelled": "failure",\n}\nRAIL_STATUSES',
        '    "cancelled": "failure",\n    "reversed": "failure",\n}\nRAIL_STATUSES',
    ),
    Edit(
        "facade/zerogate/_wire/bodies.py",
        '    "cancelled",\n)\nDELIVERY_STATUSES',
        '    "cancelled",\n    "reversed",\n)\nDELIVERY_STATUSES',
    ),
    Edit(
        "facade/zerogate/_literals.py",
        '["open", "completed", "expired", "cancelled"]',
        '["open", "completed", "expired", "cancelled", "reversed"]',
    ),
    Edit(
        "facade/zerogate/_amounts.py",
        '    ("RailPayIn", "amount"): "currency",\n',
        '    ("RailPayIn", "amount"): "currency",\n    ("RailPayIn", "network_fee"): "currency",\n',
    ),
    Edit(
        "facade/zerogate/webhooks/_events.py",
        '            "gate_session.failed",\n',
        '            "gate_session.failed",\n            "gate_session.reversed",\n',
    ),
    Edit(
        "facade/zerogate/webhooks/_events.py",
        '    "gate_session.failed",\n    "gate_session.cancelled",\n',
        '    "gate_session.failed",\n    "gate_session.reversed",\n    "gate_session.cancelled",\n',
    ),
    Edit(
        "apps/sandbox/zerogate_sandbox/events.py",
        '    "gate_session.failed",\n',
        '    "gate_session.failed",\n    "gate_session.reversed",\n',
    ),
    Edit(
        "apps/sandbox/zerogate_sandbox/rails.py",
        "        if self.account_blocked:\n            shown",
        '        if self.kind == "pay_in":\n            shown["network_fee"] = "0.00"\n'
        "        if self.account_blocked:\n            shown",
    ),
    Edit("apps/sandbox/zerogate_sandbox/customers.py", '            "phone": self.phone,\n', ""),
)


def new_contract(document: dict[str, Any]) -> None:
    """What the vendor did: a status, an event, an amount, and a field that is gone."""
    schemas = document["components"]["schemas"]
    schemas["SessionStatus"]["enum"].append("reversed")
    event = copy.deepcopy(schemas["GateSessionFailedEvent"])
    event["properties"]["type"]["const"] = "gate_session.reversed"
    schemas["GateSessionReversedEvent"] = event
    hook = copy.deepcopy(document["webhooks"]["gate_session.failed"])
    content = hook["post"]["requestBody"]["content"]["application/json"]
    content["schema"]["$ref"] = "#/components/schemas/GateSessionReversedEvent"
    del content["examples"]
    document["webhooks"]["gate_session.reversed"] = hook
    fee = {"type": "string", "format": "decimal", "description": "What the network took."}
    schemas["RailPayIn"]["properties"]["network_fee"] = fee
    schemas["Customer"]["required"].remove("phone")
    del schemas["Customer"]["properties"]["phone"]


def lost_correction(document: dict[str, Any]) -> None:
    """A secret under another name: a correction of ours would be lost with it."""
    properties = document["components"]["schemas"]["CreatedGateSession"]["allOf"][1]["properties"]
    properties["client_secret_value"] = properties.pop("client_secret")


def play(root: Path) -> Iterator[tuple[str, str]]:
    """(what it is, what was said), in the order of the document; `root` is an empty folder."""
    for folder in FOLDERS:
        skip = shutil.ignore_patterns("__pycache__", "fuzz", "browser")
        shutil.copytree(ROOT / folder, root / folder, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", root)
    lost = altered(root, lost_correction, "lost.json")
    yield "refused", run(root, "--spec", str(lost))
    before = (root / "generated/API.md").read_text("utf-8")
    models = _files(root)
    bump = altered(root, new_contract, "gate-v2.json")
    yield "bump", run(root, "--spec", str(bump), "--summary", str(root / "summary.md"))
    yield "diff", _diff(before, (root / "generated/API.md").read_text("utf-8"))
    touched = [name for name, text in _files(root).items() if models.get(name) != text]
    yield "files", "\n".join(sorted(touched))
    yield "red", _tests(root)
    yield "edits", "\n".join(written(root, edit) for edit in EDITS)
    yield "again", run(root)
    yield "green", _tests(root)


def altered(root: Path, alter: Any, name: str) -> Path:
    document = source.parse((root / "openapi/gate-v1.yaml").read_text("utf-8"), "contract")
    alter(document)
    path = root / name
    path.write_text(json.dumps(document), "utf-8")
    return path


def _files(root: Path) -> dict[str, str]:
    paths = (root / "generated").rglob("*")
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in paths
        if path.suffix in (".py", ".json", ".md")
    }


def run(root: Path, *words: str) -> str:
    """The command's words, and its exit code; where it stands is not told."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words, root)
    said = f"{out.getvalue()}{err.getvalue()}exit {code}"
    return said.replace(f"{root}/", "")


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if line[:2] not in ("--", "++", "@@"))


def written(root: Path, edit: Edit) -> str:
    path = root / edit.path
    text = path.read_text("utf-8")
    assert text.count(edit.before) == 1, edit
    path.write_text(text.replace(edit.before, edit.after), "utf-8")
    return f"{edit.path}\n{_diff(edit.before, edit.after)}"


def _tests(root: Path) -> str:
    """What fails, and the last line without its seconds."""
    environ = {**os.environ, "PYTHONPATH": python_path(root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    ran = subprocess.run(
        command, cwd=root, env=environ, capture_output=True, text=True, timeout=300
    )
    lines = [re.sub(r" - .*", "", line) for line in ran.stdout.splitlines()]
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    # How many there are grows with the suite; whether they pass is what is told.
    return "\n".join(failed) if ran.returncode else "all passed"


# --- the document ----------------------------------------------------------------------------------

BLOCK = r"(<!-- {name} -->\n```\w*\n)(.*?)(\n```)"


def shown(document: str, name: str) -> str:
    found = re.search(BLOCK.format(name=name), document, re.DOTALL)
    assert found is not None, f"docs/spec-bump.md has no block {name!r}"
    return found[2]


def without_lines(text: str) -> str:
    """The same wherever in its file a line stands now."""
    return re.sub(r":\d+:", ":_:", text)


def write() -> None:
    text = DOCUMENT.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for name, said in play(Path(folder).resolve()):
            shown(text, name)
            text = re.sub(
                BLOCK.format(name=name),
                lambda found, said=said: found[1] + said + found[3],
                text,
                flags=re.DOTALL,
            )
    DOCUMENT.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
