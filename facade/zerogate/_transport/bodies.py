"""A body as it comes in: unzipped, and refused before more of it is held than may be. Pure."""

from __future__ import annotations

import re
import zlib
from typing import Final

from .messages import InOurWords, Oddity

#: Bytes a body may have where nothing else is said.
CAP: Final = 8_000_000
#: zlib's word for: a gzip header and trailer, nothing else.
_GZIP: Final = 31
_MAGIC: Final = b"\x1f\x8b"
#: Gzip streams that one body may be put together from; each costs a copy of what follows it.
_MEMBERS_AT_MOST: Final = 256
#: Bytes that are unzipped at a time, so that such a copy stays small.
_SLICE: Final = 65_536
_NOT_ZIPPED: Final = frozenset({"", "identity"})
#: The registered ones that would make the bytes something else. What is none of these names no coding
#: (`UTF-8`, `none`), and the body is what it is.
_CODINGS: Final = frozenset(
    {"br", "compress", "x-compress", "deflate", "zstd", "exi", "pack200-gzip", "aes128gcm"}
    | {"dcb", "dcz"}
)
_SHOWABLE: Final = re.compile(r"[A-Za-z0-9._-]{1,20}")


class BodyRefused(InOurWords, ConnectionError):
    """An answer came whose body is too large, broken off, or in a coding that was not asked for."""


class Body:
    """Collects the chunks of one body.

    coding: Its Content-Encoding, in any case. cap: Bytes it may have, on the wire and unzipped.
    """

    def __init__(self, coding: str, cap: int) -> None:
        self._cap = self._room = cap
        self._parts: list[bytes] = []
        #: What had to be overlooked to read the body.
        self.oddities: tuple[Oddity, ...] = ()
        self._begins = b""
        self._members = 0
        self._unzip = zlib.decompressobj(_GZIP) if coding and self._zipped(coding) else None

    def _zipped(self, header: str) -> bool:
        """Return True for gzip, False for none or an unknown coding; else BodyRefused."""
        codings = [name for part in header.split(",") if (name := part.strip().lower())]
        named = [name for name in codings if name not in _NOT_ZIPPED]
        odd = [name for name in named if name not in (*_CODINGS, "gzip", "x-gzip")]
        zips = [name for name in named if name not in odd]
        if len(zips) > 1 or _CODINGS.intersection(zips):
            shown = ", ".join(name for name in zips if _SHOWABLE.fullmatch(name))
            raise BodyRefused(f"the answer's body is in a coding that was not asked for: {shown}")
        if odd:
            name = odd[0] if _SHOWABLE.fullmatch(odd[0]) else "what it says"
            self._note(f"{name} is no coding: the body is read as it came")
        return bool(zips)

    def _note(self, said: str) -> None:
        """Add this to `oddities`, unless it is there already."""
        if ("its Content-Encoding", said) not in self.oddities:
            self.oddities += (("its Content-Encoding", said),)

    def add(self, chunk: bytes) -> None:
        """Take in the next bytes, unzipped if need be; BodyRefused over the cap or if broken."""
        if self._unzip is None:
            self._keep(chunk)
            return
        for start in range(0, len(chunk), _SLICE):
            self._add_zipped(chunk[start : start + _SLICE])

    def _keep(self, plain: bytes) -> None:
        """Keep unzipped bytes; raises BodyRefused where the body gets longer than its cap."""
        self._room -= len(plain)
        if self._room < 0:
            raise BodyRefused(f"the answer's body has more than {self._cap} bytes")
        self._parts.append(plain)

    def _add_zipped(self, data: bytes) -> None:
        """Take in gzip bytes; one body may be several gzip streams, with zeros after them."""
        data, self._begins = self._begins + data, b""
        while data and self._unzip is not None:
            if self._unzip.eof or not self._parts:
                # A stream begins: two bytes tell what it is.
                if len(data) < len(_MAGIC) and _MAGIC.startswith(data):
                    self._begins = data
                    return
                data = self._begin_part(data)
                continue
            data = self._unzipped(data)
        if data:
            self._keep(data)

    def _begin_part(self, data: bytes) -> bytes:
        """Begin a gzip part, kept unzipped, or note that none begins; return bytes left; or BodyRefused."""
        if data.startswith(_MAGIC):
            self._members += 1
            if self._members > _MEMBERS_AT_MOST:
                raise BodyRefused(f"the answer's gzip has more than {_MEMBERS_AT_MOST} parts")
            self._unzip = zlib.decompressobj(_GZIP)
            return self._unzipped(data)
        if not self._parts:
            self._note("says gzip and the body is none: it is read as it came")
            self._unzip = None
            return data
        if data.strip(b"\0"):
            raise BodyRefused("the answer's body is not gzip, as it says")
        self._note("is gzip with zeros behind it: they are left out")
        return b""

    def _unzipped(self, data: bytes) -> bytes:
        """Unzip and keep bytes; return those behind the end of the gzip part; BodyRefused if damaged."""
        assert self._unzip is not None
        try:
            # One byte more than there is room for is enough to know.
            plain = self._unzip.decompress(data, self._room + 1)
        except zlib.error:
            plain = None
        if plain is None:
            raise BodyRefused("the answer's body is not gzip, as it says")
        self._keep(plain)
        return self._unzip.unused_data

    def whole(self) -> bytes:
        """Return all of the body, after the last chunk; BodyRefused if its gzip breaks off."""
        unzip = self._unzip if self._parts else None
        if unzip is not None and (self._begins or not unzip.eof):
            raise BodyRefused("the answer's gzip body breaks off before its end")
        return b"".join((*self._parts, self._begins))
