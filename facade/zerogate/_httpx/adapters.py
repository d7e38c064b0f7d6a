"""httpx where we take a transport: one of its transports, or a whole client of the caller's.

Everything here is found by its name, in httpx or in httpx2, and neither is imported: whoever hands
one over has it. What is to be done are steps, each yielding what may have to be waited for.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import attrs

from .._transport.bodies import CAP, Body
from .._transport.deadline import CONNECT_AT_MOST
from .._transport.failures import Broken, Late
from .._transport.messages import Misuse, Reply, Request, RequestNotSent
from .._transport.routes import reply_headers
from .._transport.steps import Steps, run_steps, run_steps_async
from .._transport.thrown import thrown_in
from .names import HTTPX

Monotonic = Callable[[], float]

TIMES: Final = ("connect", "read", "write", "pool")
#: Errors by which nothing was sent; of any other it may have been.
_UNSENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
#: Of others some call a disconnect after sending a connect time-out.
_BELIEVED: Final = frozenset({"HTTPTransport", "AsyncHTTPTransport"})
#: Whatever fails on the way is one of these, in httpx or in what some of its transports let through.
_FAILURES: Final = frozenset({"RequestError"})
_BELOW: Final = frozenset({"httpcore", "httpcore2", "h11"})
#: A mock means what it says.
_BELIEVED_OF_A_CLIENT: Final = _BELIEVED | {"MockTransport"}


@attrs.frozen
class _Waiting:
    """The way in which one half reads a body and closes an answer."""

    each: Callable[[Any], Any]
    following: Callable[[Any], Any]
    close: str


_SYNC: Final = _Waiting(iter, lambda chunks: next(chunks, None), "close")
_ASYNC: Final = _Waiting(aiter, lambda chunks: anext(chunks, None), "aclose")


class _Theirs:
    """Something of httpx's, and whose it is: the process's that it was given in."""

    def __init__(self, given: Any, monotonic: Monotonic) -> None:
        self._given, self._monotonic = given, monotonic
        self._library = _library_of(given)
        self._pid = os.getpid()
        self._closed = False

    def _check_entry(self) -> None:
        """Raise Misuse if this adapter is closed, or used in another process than it was made in."""
        if self._closed:
            raise Misuse("this client is closed: make another")
        if self._pid != os.getpid():
            kind = type(self._given).__name__
            raise Misuse(
                f"the {kind} of {self._library.__name__} was given in another process, and its "
                "connections are that one's: make it, and the client, after the fork"
            )

    def _httpx_request(self, request: Request, seconds: float) -> Any:
        """Return our request as one of httpx's, with time-outs; RequestNotSent if time is up."""
        if seconds <= 0:
            raise RequestNotSent("nothing was sent: the time was up")
        library = self._library
        url = library.URL(request.origin).copy_with(raw_path=request.target.encode())
        # Shorter than all of it: so httpx can still say that nothing was sent.
        before = min(seconds * 0.9, CONNECT_AT_MOST)
        times = {"pool": seconds * 0.9, "connect": before, "write": seconds, "read": seconds}
        return library.Request(
            request.method,
            url,
            headers=[*request.headers, ("Accept-Encoding", "gzip")],
            content=request.body,
            extensions={"timeout": times},
        )

    def _late(self, until: float) -> Callable[[], bool]:
        """Return a function that says if the monotonic clock has reached *until*."""
        return lambda: self._monotonic() >= until


class _OfOneLoop(_Theirs):
    """Base of the async adapters: refuses any event loop but the one it was first used in."""

    _loop: asyncio.AbstractEventLoop | None = None

    def _check_entry(self) -> None:
        """Raise Misuse where the base does, and in any event loop but that of the first use, noted here."""
        super()._check_entry()
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise Misuse(
                "an async client belongs to the event loop it was first used in, and this is another: "
                "make one in each loop, inside of what asyncio.run is given, or use the sync client"
            )


