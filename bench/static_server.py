"""Answers from memory, as cheaply as Python can. Knows of a request its target, length and metadata."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import samples

_LENGTH: Final = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_HEADERS: Final = (
    "Date: Tue, 26 May 2026 09:00:00 GMT",
    "Content-Type: application/json; charset=utf-8",
    "Connection: keep-alive",
    "X-Request-Id: req_0123456789abcdef0123456789abcdef",
    "Cache-Control: no-store",
    "Strict-Transport-Security: max-age=15552000; includeSubDomains",
)


def _answer(status: str, body: bytes) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", *_HEADERS, f"Content-Length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body


_SESSIONS: Final = b"/v1/gate_sessions"
#: Flat, as the benches send it; the answer to a create gives it back, as Gate does.
_METADATA: Final = re.compile(rb'"metadata": ?(\{[^}]*\})')
_BEFORE, _AFTER = samples.created_session().split(b'"metadata":{}')
_ANSWERS: Final = {
    b"/v1/payment_intents": _answer("200 OK", samples.created_intent()),
}
_UNKNOWN: Final = _answer("404 Not Found", b"{}")
#: The newest sessions, which a client with a store compares with it before its first send.
_NONE_YET: Final = _answer(
    "200 OK", b'{"object":"list","data":[],"has_more":false,"next_cursor":null}'
)


def _created(asked: bytes) -> bytes:
    found = _METADATA.search(asked)
    given = found[1] if found else b"{}"
    return _answer("201 Created", b'%b"metadata":%b%b' % (_BEFORE, given, _AFTER))


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._held) < whole:
                return
            target, body = self._held.split(b" ", 2)[1], self._held[end + 4 : whole]
            self._held = self._held[whole:]
            if target == _SESSIONS:
                self._transport.write(_created(body))
            elif target.startswith(_SESSIONS + b"?"):
                self._transport.write(_NONE_YET)
            else:
                self._transport.write(_ANSWERS.get(target, _UNKNOWN))


async def serve() -> None:
    """Print the port, then answer until somebody ends this process."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
