"""The `zerogate` command: finds the one that was asked for, and only that one is imported."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import FrameType
from typing import Any, Final

from zerogate_cli.exit_codes import Exit, ending_of

#: Each is a module of zerogate_cli.commands with `main(argv) -> int`.
COMMANDS: Final[Mapping[str, str]] = {
    "deliveries": "list webhook deliveries, replay one, have a test sent",
    "demo": "take payments for a ledger of orders against a sandbox, and reconcile them",
    "doctor": "see whether this machine can talk to Gate",
    "probe": "ask Gate's sandbox what its documentation leaves open",
    "reconcile": "hold a ledger against Gate's records, and report what differs",
    "sandbox": "run a whole Gate on this machine, for development and tests",
    "sessions": "list, read and cancel sessions",
    "transactions": "list and read transactions",
}


class _Version(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="show it and stop")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from zerogate import __version__

        print(f"zerogate {__version__}")
        parser.exit(Exit.CLEAN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zerogate",
        description="Payments through 0Gate, safe with other people's money.",
        epilog="`zerogate COMMAND --help` says what each of them takes.",
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=line, add_help=False)
    return parser


def main(argv: list[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    chosen: str = _parser().parse_args(words[:1]).command
    command: Callable[[list[str]], int] = import_module(f"zerogate_cli.commands.{chosen}").main
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets another one, not a traceback.
            stream.reconfigure(errors="replace")
    # A command that is told to end has things to put away, as one that is interrupted.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = command(words[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; without this Python complains once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except Exception as error:
        ending = ending_of(error)
        if ending is None:
            raise
        print(f"zerogate {chosen}: {ending[1]}", file=sys.stderr)
        return ending[0]
    return code


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
