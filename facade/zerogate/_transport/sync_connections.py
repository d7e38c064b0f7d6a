# Written by facade/unasync.py from facade/zerogate/_http/async_connections.py; edit that file.
"""Connections of one origin: sockets, TLS, proxies, and each exchange by its deadline.

A socket that nobody waits on is known to no loop, so closing it takes no loop either.
"""

from __future__ import annotations

import socket
import ssl
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..exchange import NothingSent, Reply, Request
from . import channels
from .bodies import CAP
from .deadline import Address, Until, literal_address
from .failures import ENDINGS, failure_of
from .keeping import Keeping
from .routes import Ready, Route
from .waiting import (
    Turns,
    sync_connect,
    sync_dropped,
    sync_look_up,
    sync_receive,
    sync_send_all,
)


class _Channel(channels.Channel, Protocol):
    """A wait lasts at most as long as the deadline leaves."""

    def receive(self, until: Until) -> bytes: ...
    def send(self, data: bytes, until: Until) -> None: ...


class _Socket(channels.Socket):
    def receive(self, until: Until) -> bytes:
        return sync_receive(self._sock, until)

    def send(self, data: bytes, until: Until) -> None:
        sync_send_all(self, self._sock, data, until)


class _Tls(channels.Tls[_Channel]):
    def shake_hands(self, until: Until) -> None:
        self._carried(until, self._tls.do_handshake)

    def receive(self, until: Until) -> bytes:
        data: bytes = self._carried(until, self._tls.read, channels.CHUNK)
        return data

    def send(self, data: bytes, until: Until) -> None:
        rest = memoryview(data)
        while rest:
            before = self._channel.sent
            # In pieces: encrypting all of a long body is work that no deadline could interrupt.
            until.left()
            try:
                taken = self._carried(until, self._tls.write, rest[: channels.CHUNK])
            finally:
                self.sent += self._channel.sent - before
            rest = rest[taken:]

    def _carried(self, until: Until, step: Callable[..., Any], *args: Any) -> Any:
        while True:
            result, out = self._attempt(step, *args)
            if out:
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
    addresses = sync_look_up(host, port, until)
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
            sync_connect(sock, address, until.left() / (len(addresses) - tried))
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
    """Sends requests to one origin, each by a deadline, from any number of callers and after a fork.

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
        weakref.finalize(self, sync_dropped, self._idle, self._pid)

    def _renew(self) -> None:
        self._turns = Turns(self._limit)

    def _entered(self) -> None:
        super()._entered()
        self._turns.check()

    def send(self, request: Request, until: float) -> Reply:
        """The whole answer, whatever its status. Broken off, it closes its connection for good.

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
        if not turns.taken(ends):
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
            return reply
        assert failure is not None
        try:
            raise failure
        finally:
            del failure  # which this frame would keep alive, and it this frame

    def close(self) -> None:
        """Close what is idle now, and the rest as it ends. Closing twice is fine."""
        self._shut()
