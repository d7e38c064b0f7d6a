"""Bytes → JSON values, or ValueError: exact numbers, one meaning, no endless nesting. Pure.

Linear in the length of the body, whatever stands in it: a few passes in C, and one over the parsed
values where texts hold brackets. So nothing here is a pattern that can try again from where it began.

A message names what is wrong and never what was read: a body may hold secrets and personal data.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, NoReturn

import attrs

_DEEPEST: Final = 64
_LONGEST: Final = 100
#: Levels of brackets that are looked at in the text; deeper ones are counted in what was parsed.
_PASSES: Final = 8
_TOO_DEEP: Final = f"nested deeper than {_DEEPEST} levels"
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF: Final = re.compile("[\ud800-\udfff]")

#: Why a body could be read and is no JSON as it should be: what of it, and the sentence that says how.
Oddity = tuple[str, str]
_MARKED: Final = ("its JSON", "begins with a byte order mark: read without it")
_MENDED: Final = ("its text", "holds half a surrogate pair, which is no character: read as U+FFFD")
_AS_TEXT: Final = ("its JSON", "holds a number longer than any amount: read as text")
_SHORTENED: Final = ("its JSON", f"is {_TOO_DEEP}: what lies deeper is left out")


@attrs.frozen
class Parsed:
    """The value of a parsed body. oddities: What had to be overlooked to read it."""

    value: object
    oddities: tuple[Oddity, ...] = ()


def strict_json(body: bytes) -> object:
    """Return a body's JSON value; ValueError if it is no JSON, has a name twice or anything odd."""
    parsed = parse(body, strict=True)
    for what, said in parsed.oddities:
        raise ValueError(f"{what} {said.partition(':')[0]}")
    return parsed.value


def parse(body: bytes, *, strict: bool) -> Parsed:
    """Return a body's JSON value and its oddities; ValueError where it cannot be read.

    What a partner may keep in `metadata` makes no body unreadable: a page of a list would be lost to all.
    """
    oddities: list[Oddity] = []
    if body.startswith(BOM_UTF8):
        body = body[len(BOM_UTF8) :]
        oddities.append(_MARKED)
    try:
        value = _decoded(body, _READERS[strict][0])
    except ValueError:
        # Where the number was not what is wrong, this raises the same again.
        value = _decoded(body, _READERS[strict][1])
        if isinstance(value, dict) and _Long in map(type, value.values()):
            # A field of the answer itself, and nothing that a partner keeps there.
            raise
        oddities.append(_AS_TEXT)
    if not _few_levels(body) and _cut(value):
        oddities.append(_SHORTENED)
    if _halves(body) and not _is_text(value):
        # Half a surrogate pair parses, and breaks whoever stores or prints it later.
        value = _mended(value)
        oddities.append(_MENDED)
    return Parsed(value, tuple(oddities))


def _decoded(body: bytes, decode: Callable[[str], tuple[Any, int]]) -> object:
    """Return a body's JSON value; ValueError, naming no content, if it is not UTF-8 or not JSON."""
    try:
        text = body.decode("utf-8", "surrogatepass").strip(" \t\n\r")
        value, end = decode(text)
        if end != len(text):
            raise json.JSONDecodeError("Extra data", text, end)
    except UnicodeError:
        raise ValueError("not UTF-8 text") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"not JSON: {problem.msg} at character {problem.pos}") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    return value


def _few_levels(body: bytes) -> bool:
    """Return True if counting brackets proves at most 64 levels; False leaves it open."""
    brackets = body.translate(_ALIKE, _NOT_BRACKETS)
    if len(brackets) <= _DEEPEST:
        return True
    if len(brackets) > len(body) // 8:
        # So many are no page of records: what was parsed is counted sooner than these are paired.
        return False
    for _ in range(_PASSES):
        # Each pass takes away the innermost level, of all the body at once.
        if len(brackets) == len(brackets := brackets.replace(b"[]", b"")):
            break
    return not brackets


def _cut(value: object) -> bool:
    """Empty the dicts and lists of a parsed value that lie deeper than 64 levels; return False if none do."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(_DEEPEST):
        level = [
            inner for outer in level for inner in _inside(outer) if type(inner) in (dict, list)
        ]
    for deeper in level:
        deeper.clear()
    return bool(level)


def _inside(outer: Any) -> Any:
    """Return a dict's values, or the list itself."""
    return outer.values() if type(outer) is dict else outer


def _halves(body: bytes) -> bool:
    """Return True if a body may hold half a surrogate pair, escaped or as bytes."""
    return (b"\\" in body and _SURROGATE.search(body) is not None) or b"\xed" in body


def _is_text(value: object) -> bool:
    """Return True if all texts of a value, keys included, can be encoded."""
    try:
        "".join(_texts(value)).encode()
    except UnicodeError:
        return False
    return True


def _texts(value: object) -> Iterator[str]:
    """Yield all texts of a parsed value, keys included."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one
            left += one.values()
        elif isinstance(one, list):
            left += one


def _mended(value: object) -> object:
    """Return the value with U+FFFD for each half of a surrogate pair; ValueError if two keys become equal."""
    if isinstance(value, str):
        return value if value.isascii() else _whole(value)
    if isinstance(value, list):
        return [_mended(inner) for inner in value]
    if isinstance(value, dict):
        return _once([(str(_mended(name)), _mended(inner)) for name, inner in value.items()])
    return value


def _whole(text: str) -> str:
    """Return the text with pairs joined and U+FFFD for each half of one."""
    # Two halves that came as three bytes each are one character.
    return _HALF.sub("\ufffd", _PAIR.sub(_joined, text))


def _joined(pair: re.Match[str]) -> str:
    """Return the character that two halves are."""
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


class _Long(str):
    """The text of a number that is longer than any amount."""


def _number(text: str, *, loose: bool = False) -> Decimal | str:
    """Return the number as Decimal; beyond 100 digits or powers of ten its text (*loose*), or ValueError."""
    # Of a power of ten, ten characters are past what Decimal takes.
    fits = (
        len(text) <= _LONGEST
        and len(text.lower().partition("e")[2]) < 10
        and -_LONGEST <= Decimal(text).adjusted() <= _LONGEST
    )
    if not (fits or loose):
        raise ValueError("a number longer than any amount")
    return Decimal(text) if fits else _Long(text)


def _integer(text: str) -> int:
    """Return the number as int; ValueError beyond 100 characters."""
    if len(text) > _LONGEST:
        raise ValueError("a number longer than any amount")
    return int(text)


def _no_number(name: str) -> NoReturn:
    """Raise ValueError: NaN and Infinity are no JSON."""
    raise ValueError(f"{name} is not a number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as dict; ValueError where a name comes twice."""
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("a name that comes twice in one object")
    return named


_EXACT: Final[dict[str, Any]] = {
    "parse_float": _number,
    "parse_int": _integer,
    "parse_constant": _no_number,
}
#: For the second reading: what is longer than any amount stays the text that it was written as.
_LOOSE: Final[dict[str, Any]] = _EXACT | {
    "parse_float": lambda text: _number(text, loose=True),
    "parse_int": lambda text: int(text) if len(text) <= _LONGEST else _Long(text),
}
#: By whether names that come twice are refused: the reader of what is exact, and that of the second reading.
_READERS: Final = {
    strict: [
        json.JSONDecoder(**numbers, object_pairs_hook=_once if strict else None).raw_decode
        for numbers in (_EXACT, _LOOSE)
    ]
    for strict in (False, True)
}
