"""Bounds and patterns of a value: whether one set of them lets through less, or more. Pure."""

import re
from decimal import Decimal
from itertools import product
from math import comb
from typing import Any

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
#: What says the same as saying nothing.
NOTHING = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
#: What a growing set may hold; a value more surprises nobody.
OPEN = "x-extensible-enum"
#: A stranger's pattern of this kind may take longer over a sample than anybody waits.
REPEATED_GROUP = re.compile(r"\)[*+{]")
#: What makes an engine go back: each of these can be tried in as many ways as a text is long, ...
REPEATED = re.compile(r"(?<!\\)[*+]|\{[0-9]*,?[0-9]*\}")
#: ... and each of these in two, however long it is.
EITHER = re.compile(r"[?|]")
#: Steps over one sample that nobody notices.
MOST_STEPS = 3_000_000
Limits = dict[str, Any]


def tighter(one: Limits, other: Limits) -> bool:
    """Return True where something that the one lets through may not pass the other."""
    one, other = _plain(one), _plain(other)
    return any(_narrows(key, one.get(key), limit) for key, limit in other.items())


def looser(one: Limits, other: Limits) -> bool:
    """Return True where something may pass the other that the one keeps out."""
    known = [{key: value for key, value in side.items() if key != OPEN} for side in (one, other)]
    return tighter(known[1], known[0])


def _plain(limits: Limits) -> Limits:
    """Return the limits without those that say the same as saying nothing."""
    return {key: value for key, value in limits.items() if NOTHING.get(key, ()) != value}


def _narrows(key: str, before: Any, after: Any) -> bool:
    """Return True where limit *after* may keep out what passed *before* (None: there was none)."""
    if before == after:
        return False
    if before is None:
        return True
    if key in LOWER:
        return bool(after > before)
    if key in UPPER:
        return bool(after < before)
    if key == "multipleOf":
        return _is_no_multiple(Decimal(str(before)), Decimal(str(after)))
    if key == "pattern":
        return pattern_narrows(str(before), str(after))
    if key == OPEN:
        known = [
            {str(one) for one in side} if isinstance(side, list) else {str(side)}
            for side in (before, after)
        ]
        return not known[0] <= known[1]
    return True


def _is_no_multiple(before: Decimal, after: Decimal) -> bool:
    """Return True where a multiple of *before* may be none of *after*, or nobody can say."""
    try:
        return before % after != 0
    except ArithmeticError:
        # Of such different sizes that it takes more digits than anybody counts with.
        return True


def pattern_narrows(before: str, after: str) -> bool:
    """Return True where a text that fits the first pattern may not fit the second.

    Told by samples: nobody can compare any two patterns. Where no sample tells them apart, it may.
    Samples that a pattern could be slow on are left out, for it is a stranger's.
    """
    if any(REPEATED_GROUP.search(pattern) for pattern in (before, after)):
        return True
    longest = min(longest_sample(before), longest_sample(after))
    try:
        old, new = re.compile(before), re.compile(after)
        samples = [text for text in SAMPLES if len(text) <= longest]
        fit = [(bool(old.search(text)), bool(new.search(text))) for text in samples]
    except (re.error, RecursionError, OverflowError):
        return True
    lost, won = (True, False) in fit, (False, True) in fit
    return lost or not won


def longest_sample(pattern: str) -> int:
    """Return how long a text may be for a pattern to take at most MOST_STEPS over it."""
    tries = len(REPEATED.findall(pattern)) + 1
    ways = 2.0 ** min(len(EITHER.findall(pattern)), 900)
    length = 0
    while length < LONGEST_SAMPLE and ways * comb(length + 1 + tries, tries) <= MOST_STEPS:
        length += 1
    return length


def _samples() -> tuple[str, ...]:
    """Return the texts that patterns are compared by: numbers, repeated letters, usual values."""
    whole = ("0", "1", "7", "12", "007", "100", "1234", "123456789012345678901")
    parts = (
        "",
        ".0",
        ".5",
        ".50",
        ".123",
        ".12345678",
        ".123456789",
        ",5",
        ",50",
        ".",
        "e5",
        "E-2",
    )
    numbers = [sign + w + part for sign, w, part in product(("", "-", "+"), whole, parts)]
    words = [
        letter * n
        for letter, n in product("aAzé0", (1, 2, 3, 4, 5, 8, 12, 13, 32, 64, 65, 128, 256))
    ]
    others = (
        *(
            "",
            " ",
            "1 000.50",
            "1,234.50",
            "1_000",
            "$1",
            "€5",
            "1.5 EUR",
            "EUR",
            "Eur",
            "eur",
            "USDC",
        ),
        *(
            "DE",
            "De",
            "de",
            "DEU",
            "E1",
            "1E",
            "base",
            "BASE",
            "gs_test_1",
            "gs-1",
            "a.b",
            "a@b.example",
        ),
        *("#fff", "#FFFFFF", "#ffffff", "#ffffffff", "#12345g", "red"),
        *(
            "https://a.example",
            "http://a.example",
            "ftp://a.example",
            "//a.example",
            "https://a.example/p?q=1",
        ),
        *("0x000000000000000000000000000000000000dEaD", "0xdead", "+4912345678", "2026-05-25"),
        *(
            "2026-05-25T09:00:00Z",
            "2026-05-25T09:00:00.000Z",
            "550e8400-e29b-41d4-a716-446655440000",
        ),
        *(
            "line\nline",
            "tab\t",
            "ü",
            "日本",
            "a b",
            "A_B",
            "a/b",
            "NaN",
            "Infinity",
            "null",
            "true",
        ),
    )
    return (*numbers, *words, *others)


SAMPLES = _samples()
LONGEST_SAMPLE = max(map(len, SAMPLES))
