"""What is kept at rest opens in its own place under its own key, and nowhere else, whatever is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from zerogate import GateUsageError
from zerogate_store._encryption import (
    KeyMissing,
    NotOpened,
    RowChanged,
    Sealer,
    is_sealed,
    place_of,
)

KEY, OTHER = Fernet.generate_key(), Fernet.generate_key()
HERE, THERE = place_of("a", "test", "", "createSession", "k"), place_of("a", "test", "", "x", "k")
SECRET = "a secret of the store's own"


def kept(sealer: Sealer, body: bytes, *, encrypted: bool) -> bytes:
    if encrypted:
        return sealer.encrypted(body, HERE)
    return sealer.authenticated(body, HERE, SECRET)


SEALERS = {
    "no key": (Sealer(None), False),
    "a key, in clear": (Sealer(KEY), False),
    "a key, encrypted": (Sealer(KEY), True),
}


@pytest.mark.parametrize("which", SEALERS)
@given(body=st.binary(max_size=200))
def test_what_is_kept_opens_in_its_place_only(which: str, body: bytes) -> None:
    sealer, encrypted = SEALERS[which]
    found = kept(sealer, body, encrypted=encrypted)
    assert is_sealed(found)
    assert sealer.opened(found, HERE, SECRET) == body
    with pytest.raises(RowChanged):
        sealer.opened(found, THERE, SECRET)


@pytest.mark.parametrize("which", SEALERS)
def test_no_single_bit_may_flip(which: str) -> None:
    sealer, encrypted = SEALERS[which]
    found = kept(sealer, b'{"amount":"1.00"}', encrypted=encrypted)
    for place in range(8 * len(found)):
        flipped = bytearray(found)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(NotOpened):
            sealer.opened(bytes(flipped), HERE, SECRET)


@given(found=st.binary(max_size=120), keyed=st.booleans())
def test_any_bytes_are_refused(found: bytes, keyed: bool) -> None:
    with pytest.raises(NotOpened):
        Sealer(KEY if keyed else None).opened(found, HERE, SECRET)


def test_in_clear_it_can_be_read_and_encrypted_it_cannot() -> None:
    assert b"wallet" in kept(Sealer(KEY), b"wallet", encrypted=False)
    assert b"wallet" not in kept(Sealer(KEY), b"wallet", encrypted=True)


@pytest.mark.parametrize("encrypted", [False, True])
def test_the_first_key_writes_and_any_reads(encrypted: bool) -> None:
    found = kept(Sealer([KEY, OTHER]), b"x", encrypted=encrypted)
    assert Sealer([OTHER, KEY]).opened(found, HERE, SECRET) == b"x"
    with pytest.raises(KeyMissing, match="not given"):
        Sealer(OTHER).opened(found, HERE, SECRET)
    assert Sealer([KEY]).is_newest(found, encrypted=encrypted)
    assert not Sealer([OTHER, KEY]).is_newest(found, encrypted=encrypted)
    assert not Sealer([KEY]).is_newest(found, encrypted=not encrypted)


def test_with_a_key_the_stores_own_secret_is_no_proof() -> None:
    """It stands in the database: who writes there can read it."""
    found = kept(Sealer(None), b"x", encrypted=False)
    with pytest.raises(KeyMissing, match="reencrypt"):
        Sealer(KEY).opened(found, HERE, SECRET)
    assert Sealer(KEY).opened(found, HERE, SECRET, own=True) == b"x"
    with pytest.raises(RowChanged):
        Sealer(None).opened(found, HERE, "another secret")


@given(text=st.text(max_size=50))
def test_a_tag_is_of_one_text_in_one_place(text: str) -> None:
    sealer = Sealer(KEY)
    tag = sealer.tag(text, HERE, SECRET)
    sealer.check_tag(tag, text, HERE, SECRET)
    for other in ((text + "x", HERE), (text, THERE)):
        with pytest.raises(RowChanged):
            sealer.check_tag(tag, *other, SECRET)


@pytest.mark.parametrize("tag", [None, "", "ff", "no hex", "00" * 40, "é" * 80])
def test_what_is_no_tag_is_refused(tag: Any) -> None:
    with pytest.raises(NotOpened):
        Sealer(None).check_tag(tag, "x", HERE, SECRET)


@pytest.mark.parametrize("source", [asyncio.sleep, Sealer])
def test_a_source_has_to_be_a_plain_function(source: Any) -> None:
    with pytest.raises(GateUsageError, match="plain function"):
        Sealer(source)


@pytest.mark.parametrize("keys", ["", b"", "canary", [], [KEY, "canary"], [b"\xff"], [None]])
def test_what_is_no_key_is_refused_without_showing_it(keys: Any) -> None:
    with pytest.raises(GateUsageError) as caught:
        Sealer(keys)
    assert "canary" not in str(caught.value)


def test_it_shows_no_key() -> None:
    for sealer in (Sealer(KEY), Sealer(lambda: KEY)):
        sealer.load()
        assert KEY.decode() not in repr(sealer) + repr(vars(sealer))
