"""Signals whose handlers raise in the middle of what the main thread is doing."""

from __future__ import annotations

import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h11


class SoftTimeLimitExceeded(Exception):
    """As Celery's: an Exception."""


#: What handlers raise: also what a network raises by itself.
THROWN: dict[str, Callable[[], BaseException]] = {
    "Celery's soft limit": SoftTimeLimitExceeded,
    "a bare TimeoutError": TimeoutError,
    "a TimeoutError with words": lambda: TimeoutError("timed out"),
    "ETIMEDOUT": lambda: TimeoutError(110, "Connection timed out"),
    "a reset": lambda: ConnectionResetError(104, "Connection reset by peer"),
    "refused": lambda: ConnectionRefusedError(111, "Connection refused"),
    "an OSError": lambda: OSError(5, "Input/output error"),
    "of TLS": lambda: ssl.SSLError(1, "sslv3 alert"),
    "of h11": lambda: h11.RemoteProtocolError("peer closed connection"),
    "a LookupError": LookupError,
    "Ctrl-C": KeyboardInterrupt,
    "an exit": lambda: SystemExit(1),
}


_DONE = threading.Event()
_DONE.set()


def interrupt() -> None:
    """Have the handler run in the main thread, out of whatever it waits for."""
    main = threading.main_thread()
    assert main.ident is not None
    signal.pthread_kill(main.ident, signal.SIGUSR1)
    # Between the last look for signals and the system's call one is noticed after that call only.
    while threading.current_thread() is not main and not _DONE.wait(0.01):
        signal.pthread_kill(main.ident, signal.SIGUSR1)


@contextmanager
def handled(handler: Callable[[], None]) -> Iterator[None]:
    """In here, SIGUSR1 is answered by this once; later ones are ignored, also after it."""

    def once(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        _DONE.set()
        handler()

    _DONE.clear()
    signal.signal(signal.SIGUSR1, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        _DONE.set()


@contextmanager
def thrown(make: Callable[[], BaseException]) -> Iterator[BaseException]:
    """In here, SIGUSR1 raises this once; it comes out again, and nothing else does."""
    exc = make()

    def raise_it() -> None:
        raise exc

    caught: BaseException | None = None
    try:
        with handled(raise_it):
            yield exc
    except BaseException as other:
        caught = other
    if caught is not exc:
        raise AssertionError(f"{exc!r} was thrown in, and {caught!r} came out") from caught


class Interrupting:
    """Passes requests on to another transport, and is interrupted before or after one of its writes."""

    def __init__(self, transport: Any, *, at: int = 1, after: bool = False) -> None:
        self._transport, self._at, self._after = transport, at, after
        self.count = 0

    def send(self, request: Any, until: float) -> Any:
        self.count += request.method == "POST"
        here = request.method == "POST" and self.count == self._at
        if here and not self._after:
            interrupt()
        reply = self._transport.send(request, until)
        if here:
            interrupt()
        return reply

    def close(self) -> None:
        """Nothing is open."""
