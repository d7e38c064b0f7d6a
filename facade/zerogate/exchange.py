"""One request and its reply, as plain data: what stands between the client and any transport. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs


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
    """What came back, read whole. headers: Names in lower case.

    discard: Closes the connection that it came on, where a transport can.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    discard: Callable[[], None] | None = attrs.field(default=None, repr=False, eq=False)


class NothingSent(ConnectionError):
    """A transport's word that no byte of the request left this machine.

    ConnectionRefusedError and socket.gaierror say the same. Any other exception of a transport means
    that the request may have been sent.
    """
