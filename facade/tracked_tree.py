"""Copies what git tracks, as it stands, into a folder: wheels are built there, and nothing else gets in.

A build backend takes every file of a package that no .gitignore names: notes, a key, a module half written.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def tracked(root: Path) -> list[str]:
    """Return the files that git tracks and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=root, capture_output=True, check=True
    )
    names = listed.stdout.decode().rstrip("\0").split("\0")
    return [name for name in names if (root / name).is_file()]


def copy_tracked(root: Path, to: Path) -> None:
    """Remove *to* with all in it, and copy the files that git tracks there."""
    shutil.rmtree(to, ignore_errors=True)
    for name in tracked(root):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, to / name)


if __name__ == "__main__":
    copy_tracked(Path(__file__).resolve().parent.parent, Path(sys.argv[1]))