class HttpxAdapter(_Theirs):
    """A transport of httpx's, for `Gate(transport=…)`. Closing this closes that.

    httpx bounds each wait, not the sum: a peer that drips its head can outlast the deadline here.
    """

    def __init__(self, transport: Any, *, monotonic: Monotonic = time.monotonic) -> None:
        super().__init__(transport, monotonic)

    def send(self, request: Request, until: float) -> Reply:
        """Send by httpx's transport; return the whole reply, or RequestNotSent, Late, Broken, Misuse."""
        self._check_entry()
        asked = self._httpx_request(request, until - self._monotonic())
        sound = _is_believed(self._given, _BELIEVED)
        return run_steps(
            _exchange(asked, self._given.handle_request, _SYNC, self._late(until), sound)
        )

    def close(self) -> None:
        """Close httpx's transport, and refuse further sends."""
        self._closed = True
        self._given.close()


class AsyncHttpxAdapter(_OfOneLoop):
    """An async transport of httpx's, for `AsyncGate(transport=…)`. Closing this closes that."""

    def __init__(self, transport: Any, *, monotonic: Monotonic = time.monotonic) -> None:
        super().__init__(transport, monotonic)

    def send(self, request: Request, until: float) -> Coroutine[Any, Any, Reply]:
        """Return a coroutine that sends and gives the whole reply, broken off at *until*, monotonic."""
        self._check_entry()
        seconds = until - self._monotonic()
        asked = self._httpx_request(request, seconds)
        sound = _is_believed(self._given, _BELIEVED)
        handle = self._given.handle_async_request
        return run_steps_async(_exchange(asked, handle, _ASYNC, bool, sound), seconds)

    def aclose(self) -> Coroutine[Any, Any, None]:
        """Refuse further sends at once; return a coroutine that closes httpx's transport."""
        self._closed = True
        closing: Coroutine[Any, Any, None] = self._given.aclose()
        return closing


class _OfAClient(_Theirs):
    """Base of both halves' adapters of a whole client: sends through it, leaves it as it was."""

    def __init__(self, client: Any, origin: str, monotonic: Monotonic) -> None:
        super().__init__(client, monotonic)
        self._origin = origin
        self._alias = _without_cookies(client)

    @property
    def proxy_host(self) -> str | None:
        """Return the host of the proxy that the client would use for Gate; None if it has or shows none."""
        return _proxy_host(self._transport())

    def _transport(self) -> Any:
        """Return the client's transport for our origin; None where the client does not say."""
        choose = getattr(self._given, "_transport_for_url", None)
        return None if choose is None else choose(self._library.URL(self._origin))

    def _steps(
        self, request: Request, seconds: float, half: _Waiting, late: Callable[[], bool]
    ) -> Steps[Reply]:
        """Return the steps of one exchange through the client; Misuse if that has been closed."""
        if self._given.is_closed:
            raise Misuse("http_client= has been closed: close it after this client")
        asked = self._httpx_request(request, seconds)
        alias, sound = self._alias, _is_believed(self._transport(), _BELIEVED_OF_A_CLIENT)

        def handle(asked: Any) -> Any:
            """Send by the client, no auth, no redirect; return the response, unread, or its awaitable."""
            return alias.send(asked, stream=True, auth=None, follow_redirects=False)

        return _exchange(asked, handle, half, late, sound)


class HttpxClientAdapter(_OfAClient):
    """A client of httpx's or httpx2's, as `Gate(http_client=…)` is given one. It stays the caller's to close.

    Each wait is bounded, not their sum: as with `HttpxAdapter`.
    """

    def send(self, request: Request, until: float) -> Reply:
        """Send by the caller's client; return the whole reply or raise RequestNotSent, Late, Broken…."""
        self._check_entry()
        seconds = until - self._monotonic()
        return run_steps(self._steps(request, seconds, _SYNC, self._late(until)))

    def close(self) -> None:
        """Refuse further sends; the caller's httpx client stays open."""
        self._closed = True


