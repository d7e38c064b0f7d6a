"""The route to one origin, a proxy included, and the form of requests and replies on it. No I/O."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import attrs

from .endings import Ending
from .messages import Misuse, Request
from .proxies import proxy_for

#: Seconds after which an idle connection is not used again.
IDLE_AT_MOST: Final = 5.0
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


@functools.cache
def default_ssl_context() -> ssl.SSLContext:
    """Return the context that trusts whom the machine trusts; made once, for it takes long."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@attrs.frozen
class EncodedRequest:
    """A request as it goes over a connection; its repr shows what is harmless."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


class Route:
    """The route of requests: the origin, the host to connect to, and what each hop is told.

    Raises:
        Misuse: the proxy is not one.
    """

    def __init__(self, origin: str, proxy: str | None, ssl_context: ssl.SSLContext | None) -> None:
        parts = urlsplit(origin)
        self.origin = origin
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self.proxy = proxy_for(origin, proxy)
        self._ssl_context = ssl_context
        # A proxy is sent plain requests whole, and for TLS is asked for a tunnel.
        self.tunnel = self.proxy is not None and self.secure
        self._prefix = origin.encode() if self.proxy is not None and not self.secure else b""
        self._first = [(b"Host", parts.netloc.encode())]
        self._last = [(b"Accept-Encoding", b"gzip")]
        authorization = None if self.proxy is None else self.proxy.authorization
        self._for_proxy = (
            [(b"Proxy-Authorization", authorization.encode())] if authorization else []
        )
        if self._prefix:
            self._last += self._for_proxy
        self.shown = parts.netloc
        if self.proxy is not None:
            self.shown += f" through the proxy {self.proxy.host}:{self.proxy.port}"

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """Return the caller's context, else the machine's."""
        return self._ssl_context or default_ssl_context()

    def request(self, request: Request) -> EncodedRequest:
        """Return the request in bytes for the wire, with Host, length and coding added.

        Raises:
            Misuse: it is for another origin, or has something in it that is not ASCII.
        """
        if request.origin != self.origin:
            raise Misuse(
                f"these connections lead to {self.origin}, the request is for {request.origin}"
            )
        encoded = self._encoded(request)
        if encoded is None:
            raise Misuse("the request's target and headers must be ASCII")
        return encoded

    def _encoded(self, request: Request) -> EncodedRequest | None:
        """Return the request in bytes; None where something in it is not ASCII."""
        # No exception leaves here: a UnicodeEncodeError would carry the header it is about.
        try:
            headers = [
                *self._first,
                *((name.encode("ascii"), value.encode("ascii")) for name, value in request.headers),
                *self._last,
            ]
            target = self._prefix + request.target.encode("ascii")
        except UnicodeEncodeError:
            return None
        if request.body or request.method in _WITH_BODY:
            headers.append((b"Content-Length", b"%d" % len(request.body)))
        return EncodedRequest(request.method, target, headers, request.body)

    def tunnel_request(self) -> EncodedRequest:
        """Return the CONNECT request that asks the proxy for a way through to the origin."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        target = f"{host}:{self.port}".encode()
        headers = [(b"Host", target), *self._for_proxy]
        return EncodedRequest("CONNECT", target, headers, b"")

    def check_tunnel(self, status: int) -> None:
        """Raise Ending unless the proxy's status is 2xx."""
        if not 200 <= status < 300:
            refused = f"the proxy gives no way through, it answers {status}"
            raise Ending(ConnectionError(refused))


def reply_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; repeated names have their values joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
