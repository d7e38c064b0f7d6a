"""The sandbox over real HTTP: uvicorn with its httptools protocol, which shares its connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from zerogate_sandbox.calls import BASE_PATH
from zerogate_sandbox.interfaces.asgi import CONNECTION, App
from zerogate_sandbox.interfaces.guard import TOKEN_HEADER, Guard
from zerogate_sandbox.interfaces.targets import Targets
from zerogate_sandbox.responses import dumps, envelope

if TYPE_CHECKING:
    from zerogate_sandbox.sandbox import Sandbox


class Protocol(HttpToolsProtocol):
    """Hands its transport to the app, and refuses what is not HTTP in the documented envelope."""

    def on_message_begin(self) -> None:
        """Begin a request as uvicorn does, and put the transport into its scope."""
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]  # ours

    def send_400_response(self, msg: str) -> None:
        """Write a 400 with the error envelope, without *msg*, and close the connection."""
        request_id = "req_unreadable"
        body = dumps(envelope(400, "the request is not HTTP", request_id))
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


_LOOPBACK = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens  # nosec B104


@attrs.frozen
class Served:
    """A sandbox that is being served over HTTP: its URLs and its token.

    base_url: What a client is given, `http://127.0.0.1:…/v1`.
    control_url: Where the sandbox is steered, `http://127.0.0.1:…/_sandbox`.
    token: What steering it takes where it listens for other machines.
    """

    sandbox: Sandbox
    host: str
    port: int
    token: str | None = attrs.field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """Return the address for clients; this machine's own where it listens everywhere."""
        # Listening everywhere is no address to go to: this machine's own is one that it answers at.
        host = _LOOPBACK.get(self.host, self.host)
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}"

    @property
    def base_url(self) -> str:
        """Return the API's URL for clients: the origin and `/v1`."""
        return self.origin + BASE_PATH

    @property
    def control_url(self) -> str:
        """Return the control API's URL: the origin and `/_sandbox`."""
        return self.origin + "/_sandbox"

    @property
    def control_headers(self) -> Mapping[str, str]:
        """Return the headers that a request to the control API needs; none without a token."""
        return {} if self.token is None else {TOKEN_HEADER: self.token}


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host and port (0: a free one); OSError where it cannot bind."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, for asyncio turns Nagle's algorithm off only where it reads TCP; with
    # it on, an answer in two writes takes 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    # From here on connections queue up, so that a printed address already answers.
    listening.listen(2048)
    return listening


def config(app: App) -> uvicorn.Config:
    """Return uvicorn's settings for the app: no logs, and no Server or Date header of its own."""
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        # The answers bear the Date of the sandbox's own clock, not of this machine's.
        date_header=False,
        timeout_graceful_shutdown=1,
    )


@contextmanager
def serve(
    sandbox: Sandbox, host: str, port: int, deliver: bool, guard: Guard, targets: Targets
) -> Iterator[Served]:
    """Yield the sandbox's addresses while a thread serves it, until the block ends."""
    listening = listen(host, port)
    app = App(sandbox, deliver=deliver, guard=guard, targets=targets)
    server = uvicorn.Server(config(app))
    thread = threading.Thread(
        target=server.run, args=([listening],), name="zerogate-sandbox", daemon=True
    )
    thread.start()
    try:
        yield Served(sandbox, host, listening.getsockname()[1], guard.token)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def run(app: App, listening: socket.socket) -> None:
    """Serve in this thread until a signal; `app.on_stop` runs before the signal takes effect."""
    uvicorn.Server(config(app)).run([listening])
