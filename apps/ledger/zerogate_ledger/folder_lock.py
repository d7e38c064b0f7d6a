"""One process at a time in a folder: a lock that ends with its process, however that ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import Unusable


@contextmanager
def hold_lock(folder: Path, what: str) -> Iterator[None]:
    """Make *folder* and lock it while the block runs, or Unusable; on Windows nothing is locked.

    what: What another process is doing there, in words.

    Raises:
        Unusable: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("a") as file:
        _lock(file, f"another {what} of {folder} is under way: wait for it to end")
        yield


def _lock(file: Any, refusal: str) -> None:
    """Lock a file until it is closed, or raise Unusable at once; does nothing on Windows."""
    try:
        import fcntl
    except ImportError:  # no such thing on Windows; two at once are then the user's care
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Unusable(refusal) from None
