"""Protocols of what a client is given to work with: transports, clients of httpx, an inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ._transport.messages import Request


class Answered(Protocol):
    """What a transport gives back: a `Reply`, or what reads like one."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Transport(Protocol):
    """What `Gate(transport=…)` takes.

    One that reaches nothing outside of this process says so with `offline = True`: it may be used
    where ZEROGATE_OFFLINE is set.
    """

    def send(self, request: Request, until: float, /) -> Answered:
        """The whole answer, by this instant of the client's monotonic clock."""
        raise NotImplementedError


class AsyncTransport(Protocol):
    """What `AsyncGate(transport=…)` takes; a plain `send` serves it as well."""

    def send(self, request: Request, until: float, /) -> Answered | Awaitable[Answered]:
        """As that of `Transport`."""
        raise NotImplementedError


class EventsOf(Protocol):
    """What `inbox=` takes: an Inbox of `zerogate_store`."""

    def about(self, id: str, /) -> Sequence[Any]: ...


class AsyncEventsOf(Protocol):
    """What the async half takes; a plain one serves it as well."""

    def about(self, id: str, /) -> Sequence[Any] | Awaitable[Sequence[Any]]: ...


class HeardOf(Protocol):
    """What `gate.journal.rebuild(inbox=…)` takes: an Inbox of `zerogate_store`."""

    def heard_of(self, since: datetime, /) -> Sequence[tuple[str, str]]: ...


class AsyncHeardOf(Protocol):
    """What the async half takes; a plain one serves it as well."""

    def heard_of(
        self, since: datetime, /
    ) -> Sequence[tuple[str, str]] | Awaitable[Sequence[tuple[str, str]]]: ...


class HttpClient(Protocol):
    """What `Gate(http_client=…)` takes: httpx.Client, or that of httpx2."""

    @property
    def is_closed(self) -> bool: ...
    def send(
        self, request: Any, *, stream: bool = ..., auth: Any = ..., follow_redirects: Any = ...
    ) -> Any: ...
    def close(self) -> None: ...


class AsyncHttpClient(Protocol):
    """What `AsyncGate(http_client=…)` takes: httpx.AsyncClient, or that of httpx2."""

    @property
    def is_closed(self) -> bool: ...
    def send(
        self, request: Any, *, stream: bool = ..., auth: Any = ..., follow_redirects: Any = ...
    ) -> Any: ...
    def aclose(self) -> Awaitable[None]: ...
