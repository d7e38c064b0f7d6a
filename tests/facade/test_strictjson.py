"""JSON from strangers is exact and has one meaning, or it is refused without being repeated."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zerogate.strictjson import plain_json, strict_json

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


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (strict_json, plain_json):
        try:
            read(body)
        except ValueError as problem:
            assert type(problem) is ValueError  # noqa: PT017
