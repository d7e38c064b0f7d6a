"""`zerogate sandbox …`: the sandbox's own command, under this roof."""

from __future__ import annotations

import argparse
from typing import Final

NEEDS: Final = ("sandbox",)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the sandbox's command."""
    from zerogate_sandbox.__main__ import parser as of_the_sandbox

    return of_the_sandbox("zerogate sandbox")


def main(argv: list[str]) -> int:
    """Run the sandbox's command and return its exit code."""
    from zerogate_sandbox.__main__ import main as sandbox

    return sandbox(argv, prog="zerogate sandbox")
