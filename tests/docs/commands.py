"""Runs the command lines of a page, in a folder and an environment of their own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.docs.pages import Block

#: What a page writes for the sandbox that it has started; ours is on a free port.
ADDRESS: Final = "http://127.0.0.1:4000"
#: What a page writes for the reader's PostgreSQL; the real one stands in the environment, under this name.
WAREHOUSE: Final = "postgresql://finance@warehouse/books"
REAL_WAREHOUSE: Final = "DOCS_WAREHOUSE"
#: Lines that set up a machine: they are read by other tests, and not run here.
_SETTING_UP: Final = re.compile(r"(python -m (pip|venv|nox) |pip |pipx |uv |git |nox |\. |#)")
_EXPORT: Final = re.compile(r"export ((?:\w+=\S+\s*)+)$")


def lines(block: Block) -> list[str]:
    """Return the commands of a block: after `$ ` where it has prompts, else every line."""
    text = re.sub(r"\\\n\s*", " ", block.text)
    prompted = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return prompted or [line for line in text.splitlines() if line.strip()]


class Terminal:
    """Runs commands one after the other, as a reader would.

    origin: Of the sandbox that is there; stands in for the address that pages write.
    ready: A folder of commands that are quick to start, tried first; a server is not started by them.
    """

    def __init__(
        self, folder: Path, origin: str, environment: dict[str, str], ready: Path | None = None
    ) -> None:
        self.folder = folder
        self.origin = origin
        self.ready = ready
        here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZEROGATE_", "COV_"))}
        self.environment = {**kept, "PATH": here, "COLUMNS": "120", **environment}

    def run(self, command: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run one line; its output. Asserts that it ends with one of *codes*."""
        if (exported := _EXPORT.match(command)) is not None:
            told = dict(word.split("=", 1) for word in shlex.split(exported[1]))
            # Address and key stay those of the sandbox that is there.
            self.environment |= {k: v for k, v in told.items() if k not in self.environment}
            return ""
        if _SETTING_UP.match(command):
            return ""
        if re.match(r"zerogate(-| )sandbox serve\b", command):
            return self._served(command)
        if WAREHOUSE in command:
            command = command.replace(WAREHOUSE, shlex.quote(self.environment[REAL_WAREHOUSE]))
        ran = subprocess.run(
            command.replace(ADDRESS, self.origin),
            shell=True,
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode in codes, f"{command}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    def _environment(self) -> dict[str, str]:
        path = self.environment["PATH"]
        if self.ready is not None:
            path = os.pathsep.join([str(self.ready), path])
        return {**self.environment, "PATH": path}

    def _served(self, command: str) -> str:
        """Start a sandbox, see its address, end it.

        Not by Ctrl-C: who is run in the background of a shell is told to ignore it, children too.
        """
        words = shlex.split(command, comments=True)
        if words[-1] == "&":
            words.pop()
        if "--port" not in words:
            words += ["--port", "0"]
        with subprocess.Popen(
            words,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as served:
            assert served.stdout is not None
            line = served.stdout.readline()
            served.terminate()
            _, told = served.communicate()
        assert line.startswith("http://"), f"{command}\n{line}{told}"
        return line
