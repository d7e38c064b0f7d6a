"""The folder that a demo leaves behind: what is in it, whether it can be had, files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import attrs


@attrs.frozen
class Files:
    """Everything below one folder."""

    folder: Path

    @property
    def outcomes(self) -> Path:
        """Return the path of outcomes.json in the folder."""
        return self.folder / "outcomes.json"

    @property
    def ledger(self) -> Path:
        """Return the path of the shop's ledger.csv in the folder."""
        return self.folder / "ledger.csv"

    @property
    def columns(self) -> Path:
        """Return the path of columns.toml in the folder."""
        return self.folder / "columns.toml"

    @property
    def report(self) -> Path:
        """Return the path of the report's folder in this one."""
        return self.folder / "report"

    @property
    def mirror(self) -> Path:
        """Return the path of the mirror's folder in the report's."""
        return self.report / "mirror"

    def check(self) -> None:
        """Make the folder; ValueError if nothing can be written, or a mirror of no demo is there.

        Raises:
            ValueError: nothing can be written there, or a mirror is in the way that is not a demo's.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as problem:
            raise ValueError(
                f"cannot write a file in {self.folder}: {problem.strerror}"
            ) from problem
        if self.mirror.exists() and not self.outcomes.exists():
            raise ValueError(f"{self.mirror} was not written by a demo: name another folder")

    def write(self, path: Path, text: str) -> None:
        """Write the text to a file beside it, synced, then rename that to *path*."""
        fresh = path.with_suffix(".part")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
