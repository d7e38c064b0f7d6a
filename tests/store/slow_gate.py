"""A sandbox behind real sockets whose answers to writes wait until they are let go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from zerogate._transport.messages import Request
from zerogate_sandbox import Sandbox, WallClock


class SlowGate:
    """begun: Set when a write has come in. go: Lets all writes be answered."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(seed=1, clock=WallClock())
        self.begun, self.go = threading.Event(), threading.Event()
        self.writes = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(gate: SlowGate) -> Any:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Nothing."""

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if self.command == "POST":
                    gate.writes += 1
                    gate.begun.set()
                    gate.go.wait()
                request = Request(
                    method=self.command,
                    origin=gate.url.removesuffix("/v1"),
                    target=self.path,
                    headers=tuple(self.headers.items()),
                    body=body,
                )
                with gate._lock:
                    reply = gate.sandbox.answer(request)
                try:
                    self.send_response(reply.status)
                    for name, value in dict(reply.headers).items():
                        if name.lower() not in ("content-length", "date", "server"):
                            self.send_header(name, value)
                    self.send_header("content-length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)
                except OSError:
                    # Whoever asked is gone.
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server's names

        return Handler


@contextmanager
def slow_gate() -> Iterator[SlowGate]:
    made = SlowGate()
    try:
        yield made
    finally:
        made.close()
