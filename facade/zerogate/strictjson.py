"""Bytes → JSON values, or ValueError: exact numbers, one meaning, no endless nesting. Pure.

A message names what is wrong and never what was read: a body may hold secrets and personal data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

_DEEPEST: Final = 64
_LONGEST: Final = 100
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def strict_json(body: bytes) -> object:
    """A body of which every part counts: a name that comes twice in one object is refused."""
    return _read(body, _STRICT)


def plain_json(body: bytes) -> object:
    """As strict_json, without the search for doubled names, which costs half the parsing again."""
    return _read(body, _PLAIN)


def _read(body: bytes, decode: Callable[[str], tuple[Any, int]]) -> object:
    if not _shallow(body):
        raise ValueError(f"nested deeper than {_DEEPEST} levels")
    try:
        text = body.decode().strip(" \t\n\r")
        value, end = decode(text)
        if end != len(text):
            raise json.JSONDecodeError("Extra data", text, end)
        if b"\\" in body and _SURROGATE.search(body):
            # Half a surrogate pair parses, and breaks whoever stores or prints it later.
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeError:
        raise ValueError("not UTF-8 text") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"not JSON: {problem.msg} at character {problem.pos}") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {_DEEPEST} levels") from None
    return value


def _shallow(body: bytes) -> bool:
    """Whether it nests within bounds."""
    brackets = body.translate(_ALIKE, _NOT_BRACKETS)
    if len(brackets) <= _DEEPEST or _collapses(brackets):
        return True
    # Brackets inside of texts look like levels, or hide some: without the texts it is exact.
    return _collapses(_TEXT.sub(b"", body).translate(_ALIKE, _NOT_BRACKETS))


def _collapses(brackets: bytes) -> bool:
    """Each pass takes away the innermost level, of all the body at once."""
    for _ in range(_DEEPEST):
        before = len(brackets)
        brackets = brackets.replace(b"[]", b"")
        if len(brackets) == before:
            break
    return not brackets


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= _LONGEST else None
    except InvalidOperation:
        number = None
    if number is None or not -_LONGEST <= number.adjusted() <= _LONGEST:
        raise ValueError("a number longer than any amount")
    return number


def _integer(text: str) -> int:
    if len(text) > _LONGEST:
        raise ValueError("a number longer than any amount")
    return int(text)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("a name that comes twice in one object")
    return named


_EXACT: Final[dict[str, Any]] = {
    "parse_float": _number,
    "parse_int": _integer,
    "parse_constant": _no_number,
}
_PLAIN: Final = json.JSONDecoder(**_EXACT).raw_decode
_STRICT: Final = json.JSONDecoder(**_EXACT, object_pairs_hook=_once).raw_decode
