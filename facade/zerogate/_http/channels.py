"""What both halves know of a socket, TLS in it and the line httpcore speaks through: all but the waiting."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar

#: Bytes to ask a socket for at once.
CHUNK: Final = 65_536
#: What may come over the wire beside a body: heads, any number of 1xx, the lengths of chunks.
_ROOM_FOR_HEADS: Final = 1_000_000


class Channel(Protocol):
    """Bytes to and fro. sent: How many of ours the network has taken so far."""

    sent: int

    def stirs(self) -> bool:
        """Whether something is here that nobody has read, the peer's end included."""

    def close(self) -> None:
        """At once, without a word to the peer."""


C = TypeVar("C", bound=Channel)


class Socket:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.sent = 0

    def stirs(self) -> bool:
        try:
            self._sock.settimeout(0)
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def close(self) -> None:
        self._sock.close()


class Tls(Generic[C]):
    """A channel within another, which may be such a one itself."""

    #: More of the peer's bytes are needed.
    MORE: Final = object()

    def __init__(self, channel: C, context: ssl.SSLContext, host: str) -> None:
        self._channel = channel
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.sent = 0

    def _attempt(self, step: Callable[..., Any], *args: Any) -> tuple[Any, bytes]:
        """What a step comes to, or MORE; and what the peer has to get now."""
        try:
            result = step(*args)
        except ssl.SSLWantReadError:
            result = self.MORE
        return result, self._outgoing.read()

    def _feed(self, data: bytes) -> None:
        """What the peer sent; nothing is its end."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def stirs(self) -> bool:
        return bool(self._incoming.pending or self._tls.pending()) or self._channel.stirs()

    def close(self) -> None:
        self._channel.close()


class Line(Generic[C]):
    """Holds the request back until an answer is asked for.

    So head and body leave in one piece; and an answer that is there before its request has left is
    known to be another's.
    """

    def __init__(self, channel: C) -> None:
        self._channel = channel
        self.begin(0)

    def begin(self, cap: int) -> None:
        """A new exchange. cap: Bytes that its answer's body may have."""
        self.held = b""
        self._sent_before = self._channel.sent
        self._room = cap + _ROOM_FOR_HEADS

    @property
    def untouched(self) -> bool:
        """Whether no byte of this exchange's request has left."""
        return self._channel.sent == self._sent_before

    def check_order(self) -> None:
        """When the answer begins."""
        if self.held:
            raise ConnectionError("an answer was there before the request")

    def _counted(self, data: bytes) -> bytes:
        self._room -= len(data)
        if self._room < 0:
            raise ConnectionError("it goes on and on")
        return data

    def get_extra_info(self, info: str) -> Any:
        return self._channel.stirs() if info == "is_readable" else None

    def close(self) -> None:
        self._channel.close()
