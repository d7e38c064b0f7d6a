"""Writes the parts of pages that follow from the code: `python docs/site/written.py [--check]`.

A part stands between `<!-- written: NAME -->` and `<!-- /written -->`. Needs all four distributions.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[1]
_PART: Final = re.compile(
    r"(?<=^<!-- written: )(\w+) -->\n.*?(?=^<!-- /written -->$)", re.DOTALL | re.MULTILINE
)


# --- parsers -------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Return every command with its parser, those with actions of their own before these."""
    from zerogate_cli.__main__ import COMMANDS
    from zerogate_cli.parsers import parser_for
    from zerogate_sandbox.__main__ import parser

    for name in sorted(COMMANDS):
        if name != "sandbox":  # `zerogate-sandbox` under another name
            yield from _with_actions(f"zerogate {name}", parser_for(name))
    yield from _with_actions("zerogate-sandbox", parser())


def _with_actions(
    name: str, parser: argparse.ArgumentParser
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, nested in action.choices.items():
                yield from _with_actions(f"{name} {word}", nested)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|").replace("<", "&lt;")


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    if not action.help or action.help == argparse.SUPPRESS:
        return ""
    values = {**vars(action), "prog": parser.prog}
    return _cell(action.help % values)


def _spelled(action: argparse.Action) -> str:
    name = action.metavar or (action.dest.upper() if action.option_strings else action.dest)
    value = " ".join(name) if isinstance(name, tuple) else str(name)
    if not action.option_strings:
        return f"`{value}`"
    takes = "" if action.nargs == 0 else f" {value}"
    return ", ".join(f"`{flag}{takes}`" for flag in action.option_strings)


def _rows(parser: argparse.ArgumentParser) -> list[str]:
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            rows += [
                f"| `{one.dest}` | {_cell(one.help or '')} |" for one in action._choices_actions
            ]
        elif not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS:
            choices = (
                f" One of `{'`, `'.join(map(str, action.choices))}`." if action.choices else ""
            )
            rows.append(f"| {_spelled(action)} | {_help(parser, action)}{choices} |")
    return rows


def command_reference() -> str:
    """Return a part for each command: its purpose, what it takes, how it ends."""
    parts = []
    for name, parser in commands():
        told = [f"{'#' * min(4, 2 + name.count(' '))} `{name}`", ""]
        if parser.description:
            told += [_cell(parser.description), ""]
        if rows := _rows(parser):
            told += ["| argument | meaning |", "|---|---|", *rows, ""]
        if parser.epilog:
            told += [_cell(parser.epilog), ""]
        parts.append("\n".join(told))
    return "\n".join(parts)


def exit_codes() -> str:
    """Return the table of exit codes."""
    from zerogate_cli.exit_codes import MEANINGS, Exit

    rows = [f"| {int(code)} | {MEANINGS[code]} |" for code in Exit]
    return "\n".join(["| code | meaning |", "|---|---|", *rows]) + "\n"


# --- outcomes ------------------------------------------------------------------------------------


def reasons() -> str:
    """Return every reason with its outcome and its sentence, as the code has them."""
    from zerogate._reconciliation import REASONS

    rows = [
        f"| `{reason}` | `{kind.__name__}` | {_cell(told)} |"
        for reason, (kind, told) in REASONS.items()
    ]
    return (
        "\n".join(["| reason | outcome | what happened, and what to do |", "|---|---|---|", *rows])
        + "\n"
    )


# --- receivers -----------------------------------------------------------------------------------

#: What stands above each of the examples.
FRAMEWORKS: Final = {
    "fastapi_app": "FastAPI",
    "starlette_app": "Starlette",
    "django_urls": "Django",
    "flask_app": "Flask",
    "asgi_app": "Plain ASGI",
    "wsgi_app": "Plain WSGI",
    "aws_lambda": "AWS Lambda",
}


def receivers() -> str:
    """Return the receivers of examples/, each under its framework's name."""
    parts = []
    for name, framework in FRAMEWORKS.items():
        code = (DOCS.parent / "examples" / "receivers" / f"{name}.py").read_text("utf-8")
        played = "<!-- elsewhere: tests/receivers/test_receivers.py -->"
        parts.append(f"## {framework}\n\n{played}\n```python\n{code}```\n")
    return "\n".join(parts)


#: Every part that is written, by its name.
PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "commands": command_reference,
    "exits": exit_codes,
    "reasons": reasons,
    "receivers": receivers,
}


def rewritten(text: str) -> str:
    """Return a page with its written parts as the code has them now."""

    def part(found: re.Match[str]) -> str:
        return f"{found[1]} -->\n{PARTS[found[1]]()}"

    return _PART.sub(part, text)


def main(argv: list[str]) -> int:
    stale = []
    for page in sorted(DOCS.rglob("*.md")):
        before = page.read_text("utf-8")
        after = rewritten(before)
        if after != before:
            stale.append(page)
            if "--check" not in argv:
                page.write_text(after, "utf-8")
    for page in stale:
        print(page.relative_to(DOCS.parent))
    return 1 if stale and "--check" in argv else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
