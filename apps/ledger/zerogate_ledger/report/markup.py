"""Texts and amounts as a page shows them: escaped, nothing hidden in them, every digit kept. Pure."""

from __future__ import annotations

import re
from html import escape
from typing import Final

#: Characters that are not seen, or that turn the text around them.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def text(value: object) -> str:
    """Return anything as HTML text: escaped, with invisible characters spelled out."""
    shown = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
    return escape(shown, quote=True)


def grouped(amount: str) -> str:
    """Return a plain decimal with commas between thousands; decimals, if any, are two at least."""
    sign, digits = ("−", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, _, part = digits.partition(".")
    point = f".{part:0<2}" if part else ""
    return f"{sign}{int(whole):,}{point}"


def breakable(amount: str) -> str:
    """Return an amount as `grouped` does, as HTML that may break between its thousands."""
    return grouped(amount).replace(",", ",<wbr>").replace(".", "<wbr>.")


def plural(word: str, count: int) -> str:
    """Return a word with an s, unless *count* is 1."""
    return word if count == 1 else f"{word}s"
