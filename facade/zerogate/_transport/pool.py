"""Pool of the idle connections of one process. Never waits."""

from __future__ import annotations

import os
import ssl
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from .bodies import CAP
from .messages import Misuse
from .routes import Route
from .streams import Connection

#: Seconds; no socket takes a time-out without end.
LONGEST: Final = 86_400.0


K = TypeVar("K", bound=Connection[Any])


class ConnectionPool(Generic[K]):
    """Idle connections wait in a list; one on which anything went wrong is closed and never in it again.

    origin: `https://host[:port]`.
    ssl_context: For authorities of your own; else the machine's count.
    proxy: A proxy's URL; None asks the environment, "" is none whatever that says.
    limit: Exchanges at once; one more waits for its slot, by its own deadline.
    cap: Bytes a body may have, also after it is unzipped.
    monotonic: The clock that deadlines are read on.

    Raises:
        Misuse: the proxy is not one.
    """

    #: Its failures are all in our words: any other exception was thrown into it.
    tells_all = True
    #: What waits for a slot, and what closes the idle connections of a pool that nobody has any more.
    slots_of: Callable[[int], Any]
    dropped: Callable[[deque[Any], int], None]

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
        self._route = Route(origin, proxy, ssl_context)
        #: Host that these connect to instead of the origin.
        self.proxy_host = None if self._route.proxy is None else self._route.proxy.host
        self._limit, self._cap, self._monotonic = limit, cap, monotonic
        self._idle: deque[K] = deque()
        self._closed = False
        self._begin()
        weakref.finalize(self, self.dropped, self._idle, self._pid)

    def _begin(self) -> None:
        """Close idle connections, make new slots, note the process: when made, after a fork.

        Closing the child's copies leaves the parent's open, and says nothing to the server.
        """
        close_all(self._idle)
        self._slots = self.slots_of(self._limit)
        # Last: a thread that finds its own process here finds no inherited connection.
        self._pid = os.getpid()

    def _check_entry(self) -> None:
        """Begin anew after a fork; raise Misuse if closed, or in another event loop than before."""
        if self._pid != os.getpid():
            self._begin()
        if self._closed:
            raise Misuse("this client is closed: make another")
        self._slots.check()

    def _fresh(self, take: Callable[[], K]) -> K | None:
        """Take idle connections until one can be used, closing the others; None if none can."""
        while True:
            try:
                connection = take()
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
        """Make a sound connection idle again, else close it; closes the oldest idle if expired."""
        if connection is not None and (self._closed or not (sound and connection.make_idle())):
            connection.close()
        elif connection is not None:
            self._idle.append(connection)
            # The last in is the first out; so the one that has waited longest would wait for ever.
            if len(self._idle) > 1 and (oldest := self._fresh(self._idle.popleft)) is not None:
                self._idle.appendleft(oldest)
            # Closed by another thread since the look above, which found neither of the two.
            if self._closed:
                close_all(self._idle)

    def _shut(self) -> None:
        """Refuse further sends, close idle connections; those in use as they end."""
        self._closed = True
        close_all(self._idle)


def discard(idle: deque[K], connection: K) -> None:
    """Close a connection that gave another's answer: at once if idle, in use after its exchange.

    idle: And not the pool: a reply that somebody keeps must not keep that from its end.
    """
    connection.doubted = True
    try:
        idle.remove(connection)
    except ValueError:
        # In use again: it is closed instead of being put back.
        return
    connection.close()


def close_all(idle: deque[K]) -> None:
    """Close all connections in this list and empty it."""
    while idle:
        idle.pop().close()
