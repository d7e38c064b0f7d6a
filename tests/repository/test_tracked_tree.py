"""What wheels are built from: the files that git tracks, as they stand, and no other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from facade.tracked_tree import copy_tracked, tracked


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    (root / "package").mkdir(parents=True)
    for name in ("kept.py", "changed.py", "gone.py"):
        (root / "package" / name).write_text("1\n", "utf-8")
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", *words], cwd=root, check=True)
    (root / "package" / "changed.py").write_text("2\n", "utf-8")
    (root / "package" / "gone.py").unlink()
    (root / "package" / "left_over.py").write_text("a key\n", "utf-8")
    return root


def test_what_git_does_not_track_stays_behind(clone: Path, tmp_path: Path) -> None:
    copy_tracked(clone, tmp_path / "tree")
    found = [path.name for path in (tmp_path / "tree").rglob("*") if path.is_file()]
    assert sorted(found) == ["changed.py", "kept.py"]
    assert (tmp_path / "tree" / "package" / "changed.py").read_text("utf-8") == "2\n"


def test_what_an_earlier_copy_left_is_gone(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "old.py").write_text("", "utf-8")
    copy_tracked(clone, tmp_path / "tree")
    assert not (tmp_path / "tree" / "old.py").exists()


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        tracked(tmp_path)


def test_a_folder_that_tracks_nothing_gives_nothing(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert tracked(tmp_path) == []
