"""Puts finished files in the place of old ones, all or nothing; and tells two trees apart."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


@contextmanager
def workshop(root: Path) -> Iterator[Path]:
    """A folder beside `generated/`, on the same disk so that renaming is enough; always removed."""
    folder = Path(mkdtemp(prefix=".regenerate-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap_in(news: dict[Path, Path], attic: Path) -> None:
    """Rename each old path into the attic and its new one into its place; undo all on any failure."""
    undo: list[tuple[Path, Path]] = []
    try:
        for number, (old, new) in enumerate(news.items()):
            aside = attic / f"{number}-{old.name}"
            if old.exists():
                undo.append((aside, old))
                old.rename(aside)
            undo.append((new, old))
            new.rename(old)
    except BaseException:
        for back, now in reversed(undo):
            if now.exists() and not back.exists():
                os.rename(now, back)
            elif back.exists() and not now.exists():
                os.rename(back, now)
        raise


def differences(fresh: Path, kept: Path) -> list[str]:
    """One line for each file of `kept` that is not byte for byte what was generated."""
    ours, theirs = _files(fresh), _files(kept)
    lines = [f"{name}: missing" for name in ours.keys() - theirs.keys()]
    lines += [f"{name}: not generated" for name in theirs.keys() - ours.keys()]
    both = ours.keys() & theirs.keys()
    lines += [f"{name}: differs" for name in both if ours[name] != theirs[name]]
    return sorted(lines)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
