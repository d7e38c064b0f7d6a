"""Puts finished files in the place of old ones, all or nothing; and tells two trees apart."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from attrs import frozen


@contextmanager
def workshop(root: Path) -> Iterator[Path]:
    """Yield a new folder beside `generated/`, on the same disk; delete it in the end."""
    folder = Path(mkdtemp(prefix=".regenerate-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@frozen
class Swap:
    """One path and what is to stand there; `aside` is where the old content waits meanwhile."""

    place: Path
    new: Path
    aside: Path
    was_there: bool

    def do(self) -> None:
        """Move the old content aside, then the new one in, by two renames."""
        if self.was_there:
            self.place.rename(self.aside)
        self.new.rename(self.place)

    def undo(self) -> None:
        """Put everything back as it was before `do`, wherever that was stopped."""
        if self.place.exists() and not self.new.exists():
            os.rename(self.place, self.new)
        if self.aside.exists():
            os.rename(self.aside, self.place)


def swap_in(news: dict[Path, Path], attic: Path) -> None:
    """Put every new path in its place, or none: any failure, an interrupt too, undoes them all."""
    swaps = [
        Swap(place, new, attic / f"{number}-{place.name}", place.exists())
        for number, (place, new) in enumerate(news.items())
    ]
    try:
        for swap in swaps:
            swap.do()
    except BaseException:
        for swap in reversed(swaps):
            swap.undo()
        raise


def differences(fresh: Path, kept: Path) -> list[str]:
    """Return one line for each file that *kept* lacks, has too much, or has otherwise; sorted."""
    ours, theirs = _files(fresh), _files(kept)
    lines = [f"{name}: missing" for name in ours.keys() - theirs.keys()]
    lines += [f"{name}: not generated" for name in theirs.keys() - ours.keys()]
    both = ours.keys() & theirs.keys()
    lines += [f"{name}: differs" for name in both if ours[name] != theirs[name]]
    return sorted(lines)


def _files(folder: Path) -> dict[str, bytes]:
    """Return relative path → bytes of a folder's files, caches aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
