"""Pool of the idle connections of one process. Never waits."""

from __future__ import annotations

import os
import ssl
import weakref
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Generic, TypeVar

from .deadline import CONNECT_AT_MOST, Deadline
from .messages import Misuse, Reply
from .routes import Route
from .streams import Connection

#: Seconds; no socket takes a time-out without end.
_LONGEST: Final = 86_400.0


K = TypeVar("K", bound=Connection[Any])


class ConnectionPool(Generic[K]):
    """Idle connections wait in a list; one on which anything went wrong is closed and never in it again."""

    #: Its failures are all in our words: any other exception was thrown into it.
    tells_all = True

    def __init__(
        self,
        origin: str,
        ssl_context: ssl.SSLContext | None,
        proxy: str | None,
        limit: int,
        cap: int,
        monotonic: Callable[[], float],
    ) -> None:
        self._route = Route(origin, proxy, ssl_context)
        self._limit, self._cap, self._monotonic = limit, cap, monotonic
        self._idle: deque[K] = deque()
        self._closed = False
        self._begin()

    @property
    def proxy_host(self) -> str | None:
        """Host that these connect to instead of the origin."""
        return None if self._route.proxy is None else self._route.proxy.host

    def _begin(self) -> None:
        """Anew after a fork: connections, slots and event loop are the parent's.

        Closing the child's copies leaves the parent's open, and says nothing to the server.
        """
        close_all(self._idle)
        self._renew()
        # Last: a thread that finds its own process here finds no inherited connection.
        self._pid = os.getpid()

    def _renew(self) -> None:
        raise NotImplementedError

    def _check_entry(self) -> None:
        """On every call."""
        if self._pid != os.getpid():
            self._begin()
        if self._closed:
            raise Misuse("this client is closed: make another")

    def _until(self, instant: float) -> Deadline:
        return Deadline(min(instant - self._monotonic(), _LONGEST))

    def _to_connect(self, deadline: Deadline) -> Deadline:
        return Deadline(min(deadline.left(), CONNECT_AT_MOST))

    def _idle_one(self) -> K | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            try:
                fresh = not connection.has_expired()
            except BaseException:
                connection.close()
                raise
            if fresh:
                return connection
            connection.close()

    def _put_back(self, connection: K | None, *, sound: bool) -> None:
        if connection is None:
            return
        if self._closed or not (sound and connection.is_idle()):
            connection.close()
            return
        self._idle.append(connection)
        if len(self._idle) > 1:
            self._sweep()

    def _with_discard(self, reply: Reply, connection: K) -> Reply:
        """Return a reply with what closes its connection if it turns out to be another's."""
        # Weak: a reply that somebody keeps must not keep the pool, which closes what is idle at its end.
        return Reply(
            *(reply.status, reply.headers, reply.body, reply.oddities),
            discard=partial(_discard, weakref.ref(self), connection),
        )

    def _discard(self, connection: K) -> None:
        """Close a connection that gave another's answer; one in use closes after its exchange."""
        connection.doubted = True
        try:
            self._idle.remove(connection)
        except ValueError:
            # In use again: it is closed instead of being put back.
            return
        connection.close()

    def _sweep(self) -> None:
        """The last in is the first out; so the one that has waited longest would wait for ever."""
        try:
            oldest = self._idle.popleft()
        except IndexError:
            return
        if oldest.has_expired():
            oldest.close()
        else:
            self._idle.appendleft(oldest)

    def _shut(self) -> None:
        self._closed = True
        close_all(self._idle)


def _discard(pool: weakref.ref[ConnectionPool[K]], connection: K) -> None:
    if (alive := pool()) is not None:
        alive._discard(connection)


def close_all(idle: deque[K]) -> None:
    while idle:
        idle.pop().close()
