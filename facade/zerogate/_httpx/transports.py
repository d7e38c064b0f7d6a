"""Our transports where httpx takes one, once for both halves. The other way: adapters.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from .._transport.messages import Misuse, Request, RequestNotSent
from .._transport.steps import Steps, run_steps, run_steps_async
from .adapters import TIMES

Monotonic = Callable[[], float]

#: Said by whoever opens the connection, not by whoever asks for something over it.
_CONNECTION: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}
)
#: True of a body on the wire; ours comes unzipped and whole.
_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class HttpxTransport(httpx.BaseTransport):
    """A transport for httpx.Client, over an object with our `send(request, until)`. Closes nothing.

    timeout: Seconds an exchange may take where the request itself sets none; else the longest it sets.
    """

    def __init__(
        self, transport: Any, *, timeout: float = 30.0, monotonic: Monotonic = time.monotonic
    ) -> None:
        self._transport, self._timeout, self._monotonic = transport, timeout, monotonic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send httpx's request over our transport; return the whole response, unzipped, or httpx's errors."""
        until = self._monotonic() + _longest(request, self._timeout)
        return run_steps(_over_ours(self._transport, request, request.read, until))


class AsyncHttpxTransport(httpx.AsyncBaseTransport):
    """A transport for httpx.AsyncClient, over an object with our `send(request, until)`."""

    def __init__(
        self, transport: Any, *, timeout: float = 30.0, monotonic: Monotonic = time.monotonic
    ) -> None:
        self._transport, self._timeout, self._monotonic = transport, timeout, monotonic

    def handle_async_request(self, request: httpx.Request) -> Any:  # a coroutine; checkers differ
        """Return a coroutine that sends over our transport and gives the whole response or httpx's errors."""
        until = self._monotonic() + _longest(request, self._timeout)
        return run_steps_async(_over_ours(self._transport, request, request.aread, until))


def _over_ours(
    transport: Any, request: httpx.Request, read: Callable[[], Any], until: float
) -> Steps[httpx.Response]:
    """Send by *transport*, yielding what to await; return httpx's response, or raise its errors."""
    body = yield read()
    reply: Any = None
    failure: httpx.TransportError | None = None
    try:
        reply = yield transport.send(_as_ours(request, body), until)
    except Misuse as exc:
        failure = httpx.LocalProtocolError(str(exc), request=request)
    except OSError as exc:
        failure = _httpx_error(exc)(str(exc), request=request)
    if failure is not None:
        raise failure
    headers = {name: value for name, value in reply.headers.items() if name not in _WIRE}
    return httpx.Response(reply.status, headers=headers, content=reply.body, request=request)


def _as_ours(request: httpx.Request, body: bytes) -> Request:
    """Return a request of httpx's as ours, without headers that the connection sets itself."""
    url = request.url
    return Request(
        request.method,
        f"{url.scheme}://{url.netloc.decode()}",
        url.raw_path.decode(),
        tuple((k, v) for k, v in request.headers.multi_items() if k not in _CONNECTION),
        body,
    )


def _longest(request: httpx.Request, otherwise: float) -> float:
    """Return the longest of the request's time-outs in seconds; *otherwise* if it has none."""
    times = request.extensions.get("timeout", {})
    return max((times[name] for name in TIMES if times.get(name)), default=otherwise)


def _httpx_error(exc: OSError) -> type[httpx.TransportError]:
    """Return httpx's class: ConnectError if nothing was sent, ReadTimeout if time is up, else ReadError."""
    match exc:
        case RequestNotSent() | ConnectionRefusedError():
            return httpx.ConnectError
        case TimeoutError():
            return httpx.ReadTimeout
        case _:
            return httpx.ReadError
