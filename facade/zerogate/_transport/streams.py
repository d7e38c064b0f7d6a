"""Sockets, TLS in them and connections to a server, for both halves: all but the waiting."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, Generic, Protocol, TypeVar

from .endings import end_by, is_strange
from .http1_connection import Http1Connection
from .routes import IDLE_AT_MOST, EncodedRequest

#: Bytes to ask a socket for at once.
CHUNK: Final = 65_536


class Stream(Protocol):
    """Bytes to and fro. sent: How many of ours the network has taken so far."""

    sent: int

    def is_readable(self) -> bool:
        """Return True if something is here that nobody has read, the peer's end included."""
        raise NotImplementedError

    def close(self) -> None:
        """Close at once, without a word to the peer."""


C = TypeVar("C", bound=Stream)


def new_socket(family: int) -> socket.socket:
    """Return an unconnected socket with TCP_NODELAY: it sends at once what it is given.

    Raises:
        Ending: this process can have none.
    """
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        # Now: of a connection that the peer has reset meanwhile, some systems take it no more.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as exc:
        end_by(exc)
    return sock


class BaseSocket:
    """A connected socket: all but its waits, which `waiting.py` adds for either half."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.sent = 0

    def is_readable(self) -> bool:
        """Return True if bytes, the peer's end or an error are there unread; takes none out."""
        try:
            self._sock.settimeout(0)
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError as exc:
            if is_strange(exc):
                raise
        return True

    def close(self) -> None:
        """Close the socket at once, without a word to the peer."""
        self._sock.close()


class Tls(Generic[C]):
    """A stream within another, which may be such a one itself."""

    #: More of the peer's bytes are needed.
    MORE: Final = object()

    def __init__(self, stream: C, context: ssl.SSLContext, host: str) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        except (OSError, ValueError) as exc:
            end_by(exc)
        self.sent = 0

    def _attempt(self, step: Callable[..., Any], *args: Any) -> tuple[Any, bytes]:
        """Try a step of TLS; return its result or MORE, and bytes to send now. Ending if TLS fails."""
        try:
            result = step(*args)
        except ssl.SSLWantReadError:
            result = self.MORE
        except OSError as exc:
            end_by(exc)
        return result, self._outgoing.read()

    def _feed(self, data: bytes) -> None:
        """Hand TLS the bytes that the peer sent; b"" tells TLS that the peer has ended."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def is_readable(self) -> bool:
        """Return True if something of the peer is unread, in TLS or below it."""
        return bool(self._incoming.pending or self._tls.pending()) or self._stream.is_readable()

    def close(self) -> None:
        """Close the stream below at once, without a word to the peer."""
        self._stream.close()


class Connection(Generic[C]):
    """A stream, what is spoken over it, and since when it is idle."""

    def __init__(self, stream: C) -> None:
        self.stream = stream
        self.http1 = Http1Connection()
        self._idle_since = 0.0
        self.doubted = False
        self._sent_before = stream.sent

    def ask(self, ready: EncodedRequest, cap: int) -> bytes:
        """Return a request's bytes to send; keep *cap*, the most bytes that its answer's body may have."""
        self._sent_before = self.stream.sent
        return self.http1.ask(ready, cap)

    @property
    def untouched(self) -> bool:
        """Return True if no byte of this exchange's request has left."""
        return self.stream.sent == self._sent_before

    def make_idle(self) -> bool:
        """Make ready for another exchange, idle from now, and return True; False if it cannot."""
        self._idle_since = monotonic()
        return not self.doubted and self.http1.start_next_cycle()

    def has_expired(self) -> bool:
        """Return True after 5 idle seconds, or if the peer has sent or closed meanwhile."""
        return monotonic() - self._idle_since > IDLE_AT_MOST or self.stream.is_readable()

    def close(self) -> None:
        """Close the stream at once, without a word to the peer."""
        self.stream.close()
