"""Hears webhooks for the probe: refuses the first arrival of its test event, so that it comes again."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import attrs

MOST: Final = 262_144
KEPT: Final = 1_000


@attrs.frozen
class Arrival:
    """One request: the event's id, what is in its signature. signed_at: `t`, Unix seconds."""

    event: str
    created_at: int | None
    signed_at: int | None
    signatures: int


@attrs.define
class Receiver:
    port: int
    arrivals: list[Arrival] = attrs.field(factory=list)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def of(self, event: str) -> list[Arrival]:
        """Return the arrivals of this event, oldest first."""
        with self.lock:
            return [one for one in self.arrivals if one.event == event]

    def take(self, body: bytes, signature: str) -> int:
        """Note an arrival; return 503 for an event's first, 204 later; 400, not noted: no event, or full."""
        arrival = _arrival_of(body, signature)
        with self.lock:
            if arrival is None or len(self.arrivals) >= KEPT:
                return 400
            new = arrival.event not in [one.event for one in self.arrivals]
            self.arrivals.append(arrival)
        return 503 if new else 204


def _arrival_of(body: bytes, signature: str) -> Arrival | None:
    """Return the arrival of a body and a signature; None where it is no event."""
    try:
        said = json.loads(body)
        event, made = said["id"], said.get("created_at")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    times = re.findall(r"(?:^|,)\s*t=([0-9]{1,12})(?=,|$)", signature)
    return Arrival(
        event=str(event),
        created_at=made if type(made) is int else None,
        signed_at=int(times[0]) if len(times) == 1 else None,
        signatures=len(re.findall(r"(?:^|,)\s*v1=[0-9a-fA-F]+", signature)),
    )


@contextmanager
def listening(host: str, port: int) -> Iterator[Receiver]:
    """Yield a receiver served in a thread until the block ends; OSError if the port is taken."""
    receiver = Receiver(port)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            """Give body and signature to the receiver; answer with the status that it returns."""
            length = self.headers.get("content-length", "")
            fits = length.isdigit() and int(length) <= MOST
            body = self.rfile.read(int(length)) if fits else b""
            status = receiver.take(body, self.headers.get("gate-signature", ""))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        server.daemon_threads = True
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, name="zerogate-probe", daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
