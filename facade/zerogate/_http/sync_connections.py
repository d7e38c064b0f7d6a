"""Connections of one origin for threads; as async_connections.py, part by part, but for the waiting."""

from __future__ import annotations

import queue
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Sequence
from threading import Semaphore
from typing import Any, Protocol

import httpcore

from ..exchange import NothingSent, Reply, Request
from . import channels
from .bodies import CAP, Body
from .channels import CHUNK
from .deadline import Address, Until, left, literal_address, look_up
from .failures import ENDINGS, failure_of
from .keeping import Keeping, close_all
from .routes import IDLE_AT_MOST, Route, reply_headers


class _Channel(channels.Channel, Protocol):
    """A wait lasts at most as long as the deadline leaves."""

    def receive(self, until: Until) -> bytes: ...
    def send(self, data: bytes, until: Until) -> None: ...


class _Socket(channels.Socket):
    def receive(self, until: Until) -> bytes:
        self._sock.settimeout(until.left())
        return self._sock.recv(CHUNK)

    def send(self, data: bytes, until: Until) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(until.left())
            accepted = self._sock.send(rest)
            self.sent += accepted
            rest = rest[accepted:]


class _Tls(channels.Tls[_Channel]):
    def shake_hands(self, until: Until) -> None:
        self._carried(until, self._tls.do_handshake)

    def receive(self, until: Until) -> bytes:
        data: bytes = self._carried(until, self._tls.read, CHUNK)
        return data

    def send(self, data: bytes, until: Until) -> None:
        rest = memoryview(data)
        while rest:
            before = self._channel.sent
            try:
                taken = self._carried(until, self._tls.write, rest)
            finally:
                self.sent += self._channel.sent - before
            rest = rest[taken:]

    def _carried(self, until: Until, step: Callable[..., Any], *args: Any) -> Any:
        while True:
            result, out = self._attempt(step, *args)
            self._channel.send(out, until)
            if result is not self.MORE:
                return result
            self._feed(self._channel.receive(until))


class _Line(channels.Line[_Channel], httpcore.NetworkStream):
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.held += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = left(timeout)
        if self.held:
            self._flush(until)
        return self._counted(self._channel.receive(until))

    def _flush(self, until: Until) -> None:
        data, self.held = self.held, b""
        try:
            self._channel.send(data, until)
        except ConnectionError:
            # Refused in the middle: what the server has to say about it may be there to read.
            if self.untouched:
                raise


class _Connection(httpcore.HTTP11Connection):
    def __init__(self, route: Route, channel: _Channel) -> None:
        self.line = _Line(channel)
        super().__init__(route.core, self.line, IDLE_AT_MOST)


def _addresses(host: str, port: int, until: Until) -> Sequence[Address]:
    if (literal := literal_address(host, port)) is not None:
        return [literal]
    found: queue.SimpleQueue[Sequence[Address] | OSError] = queue.SimpleQueue()
    look_up(host, port, found.put)
    try:
        addresses = found.get(timeout=until.left())
    except queue.Empty:
        addresses = TimeoutError()
    if isinstance(addresses, OSError):
        raise addresses
    return addresses


def _connected(host: str, port: int, until: Until) -> _Socket:
    """To the first address that answers; one that does not leaves the others their share of the time."""
    addresses = _addresses(host, port, until)
    failures = [OSError("its name has no address")]
    for tried, (family, address) in enumerate(addresses):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(until.left() / (len(addresses) - tried))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as exc:
            failures.append(exc)
            sock.close()
        except BaseException:
            sock.close()
            raise
        else:
            return _Socket(sock)
    raise failures.pop()


def _secured(channel: _Channel, context: ssl.SSLContext, host: str, until: Until) -> _Channel:
    secured = _Tls(channel, context, host)
    secured.shake_hands(until)
    return secured


def _ask_for_tunnel(route: Route, channel: _Channel, until: Until) -> None:
    response = _Connection(route, channel).handle_request(route.tunnel_request(until))
    route.check_tunnel(response.status)


def _opened(route: Route, until: Until) -> _Connection:
    """All that comes before a request: nothing of one has left when this fails."""
    hop = route.proxy or route
    channel: _Channel = _connected(hop.host, hop.port, until)
    try:
        if route.proxy is not None and route.proxy.scheme == "https":
            channel = _secured(channel, route.ssl_context, route.proxy.host, until)
        if route.tunnel:
            _ask_for_tunnel(route, channel, until)
        if route.secure:
            channel = _secured(channel, route.ssl_context, route.host, until)
    except BaseException:
        channel.close()
        raise
    return _Connection(route, channel)


class Connections(Keeping[_Connection]):
    """Sends requests to one origin, each by a deadline, from any number of threads and after a fork.

    origin: `https://host[:port]`.
    ssl_context: For authorities of your own; else the machine's count.
    proxy: A proxy's URL; None asks the environment, "" is none whatever that says.
    limit: Exchanges at once; one more waits for its turn, by its own deadline.
    cap: Bytes a body may have, also after it is unzipped.
    monotonic: The clock that deadlines are read on.

    Raises:
        GateUsageError: the proxy is not one.
    """

    def __init__(
        self,
        origin: str,
        *,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        limit: int = 100,
        cap: int = CAP,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(origin, ssl_context, proxy, limit, cap, monotonic)
        # Also when nobody says close: a socket that is merely forgotten warns.
        weakref.finalize(self, close_all, self._idle)

    def _renew(self) -> None:
        self._turns = Semaphore(self._limit)

    def send(self, request: Request, until: float) -> Reply:
        """The whole answer, whatever its status.

        until: When to have ended, on the clock these connections were given.

        Raises:
            GateUsageError: the request, or these connections, are not for this; nothing was sent.
            NothingSent: no byte of the request has left.
            TimeoutError, ConnectionError, ssl.SSLError: some of it may have.
        """
        self._entered()
        ends = self._until(until)
        ready = self._route.request(request, ends)
        turns = self._turns
        if not turns.acquire(timeout=max(ends, 0.0)):
            raise NothingSent(f"nothing was sent: {self._limit} exchanges at once are under way")
        connection, reply, failure = None, None, None
        try:
            connection = self._idle_one() or _opened(self._route, self._to_connect(ends))
            reply = self._exchanged(connection, ready)
        except ENDINGS as exc:
            line = None if connection is None else connection.line
            failure = failure_of(exc, self._route.shown, line)
        finally:
            self._put_back(connection, sound=reply is not None)
            turns.release()
        if reply is not None:
            return reply
        assert failure is not None
        try:
            raise failure
        finally:
            del failure  # which this frame would keep alive, and it this frame

    def _exchanged(self, connection: _Connection, ready: httpcore.Request) -> Reply:
        connection.line.begin(self._cap)
        response = connection.handle_request(ready)
        connection.line.check_order()
        headers = reply_headers(response.headers)
        body = Body(headers.get("content-encoding", ""), self._cap)
        for chunk in response.stream:  # type: ignore[union-attr] # a sync connection's is Iterable
            body.add(chunk)
        response.close()
        return Reply(response.status, headers, body.whole())

    def close(self) -> None:
        """Close what is idle now, and the rest as it ends. Closing twice is fine."""
        self._shut()