class AsyncHttpxClientAdapter(_OfOneLoop, _OfAClient):
    """An async client of httpx's or httpx2's, alike; at its deadline an exchange is broken off."""

    def send(self, request: Request, until: float) -> Coroutine[Any, Any, Reply]:
        """Return a coroutine that sends and gives the whole reply, broken off at *until*, monotonic."""
        self._check_entry()
        seconds = until - self._monotonic()
        return run_steps_async(self._steps(request, seconds, _ASYNC, bool), seconds)

    def aclose(self) -> None:
        """Refuse further sends; the caller's httpx client stays open."""
        self._closed = True


def _exchange(
    asked: Any,
    handle: Callable[[Any], Any],
    half: _Waiting,
    late: Callable[[], bool],
    believed: bool,
) -> Steps[Reply]:
    """Send by *handle*, yielding what to await; return the whole reply; httpx's errors become ours."""
    response: Any = None
    headers: dict[str, str] = {}
    body = Body("", CAP)
    failure, handled = None, sys.exception()
    try:
        response = yield handle(asked)
        try:
            headers = reply_headers((name.lower(), value) for name, value in response.headers.raw)
            if getattr(response, "is_stream_consumed", False):
                # A mock, or a hook of the caller's, has read and unzipped it already.
                body.add(response.content)
            else:
                body = Body(headers.get("content-encoding", ""), CAP)
                chunks = half.each(response.stream)
                while (chunk := (yield half.following(chunks))) is not None:
                    body.add(chunk)
                    if late():
                        raise Late("no whole answer: the time was up")
        finally:
            yield getattr(response, half.close)()
    except Exception as exc:
        # What a handler of a signal raises inside of httpcore comes out as a failure of the network.
        thrown = thrown_in(exc, handled)
        names = {base.__name__ for base in type(exc).__mro__}
        if thrown is not None and thrown is not exc:
            raise thrown from thrown.__cause__
        if thrown is not None or not (names & _FAILURES or _root_of(type(exc)) in _BELOW):
            raise
        failure = _failure(type(exc).__name__, names, believed)
    if failure is not None:
        raise failure
    return Reply(response.status_code, headers, body.whole(), body.oddities)


def _failure(said: str, names: set[str], believed: bool) -> OSError:
    """Return (not raise) RequestNotSent, Late or Broken for an httpx error of these class names."""
    if believed and names & _UNSENT:
        return RequestNotSent(f"nothing was sent: httpx says {said}")
    kind = Late if "TimeoutException" in names else Broken
    return kind(f"no whole answer: httpx says {said}")


def _is_believed(transport: Any, kinds: frozenset[str]) -> bool:
    """Return True for httpx's transport of one of *kinds*: its "nothing was sent" is believed."""
    return any(
        base.__name__ in kinds and _root_of(base) in HTTPX for base in type(transport).__mro__
    )


def _root_of(kind: type) -> str:
    """Return the top-level package that a class is written in."""
    return kind.__module__.partition(".")[0]


def _library_of(given: Any) -> Any:
    """Return the module httpx or httpx2 that *given* is made of; httpx for any other."""
    found = (_root_of(base) for base in type(given).__mro__)
    name = next((root for root in found if root in HTTPX), "httpx")
    if name not in sys.modules:
        __import__(name)
    return sys.modules[name]


def _without_cookies(client: Any) -> Any:
    """Return the same client, its state shared, under a class that keeps and sends no cookie.

    So hooks, instrumentation and mocks that were put on the client or on its class see each call,
    and what Gate sets reaches none of the caller's own requests.
    """
    no_cookies = type(client.cookies)

    class Alias(type(client)):  # type: ignore[misc]  # known when it is given
        cookies = property(lambda self: no_cookies())

        def __del__(self) -> None:
            """Some close themselves here: what ends is not the client."""

    Alias.__name__ = Alias.__qualname__ = type(client).__name__
    alias = object.__new__(Alias)
    alias.__dict__ = client.__dict__
    return alias


def _proxy_host(transport: Any) -> str | None:
    """Return the host of the proxy that a transport of httpx's uses; None where it shows none."""
    pool = getattr(transport, "_pool", None)
    if pool is None or not ("Proxy" in type(pool).__name__ or "SOCKS" in type(pool).__name__):
        return None
    host = getattr(getattr(pool, "_proxy_url", None), "host", b"a proxy")
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
