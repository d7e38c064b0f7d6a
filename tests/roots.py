"""Folders that an editable install of all four distributions puts on Python's path."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("store", "celery", "otel", "sandbox", "ledger", "cli")


def source_folders(root: Path = ROOT) -> list[Path]:
    """Return where our packages stand in a tree: each folder holds packages of one distribution only."""
    return [root / "facade", root / "generated", *(root / "apps" / name for name in APPS)]


def python_path(root: Path) -> str:
    """Return a PYTHONPATH by which a copy of the tree imports itself."""
    return os.pathsep.join(map(str, source_folders(root)))
