"""`zerogate completion`: prints what makes a shell complete commands, options and choices."""

from __future__ import annotations

import argparse
from typing import Final

from zerogate_cli.exit_codes import Exit
from zerogate_cli.parsers import parser_of

SHELLS: Final = ("bash", "zsh", "tcsh")


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate completion`: the shell."""
    made = parser_of(
        "completion",
        "Print what makes a shell complete `zerogate`: commands, options and choices.",
        "For bash: zerogate completion bash > ~/.local/share/bash-completion/completions/zerogate. "
        "For zsh: zerogate completion zsh > a file _zerogate in a folder of your fpath.",
    )
    made.add_argument("shell", choices=SHELLS)
    return made


def main(argv: list[str]) -> int:
    """Print the completion script of the shell that is named; return 0."""
    import shtab

    from zerogate_cli.__main__ import whole_parser

    options = parser().parse_args(argv)
    # The name of a shell to write for; none is started.
    print(shtab.complete(whole_parser(), shell=options.shell))  # nosec B604
    return Exit.CLEAN
