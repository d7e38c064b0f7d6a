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
    FieldCipher,
    KeyMissing,
    NotOpened,
    RowChanged,
    is_sealed,
    place_of,
)

KEY, OTHER = Fernet.generate_key(), Fernet.generate_key()
HERE, THERE = place_of("a", "test", "", "createSession", "k"), place_of("a", "test", "", "x", "k")
SECRET = "a secret of the store's own"


def kept(sealer: FieldCipher, body: bytes, *, encrypted: bool) -> bytes:
    if encrypted:
        return sealer.encrypt(body, HERE)
    return sealer.authenticate(body, HERE, SECRET)


SEALERS = {
    "no key": (FieldCipher(None), False),
    "a key, in clear": (FieldCipher(KEY), False),
    "a key, encrypted": (FieldCipher(KEY), True),
}


@pytest.mark.parametrize("which", SEALERS)
@given(body=st.binary(max_size=200))
def test_what_is_kept_opens_in_its_place_only(which: str, body: bytes) -> None:
    sealer, encrypted = SEALERS[which]
    found = kept(sealer, body, encrypted=encrypted)
    assert is_sealed(found)
    assert sealer.decrypt(found, HERE, SECRET) == body
    with pytest.raises(RowChanged):
        sealer.decrypt(found, THERE, SECRET)


@pytest.mark.parametrize("which", SEALERS)
def test_no_single_bit_may_flip(which: str) -> None:
    sealer, encrypted = SEALERS[which]
    found = kept(sealer, b'{"amount":"1.00"}', encrypted=encrypted)
    for place in range(8 * len(found)):
        flipped = bytearray(found)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(NotOpened):
            sealer.decrypt(bytes(flipped), HERE, SECRET)


@given(found=st.binary(max_size=120), keyed=st.booleans())
def test_any_bytes_are_refused(found: bytes, keyed: bool) -> None:
    with pytest.raises(NotOpened):
        FieldCipher(KEY if keyed else None).decrypt(found, HERE, SECRET)


def test_in_clear_it_can_be_read_and_encrypted_it_cannot() -> None:
    assert b"wallet" in kept(FieldCipher(KEY), b"wallet", encrypted=False)
    assert b"wallet" not in kept(FieldCipher(KEY), b"wallet", encrypted=True)


@pytest.mark.parametrize("encrypted", [False, True])
def test_the_first_key_writes_and_any_reads(encrypted: bool) -> None:
    found = kept(FieldCipher([KEY, OTHER]), b"x", encrypted=encrypted)
    assert FieldCipher([OTHER, KEY]).decrypt(found, HERE, SECRET) == b"x"
    with pytest.raises(KeyMissing, match="not given"):
        FieldCipher(OTHER).decrypt(found, HERE, SECRET)
    assert FieldCipher([KEY]).is_newest(found, encrypted=encrypted)
    assert not FieldCipher([OTHER, KEY]).is_newest(found, encrypted=encrypted)
    assert not FieldCipher([KEY]).is_newest(found, encrypted=not encrypted)


def test_with_a_key_the_stores_own_secret_is_no_proof() -> None:
    """It stands in the database: who writes there can read it."""
    found = kept(FieldCipher(None), b"x", encrypted=False)
    with pytest.raises(KeyMissing, match="reencrypt"):
        FieldCipher(KEY).decrypt(found, HERE, SECRET)
    assert FieldCipher(KEY).decrypt(found, HERE, SECRET, own=True) == b"x"
    with pytest.raises(RowChanged):
        FieldCipher(None).decrypt(found, HERE, "another secret")


@given(text=st.text(max_size=50))
def test_a_tag_is_of_one_text_in_one_place(text: str) -> None:
    sealer = FieldCipher(KEY)
    tag = sealer.tag(text, HERE, SECRET)
    sealer.check_tag(tag, text, HERE, SECRET)
    for other in ((text + "x", HERE), (text, THERE)):
        with pytest.raises(RowChanged):
            sealer.check_tag(tag, *other, SECRET)


@pytest.mark.parametrize("tag", [None, "", "ff", "no hex", "00" * 40, "é" * 80])
def test_what_is_no_tag_is_refused(tag: Any) -> None:
    with pytest.raises(NotOpened):
        FieldCipher(None).check_tag(tag, "x", HERE, SECRET)


@pytest.mark.parametrize("source", [asyncio.sleep, FieldCipher])
def test_a_source_has_to_be_a_plain_function(source: Any) -> None:
    with pytest.raises(GateUsageError, match="plain function"):
        FieldCipher(source)


@pytest.mark.parametrize("keys", ["", b"", "canary", [], [KEY, "canary"], [b"\xff"], [None]])
def test_what_is_no_key_is_refused_without_showing_it(keys: Any) -> None:
    with pytest.raises(GateUsageError) as caught:
        FieldCipher(keys)
    assert "canary" not in str(caught.value)


def test_it_shows_no_key() -> None:
    for sealer in (FieldCipher(KEY), FieldCipher(lambda: KEY)):
        sealer.load()
        assert KEY.decode() not in repr(sealer) + repr(vars(sealer))
