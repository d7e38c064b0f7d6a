"""The fleet is built on what any partner could build on; for the store see tests/test_architecture.py."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

APPS = Path(__file__).parents[2] / "apps"


@pytest.mark.parametrize("app", ["celery/zerogate_celery"])
def test_only_public_modules_of_facade_and_store_are_imported(app: str) -> None:
    for path in (APPS / app).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                root, *rest = (node.module or "").split(".")
                assert root != "zerogate_api", path
                hidden = [name for name in rest if name.startswith("_")]
                hidden += [a.name for a in node.names if a.name.startswith("_")]
                assert root not in ("zerogate", "zerogate_store") or not hidden, path
