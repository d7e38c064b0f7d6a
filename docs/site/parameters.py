"""Shows the reader of docstrings where parameters are explained: `timeout: Seconds …`, without a heading.

Our docstrings explain a parameter, or a field, in a paragraph that begins with its name. Google's style wants
a heading above them and an indentation; this writes both, for names that the signature or class really has.
"""

from __future__ import annotations

import re
from typing import Any, Final

import griffe

_DOCTEST: Final = re.compile(r"^>>> .*?(?:\n(?=\s*\n)|\Z)", re.DOTALL | re.MULTILINE)
_ENTRY: Final = re.compile(r"^([a-z_]\w*(?:, [a-z_]\w*)*): (.+)$")


class Parameters(griffe.Extension):
    """Rewrites the docstrings of functions and classes as they are read."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        _rewrite(func, {parameter.name.lstrip("*") for parameter in func.parameters}, "Args")

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        made = cls.members.get("__init__")
        if isinstance(made, griffe.Function):
            _rewrite(cls, {parameter.name for parameter in made.parameters}, "Args")
        else:
            _rewrite(
                cls, {name for name, one in cls.members.items() if one.is_attribute}, "Attributes"
            )


def _rewrite(thing: griffe.Object, names: set[str], heading: str) -> None:
    if thing.docstring is not None:
        thing.docstring.value = headed(fenced(thing.docstring.value), names, heading)


def fenced(text: str) -> str:
    """Return a docstring with its doctests as blocks of code: Markdown takes `>>>` for quotations."""
    return _DOCTEST.sub(lambda found: f"```pycon\n{found[0].rstrip()}\n```\n", text)


def headed(text: str, names: set[str], heading: str) -> str:
    """Return a docstring with its explained names under a heading, indented."""
    lines: list[str] = []
    others: list[str] = []  # further names of the entry that is being read
    within = False
    for line in [*text.splitlines(), ""]:
        entry = _ENTRY.match(line)
        explains = entry is not None and set(entry[1].split(", ")) <= names
        if not (within and line.startswith(" ")):
            lines += others
            others = []
        if explains and entry is not None:
            first, *more = entry[1].split(", ")
            lines += ["", f"{heading}:"] if not within else []
            lines.append(f"    {first}: {entry[2]}")
            others = [f"    {name}: As {first}." for name in more]
            within = True
        else:
            within = within and line.startswith(" ")
            lines.append(f"    {line}" if within else line)
    return "\n".join(lines).rstrip()
