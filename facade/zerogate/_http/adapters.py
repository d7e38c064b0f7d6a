"""Our transports where httpx takes one, and httpx's where we do: each way written once, for both halves.

What is to be done are steps, each yielding what may have to be waited for; who runs them waits.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Final, TypeVar

import httpx

from ..exchange import NothingSent, Reply, Request
from .bodies import CAP, Body
from .routes import reply_headers

T = TypeVar("T")
Steps = Generator[Any, Any, T]
Monotonic = Callable[[], float]

_TIMES: Final = ("connect", "read", "write", "pool")
#: Said by whoever opens the connection, not by whoever asks for something over it.
_CONNECTION: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}
)
#: True of a body on the wire; ours comes unzipped and whole.
_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_UNSENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class HttpxTransport(httpx.BaseTransport):
    """What has our `send(request, until)`, as a transport for httpx.Client. Closing it closes nothing.

    timeout: Seconds an exchange may take where the request itself sets none; else the longest it sets.
    """

    def __init__(
        self, transport: Any, *, timeout: float = 30.0, monotonic: Monotonic = time.monotonic
    ) -> None:
        self._transport, self._timeout, self._monotonic = transport, timeout, monotonic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = self._monotonic() + _longest(request, self._timeout)
        return _run(_over_ours(self._transport, request, request.read, until))


class AsyncHttpxTransport(httpx.AsyncBaseTransport):
    """What has our `send(request, until)`, for httpx.AsyncClient; as HttpxTransport."""

    def __init__(
        self, transport: Any, *, timeout: float = 30.0, monotonic: Monotonic = time.monotonic
    ) -> None:
        self._transport, self._timeout, self._monotonic = transport, timeout, monotonic

    def handle_async_request(self, request: httpx.Request) -> Any:  # a coroutine
        until = self._monotonic() + _longest(request, self._timeout)
        return driven(_over_ours(self._transport, request, request.aread, until))


class OverHttpx:
    """A transport of httpx's, for `Gate(transport=…)`. Closing this closes that.

    httpx bounds each wait, not the sum: a peer that drips its head can outlast the deadline here.
    """

    def __init__(self, transport: Any, *, monotonic: Monotonic = time.monotonic) -> None:
        self._transport, self._monotonic = transport, monotonic

    def send(self, request: Request, until: float) -> Reply:
        def late() -> bool:
            return self._monotonic() >= until

        asked = _as_httpx(request, until - self._monotonic())
        handle = self._transport.handle_request
        return _run(_over_httpx(self._transport, asked, handle, _SYNC, late))

    def close(self) -> None:
        self._transport.close()


class AsyncOverHttpx:
    """An async transport of httpx's, for `AsyncGate(transport=…)`. Closing this closes that."""

    def __init__(self, transport: Any, *, monotonic: Monotonic = time.monotonic) -> None:
        self._transport, self._monotonic = transport, monotonic

    def send(self, request: Request, until: float) -> Coroutine[Any, Any, Reply]:
        seconds = until - self._monotonic()
        asked = _as_httpx(request, seconds)
        handle = self._transport.handle_async_request
        return driven(_over_httpx(self._transport, asked, handle, _ASYNC, bool), seconds)

    def aclose(self) -> Any:
        return self._transport.aclose()


def _run(steps: Steps[T]) -> T:
    """Where nothing has to be waited for, what a step yields is its result."""
    result = None
    try:
        while True:
            result = steps.send(result)
    except StopIteration as end:
        value: T = end.value
    return value


def _over_ours(
    transport: Any, request: httpx.Request, read: Callable[[], Any], until: float
) -> Steps[httpx.Response]:
    body = yield read()
    reply: Any = None
    failure = None
    try:
        reply = yield transport.send(_as_ours(request, body), until)
    except OSError as exc:
        failure = _told_to_httpx(exc)(str(exc), request=request)
    if failure is not None:
        raise failure
    headers = {name: value for name, value in reply.headers.items() if name not in _WIRE}
    return httpx.Response(reply.status, headers=headers, content=reply.body, request=request)


