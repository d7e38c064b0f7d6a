"""JSON is what RFC 8259 says it is: a recognizer written from its grammar, and cases of every kind of slip.

The kinds are those of the public "JSON Parsing Test Suite" (structures, numbers, strings, arrays, objects,
and what the RFC leaves to the reader); the cases are our own.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from zerogate._strict_json import strict_json

from tests.facade.plain_json import plain_json

ACCEPTED: dict[str, str] = {
    "blanks of all four kinds around": " \t\n\r[] \t\n\r",
    "blanks between all parts": '{ "a" : [ 1 , 2 ] , "b" : { } }',
    "a lone text": '"x"',
    "a lone number": "-0",
    "a lone word": "null",
    "an empty text": '""',
    "an empty name": '{"": 0}',
    "a name like a path": '{"a.b": 0, "a": {"b": 1}}',
    "a name with an escape": '{"\\u0061": 1}',
    "a name with NUL": '{"a\\u0000b": 1}',
    "names that differ in case": '{"a": 1, "A": 2}',
    "one name in two objects": '[{"a": 1}, {"a": 2}]',
    "one name at two depths": '{"a": {"a": {"a": 1}}}',
    "zero": "[0]",
    "minus zero": "[-0]",
    "an exponent": "[0e1]",
    "an upper exponent": "[1E22]",
    "a signed exponent": "[1e+2, 1e-2, 1E+2, 1E-2]",
    "an exponent with zeros in front": "[1e002]",
    "a fraction and an exponent": "[123.456e78]",
    "a small fraction": "[-0.000000000000000000000000000000000000000000000001]",
    "an integer beyond 64 bits": "[18446744073709551616]",
    "all escapes": '["\\" \\\\ \\/ \\b \\f \\n \\r \\t"]',
    "hexadecimal digits in both cases": '["\\u00e9\\u00E9"]',
    "a pair of surrogates": '["\\ud801\\udc37"]',
    "an escaped NUL": '["\\u0000"]',
    "an escaped backslash before a u": '["\\\\u0000"]',
    "two backslashes before a quote": '["a\\\\"]',
    "DEL as it is": '["\x7f"]',
    "a line separator as it is": '["\u2028\u2029"]',
    "a character beyond the first plane": '["\U0001f600"]',
    "a noncharacter": '["\uffff\U0010ffff"]',
    "a byte order mark within": '["\ufeff"]',
    "a text that looks like a comment": '["/* */ // #"]',
    "an array of empties": "[[], {}, [[]], [{}]]",
    "null in every place": '[null, {"a": null}]',
}

REFUSED: dict[str, str] = {
    # Structures.
    "blanks alone": "  ",
    "a form feed": "[\f]",
    "a vertical tab": "[\v]",
    "a no-break space": "[\u00a0]",
    "a word joiner": "\u2060[]",
    "a byte order mark after": "[]\ufeff",
    "two values": "1 2",
    "a value and a bracket": "[]]",
    "a value and a comma": "{},",
    "a value and a text": '{}"',
    "NUL after": "[]\x00",
    "an upper word": "[True]",
    "a shouted word": "[NULL]",
    "a cut word": "[nul]",
    "a longer word": "[nulls]",
    "a word of another language": "[None]",
    "undefined": "[undefined]",
    "a comment of lines": "[1] // one",
    "a comment of blocks": "[1 /* one */]",
    "a comment of shells": "# one\n[1]",
    "single quotes": "['a']",
    "no quotes": "[a]",
    "back quotes": "[`a`]",
    "typographic quotes": "[\u201ca\u201d]",
    "round brackets": "(1)",
    "an angle bracket": "<null>",
    "an asterisk": "[*]",
    "an ampersand": "[&a]",
    # Arrays.
    "a comma at the end": "[1,]",
    "a comma at the beginning": "[,1]",
    "two commas": "[1,,2]",
    "a comma alone": "[,]",
    "no comma": "[1 2]",
    "no comma between texts": '["a" "b"]',
    "a colon in an array": '["a": 1]',
    "a semicolon": "[1; 2]",
    "not closed": "[1",
    "not closed after a comma": "[1,",
    "closed by another": "[1}",
    "closed and not opened": "1]",
    "a bracket in the middle": "[1[2]",
    # Objects.
    "a comma at an object's end": '{"a": 1,}',
    "a comma at its beginning": '{,"a": 1}',
    "two commas in it": '{"a": 1,,"b": 2}',
    "no value": '{"a":}',
    "no colon": '{"a" 1}',
    "two colons": '{"a":: 1}',
    "an equals sign": '{"a" = 1}',
    "a comma for a colon": '{"a", 1}',
    "a name alone": '{"a"}',
    "a name that is a number": "{1: 1}",
    "a name that is a word": "{null: 1}",
    "a name in single quotes": "{'a': 1}",
    "a name without quotes": "{a: 1}",
    "a name that is an array": "{[]: 1}",
    "an object not closed": '{"a": 1',
    "an object cut after its name": '{"a"',
    "an object closed by another": '{"a": 1]',
    "a name after all": '{"a": 1 "b"}',
    # Numbers.
    "a zero in front": "[01]",
    "a zero in front, below nothing": "[-01]",
    "two zeros": "[00]",
    "a plus": "[+1]",
    "two minuses": "[--1]",
    "a minus alone": "[-]",
    "a minus apart": "[- 1]",
    "a typographic minus": "[\u22121]",
    "no digit before the point": "[.5]",
    "no digit after the point": "[5.]",
    "no digit after the point, an exponent": "[5.e1]",
    "two points": "[1.2.3]",
    "no digit in the exponent": "[1e]",
    "no digit in the signed exponent": "[1e+]",
    "two signs in the exponent": "[1e+-1]",
    "a fraction in the exponent": "[1e1.5]",
    "two exponents": "[1e1e1]",
    "hexadecimal": "[0x1F]",
    "octal": "[0o17]",
    "binary": "[0b1]",
    "an underscore": "[1_000]",
    "a comma for thousands, quoted by nobody": "[1,000.00,]",
    "a blank for thousands": "[1 000]",
    "a letter after": "[1a]",
    "a long integer's L": "[1L]",
    "a float's f": "[1.0f]",
    "NaN": "[NaN]",
    "minus NaN": "[-NaN]",
    "Infinity": "[Infinity]",
    "Inf": "[Inf]",
    "Arabic digits": "[\u0661]",
    "full-width digits": "[\uff11]",
    "a superscript": "[\u00b9]",
    "a currency sign": "[$1]",
    "a percent sign": "[1%]",
    # Texts.
    "a text not closed": '["a',
    "a text that ends in a backslash": '["a\\',
    "a text whose quote is escaped": '["a\\"]',
    "an escape of nothing": '["\\x41"]',
    "an escape of a quote of others": '["\\\'"]',
    "an escape of a letter": '["\\a"]',
    "an escape of a digit": '["\\0"]',
    "an escape of a line's end": '["\\\n"]',
    "an upper escape": '["\\N"]',
    "a long escape of others": '["\\U0001f600"]',
    "an escape in braces": '["\\u{61}"]',
    "three digits": '["\\u00e"]',
    "no digits": '["\\u"]',
    "digits that are none": '["\\u00zz"]',
    "a sign among the digits": '["\\u+061"]',
    "a blank among the digits": '["\\u 061"]',
    "an underscore among the digits": '["\\u0_61"]',
    "a pair whose second half is cut": '["\\ud83d\\u"]',
    "a line's end as it is": '["a\nb"]',
    "a tab as it is": '["a\tb"]',
    "NUL as it is": '["a\x00b"]',
    "the last control character": '["\x1f"]',
    "an escape outside of a text": "\\u0022a\\u0022",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_what_the_grammar_allows_is_read(body: str) -> None:
    assert recognized(body)
    assert strict_json(body.encode()) == plain_json(body.encode())
    assert strict_json(body.encode()) == json.loads(body, parse_float=Decimal)


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_the_grammar_forbids_is_refused(body: str) -> None:
    assert not recognized(body)
    for read in (strict_json, plain_json):
        with pytest.raises(ValueError, match=r"^\D"):
            read(body.encode())


#: Bytes that are no UTF-8, in a text that would be JSON without them.
BYTES: dict[str, bytes] = {
    "a byte of Latin-1": b'["\xe9"]',
    "a byte that nothing begins with": b'["\xff"]',
    "a second byte alone": b'["\x81"]',
    "a first byte alone": b'["\xc3"]',
    "a sequence cut by the end": b'["\xe2\x82',
    "a slash written too long": b'["\xc0\xaf"]',
    "NUL written too long": b'["\xc0\x80"]',
    "a character past the last": b'["\xf4\x90\x80\x80"]',
    "six bytes": b'["\xfc\x83\xbf\xbf\xbf\xbf"]',
    "UTF-16": "[]".encode("utf-16"),
    "UTF-32": "[]".encode("utf-32"),
    "a byte order mark of UTF-16 alone": b"\xfe\xff",
    "bad bytes outside of a text": b"[\xff]",
    "bad bytes in a name": b'{"\xff": 1}',
}


@pytest.mark.parametrize("body", BYTES.values(), ids=BYTES)
def test_bytes_that_are_no_text_are_refused(body: bytes) -> None:
    for read in (strict_json, plain_json):
        with pytest.raises(ValueError, match=r"^\D"):
            read(body)


_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TEXT = re.compile(r'"([^"\\\x00-\x1f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_BLANKS = re.compile(r"[ \t\n\r]*")


def recognized(text: str) -> bool:
    """Say whether a text is JSON, written from RFC 8259 section by section: it shares nothing with ours."""
    end = _value(text, _blank(text, 0))
    return end is not None and _blank(text, end) == len(text)


def _blank(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    assert found is not None
    return found.end()


def _value(text: str, at: int) -> int | None:
    for word in ("true", "false", "null"):
        if text.startswith(word, at):
            return at + len(word)
    if text[at : at + 1] == "[":
        return _members(text, at + 1, "]", _value)
    if text[at : at + 1] == "{":
        return _members(text, at + 1, "}", _pair)
    found = _NUMBER.match(text, at) or _TEXT.match(text, at)
    return found.end() if found else None


def _members(text: str, at: int, close: str, member: object) -> int | None:
    assert callable(member)
    at = _blank(text, at)
    if text[at : at + 1] == close:
        return at + 1
    while True:
        end = member(text, at)
        if end is None:
            return None
        at = _blank(text, end)
        if text[at : at + 1] == close:
            return at + 1
        if text[at : at + 1] != ",":
            return None
        at = _blank(text, at + 1)


def _pair(text: str, at: int) -> int | None:
    found = _TEXT.match(text, at)
    if found is None:
        return None
    at = _blank(text, found.end())
    return _value(text, _blank(text, at + 1)) if text[at : at + 1] == ":" else None


scraps = st.sampled_from(
    [
        *'[]{}:,"\\-+.eE0123456789 \t\n\r',
        "true",
        "false",
        "null",
        '"a"',
        '"b"',
        "\\u0061",
        "NaN",
        "\f",
    ]
)


def is_read(text: str) -> bool:
    try:
        plain_json(text.encode())
    except ValueError:
        return False
    return True


_PAIR = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def assume_that_both_take_it(text: str) -> None:
    """Pass over what JSON allows and we do not: any exponent, half a surrogate pair (test_strict_json)."""
    assume(not re.search(r"[eE][+-]?[0-9]{3}", text))
    # An escaped backslash begins no other escape.
    assume(not _HALF.search(_PAIR.sub("", text.replace("\\\\", "x"))))


@example("0e101")
@example("0e99")
@given(st.lists(scraps, max_size=12).map("".join))
def test_scraps_of_json_are_read_just_where_they_are_json(text: str) -> None:
    assume_that_both_take_it(text)
    assert is_read(text) == recognized(text)


@given(st.sampled_from(sorted(ACCEPTED.values())), st.data())
def test_one_slip_in_json_is_seen_just_where_it_is_one(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    put = data.draw(scraps | st.just(""))
    slipped = text[:at] + put + text[at + data.draw(st.integers(0, 1)) :]
    assume_that_both_take_it(slipped)
    assert is_read(slipped) == recognized(slipped)
