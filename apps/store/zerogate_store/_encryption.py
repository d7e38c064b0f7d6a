"""Seals rows at rest: bound to their place, encrypted where about a person. Knows no database.

A body in the database is a head and what follows it. The head says under which key it was written:

    1  key's id (8 bytes)  MAC (32)  bytes               authenticated
    2  key's id (8 bytes)  Fernet token (of the place's hash and the bytes)  encrypted

Whoever can write to the database can so neither change what will be sent, nor put the bytes of one row into
another: the *place* (account, mode, namespace, operation, key) is part of what is authenticated. Without an
encryption key the MAC is under a secret that stands in the same database; that notices a row that was
changed by hand or by mistake, not somebody who reads that secret as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import attrs
from zerogate._frames import discreet, discreet_class
from zerogate._transport.thrown import thrown_in
from zerogate.errors import GateUsageError, StoreFailed, quietly

T = TypeVar("T")
Given: TypeAlias = str | bytes | Sequence[str | bytes]
#: One or several, the newest first; or a function that has them, such as a key management service.
EncryptionKeys: TypeAlias = Given | Callable[[], Given]

_PLAIN, _ENCRYPTED = b"\x01", b"\x02"
_ID: Final = 8
_MAC: Final = 32
_HEAD: Final = 1 + _ID
#: The id of the secret that stands in the store's own database.
_OWN: Final = bytes(_ID)
#: Seconds after which a source is asked again for a key that it had not.
_ASK_AGAIN: Final = 10.0
_WANTED: Final = "encryption_key is not one: make it with cryptography.fernet.Fernet.generate_key()"


class NotOpened(Exception):
    """Raised for kept bytes that cannot be used; its text says why, and shows nothing of them."""


class KeyMissing(NotOpened):
    """It was written under a key that the store was not given."""


class RowChanged(NotOpened):
    """It is not what was written there."""


@attrs.frozen(repr=False)
class _Key:
    """One key, and what follows from it."""

    id: bytes
    mac: bytes
    fernet: Any

    def __repr__(self) -> str:
        return f"_Key({self.id.hex()})"


def place_of(*names: str | int | None) -> bytes:
    """Return a row's names as JSON, the bytes that whatever is kept there is bound to."""
    return json.dumps(names).encode()