def _as_ours(request: httpx.Request, body: bytes) -> Request:
    url = request.url
    return Request(
        request.method,
        f"{url.scheme}://{url.netloc.decode()}",
        url.raw_path.decode(),
        tuple((k, v) for k, v in request.headers.multi_items() if k not in _CONNECTION),
        body,
    )


def _longest(request: httpx.Request, otherwise: float) -> float:
    times = request.extensions.get("timeout", {})
    return max((times[name] for name in _TIMES if times.get(name)), default=otherwise)


def _told_to_httpx(exc: OSError) -> type[httpx.TransportError]:
    match exc:
        case NothingSent() | ConnectionRefusedError():
            return httpx.ConnectError
        case TimeoutError():
            return httpx.ReadTimeout
        case _:
            return httpx.ReadError


_SYNC: Final = (iter, lambda chunks: next(chunks, None), "close")
_ASYNC: Final = (aiter, lambda chunks: anext(chunks, None), "aclose")


def _over_httpx(
    transport: Any,
    request: httpx.Request,
    handle: Callable[[httpx.Request], Any],
    half: tuple[Any, Any, str],
    late: Callable[[], bool],
) -> Steps[Reply]:
    each, following, close = half
    response: Any = None
    headers: dict[str, str] = {}
    body = Body("", CAP)
    failure = None
    try:
        response = yield handle(request)
        try:
            headers = reply_headers((name.lower(), value) for name, value in response.headers.raw)
            body = Body(headers.get("content-encoding", ""), CAP)
            chunks = each(response.stream)
            while (chunk := (yield following(chunks))) is not None:
                body.add(chunk)
                if late():
                    raise TimeoutError("no whole answer: the time was up")
        finally:
            yield getattr(response, close)()
    except httpx.TransportError as exc:
        failure = _told_by_httpx(exc, transport)
    if failure is not None:
        raise failure
    return Reply(response.status_code, headers, body.whole())


def _as_httpx(request: Request, seconds: float) -> httpx.Request:
    if seconds <= 0:
        raise NothingSent("nothing was sent: the time was up")
    url = httpx.URL(request.origin).copy_with(raw_path=request.target.encode())
    headers = [*request.headers, ("Accept-Encoding", "gzip")]
    times = {"timeout": dict.fromkeys(_TIMES, seconds)}
    return httpx.Request(
        request.method, url, headers=headers, content=request.body, extensions=times
    )


def _told_by_httpx(exc: httpx.TransportError, transport: Any) -> OSError:
    # Only httpx's own are believed: of others some call a disconnect after sending a connect time-out.
    own = isinstance(transport, httpx.HTTPTransport | httpx.AsyncHTTPTransport)
    said = type(exc).__name__
    if own and isinstance(exc, _UNSENT):
        return NothingSent(f"nothing was sent: httpx says {said}")
    kind = TimeoutError if isinstance(exc, httpx.TimeoutException) else ConnectionError
    return kind(f"no whole answer: httpx says {said}")


async def driven(steps: Generator[Any, Any, T], seconds: float | None = None) -> T:
    """Run steps to their end, awaiting what each yields.

    seconds: Break off then; for a transport of others, which cannot be told of a deadline.
    """
    late = False
    try:
        async with asyncio.timeout(seconds):
            return await _driven(steps)
    except TimeoutError:
        late = seconds is not None
        if not late:
            raise
    raise TimeoutError("no whole answer: the time was up")


async def _driven(steps: Generator[Any, Any, T]) -> T:
    step: Callable[[Any], Any] = steps.send
    outcome: Any = None
    while True:
        try:
            yielded = step(outcome)
        except StopIteration as end:
            value: T = end.value
            return value
        try:
            step, outcome = steps.send, yielded
            if inspect.isawaitable(yielded):
                outcome = await yielded
        except BaseException as exc:
            step, outcome = steps.throw, exc
