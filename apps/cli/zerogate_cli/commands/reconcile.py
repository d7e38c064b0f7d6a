"""`zerogate reconcile`: the ledger's own command, under this roof."""

from __future__ import annotations

import argparse
from typing import Final

from zerogate_cli.parsers import parser_of

NEEDS: Final = ("ledger",)


def parser() -> argparse.ArgumentParser:
    """Return the command's parser, with the arguments that the ledger takes."""
    from zerogate_ledger.options import add_arguments

    made = parser_of(
        "reconcile",
        "Compare a ledger with Gate's records, row by row and to the last digit.",
        "Ends with 3 where there is something to look at, 0 where both sides agree.",
    )
    add_arguments(made)
    return made


def main(argv: list[str]) -> int:
    """Run the ledger's command and return its exit code."""
    from zerogate_ledger.command import main as reconcile

    return reconcile(argv)
