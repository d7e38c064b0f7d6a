"""One request and its reply, as plain data, and what carries them: all that the client knows of a network."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol

import attrs

#: What of a reply was not as it should be, and the sentence that says how.
Oddity = tuple[str, str]


@attrs.frozen
class Request:
    """What is to be sent. Its repr shows neither header values nor the body.

    origin: `https://host[:port]`, no path. target: Path and query, encoded, from the base path on.
    headers: Without Host and Content-Length; those are the transport's.
    """

    method: str
    origin: str
    target: str
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Reply:
    """What came back, read whole.

    headers: Names in lower case. oddities: What the transport had to overlook to read the body.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    oddities: tuple[Oddity, ...] = ()


class InOurWords:
    """A failure whose words are our transport's own: no header, body or secret is in them."""


class NothingSent(InOurWords, ConnectionError):
    """A transport's word that no byte of the request left this machine.

    ConnectionRefusedError and socket.gaierror say the same. Any other exception of a transport means
    that the request may have been sent.
    """


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
    """What `inbox=` takes: an Inbox of `zerogate_inbox`."""

    def about(self, id: str, /) -> Sequence[Any]: ...


class AsyncEventsOf(Protocol):
    """What the async half takes; a plain one serves it as well."""

    def about(self, id: str, /) -> Sequence[Any] | Awaitable[Sequence[Any]]: ...


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
