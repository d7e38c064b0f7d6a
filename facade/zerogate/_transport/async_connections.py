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
    AsyncTurns,
    async_connect,
    async_dropped,
    async_look_up,
    async_receive,
    async_send_all,
)


class _Channel(channels.Channel, Protocol):
    """A wait lasts at most as long as the deadline leaves."""

    async def receive(self, until: Until) -> bytes: ...
    async def send(self, data: bytes, until: Until) -> None: ...


class _Socket(channels.Socket):
    async def receive(self, until: Until) -> bytes:
        return await async_receive(self._sock, until)

    async def send(self, data: bytes, until: Until) -> None:
        await async_send_all(self, self._sock, data, until)


class _Tls(channels.Tls[_Channel]):
    async def shake_hands(self, until: Until) -> None:
        await self._carried(until, self._tls.do_handshake)

    async def receive(self, until: Until) -> bytes:
        data: bytes = await self._carried(until, self._tls.read, channels.CHUNK)
        return data

    async def send(self, data: bytes, until: Until) -> None:
        rest = memoryview(data)
        while rest:
            before = self._channel.sent
            # In pieces: encrypting all of a long body is work that no deadline could interrupt.
            until.left()
            try:
                taken = await self._carried(until, self._tls.write, rest[: channels.CHUNK])
            finally:
                self.sent += self._channel.sent - before
            rest = rest[taken:]

    async def _carried(self, until: Until, step: Callable[..., Any], *args: Any) -> Any:
        while True:
            result, out = self._attempt(step, *args)
            if out:
                await self._channel.send(out, until)
            if result is not self.MORE:
                return result
            self._feed(await self._channel.receive(until))


class _Line(channels.Line[_Channel]):
    async def exchange(self, ready: Ready, cap: int, until: Until) -> Reply:
        try:
            await self.channel.send(self.ask(ready, cap), until)
        except ConnectionError:
            # Refused in the middle: what the server has to say about it may be there to read.
            if self.untouched:
                raise
        while True:
            data = await self.channel.receive(until)
            if (reply := self.conversation.hear(data)) is not None:
                return reply


async def _addresses(host: str, port: int, until: Until) -> Sequence[Address]:
    if (literal := literal_address(host, port)) is not None:
        return [literal]
    addresses = await async_look_up(host, port, until)
    if isinstance(addresses, OSError):
        raise addresses
    return addresses


async def _connected(host: str, port: int, until: Until) -> _Socket:
    """To the first address that answers; one that does not leaves the others their share of the time."""
    addresses = await _addresses(host, port, until)
    failures = [OSError("its name has no address")]
    for tried, (family, address) in enumerate(addresses):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            await async_connect(sock, address, until.left() / (len(addresses) - tried))
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


async def _secured(channel: _Channel, context: ssl.SSLContext, host: str, until: Until) -> _Channel:
    secured = _Tls(channel, context, host)
    await secured.shake_hands(until)
    return secured


async def _ask_for_tunnel(route: Route, channel: _Channel, until: Until) -> None:
    reply = await _Line(channel).exchange(route.tunnel_request(), 100_000, until)
    route.check_tunnel(reply.status)


async def _opened(route: Route, until: Until) -> _Line:
    """All that comes before a request: nothing of one has left when this fails."""
    hop = route.proxy or route
    channel: _Channel = await _connected(hop.host, hop.port, until)
    try:
        if route.proxy is not None and route.proxy.scheme == "https":
            channel = await _secured(channel, route.ssl_context, route.proxy.host, until)
        if route.tunnel:
            await _ask_for_tunnel(route, channel, until)
        if route.secure:
            channel = await _secured(channel, route.ssl_context, route.host, until)
    except BaseException:
        channel.close()
        raise
    return _Line(channel)


class AsyncConnections(Keeping[_Line]):
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
        weakref.finalize(self, async_dropped, self._idle, self._pid)

    def _renew(self) -> None:
        self._turns = AsyncTurns(self._limit)

    def _entered(self) -> None:
        super()._entered()
        self._turns.check()

    async def send(self, request: Request, until: float) -> Reply:
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
        if not await turns.taken(ends):
            raise NothingSent(f"nothing was sent: {self._limit} exchanges at once are under way")
        line, reply, failure = None, None, None
        try:
            line = self._idle_one() or await _opened(self._route, self._to_connect(ends))
            reply = await line.exchange(ready, self._cap, ends)
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

    async def aclose(self) -> None:
        """Close what is idle now, and the rest as it ends. Closing twice is fine."""
        self._shut()
