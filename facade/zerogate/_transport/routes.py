"""The route to one origin, a proxy included, and the form of requests and replies on it. No I/O."""

from __future__ import annotations

import functools
import re
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
#: A head by RFC 9110 and 9112: no character ends a line or a field early, and no field says anew where the
#: body ends, for the last line says that.
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD: Final = re.compile(
    rf"{_WORD} [!-~]+ HTTP/1\.1\r\n"
    rf"(?:(?!(?i:content-length|transfer-encoding):){_WORD}: (?:[!-~]+(?:[\t ]+[!-~]+)*)?\r\n)+"
)
_is_name: Final = functools.lru_cache(256)(re.compile(_WORD).fullmatch)


@functools.cache
def default_ssl_context() -> ssl.SSLContext:
    """Return the context that trusts whom the machine trusts; made once, for it takes long."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@attrs.frozen
class EncodedRequest:
    """A request as it goes over a connection; its repr shows what is harmless.

    data: All of its bytes, body included.
    """

    method: str
    data: bytes = attrs.field(repr=False)


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
        self._prefix = origin if self.proxy is not None and not self.secure else ""
        self._host = ("Host", parts.netloc)
        self._last: tuple[tuple[str, str], ...] = (("Accept-Encoding", "gzip"),)
        authorization = None if self.proxy is None else self.proxy.authorization
        self._for_proxy = (("Proxy-Authorization", authorization),) if authorization else ()
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
        """Return the request in bytes, Host and length added; Misuse for another origin or non-ASCII.

        Raises:
            Misuse: it is for another origin, or its head would be read as another than it is.
        """
        if request.origin != self.origin:
            raise Misuse(
                f"these connections lead to {self.origin}, the request is for {request.origin}"
            )
        fields = (self._host, *request.headers, *self._last)
        return _encoded(request.method, self._prefix + request.target, fields, request.body)

    def tunnel_request(self) -> EncodedRequest:
        """Return the CONNECT request that asks the proxy for a way through to the origin."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        target = f"{host}:{self.port}"
        return _encoded("CONNECT", target, (("Host", target), *self._for_proxy), b"")

    def check_tunnel(self, status: int) -> None:
        """Raise Ending unless the proxy's status is 2xx."""
        if not 200 <= status < 300:
            refused = f"the proxy gives no way through, it answers {status}"
            raise Ending(ConnectionError(refused))


def _encoded(
    method: str, target: str, fields: tuple[tuple[str, str], ...], body: bytes
) -> EncodedRequest:
    """Return a request in bytes, its length added; Misuse if its head has an illegal character."""
    lines = [f"{name}: {value}\r\n" for name, value in fields]
    head = "".join((f"{method} {target} HTTP/1.1\r\n", *lines))
    # As many ends of lines as lines: a value that ends its own begins another.
    if head.count("\n") != len(fields) + 1 or not (
        _HEAD.fullmatch(head) and all(_is_name(name) for name, _ in fields)
    ):
        # Which it is, is not shown: it may be a key.
        raise Misuse("the request cannot be sent: an illegal character or field in its head")
    length = f"Content-Length: {len(body)}\r\n" if body or method in _WITH_BODY else ""
    return EncodedRequest(method, f"{head}{length}\r\n".encode("ascii") + body)


def reply_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; repeated names have their values joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
