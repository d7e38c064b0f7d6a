"""The shop's ledger held against the sandbox, by the command that takes any ledger: `zerogate reconcile`."""

from __future__ import annotations

import io
import shlex
import shutil
from contextlib import redirect_stderr, redirect_stdout

from zerogate_cli.demo.files import Files
from zerogate_cli.demo.story import Stage
from zerogate_cli.exit_codes import CommandFailed, Exit


def reconciled(stage: Stage, files: Files) -> str:
    """Reconcile ledger and sandbox into mirror and report; return its output, or CommandFailed.

    Raises:
        CommandFailed: it came to no result.
    """
    from zerogate_ledger.command import run
    from zerogate_ledger.options import parsed

    # One that an earlier demo left is of another sandbox.
    shutil.rmtree(files.mirror, ignore_errors=True)
    # Nobody shares the sandbox's limit, so there is no pace to keep.
    options = parsed([*_arguments(files), "--rate", "1000000"])
    said, complaints = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complaints):
        code = run(options, stage.reading_gate, stage.clock)
    if code not in (Exit.CLEAN, Exit.DIFFERENCES):
        raise CommandFailed(f"the ledger was not reconciled: {complaints.getvalue().strip()}")
    return said.getvalue()


def again(files: Files) -> str:
    """Return the shell command that reconciles once more, with the mirror that is left."""
    return shlex.join(["zerogate", "reconcile", *_arguments(files), "--offline"])


def _arguments(files: Files) -> list[str]:
    """Return the arguments of `zerogate reconcile` for these files."""
    return [str(files.ledger), "--columns", str(files.columns), "--out", str(files.report)]
