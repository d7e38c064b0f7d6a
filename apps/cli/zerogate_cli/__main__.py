"""The `zerogate` command: finds the one that was asked for, and only that one is imported."""

from __future__ import annotations

import argparse
import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any, Final

from zerogate_cli.exit_codes import CommandFailed, Exit, ending_of
from zerogate_cli.extras import missing
from zerogate_cli.parsers import Parser, add_commands, module_of

#: Each is a module of zerogate_cli.commands; what those have is said there.
COMMANDS: Final[Mapping[str, str]] = {
    "completion": "print what makes a shell complete these commands",
    "deliveries": "list webhook deliveries, replay one, have a test sent",
    "demo": "take payments for a ledger of orders against a sandbox, and reconcile them",
    "doctor": "check all that this machine needs to take payments, and say what to do",
    "inbox": "events that wait for a person, and have them tried again",
    "order": "what became of one order, and what to do",
    "probe": "ask Gate's sandbox what its documentation leaves open",
    "reconcile": "compare a ledger with Gate's records, and report what differs",
    "recover": "finish the writes that a crash or an outage left open",
    "sandbox": "run a whole Gate on this machine, for development and tests",
    "sessions": "list, read and cancel sessions",
    "transactions": "list and read transactions",
    "webhooks": "follow webhook deliveries as they happen",
}


class _Version(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="show it and stop")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from zerogate import __version__

        print(f"zerogate {__version__}")
        parser.exit(Exit.CLEAN)


def _parser() -> Parser:
    """Return the parser of `zerogate` itself, without any command."""
    parser = Parser(
        prog="zerogate",
        description="Payments through 0Gate, safe with other people's money.",
        epilog="`zerogate COMMAND --help` says what each of them takes. Exit codes: 0 fine, 1 failed, "
        "2 wrong usage, 3 something does not agree, 4 the key is refused, 5 not found, "
        "6 unavailable (try again later), 130 interrupted.",
    )
    parser.add_argument("--version", action=_Version)
    return parser


def whole_parser() -> Parser:
    """Return the command with the parser of every command in it: for completion and a reference."""
    parser = _parser()
    add_commands(parser, COMMANDS)
    return parser


def _names_only() -> Parser:
    """Return the parser that knows the commands' names; no command's module is imported."""
    parser = _parser()
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=line, add_help=False)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code, its errors printed to stderr; a bug is raised."""
    words = sys.argv[1:] if argv is None else argv
    chosen = ""
    try:
        with _flushed_output():
            chosen = _names_only().parse_args(words[:1]).command
            return _run(chosen, words[1:])
    except KeyboardInterrupt:
        print(f"{_name(chosen)}: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough.
        _drop_output()
        return Exit.FAILED
    except Exception as error:
        ending = ending_of(error)
        if isinstance(error, OSError) and error.errno in _UNWRITTEN and error.filename is None:
            _drop_output()
            ending = Exit.FAILED, f"its output could not all be written: {error.strerror}"
        if ending is None:
            raise
        print(f"{_name(chosen)}: {ending[1]}", file=sys.stderr)
        return ending[0]


#: What a full disk, a full quota and a descriptor that is gone say to whoever writes.
_UNWRITTEN: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)


@contextmanager
def _flushed_output() -> Iterator[None]:
    """Flush stdout when the block ends or exits; OSError where that fails. A closed one is devnull."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # What is opened next would get its number, and whoever writes to that would write there.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    try:
        yield
    except SystemExit:
        sys.stdout.flush()
        raise
    sys.stdout.flush()


def _drop_output() -> None:
    """Let what is left of stdout go nowhere: Python would complain of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(chosen: str, words: list[str]) -> int:
    """Run the command, SIGTERM as an interrupt; return its code. CommandFailed if an extra is missing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets another one, not a traceback.
            stream.reconfigure(errors="replace")
    # A command that is told to end has things to put away, as one that is interrupted.
    signal.signal(signal.SIGTERM, _interrupt)
    module = import_module(module_of(chosen))
    needs: Iterable[str] = getattr(module, "NEEDS", ())
    if (install := missing(needs)) is not None:
        raise CommandFailed(install)
    command: Callable[[list[str]], int] = module.main
    return command(words)


def _name(chosen: str) -> str:
    """Return what the command is called in messages: `zerogate` and its name, if there is one."""
    return f"zerogate {chosen}".rstrip()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, so that a command that is told to end puts things away."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
