# Written by facade/unasync.py from facade/zerogate/_transport/async_connections.py; edit that file.
"""Connections of one origin: sockets, TLS, proxies, and each exchange by its deadline.

A socket that nobody waits on is known to no loop, so closing it takes no loop either.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from . import streams
from .deadline import Address, Deadline, literal_address
from .endings import Ending, is_strange
from .failures import ENDINGS, failure_of
from .messages import Reply, Request, RequestNotSent
from .pool import LONGEST, ConnectionPool, discard
from .routes import EncodedRequest, Route
from .waiting import (
    Slots,
    Socket,
    sync_connect,
    sync_dropped,
    sync_look_up,
)


class _Stream(streams.Stream, Protocol):
    """A wait lasts at most as long as the deadline leaves."""

    def receive(self, deadline: Deadline) -> bytes:
        """Return the bytes that come next, at most CHUNK; b"" at the peer's end. Ending if it fails."""
        ...

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of *data*, and add to `sent` what the network has taken; raises Ending if it fails."""


class _Tls(streams.Tls[_Stream]):
    def shake_hands(self, deadline: Deadline) -> None:
        """Do the TLS handshake; raises Ending where it fails or the time is up."""
        self._run_step(deadline, self._tls.do_handshake)

    def receive(self, deadline: Deadline) -> bytes:
        """Return decrypted bytes, at most CHUNK; b"" at the peer's end. Ending when time is up."""
        data: bytes = self._run_step(deadline, self._tls.read, streams.CHUNK)
        return data

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Encrypt and send all of *data*; raises Ending when the time is up."""
        rest = memoryview(data)
        while rest:
            before = self._stream.sent
            # In pieces: encrypting all of a long body is work that no deadline could interrupt.
            deadline.left()
            try:
                taken = self._run_step(deadline, self._tls.write, rest[: streams.CHUNK])
            finally:
                self.sent += self._stream.sent - before
            rest = rest[taken:]

    def _run_step(self, deadline: Deadline, step: Callable[..., Any], *args: Any) -> Any:
        """Run a step of TLS to its end, exchanging bytes with the peer; return its result or raise Ending."""
        while True:
            result, out = self._attempt(step, *args)
            if out:
                self._stream.send(out, deadline)
            if result is not self.MORE:
                return result
            self._feed(self._stream.receive(deadline))


class _Connection(streams.Connection[_Stream]):
    def exchange(self, ready: EncodedRequest, cap: int, deadline: Deadline) -> Reply:
        """Send the request; return the whole reply, also one that came before all was sent; else Ending."""
        try:
            self.stream.send(self.ask(ready, cap), deadline)
        except Ending as end:
            # Refused in the middle: what the server has to say about it may be there to read.
            if self.untouched or not isinstance(end.cause, ConnectionError):
                raise
        while True:
            data = self.stream.receive(deadline)
            if (reply := self.http1.hear(data)) is not None:
                return reply


def _addresses(host: str, port: int, deadline: Deadline) -> Sequence[Address]:
    """Return the addresses of a host, itself if it is an IP address; raises Ending if not found."""
    if (literal := literal_address(host, port)) is not None:
        return [literal]
    addresses = sync_look_up(host, port, deadline)
    if isinstance(addresses, OSError):
        raise Ending(addresses)
    return addresses


def _connected(host: str, port: int, deadline: Deadline) -> Socket:
    """Return a socket connected to the first address that answers; else raise the last Ending.

    To the first address that answers; one that does not leaves the others their share of the time.
    """
    addresses = _addresses(host, port, deadline)
    failures = [Ending(OSError("its name has no address"))]
    for tried, (family, address) in enumerate(addresses):
        sock = streams.new_socket(family)
        try:
            sync_connect(sock, address, deadline.left() / (len(addresses) - tried))
        except BaseException as exc:
            sock.close()
            if not isinstance(exc, Ending):
                raise
            failures.append(exc)
        else:
            return Socket(sock)
    raise failures.pop()


def _secured(stream: _Stream, context: ssl.SSLContext, host: str, deadline: Deadline) -> _Stream:
    """Return TLS inside of this stream, its certificate checked for *host*; Ending if that fails."""
    secured = _Tls(stream, context, host)
    secured.shake_hands(deadline)
    return secured


def _ask_for_tunnel(route: Route, stream: _Stream, deadline: Deadline) -> None:
    """Ask the proxy for a tunnel to the origin; raises Ending unless it answers 2xx."""
    reply = _Connection(stream).exchange(route.tunnel_request(), 100_000, deadline)
    route.check_tunnel(reply.status)


def _open_connection(route: Route, deadline: Deadline) -> _Connection:
    """Connect, by the proxy if any, do TLS, return the connection; no request has left when this fails."""
    hop = route.proxy or route
    stream: _Stream = _connected(hop.host, hop.port, deadline)
    try:
        if route.proxy is not None and route.proxy.scheme == "https":
            stream = _secured(stream, route.ssl_context, route.proxy.host, deadline)
        if route.tunnel:
            _ask_for_tunnel(route, stream, deadline)
        if route.secure:
            stream = _secured(stream, route.ssl_context, route.host, deadline)
    except BaseException:
        stream.close()
        raise
    return _Connection(stream)


class Connections(ConnectionPool[_Connection]):
    """Sends requests to one origin, each by a deadline, from any number of callers and after a fork.

    What they are made with: see `ConnectionPool`.
    """

    #: Whether waits call back while they last: see deadline.py.
    pulses: bool = True
    slots_of = Slots
    dropped = staticmethod(sync_dropped)

    def send(self, request: Request, until: float) -> Reply:
        """Return the whole reply, whatever its status; RequestNotSent, or an OSError if bytes may have left.

        until: When to have ended, on the clock these connections were given.

        Raises:
            Misuse: the request, or these connections, are not for this; nothing was sent.
            RequestNotSent: no byte of the request has left.
            TimeoutError, ConnectionError, ssl.SSLError: some of it may have.
        """
        self._check_entry()
        deadline = Deadline(min(until - self._monotonic(), LONGEST))
        ready = self._route.request(request)
        slots = self._slots
        if not slots.acquire(deadline):
            raise RequestNotSent(f"nothing was sent: {self._limit} exchanges at once are under way")
        connection, reply, failure = None, None, None
        try:
            connection = self._fresh(self._idle.pop)
            if connection is None:
                connection = _open_connection(self._route, deadline.to_connect())
            reply = connection.exchange(ready, self._cap, deadline)
        except ENDINGS as exc:
            if is_strange(exc):
                raise
            failure = failure_of(exc, self._route.shown, connection)
        finally:
            try:
                self._put_back(connection, sound=reply is not None)
            finally:
                slots.release()
        if reply is not None:
            assert connection is not None
            close = partial(discard, self._idle, connection)
            return Reply(reply.status, reply.headers, reply.body, reply.oddities, close)
        assert failure is not None
        try:
            raise failure
        finally:
            del failure  # which this frame would keep alive, and it this frame

    def close(self) -> None:
        """Close what is idle now, and the rest as it ends. Closing twice is fine."""
        self._shut()
