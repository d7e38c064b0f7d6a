"""A body as it comes in: unzipped, and refused before more of it is held than may be. Pure."""

from __future__ import annotations

import zlib
from typing import Final

#: Bytes a body may have where nothing else is said.
CAP: Final = 8_000_000
#: zlib's word for: a gzip header and trailer, nothing else.
_GZIP: Final = 31


class BodyRefused(ConnectionError):
    """An answer came whose body is too large, broken off, or in a coding that was not asked for."""


class Body:
    """Collects the chunks of one body.

    coding: Its Content-Encoding, in any case. cap: Bytes it may have, on the wire and unzipped.
    """

    def __init__(self, coding: str, cap: int) -> None:
        self._cap = self._room = cap
        self._parts: list[bytes] = []
        match coding.strip().lower():
            case "" | "identity":
                self._unzip = None
            case "gzip" | "x-gzip":
                self._unzip = zlib.decompressobj(_GZIP)
            case _:
                raise BodyRefused("the answer's body is in a coding that was not asked for")

    def add(self, chunk: bytes) -> None:
        if self._unzip is not None:
            chunk = self._unzipped(chunk)
        self._room -= len(chunk)
        if self._room < 0:
            raise BodyRefused(f"the answer's body has more than {self._cap} bytes")
        self._parts.append(chunk)

    def _unzipped(self, chunk: bytes) -> bytes:
        assert self._unzip is not None
        try:
            # One byte more than there is room for is enough to know.
            plain = self._unzip.decompress(chunk, self._room + 1)
        except zlib.error:
            plain = None
        if plain is None or self._unzip.unused_data:
            raise BodyRefused("the answer's body is not gzip, as it says")
        return plain

    def whole(self) -> bytes:
        """All of it, once the last chunk is there."""
        if self._unzip is not None and self._parts and not self._unzip.eof:
            raise BodyRefused("the answer's gzip body breaks off before its end")
        return b"".join(self._parts)
