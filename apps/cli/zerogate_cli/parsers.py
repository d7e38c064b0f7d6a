"""Parsers of the command line: `did you mean` in every complaint, and all commands in one parser."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS: Final = "The key is ZEROGATE_SECRET_KEY (or OBIT_SECRET_KEY)."
_CHOICE: Final = re.compile(r"invalid choice: '([^']*)'")
_UNKNOWN: Final = re.compile(r"unrecognized arguments: (.*)")
_NONE_GIVEN: Final = re.compile(r"arguments are required: (COMMAND|ACTION)$")
#: What other commands are called elsewhere → words of ours that may be meant.
_OTHER_WORDS: Final = {
    "get": ("retrieve",),
    "show": ("retrieve", "status", "list"),
    "read": ("retrieve",),
    "ls": ("list",),
    "all": ("list",),
    "delete": ("cancel",),
    "rm": ("cancel",),
    "report": ("reconcile",),
    "ledger": ("reconcile",),
    "payments": ("sessions",),
    "checkout": ("sessions",),
    "events": ("inbox", "deliveries"),
    "check": ("doctor",),
    "login": ("doctor",),
    "config": ("doctor",),
    "status": ("doctor",),
    "serve": ("sandbox serve",),
    "listen": ("sandbox listen",),
    "trigger": ("sandbox trigger",),
    "forward": ("sandbox forward",),
    "tail": ("webhooks tail",),
}


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that names the word that was probably meant, and lists them where none was given."""

    def error(self, message: str) -> NoReturn:
        """Print the complaint, with the word probably meant or the help, and exit with 2."""
        if none := _NONE_GIVEN.search(message):
            self.print_help(sys.stderr)
            self.exit(
                2, f"\n{self.prog}: no {none[1].lower()} was given: write one of those above\n"
            )
        super().error(message + suggestion(self, message))


def suggestion(parser: argparse.ArgumentParser, message: str) -> str:
    """Return `; did you mean …?` for one of argparse's messages; "" where no known word is near."""
    known = list(_words(parser))
    if found := _CHOICE.search(message):
        wrong, meant = [found[1]], [word for word in known if not word.startswith("-")]
    elif found := _UNKNOWN.search(message):
        wrong = [word.partition("=")[0] for word in found[1].split() if word.startswith("-")]
        meant = [word for word in known if word.startswith("--")]
    else:
        return ""
    near = [match for word in wrong for match in _nearest(word, meant)]
    return f"; did you mean {' '.join(near)}?" if near else ""


def _nearest(word: str, meant: list[str]) -> list[str]:
    """Return the word probably meant, by a table or by its spelling, in a list; [] for none."""
    ours = [one for one in _OTHER_WORDS.get(word, ()) if one.split()[0] in meant]
    return ours[:1] or get_close_matches(word, meant, n=1)


def _words(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield every option and choice of a parser, and of those below it."""
    for action in parser._actions:
        yield from action.option_strings
        yield from map(str, action.choices or ())
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _words(each)


def parser_of(
    command: str, description: str, epilog: str = KEYS, *parents: argparse.ArgumentParser
) -> Parser:
    """Return a new parser for a command; `epilog` stands below its options."""
    return Parser(
        prog=f"zerogate {command}", description=description, epilog=epilog, parents=list(parents)
    )


def parser_for(command: str) -> argparse.ArgumentParser:
    """Return a command's own parser, made by its module, which is imported for that."""
    made: argparse.ArgumentParser = import_module(module_of(command)).parser()
    return made


def module_of(command: str) -> str:
    """Return the name of the module that a command lives in."""
    return f"zerogate_cli.commands.{command.replace('-', '_')}"


def add_commands(parser: argparse.ArgumentParser, commands: Mapping[str, str]) -> None:
    """Add every command, with its own parser, to a parser: for completion and a reference.

    A command whose extra is not installed is left as a name.
    """
    added = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    for name, line in commands.items():
        added.add_parser(name, help=line, add_help=False)
        try:
            added.choices[name] = parser_for(name)
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name.startswith("zerogate_cli"):
                raise
