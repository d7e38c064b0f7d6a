"""JSON from strangers is exact and has one meaning, or it is refused without being repeated."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zerogate import _strict_json as strictjson
from zerogate._strict_json import parse, strict_json

from tests.facade.plain_json import plain_json

texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**50), 10**50) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(values, st.booleans())
def test_ordinary_json_reads_as_the_standard_library_reads_it(value: object, ascii: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii).encode()
    assert strict_json(body) == plain_json(body) == value


def test_numbers_are_exact() -> None:
    assert strict_json(b"[0.1, 1e2, -0.00, 12345678901234567890.000000000000000001, 7]") == [
        Decimal("0.1"),
        Decimal("1E+2"),
        Decimal("-0.00"),
        Decimal("12345678901234567890.000000000000000001"),
        7,
    ]


REFUSED = {
    "two meanings": b'{"id": "canary1", "id": "canary2"}',
    "two meanings deep down": b'[{"a": {"canary": 1, "canary": 1}}]',
    "NaN": b"[NaN]",
    "Infinity": b"[-Infinity]",
    "65 levels": b"[" * 65 + b"]" * 65,
    "65 levels, hidden in texts": b'{"]":[' * 33 + b"]}" * 33,
    "200,000 levels": b"[" * 200_000,
    "an endless integer": b"[1" + b"0" * 5000 + b"]",
    "an endless fraction": b"[0." + b"3" * 5000 + b"]",
    "an enormous exponent": b"[1e999999999999999999]",
    "a great exponent": b"[1e400]",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"canary": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"canary": 1}'.encode("utf-16-le"),
    "Latin-1": '{"name": "Jos\u00e9"}'.encode("latin-1"),
    "half a surrogate": b'["canary\\ud800"]',
    "half a surrogate as a name": b'{"\\udfff": 1}',
    "nothing": b"",
    "a page of HTML": b"<html>canary</html>",
    "cut off": b'{"id": "canary',
    "more than one": b"{} {}",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=list(REFUSED))
def test_anything_else_is_refused_without_repeating_it(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^\D") as caught:
        strict_json(body)
    assert type(caught.value) is ValueError
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_list_page_is_not_searched_for_doubled_names() -> None:
    assert plain_json(b'{"a": 1, "a": 2}') == {"a": 2}
    for name, body in REFUSED.items():
        if "two meanings" not in name:
            with pytest.raises(ValueError, match=r"^\D"):
                plain_json(body)


@pytest.mark.parametrize(
    "body",
    [b"[" * 64 + b"]" * 64, b'"' + b"[{" * 100 + b'"', b'{"a": "\\"[[[["}', b'["\\ud83d\\ude00"]'],
)
def test_what_only_looks_deep_or_broken_is_read(body: bytes) -> None:
    assert strict_json(body) == json.loads(body)


MENDED: dict[str, tuple[bytes, object, int]] = {
    "a byte order mark": (b'\xef\xbb\xbf{"a": 1}', {"a": 1}, 1),
    "half a surrogate": (b'["x\\ud800y"]', ["x\ufffdy"], 1),
    "half a surrogate, the other half": (b'[{"a": "\\uDFFF"}]', [{"a": "\ufffd"}], 1),
    "half a surrogate as a name": (b'{"\\udfff": 1}', {"\ufffd": 1}, 1),
    "half a surrogate in bytes": (b'["\xed\xa0\x80"]', ["\ufffd"], 1),
    "two halves in bytes": (b'["\xed\xa0\xbd\xed\xb8\x80"]', ["\U0001f600"], 1),
    "both": (b'\xef\xbb\xbf["\\ud800"]', ["\ufffd"], 2),
    "a whole pair": (b'["\\ud83d\\ude00"]', ["\U0001f600"], 0),
    "a small number": (
        b'{"a": {"c": 1e-120}, "b": [0.5, 7]}',
        {"a": {"c": "1e-120"}, "b": [Decimal("0.5"), 7]},
        1,
    ),
    "a great number": (b"[1e400, 1E+101]", ["1e400", "1E+101"], 1),
    "an enormous exponent": (b"[1e999999999999999999]", ["1e999999999999999999"], 1),
    "a long integer": (b"[" + b"9" * 101 + b"]", ["9" * 101], 1),
    "a long fraction": (b"[0." + b"3" * 99 + b"]", ["0." + "3" * 99], 1),
    "as long as is read": (b"[" + b"9" * 100 + b"]", [int("9" * 100)], 0),
    "65 levels": (b'[{"a": 1}, ' + b"[" * 64 + b"]" * 64 + b"]", None, 1),
    "all of it": (b'\xef\xbb\xbf["\\ud800", 1e400, ' + b"[" * 64 + b"7" + b"]" * 65, None, 4),
    "Hangul, whose bytes begin alike": ('["\ud55c"]'.encode(), ["\ud55c"], 0),
    "a backslash before a u": (b'["\\\\ud800"]', ["\\ud800"], 0),
}


def nested(levels: int) -> object:
    """Return an empty list in a list, and so on: so many in all."""
    return [nested(levels - 1)] if levels > 1 else []


#: What is read of too many levels, by how much is odd.
CUT: dict[int, object] = {1: [{"a": 1}, nested(64)], 4: ["\ufffd", "1e400", nested(64)]}


@pytest.mark.parametrize(("body", "value", "odd"), MENDED.values(), ids=MENDED)
@pytest.mark.parametrize("strict", [True, False])
def test_an_answer_is_read_in_spite_of_what_is_odd_about_it(
    body: bytes, value: object, odd: int, strict: bool
) -> None:
    parsed = parse(body, strict=strict)
    assert parsed.value == (value or CUT[odd])
    assert len(parsed.oddities) == odd


@pytest.mark.parametrize("number", ["1e-120", "9" * 5_000, "-1E+101"])
def test_a_field_of_the_answer_itself_that_no_amount_has_makes_it_unreadable(number: str) -> None:
    """A partner's own values lie deeper; an amount like this is nothing to compare with."""
    with pytest.raises(ValueError, match="longer than any amount"):
        parse(b'{"id": "gs_1", "amount": %b}' % number.encode(), strict=False)


