"""Time as a value that travels into every wait, and the one wait that cannot be told of it: name look-up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, Final, Self

from .endings import Ending
from .hosts import address_of

#: Seconds it may take to reach a server, TLS and a proxy included, if so much is left.
CONNECT_AT_MOST: Final = 5.0

#: Seconds of a blocking wait between two calls of a pulse.
EVERY = 3.0
_PULSE: Final[ContextVar[Callable[[], None] | None]] = ContextVar("zerogate_pulse", default=None)

#: An address family, and what `connect` takes for it.
Address = tuple[int, Any]


class Deadline(float):
    """Seconds that were left when it was made, and the instant at which they end."""

    instant: float

    def __new__(cls, seconds: float) -> Self:
        self = super().__new__(cls, seconds)
        self.instant = monotonic() + seconds
        return self

    def left(self) -> float:
        """Return the seconds that are still left, more than none; raises Ending if there are none.

        Raises:
            Ending: there are none.
        """
        left = self.instant - monotonic()
        if left <= 0:
            raise Ending(TimeoutError())
        return left

    def to_connect(self) -> Deadline:
        """Return the deadline to reach a server by: this one, at most 5 seconds ahead; Ending if time is up.

        Raises:
            Ending: there is no time left.
        """
        return Deadline(min(self.left(), CONNECT_AT_MOST))


def literal_address(host: str, port: int) -> Address | None:
    """Return the address to connect to if *host* is an IP address already; else None."""
    address = address_of(host)
    if address is None:
        return None
    return (socket.AF_INET6 if address.version == 6 else socket.AF_INET), (host, port)


def look_up(host: str, port: int, deliver: Callable[[Sequence[Address] | OSError], object]) -> None:
    """Resolve a name in a daemon thread; *deliver* gets its addresses or the OSError, maybe long after.

    getaddrinfo knows no time-out; a pool's thread stuck in it would hold up the end of the process.
    """

    def resolve() -> None:
        """Look the name up and hand its addresses, or the OSError, to *deliver*."""
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            deliver(exc if isinstance(exc, OSError) else socket.gaierror(0, "not a host name"))
        else:
            deliver(list(dict.fromkeys((row[0], row[4]) for row in rows)))

    threading.Thread(target=resolve, name=f"look up {host}", daemon=True).start()


@contextmanager
def pulsing(call: Callable[[], None]) -> Iterator[None]:
    """Have *call* made every 3 seconds of blocking waits in here, and in copies of this context."""
    token = _PULSE.set(call)
    try:
        yield
    finally:
        _PULSE.reset(token)


def current_pulse() -> Callable[[], None] | None:
    """Return what `pulsing` was given here; None outside of it."""
    return _PULSE.get()