@discreet_class
class FieldCipher:
    """Writes under the first key and reads under any, so that keys can be exchanged.

    keys: As `Store(encryption_key=…)`; a function is called when the first key is needed, and again, at
        most every ten seconds, when something is met that was written under a key it had not.
    """

    def __init__(self, keys: EncryptionKeys | None) -> None:
        if inspect.iscoroutinefunction(keys) or isinstance(keys, type):
            raise GateUsageError(
                "the source of the encryption key must be a plain function that returns it: nobody "
                "awaits it here"
            )
        self._source = keys if callable(keys) else None
        self._keys: tuple[_Key, ...] = ()
        self._asked_at: float | None = None
        self._lock = threading.Lock()
        read = () if keys is None or callable(keys) else quietly(_keys_of, keys)
        del keys
        if isinstance(read, GateUsageError):
            raise read
        self._keys = read

    @property
    def is_keyed(self) -> bool:
        """True where the store was given an encryption key, or a function that returns them."""
        return bool(self._keys) or self._source is not None

    def check_keyed(self) -> None:
        """Raise GateUsageError if there is no encryption key: nothing about a person may be kept then."""
        if not self.is_keyed:
            raise GateUsageError(
                "this request is about a person and would be kept until its outcome is known: give "
                "the store an encryption_key"
            )

    def load(self, *, again: bool = False) -> None:
        """Read keys of a source, if any, where none are here or *again* (10 s apart); or StoreFailed.

        Raises:
            StoreFailed: it has none now.
        """
        if self._source is None:
            return
        with self._lock:
            now = time.monotonic()
            recent = self._asked_at is not None and now - self._asked_at < _ASK_AGAIN
            if self._keys and (not again or recent):
                return
            self._asked_at = now
            read = _ask_source(self._source)
            if isinstance(read, Exception):
                raise read
            self._keys = read

    # --- bytes of a row ---

    def authenticate(self, body: bytes, place: bytes, secret: str) -> bytes:
        """Return a body in clear with its MAC in front, by the first key, or by *secret* without keys.

        secret: The store's own, for where no key was given.
        """
        self.load()
        id, key = self._mac_key(secret)
        return _PLAIN + id + _mac(key, place, body) + body

    def encrypt(self, body: bytes, place: bytes) -> bytes:
        """Return a body encrypted for its place; GateUsageError without a key, StoreFailed if none comes."""
        self.check_keyed()
        self.load()
        first = self._keys[0]
        token = first.fernet.encrypt(hashlib.sha256(place).digest() + body)
        # Not as text: of that, several spellings would be one token.
        return _ENCRYPTED + first.id + base64.urlsafe_b64decode(token)

    def decrypt(self, kept: bytes, place: bytes, secret: str, *, own: bool = False) -> bytes:
        """Return the body that was kept for this place; KeyMissing, or RowChanged if it is not as kept.

        own: Take also what was authenticated by the store's own secret though there is a key.

        Raises:
            KeyMissing: none of the keys is the one it was written under.
            RowChanged: it is something else by now, or belongs to another row.
        """
        kind, id, rest = kept[:1], kept[1:_HEAD], kept[_HEAD:]
        if kind not in (_PLAIN, _ENCRYPTED) or len(id) < _ID:
            raise RowChanged(_CHANGED)
        if kind == _PLAIN:
            mac, body = rest[:_MAC], rest[_MAC:]
            if not hmac.compare_digest(mac, _mac(self._mac_key_of(id, secret, own), place, body)):
                raise RowChanged(_CHANGED)
            return body
        return _decrypt(self._key_with_id(id), rest, hashlib.sha256(place).digest())

    def is_newest(self, kept: bytes, *, encrypted: bool) -> bool:
        """Return True for bytes written under the first key (or without, if none), *encrypted* or not."""
        self.load()
        head = (_ENCRYPTED if encrypted else _PLAIN) + (self._keys[0].id if self._keys else _OWN)
        return kept.startswith(head)

    # --- bodies of events, which are kept in clear where there is no key ---

    def cover(self, body: bytes, place: bytes) -> bytes:
        """Return a body encrypted if there is a key, else as it is."""
        return self.encrypt(body, place) if self.is_keyed else body

    def uncover(self, kept: bytes | str, place: bytes) -> bytes:
        """Return a body decrypted, or as it is if kept in clear; KeyMissing or RowChanged as `decrypt`."""
        # Text is what somebody wrote there by hand.
        kept = kept.encode() if isinstance(kept, str) else bytes(kept)
        return self.decrypt(kept, place, "") if is_sealed(kept) else kept

    # --- terms, which are text ---

    def tag(self, text: str, place: bytes, secret: str) -> str:
        """Return in hex the key's id and the MAC of a text and its place, for `check_tag`."""
        self.load()
        id, key = self._mac_key(secret)
        return (id + _mac(key, place, text.encode())).hex()

    def check_tag(
        self, tag: str | None, text: str, place: bytes, secret: str, *, own: bool = False
    ) -> None:
        """Raise KeyMissing or RowChanged where a tag is not of this text and place."""
        try:
            told = bytes.fromhex(tag or "")
        except ValueError:
            told = b""
        if len(told) != _ID + _MAC:
            raise RowChanged(_CHANGED)
        key = self._mac_key_of(told[:_ID], secret, own)
        if not hmac.compare_digest(told[_ID:], _mac(key, place, text.encode())):
            raise RowChanged(_CHANGED)

    def is_newest_tag(self, tag: str | None) -> bool:
        """Return True for a tag made under the first key, or, where there is no key, without one."""
        self.load()
        return (tag or "").startswith((self._keys[0].id if self._keys else _OWN).hex())

    # --- keys ---

    def _mac_key(self, secret: str) -> tuple[bytes, bytes]:
        """Return id and MAC key of the first key; where there is none, those of *secret*."""
        if self._keys:
            return self._keys[0].id, self._keys[0].mac
        return _OWN, _own_mac_key(secret)

    def _mac_key_of(self, id: bytes, secret: str, own: bool) -> bytes:
        """Return the MAC key of an id; KeyMissing where it is not here or not allowed."""
        if id != _OWN:
            return self._key_with_id(id).mac
        if self.is_keyed and not own:
            raise KeyMissing(
                "it was written before this store was given an encryption key, so that whoever writes to "
                "the database may have changed it: Store.reencrypt() takes it as it is"
            )
        return _own_mac_key(secret)

    def _key_with_id(self, id: bytes) -> _Key:
        """Return the key of an id, the source asked once more if need be; KeyMissing where none has it."""
        self.load()
        found = self._loaded_key(id)
        if found is None and self._source is not None:
            self.load(again=True)
            found = self._loaded_key(id)
        if found is None:
            raise KeyMissing(
                f"it was written under encryption key {id.hex()}, which this store was not given: add "
                "that key behind the newest, encryption_key=[newest, older]; without it, it is lost"
            )
        return found

    def _loaded_key(self, id: bytes) -> _Key | None:
        """Return the key of an id among those here; None where it is not."""
        return next((key for key in self._keys if key.id == id), None)

    def __repr__(self) -> str:
        return f"Sealer({'with' if self.is_keyed else 'without'} a key)"


