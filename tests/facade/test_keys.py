"""One attempt of one order is one key, in every process and language, for ever."""

from __future__ import annotations

import base64
import doctest
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zerogate._idempotency import keys
from zerogate._idempotency.keys import (
    Identity,
    checked_attempt,
    checked_key,
    checked_order,
    fresh_key,
    idempotency_key,
    identify,
    identify_customer,
)
from zerogate.errors import GateUsageError

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "idempotency_keys.json").read_text("utf-8")
)["vectors"]

orders = st.text("abc:0123456789", min_size=1, max_size=12)
subjects = st.tuples(
    st.text("abc:0123456789", max_size=12),
    st.sampled_from(["createSession", "createPayIn", "createPayOut", "createCustomer"]),
    orders,
    st.integers(1, 2**31 - 1),
)


def key_of(subject: tuple[str, str, str, int]) -> str:
    namespace, operation, order, attempt = subject
    return idempotency_key(namespace=namespace, operation=operation, order=order, attempt=attempt)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["order"][:16])
def test_a_published_key_never_changes(vector: dict[str, Any]) -> None:
    expected = vector.pop("idempotency_key") if "idempotency_key" in vector else ""
    assert idempotency_key(**vector) == expected
    assert len(expected) <= 64
    vector["idempotency_key"] = expected


def test_the_published_description_gives_the_same_keys() -> None:
    for vector in VECTORS:
        parts = [
            str(vector[name]).encode() for name in ("namespace", "operation", "order", "attempt")
        ]
        said = b"".join(str(len(part)).encode() + b":" + part for part in parts)
        text = base64.b32encode(hashlib.sha256(said).digest()).decode()
        assert vector["idempotency_key"] == "zg1_" + text.lower().rstrip("=")


@given(subjects, subjects)
def test_two_attempts_share_a_key_only_if_they_are_the_same(
    one: tuple[str, str, str, int], two: tuple[str, str, str, int]
) -> None:
    assert (key_of(one) == key_of(two)) == (one == two)


def test_moving_a_character_to_the_next_part_is_another_key() -> None:
    assert key_of(("s", "createSession", "hop", 1)) != key_of(("", "createSession", "shop", 1))
    assert key_of(("", "createSession", "a1", 1)) != key_of(("", "createSession", "a", 11))


@pytest.mark.parametrize(
    "order", ["o", "2026-11-20/0001", "20261120001", "Bestellung Ä", "x" * 128]
)
def test_an_order_is_any_reference_that_says_nothing_of_a_person(order: str) -> None:
    assert checked_order(order) == order


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ("", "printable"),
        ("x" * 129, "printable"),
        ("a\nb", "printable"),
        ("a\x00", "printable"),
        ("\ud800", "printable"),
        ("a\u202eb", "printable"),
        (7, "takes text"),
        (None, "takes text"),
        (" a", "two ways"),
        ("a ", "two ways"),
        ("A\u0308", "two ways"),
        ("jane@partner.example", "e-mail"),
        ("order of jane@partner.example", "e-mail"),
        ("+49 30 1234567", "phone"),
        ("+493012345678", "phone"),
        ("(030) 123-4567", "phone"),
        ("030 1234567", "phone"),
    ],
    ids=ascii,
)
def test_an_order_that_cannot_be_right_is_refused(order: Any, why: str) -> None:
    with pytest.raises(GateUsageError, match=why):
        checked_order(order)


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (0, "counts from 1, not '0'"),
        (-1, "counts from 1, not '-1'"),
        (True, "is a whole number, not the bool 'True'"),
        (1.0, "is a whole number, not the float '1.0'"),
        ("1", "is a whole number, not the str '1'"),
        (None, "is a whole number, not the NoneType 'None'"),
        (2**31, "is 2147483647 at most, not 2147483648: it is no time and no id"),
        (1_795_873_549, None),
    ],
)
def test_attempts_count_from_one(attempt: Any, said: str | None) -> None:
    if said is None:
        assert checked_attempt(attempt) == attempt
        return
    with pytest.raises(GateUsageError) as caught:
        checked_attempt(attempt)
    assert str(caught.value).startswith(f"attempt= {said}: leave it out for the first payment")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (None, "and None is no order: write your own reference, such as order='order-1'"),
        (1001, "not the int 1001: write order='1001'"),
        (UUID(int=7), "not the UUID 00000000-0000-0000-0000-000000000007: write order='00000000-"),
        (b"order-1", "not the bytes b'order-1': write your own reference"),
        (True, "not the bool True: write your own reference"),
        (1.5, "not the float 1.5: write your own reference"),
        ([1], "not the list [1]: write your own reference"),
    ],
    ids=ascii,
)
def test_what_is_no_text_is_told_from_an_order(order: Any, said: str) -> None:
    with pytest.raises(GateUsageError) as caught:
        checked_order(order)
    assert str(caught.value).startswith(f"order= takes text, {said}")
    assert "'None'" not in str(caught.value)


