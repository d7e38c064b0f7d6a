"""A request, its reply, and what a transport says where there is none: plain data, known to both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

#: What of a reply was not as it should be, and the sentence that says how.
Oddity = tuple[str, str]


@attrs.frozen
class Request:
    """A request to send. Its repr shows neither header values nor the body.

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
    """An answer, read whole.

    headers: Names in lower case. oddities: What the transport had to overlook to read the body.
    discard: Closes the connection that it came on, where a transport can.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    oddities: tuple[Oddity, ...] = ()
    discard: Callable[[], None] | None = attrs.field(default=None, repr=False, eq=False)


class InOurWords:
    """A failure whose words are our transport's own: no header, body or secret is in them."""


class RequestNotSent(InOurWords, ConnectionError):
    """A transport's word that no byte of the request left this machine.

    ConnectionRefusedError and socket.gaierror say the same. Any other exception of a transport means
    that the request may have been sent.
    """


class Misuse(ValueError):
    """The transport, or a request, was used in a way that cannot be right; nothing was sent."""
