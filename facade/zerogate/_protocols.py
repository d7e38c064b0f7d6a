"""Protocols of what a client is given to work with: transports, clients of httpx, an inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ._transport.messages import Request


class Answered(Protocol):
    """The answer of a transport: a `Reply`, or an object that reads like one."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers, their names in lower case."""
        ...

    @property
    def body(self) -> bytes:
        """Return the whole body, unzipped."""
        ...


class Transport(Protocol):
    """A transport, for `Gate(transport=…)`.

    One that reaches nothing outside of this process says so with `offline = True`: it may be used
    where ZEROGATE_OFFLINE is set.
    """

    def send(self, request: Request, until: float, /) -> Answered:
        """Return the whole answer by *until*, an instant of the client's monotonic clock."""
        raise NotImplementedError


class AsyncTransport(Protocol):
    """A transport, for `AsyncGate(transport=…)`; a plain `send` serves it as well."""

    def send(self, request: Request, until: float, /) -> Answered | Awaitable[Answered]:
        """Return the whole answer, or an awaitable of it, by *until*; as `Transport.send`."""
        raise NotImplementedError


class EventsOf(Protocol):
    """An inbox that tells the events of one id, for `inbox=`: an Inbox of `zerogate_store`."""

    def about(self, id: str, /) -> Sequence[Any]:
        """Return the events kept about one id, in the order they happened."""
        ...


class AsyncEventsOf(Protocol):
    """As `EventsOf`, for the async half; a plain one serves it as well."""

    def about(self, id: str, /) -> Sequence[Any] | Awaitable[Sequence[Any]]:
        """Return the events kept about one id, in the order they happened, or an awaitable of them."""
        ...


class HeardOf(Protocol):
    """An inbox, for `gate.journal.rebuild(inbox=…)`: an Inbox of `zerogate_store`."""

    def heard_of(self, since: datetime, /) -> Sequence[tuple[str, str]]:
        """Return kind and id of each session and rail that events since then are about."""
        ...


class AsyncHeardOf(Protocol):
    """As `HeardOf`, for the async half; a plain one serves it as well."""

    def heard_of(
        self, since: datetime, /
    ) -> Sequence[tuple[str, str]] | Awaitable[Sequence[tuple[str, str]]]:
        """Return kind and id of each session and rail that events since then are about, or an awaitable."""
        ...


class HttpClient(Protocol):
    """An HTTP client, for `Gate(http_client=…)`: httpx.Client, or that of httpx2."""

    @property
    def is_closed(self) -> bool:
        """Return True once the client is closed."""
        ...

    def send(
        self, request: Any, *, stream: bool = ..., auth: Any = ..., follow_redirects: Any = ...
    ) -> Any:
        """Send an httpx request and return its response; *stream*: before its body is read."""

    def close(self) -> None:
        """Close the client and its connections."""


class AsyncHttpClient(Protocol):
    """An HTTP client, for `AsyncGate(http_client=…)`: httpx.AsyncClient, or that of httpx2."""

    @property
    def is_closed(self) -> bool:
        """Return True once the client is closed."""
        ...

    def send(
        self, request: Any, *, stream: bool = ..., auth: Any = ..., follow_redirects: Any = ...
    ) -> Any:
        """Return an awaitable that sends an httpx request and gives its response."""

    def aclose(self) -> Awaitable[None]:
        """Return an awaitable that closes the client and its connections."""
        ...