def test_an_order_of_an_own_kind_of_text_is_the_text() -> None:
    class Reference(str):
        __slots__ = ()

    assert type(checked_order(Reference("order-1"))) is str
    assert checked_order(Reference("order-1")) == "order-1"


def test_a_message_shows_the_first_characters_of_what_was_refused_and_no_more() -> None:
    long = "x" * 200
    for given_order, shown in (([long], 38), (long, 59)):
        with pytest.raises(GateUsageError) as caught:
            checked_order(given_order)  # type: ignore[arg-type]
        assert max(map(len, re.findall("x+", str(caught.value)))) == shown
    assert checked_attempt(2**31 - 1) == 2**31 - 1


@pytest.mark.parametrize("key", ["order_123_create", "k", "k" * 255, "a/b:c=d"])
def test_a_key_may_be_any_short_visible_text(key: str) -> None:
    assert checked_key(key) == key


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "255 printable"),
        ("k" * 256, "255 printable"),
        ("a b", "255 printable"),
        ("a\r\nX-Evil: 1", "255 printable"),
        ("schlüssel", "255 printable"),
        (None, "255 printable"),
        ("sk_test_canary", "credential"),
        ("whsec_canary", "credential"),
    ],
    ids=ascii,
)
def test_a_key_that_a_header_cannot_carry_is_refused(key: Any, why: str) -> None:
    with pytest.raises(GateUsageError, match=why) as caught:
        checked_key(key)
    assert "canary" not in str(caught.value)


def test_fresh_keys_are_random_unless_a_test_says_otherwise() -> None:
    assert fresh_key() != fresh_key()
    assert fresh_key(lambda count: "ab" * count) == "fresh_" + "ab" * 16


def test_the_same_order_is_the_same_identity() -> None:
    derived = key_of(("", "createSession", "order_1", 2))
    assert identify("", "createSession", "order_1", 2, None) == Identity("order_1", 2, derived)
    assert identify("", "createSession", "order_1", 1, "mine") == Identity("order_1", 1, "mine")
    assert identify("", "createSession", None, 1, "mine") == Identity(None, None, "mine")


def test_a_write_without_order_and_key_is_refused() -> None:
    with pytest.raises(GateUsageError, match=r"createSession needs order=.*fresh_key\(\)"):
        identify("", "createSession", None, 1, None)
    with pytest.raises(GateUsageError, match="give order= as well"):
        identify("", "createSession", None, 2, "mine")


def test_a_customer_is_known_by_your_id_or_by_the_key_that_is_given() -> None:
    derived = key_of(("pos", "createCustomer", "person-1", 1))
    assert identify_customer("pos", "person-1", None) == Identity(None, None, derived)
    assert identify_customer("pos", "person-1", "mine") == Identity(None, None, "mine")
    assert identify_customer("pos", None, "mine") == Identity(None, None, "mine")
    with pytest.raises(GateUsageError, match=r"createCustomer needs external_id=.*fresh_key\(\)"):
        identify_customer("pos", None, None)


@pytest.mark.parametrize(
    ("namespace", "operation"), [("a b", "createSession"), ("", ""), ("", "create session")]
)
def test_the_rest_of_a_key_is_checked_too(namespace: str, operation: str) -> None:
    with pytest.raises(GateUsageError, match=r"namespace|operationId"):
        key_of((namespace, operation, "order_1", 1))


def test_the_documentation_is_true() -> None:
    assert doctest.testmod(keys) == (0, 1)
