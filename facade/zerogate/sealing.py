"""What is kept about a person, unreadable without the partner's key. Knows no database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import GateUsageError


class Sealer:
    """Seals with the first key and opens with any, so that keys can be exchanged."""

    def __init__(self, keys: str | bytes | Sequence[str | bytes] | None) -> None:
        self._fernet: Any = None
        if not keys:
            return
        try:
            from cryptography.fernet import Fernet, MultiFernet
        except ImportError:
            raise GateUsageError(
                "encryption_key needs cryptography: install zerogate[store]"
            ) from None
        given = [keys] if isinstance(keys, str | bytes) else keys
        fernets = [_made(Fernet, key) for key in given]
        del keys, given
        if None in fernets:
            raise GateUsageError(
                "encryption_key is not one: make it with cryptography.fernet.Fernet.generate_key()"
            )
        self._fernet = MultiFernet(fernets)

    def sealed(self, body: bytes) -> bytes:
        """Raises GateUsageError where there is no key: then it is not to be kept at all."""
        if self._fernet is None:
            raise GateUsageError(
                "this request is about a person and would be kept until its outcome is known: give "
                "the store an encryption_key"
            )
        sealed: bytes = self._fernet.encrypt(body)
        return sealed

    def opened(self, sealed: bytes) -> bytes | None:
        """None where none of the keys fits."""
        if self._fernet is None:
            return None
        from cryptography.fernet import InvalidToken

        try:
            opened: bytes = self._fernet.decrypt(sealed)
        except InvalidToken:
            return None
        return opened

    def __repr__(self) -> str:
        return f"Sealer({'with' if self._fernet else 'without'} a key)"


def _made(kind: Any, key: Any) -> Any:
    """None for what is no key: the error of one that is would carry it."""
    try:
        return kind(key)
    except (ValueError, TypeError):
        return None
