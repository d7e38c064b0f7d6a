"""Connections of one origin for threads; as async_connections.py, part by part, but for the waiting."""

from __future__ import annotations

import queue
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from threading import Semaphore
from typing import Any, Protocol

from ..exchange import NothingSent, Reply, Request
from . import channels
from .bodies import CAP
from .channels import CHUNK
from .deadline import Address, Until, literal_address, look_up
from .failures import ENDINGS, failure_of
from .keeping import Keeping, close_all
from .routes import Ready, Route


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


class _Line(channels.Line[_Channel]):
    def exchange(self, ready: Ready, cap: int, until: Until) -> Reply:
        try:
            self.channel.send(self.ask(ready, cap), until)
        except ConnectionError:
            # Refused in the middle: what the server has to say about it may be there to read.
            if self.untouched:
                raise
        while True:
            data = self.channel.receive(until)
            if (reply := self.conversation.hear(data)) is not None:
                return reply


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
    reply = _Line(channel).exchange(route.tunnel_request(), 100_000, until)
    route.check_tunnel(reply.status)


def _opened(route: Route, until: Until) -> _Line:
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
    return _Line(channel)


class Connections(Keeping[_Line]):
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
        ready = self._route.request(request)
        turns = self._turns
        if not turns.acquire(timeout=max(ends, 0.0)):
            raise NothingSent(f"nothing was sent: {self._limit} exchanges at once are under way")
        line, reply, failure = None, None, None
        try:
            line = self._idle_one() or _opened(self._route, self._to_connect(ends))
            reply = line.exchange(ready, self._cap, ends)
        except ENDINGS as exc:
            failure = failure_of(exc, self._route.shown, line)
        finally:
            self._put_back(line, sound=reply is not None)
            turns.release()
        if reply is not None:
            assert line is not None
            return Reply(reply.status, reply.headers, reply.body, partial(self._discard, line))
        assert failure is not None
        try:
            raise failure
        finally:
            del failure  # which this frame would keep alive, and it this frame

    def close(self) -> None:
        """Close what is idle now, and the rest as it ends. Closing twice is fine."""
        self._shut()
