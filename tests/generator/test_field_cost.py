"""A new field touches few places: how many lines it costs, as docs/spec-bump.md says."""

from __future__ import annotations

import ast
import copy
import difflib
import re
from pathlib import Path
from typing import Any

import pytest

from openapi.regenerate import factlist, overlay, source
from openapi.regenerate.generate import generate
from openapi.regenerate.prepare import prepare

#: What the same measure was when every model had all of its code in itself.
ONCE = 23.7
TEXT = {"type": "string", "description": "What it is."}
AMOUNT = {"type": "string", "format": "decimal", "description": "What it is."}
INSTANT = {"type": "string", "format": "date-time", "description": "What it is."}


def test_a_field_costs_half_the_lines_that_it_did(real_root: Path) -> None:
    lines = fields = 0
    for path in (real_root / "generated/zerogate_api/models").glob("*.py"):
        text = path.read_text("utf-8")
        classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
        if any("Record" in ast.unparse(base) for node in classes for base in node.bases):
            lines += len(text.splitlines())
            fields += sum(map(_fields_of, classes))
    told = re.search(
        r"(\d+\.\d) lines a field", (real_root / "docs/spec-bump.md").read_text("utf-8")
    )
    assert told is not None
    assert lines / fields < ONCE / 2
    assert abs(lines / fields - float(told[1])) < 0.1


def _fields_of(node: ast.ClassDef) -> int:
    own = (one for one in node.body if isinstance(one, ast.AnnAssign))
    names = [ast.unparse(one.target) for one in own]
    return len([name for name in names if name not in ("additional_properties", "_wire_names")])


@pytest.fixture(scope="module")
def made(real_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Our contract with one field more, as a function of the model, the field and whether it is demanded."""
    given = source.parse((real_root / "openapi/gate-v1.yaml").read_text("utf-8"), "contract")
    actions = source.parse((real_root / "openapi/overlay.yaml").read_text("utf-8"), "overlay")

    def written(model: str, field: Any, demanded: bool) -> dict[str, list[str]]:
        document = copy.deepcopy(given)
        if field is not None:
            schema = document["components"]["schemas"][model]
            schema["properties"]["gizmo"] = copy.deepcopy(field)
            schema.setdefault("required", []).extend(["gizmo"] if demanded else [])
        prepared = prepare(overlay.apply(document, overlay.actions_of(actions, "overlay")).document)
        folder = tmp_path_factory.mktemp("made")
        generate(prepared, folder)
        files = {str(p.relative_to(folder)): p.read_text("utf-8") for p in folder.rglob("*.py")}
        files["API.md"] = factlist.api_md(prepared)
        return {name: text.splitlines() for name, text in files.items()}

    plain = written("", None, False)

    def added(model: str, field: Any, demanded: bool) -> dict[str, int]:
        new = written(model, field, demanded)
        changed = {name: lines for name, lines in new.items() if plain.get(name) != lines}
        return {
            name.rpartition("/")[2]: _added(plain.get(name, []), lines)
            for name, lines in changed.items()
        }

    return added


def _added(old: list[str], new: list[str]) -> int:
    return sum(line.startswith("+ ") for line in difflib.ndiff(old, new))


@pytest.mark.parametrize(
    ("model", "field", "demanded", "lines"),
    [
        ("Customer", TEXT, False, {"customer.py": 4, "API.md": 1}),
        ("Customer", TEXT, True, {"customer.py": 6, "API.md": 1}),
        ("SignedQuote", AMOUNT, True, {"signed_quote.py": 4, "API.md": 2}),
        ("CreateSessionRequest", TEXT, False, {"create_session_request.py": 5, "API.md": 1}),
        ("CreateSessionRequest", INSTANT, False, {"create_session_request.py": 6, "API.md": 1}),
    ],
)
def test_one_field_more_is_a_line_in_each_place_that_says_something_of_it(
    made: Any, model: str, field: Any, demanded: bool, lines: dict[str, int]
) -> None:
    assert made(model, field, demanded) == lines
