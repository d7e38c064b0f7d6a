"""Waits of a connection, each in two kinds: on a blocking socket, and on an event loop. Nothing else."""

from __future__ import annotations

import os
import queue
import socket
import threading
import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import GateUsageError
from .channels import CHUNK, Socket
from .deadline import Address, Until, look_up
from .keeping import close_all

if TYPE_CHECKING:
    import asyncio

# asyncio is imported where it is used: who only uses the sync half does not wait for it.

T = TypeVar("T")


async def _by(until: Until, call: Callable[..., Awaitable[T]], *args: Any) -> T:
    import asyncio

    # Around one call on a socket and no more: it keeps no state that breaking off could spoil.
    async with asyncio.timeout(until.left()):
        return await call(*args)


def _loop() -> asyncio.AbstractEventLoop:
    import asyncio

    return asyncio.get_running_loop()


async def async_receive(sock: socket.socket, until: Until) -> bytes:
    return await _by(until, _loop().sock_recv, sock, CHUNK)


def sync_receive(sock: socket.socket, until: Until) -> bytes:
    sock.settimeout(until.left())
    return sock.recv(CHUNK)


async def async_send_all(channel: Socket, sock: socket.socket, data: bytes, until: Until) -> None:
    until.left()
    with suppress(BlockingIOError):
        accepted = sock.send(data)
        channel.sent += accepted
        data = data[accepted:]
    if data:
        # How much of the rest leaves is not told if it fails; that some may have is what counts.
        channel.sent += len(data)
        await _by(until, _loop().sock_sendall, sock, data)


def sync_send_all(channel: Socket, sock: socket.socket, data: bytes, until: Until) -> None:
    rest = memoryview(data)
    while rest:
        sock.settimeout(until.left())
        accepted = sock.send(rest)
        channel.sent += accepted
        rest = rest[accepted:]


async def async_connect(sock: socket.socket, address: Any, seconds: float) -> None:
    sock.setblocking(False)
    await _by(Until(seconds), _loop().sock_connect, sock, address)


def sync_connect(sock: socket.socket, address: Any, seconds: float) -> None:
    sock.settimeout(seconds)
    sock.connect(address)


async def async_look_up(host: str, port: int, until: Until) -> Sequence[Address] | OSError:
    import asyncio

    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[Address] | OSError] = loop.create_future()

    def settle(addresses: Sequence[Address] | OSError) -> None:
        if not found.done():
            found.set_result(addresses)

    def deliver(addresses: Sequence[Address] | OSError) -> None:
        # RuntimeError: the loop has been closed in the meantime.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, addresses)

    look_up(host, port, deliver)
    await asyncio.wait([found], timeout=until.left())
    addresses = found.result() if found.done() else TimeoutError()
    found.cancel()
    return addresses


def sync_look_up(host: str, port: int, until: Until) -> Sequence[Address] | OSError:
    found: queue.SimpleQueue[Sequence[Address] | OSError] = queue.SimpleQueue()
    look_up(host, port, found.put)
    try:
        return found.get(timeout=until.left())
    except queue.Empty:
        return TimeoutError()


class AsyncTurns:
    """So many exchanges at once, all in one event loop."""

    def __init__(self, limit: int) -> None:
        import asyncio

        self._free = asyncio.Semaphore(limit)
        self._loop: asyncio.AbstractEventLoop | None = None

    def check(self) -> None:
        loop = _loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise GateUsageError(
                "an AsyncGate belongs to the event loop it was first used in, and this is another: "
                "make one in each loop, inside of what asyncio.run is given, or use Gate in threads"
            )

    async def taken(self, ends: Until) -> bool:
        if not self._free.locked():
            return await self._free.acquire()
        try:
            return await _by(ends, self._free.acquire)
        except TimeoutError:
            return False

    def release(self) -> None:
        self._free.release()


class Turns:
    """So many exchanges at once, from any thread."""

    def __init__(self, limit: int) -> None:
        self._free = threading.Semaphore(limit)

    def check(self) -> None:
        """Threads share."""

    def taken(self, ends: Until) -> bool:
        return self._free.acquire(timeout=max(ends, 0.0))

    def release(self) -> None:
        self._free.release()


def async_dropped(idle: deque[Any], pid: int) -> None:
    # In a forked child they are the parent's to close.
    forgotten = bool(idle) and os.getpid() == pid
    close_all(idle)
    if forgotten:
        warnings.warn(
            "an AsyncGate was dropped with its connections open: use it in `async with`, "
            "or await its aclose()",
            ResourceWarning,
            stacklevel=2,
        )


def sync_dropped(idle: deque[Any], pid: int) -> None:
    """Also when nobody says close: a socket that is merely forgotten warns."""
    close_all(idle)
