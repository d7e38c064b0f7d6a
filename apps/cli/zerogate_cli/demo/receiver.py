"""The shop's receiver of webhooks: verify, dedupe by event id, answer. Decides nothing about an order."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from zerogate import SignatureRejected
from zerogate.webhooks import Event, WebhookSecret, verify

LONGEST = 262_144


class Inbox:
    """Webhooks that came in.

    events: Each once, by its id, in the order they came. repeats: How often one came again.
    refused: Reason → how often. headers: Of each event, what it came with.
    down_for: References of orders for whose next webhook the receiver is down.
    """

    def __init__(self, secret: str, now: Callable[[], float]) -> None:
        self.events: dict[str, Event] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.repeats = 0
        self.refused: Counter[str] = Counter()
        self.down_for: set[str] = set()
        self._secret = WebhookSecret(secret, mode="test")
        self._now = now
        self._lock = threading.Lock()
        self._rung: dict[str, None] = {}

    def receive(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Keep a genuine event; return the status: 204 kept, 400 refused, 503 down this once."""
        now = self._now()
        with self._lock:
            if self._is_down(body):
                return 503
            try:
                event = verify(body, headers, self._secret, now=now)
            except SignatureRejected as rejected:
                self.refused[rejected.reason] += 1
                return 400
            self._keep(event, headers)
            return 204

    def take_session_ids(self) -> list[str]:
        """Return the ids of sessions heard of since the last call, and forget them."""
        with self._lock:
            rung, self._rung = list(self._rung), {}
        return rung

    def heard_of(self, session_id: str) -> list[str]:
        """Return the types of a session's events, in the order they came."""
        return [event.type for event in self.events.values() if _session_of(event) == session_id]

    def _keep(self, event: Event, headers: Mapping[str, str]) -> None:
        """Keep an event, and its session's id for `take_session_ids`; count one that came before."""
        if event.id in self.events:
            self.repeats += 1
            return
        self.events[event.id] = event
        self.headers[event.id] = dict(headers)
        session_id = _session_of(event)
        if session_id is not None:
            self._rung[session_id] = None

    def _is_down(self, body: bytes) -> bool:
        """Return True, only once, for a body that names an order of `down_for`."""
        down = next((one for one in self.down_for if one.encode() in body), None)
        self.down_for.discard(down or "")
        return down is not None


def _session_of(event: Event) -> str | None:
    """Return the id of the session that an event is about; None for any other event."""
    found: str | None = getattr(event.data, "id", None)
    return found if event.type.startswith("gate_session.") else None


@contextmanager
def receiver(inbox: Inbox) -> Iterator[str]:
    """Yield the URL on loopback at which the inbox is served, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Give body and headers to the inbox; answer with the status that it returns."""
            length = min(int(self.headers.get("content-length") or 0), LONGEST + 1)
            status = inbox.receive(self.rfile.read(length), dict(self.headers.items()))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        # The stock 5 make the sixth of a burst wait a second for its connection.
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    # Looks for the end every hundredth of a second, so that ending takes no longer.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="receiver")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/webhooks"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