def test_what_lies_deeper_than_64_levels_is_left_out_and_all_else_is_there() -> None:
    body = b'{"data": [{"id": "gs_1", "metadata": {"deep": ' + b"[" * 900 + b"7" + b"]" * 900
    parsed = parse(body + b'}}, {"id": "gs_2", "metadata": {"a": 1}}]}', strict=False)
    first, second = parsed.value["data"]
    assert (first["id"], second) == ("gs_1", {"id": "gs_2", "metadata": {"a": 1}})
    assert json.dumps(first["metadata"]) == '{"deep": ' + "[" * 61 + "]" * 61 + "}"
    assert parsed.oddities == (
        ("its JSON", "is nested deeper than 64 levels: what lies deeper is left out"),
    )


def test_names_that_are_one_when_mended_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        parse(b'{"\\ud800": 1, "\\ud801": 2}', strict=False)


HALF: bytes = b"\\ud800"
#: Bodies that make a reader slow which looks at anything more than once; each with its length as it likes.
SLOW: dict[str, Callable[[int], bytes]] = {
    "an unclosed text of escapes": lambda n: b'{"a":"' + b'\\"' * (n // 2) + b"[" * 65,
    "a run of backslashes": lambda n: b'["' + b"\\" * n,
    "a long text": lambda n: b'["' + b"x" * n + b'"]',
    "brackets": lambda n: b"[" * n,
    "brackets in a text": lambda n: b'["' + b"[]{" * (n // 3) + b'"]',
    "brackets in a cut text": lambda n: b'["' + b"[]{" * (n // 3),
    "blanks": lambda n: b" " * n,
    "digits": lambda n: b"[" + b"1" * n + b"]",
    "half surrogates": lambda n: b'["' + HALF * (n // 6) + b'"]',
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW)
def test_the_work_does_not_grow_faster_than_the_body(body: Callable[[int], bytes]) -> None:
    def passes(size: int) -> int:
        """How often a function is called: each of them looks at the body once."""
        counted = 0

        def count(frame: object, event: str, what: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        given = body(size)
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            with suppress(ValueError):
                parse(given, strict=True)
        finally:
            sys.setprofile(before)
        return counted

    # A few more are no growth: from Python 3.14 on 2,000 brackets are read to their end and 64,000 are not.
    assert passes(64_000) <= passes(2_000) + 8


def test_no_pattern_of_the_reader_can_begin_again() -> None:
    # A pattern that repeats nothing looks at each place a fixed number of times.
    patterns = [value for value in vars(strictjson).values() if isinstance(value, re.Pattern)]
    assert len(patterns) == 3
    for pattern in patterns:
        text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
        assert not set("*+{?") & set(text)


@pytest.mark.parametrize("strict", [True, False])
def test_a_body_that_is_cut_off_is_no_json_however_many_brackets_its_texts_have(
    strict: bool,
) -> None:
    cart = json.dumps([{"sku": f"a{i}", "qty": 1} for i in range(400)])
    body = json.dumps({"data": [{"id": "gs_1", "metadata": {"cart": cart}}]}).encode()
    assert parse(body, strict=strict).value == json.loads(body)
    for cut in (60, 3, 2, 1):
        with pytest.raises(ValueError, match=r"^not JSON"):
            parse(body[:-cut], strict=strict)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (strict_json, plain_json):
        try:
            read(body)
        except ValueError as problem:
            assert type(problem) is ValueError  # noqa: PT017