_CHANGED: Final = (
    "its row in the database is not as it was written: changed there, or copied from another"
)


def json_in(kept: bytes | str | None, kind: type[T]) -> T | None:
    """Return what is kept as JSON; None where it is damaged or no *kind*: it ends no run over other rows."""
    try:
        told = json.loads(kept or "null")
    except (ValueError, TypeError, RecursionError):
        return None
    return told if isinstance(told, kind) else None


def is_sealed(kept: bytes | None) -> bool:
    """Return True for bytes that begin as ours do; no JSON does."""
    return kept is not None and kept[:1] in (_PLAIN, _ENCRYPTED)


def _mac(key: bytes, place: bytes, body: bytes) -> bytes:
    """Return the HMAC-SHA-256 of a place and a body."""
    # The place is JSON, in which no such byte is: so no other place and body are the same bytes.
    return hmac.digest(key, place + b"\0" + body, "sha256")


def _own_mac_key(secret: str) -> bytes:
    """Return the MAC key that follows from the store's own secret."""
    return hmac.digest(secret.encode(), b"zerogate: rows", "sha256")


@discreet
def _decrypt(key: _Key, token: bytes, place: bytes) -> bytes:
    """Return the body in a token; RowChanged if it does not open or is of another place."""
    from cryptography.fernet import InvalidToken

    try:
        opened: bytes = key.fernet.decrypt(base64.urlsafe_b64encode(token))
    except InvalidToken:
        opened = b""
    if not hmac.compare_digest(opened[: len(place)], place):
        raise RowChanged(_CHANGED)
    return opened[len(place) :]


def _ask_source(source: Callable[[], Given]) -> tuple[_Key, ...] | GateUsageError | StoreFailed:
    """Return a source's keys, or (not raise) the error to raise; of its own error only the class is told."""
    handled = sys.exception()
    try:
        given = source()
    except Exception as exc:
        if thrown_in(exc, handled) is not None:
            raise
        return StoreFailed(f"the encryption key could not be had: {type(exc).__name__}")
    return quietly(_keys_of, given)


def _keys_of(keys: Given) -> tuple[_Key, ...]:
    """Return the keys that were given, the first first; GateUsageError if none or no key."""
    several = keys if isinstance(keys, Sequence) else ()
    given = [keys] if isinstance(keys, str | bytes) else list(several)
    del keys, several
    if not given:
        raise GateUsageError(_WANTED)
    try:
        from cryptography.fernet import Fernet
    except ImportError:
        raise GateUsageError(
            "encryption_key needs cryptography: in a clone of the project, run "
            "`python -m pip install -e '.[store]'`"
        ) from None
    made = tuple(_read_key(Fernet, key) for key in given)
    del given
    found = tuple(key for key in made if key is not None)
    if len(found) < len(made):
        del made, found
        raise GateUsageError(_WANTED)
    return found


def _read_key(kind: Any, key: Any) -> _Key | None:
    """Return a key with its id and MAC key; None for what is no Fernet key.

    The error of one that is no key would carry it.
    """
    try:
        fernet, raw = kind(key), base64.urlsafe_b64decode(key)
    except (ValueError, TypeError):
        return None
    id = hmac.digest(raw, b"zerogate: id", "sha256")[:_ID]
    return _Key(id, hmac.digest(raw, b"zerogate: rows", "sha256"), fernet)
