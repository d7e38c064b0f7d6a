"""Reads the pages of docs/: their reading order, and the blocks of code on them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from tests.roots import ROOT

DOCS: Final = ROOT / "docs"
#: A block of code, with the directive that stands in a comment right above it.
_BLOCK: Final = re.compile(
    r"(?:^<!-- (?P<word>[a-z ]+?)(?:: (?P<value>[^\n]*?))? -->\n)?"
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@attrs.frozen
class Block:
    """A block of code on a page.

    directive: Of the comment above it, such as `file: pay.py`: its word and its value.
    line: Where it begins, for a message.
    """

    language: str
    text: str
    line: int
    directive: tuple[str, str] = ("", "")


def reading_order() -> list[Path]:
    """Return the pages of docs/ in the order in which the site shows them, decisions left out."""
    text = (DOCS / "site" / "zensical.toml").read_text("utf-8")
    for name in ("DECISIONS", "PATHS", "EXTENSIONS"):
        text = text.replace(f"[{name}]", "[]")
    named = _named(tomllib.loads(text)["project"]["nav"])
    return [DOCS / name for name in named if (DOCS / name).exists()]


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, list):
        for one in nav:
            yield from _named(one)
    else:
        for one in nav.values():
            yield from _named(one)


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, from its beginning to its end."""
    text = page.read_text("utf-8")
    return [
        Block(
            found["language"],
            found["text"],
            text.count("\n", 0, found.start("text")) + 1,
            (found["word"] or "", found["value"] or ""),
        )
        for found in _BLOCK.finditer(text)
    ]
