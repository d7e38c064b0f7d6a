"""Waits of a connection, each in two kinds: on a blocking socket, and on an event loop. Nothing else."""

from __future__ import annotations

import os
import queue
import socket
import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from . import deadline as pulse
from .deadline import Address, Deadline, current_pulse, look_up
from .endings import Ending, end_by, is_bare, is_strange
from .messages import Misuse
from .pool import close_all
from .streams import CHUNK, BaseSocket

if TYPE_CHECKING:
    import asyncio

# asyncio is imported where it is used: who only uses the sync half does not wait for it.

T = TypeVar("T")


async def _wait_by(deadline: Deadline, call: Callable[..., Awaitable[T]], *args: Any) -> T:
    """Return a socket call's result, awaited until the deadline; its OSErrors raise Ending."""
    import asyncio

    # Around one call on a socket and no more: it keeps no state that breaking off could spoil.
    try:
        async with asyncio.timeout(deadline.left()):
            return await call(*args)
    except OSError as exc:
        end_by(exc)


def _loop() -> asyncio.AbstractEventLoop:
    """Return the running event loop."""
    import asyncio

    return asyncio.get_running_loop()


def _beaten(deadline: Deadline) -> Deadline:
    """Call the pulse, where there is one, and return the next wait's deadline, cut short for it."""
    beat = current_pulse()
    if beat is None:
        return deadline
    beat()
    return Deadline(min(deadline.left(), pulse.EVERY))


def _end_unless_cut(exc: OSError, wait: Deadline, deadline: Deadline) -> None:
    """Raise the Ending that *exc* is; return where only a wait cut for the pulse timed out."""
    is_cut = is_bare(exc) and wait.instant < deadline.instant
    if not is_cut or is_strange(exc, wait.instant):
        end_by(exc, deadline.instant)


class AsyncSocket(BaseSocket):
    """A socket that is waited on in an event loop."""

    async def receive(self, deadline: Deadline) -> bytes:
        """Return the bytes that come next, at most CHUNK; b"" at the peer's end. Ending if it fails."""
        return await _wait_by(deadline, _loop().sock_recv, self._sock, CHUNK)

    async def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of *data*, or raise Ending; then bytes that may have left count as `sent`."""
        deadline.left()
        try:
            accepted = self._sock.send(data)
        except BlockingIOError:
            accepted = 0
        except OSError as exc:
            end_by(exc)
        self.sent += accepted
        data = data[accepted:]
        if data:
            # How much of the rest leaves is not told if it fails; that some may have is what counts.
            self.sent += len(data)
            await _wait_by(deadline, _loop().sock_sendall, self._sock, data)


class Socket(BaseSocket):
    """A socket that blocks, for as long as a deadline leaves."""

    def receive(self, deadline: Deadline) -> bytes:
        """Return the bytes that come next, at most CHUNK; b"" at the peer's end. Ending if it fails."""
        while True:
            wait = _beaten(deadline)
            try:
                self._sock.settimeout(wait.left())
                return self._sock.recv(CHUNK)
            except OSError as exc:
                _end_unless_cut(exc, wait, deadline)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of *data*, and add to `sent` what the network has taken; Ending if it fails."""
        rest = memoryview(data)
        while rest:
            wait = _beaten(deadline)
            try:
                self._sock.settimeout(wait.left())
                accepted = self._sock.send(rest)
            except OSError as exc:
                _end_unless_cut(exc, wait, deadline)
                continue
            self.sent += accepted
            rest = rest[accepted:]


async def async_connect(sock: socket.socket, address: Any, seconds: float) -> None:
    """Connect the socket within *seconds*, and leave it non-blocking; raises Ending."""
    sock.setblocking(False)
    await _wait_by(Deadline(seconds), _loop().sock_connect, sock, address)


def sync_connect(sock: socket.socket, address: Any, seconds: float) -> None:
    """Connect the socket within *seconds*; raises Ending where it fails."""
    deadline = Deadline(seconds)
    try:
        sock.settimeout(seconds)
        sock.connect(address)
    except OSError as exc:
        end_by(exc, deadline.instant)


async def async_look_up(host: str, port: int, deadline: Deadline) -> Sequence[Address] | OSError:
    """Return a name's addresses or, not raised, an OSError: TimeoutError if time is up."""
    import asyncio

    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[Address] | OSError] = loop.create_future()

    def settle(addresses: Sequence[Address] | OSError) -> None:
        """Set the result, unless nobody waits for it any more."""
        if not found.done():
            found.set_result(addresses)

    def deliver(addresses: Sequence[Address] | OSError) -> None:
        """Hand the addresses to the event loop, from another thread."""
        # RuntimeError: the loop has been closed in the meantime.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, addresses)

    look_up(host, port, deliver)
    await asyncio.wait([found], timeout=deadline.left())
    addresses = found.result() if found.done() else TimeoutError()
    found.cancel()
    return addresses


def sync_look_up(host: str, port: int, deadline: Deadline) -> Sequence[Address] | OSError:
    """Return a name's addresses or, not raised, an OSError: TimeoutError if time is up."""
    found: queue.SimpleQueue[Sequence[Address] | OSError] = queue.SimpleQueue()
    look_up(host, port, found.put)
    try:
        return found.get(timeout=deadline.left())
    except queue.Empty:
        return TimeoutError()


class AsyncSlots:
    """So many exchanges at once, all in one event loop."""

    def __init__(self, limit: int) -> None:
        import asyncio

        self._free = asyncio.Semaphore(limit)
        self._loop: asyncio.AbstractEventLoop | None = None

    def check(self) -> None:
        """Raise Misuse in any event loop but that of the first use, which is noted here."""
        loop = _loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise Misuse(
                "an async client belongs to the event loop it was first used in, and this is "
                "another: make one in each loop, inside of what asyncio.run is given, or use the sync "
                "client in threads"
            )

    async def acquire(self, deadline: Deadline) -> bool:
        """Take a slot and return True, waiting until the deadline; False, and none taken, if time is up."""
        if not self._free.locked():
            return await self._free.acquire()
        try:
            return await _wait_by(deadline, self._free.acquire)
        except Ending:
            return False

    def release(self) -> None:
        """Give a slot back."""
        self._free.release()


class Slots:
    """So many exchanges at once, from any thread."""

    def __init__(self, limit: int) -> None:
        # Tokens in a queue: threading's own semaphore takes ten times as long.
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(limit):
            self._free.put(None)

    def check(self) -> None:
        """Do nothing: any thread may use these."""

    def acquire(self, deadline: Deadline) -> bool:
        """Take a slot and return True, pulsing while it waits; False, and none taken, when time is up."""
        while True:
            try:
                self._free.get(timeout=min(max(deadline.instant - monotonic(), 0.0), pulse.EVERY))
                return True
            except queue.Empty:
                if monotonic() >= deadline.instant:
                    return False
            if (beat := current_pulse()) is not None:
                beat()

    def release(self) -> None:
        """Give a slot back."""
        self._free.put(None)


def async_dropped(idle: deque[Any], pid: int) -> None:
    """Close a dropped pool's idle connections; warns if there are any, outside a forked child."""
    # In a forked child they are the parent's to close.
    forgotten = bool(idle) and os.getpid() == pid
    close_all(idle)
    if forgotten:
        warnings.warn(
            "an async client was dropped with its connections open: use it in `async with`, "
            "or await its aclose()",
            ResourceWarning,
            stacklevel=2,
        )


def sync_dropped(idle: deque[Any], pid: int) -> None:
    """Close a dropped pool's idle connections, without a warning."""
    close_all(idle)
