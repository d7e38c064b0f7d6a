"""A server on loopback that does what a script says, over plain sockets: all that may go wrong on the way."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

import attrs


@attrs.frozen
class Seen:
    """A request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """One client's connection, as an act sees it."""

    def __init__(self, sock: socket.socket, server: Scripted) -> None:
        self.sock, self.server = sock, server
        self._unread = b""

    def request(self) -> Seen | None:
        """The next one, or None when the client is gone."""
        while (end := self._unread.find(b"\r\n\r\n")) < 0:
            if not self._more():
                return None
        first, *lines = self._unread[:end].decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        ends = end + 4 + int(headers.get("content-length", 0))
        while len(self._unread) < ends:
            if not self._more():
                return None
        body, self._unread = self._unread[end + 4 : ends], self._unread[ends:]
        method, target, _ = first.split(" ")
        seen = Seen(method, target, headers, body)
        self.server.seen.append(seen)
        return seen

    def _more(self) -> bool:
        data = self.sock.recv(65_536)
        self._unread += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, pieces: Iterable[bytes], pause: float = 0.04) -> None:
        """One piece after the other, slowly, until the test is over or the client is gone."""
        for piece in pieces:
            self.send(piece)
            if self.server.over.wait(pause):
                return

    def hold(self) -> None:
        """Nothing more, until the test is over."""
        self.server.over.wait(30)

    def reset(self) -> None:
        """End the connection the hard way."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Act = Callable[[Peer], None]


class Scripted:
    """The n-th connection is served by the n-th act, all that come after by the last.

    tls: Speak TLS, by this context.
    """

    def __init__(self, *acts: Act, tls: ssl.SSLContext | None = None) -> None:
        self._acts, self._tls = acts, tls
        self.seen: list[Seen] = []
        self.connections = 0
        self.over = threading.Event()
        self._peers: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._listening.getsockname()[1]
        self.origin = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            act = self._acts[min(self.connections, len(self._acts) - 1)]
            self.connections += 1
            self._peers.append(sock)
            self._start(lambda sock=sock, act=act: self._serve(sock, act))  # type: ignore[misc]

    def _serve(self, sock: socket.socket, act: Act) -> None:
        # The client may go at any time; that is what the tests are about.
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._peers.append(sock)
            act(Peer(sock, self))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over.set()
        for sock in (self._listening, *self._peers):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)


def reply(
    body: bytes = b"{}", status: str = "200 OK", *headers: str, length: int | None = None
) -> bytes:
    """A whole answer. length: What Content-Length says, if not the truth."""
    lines = (
        f"HTTP/1.1 {status}",
        *headers,
        f"Content-Length: {len(body) if length is None else length}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def zipped(body: bytes) -> bytes:
    """A whole answer whose body is gzip."""
    return reply(gzip.compress(body), "200 OK", "Content-Encoding: gzip")


def answers(*replies: bytes) -> Act:
    """Reply to one request after the other, to all that come after the last as to that; then to none."""

    def act(peer: Peer) -> None:
        count = 0
        while peer.request() is not None:
            peer.send(replies[min(count, len(replies) - 1)])
            count += 1

    return act


def answers_once(data: bytes) -> Act:
    """Send this to the first request, then end the connection."""

    def act(peer: Peer) -> None:
        if peer.request() is not None:
            peer.send(data)

    return act


def echoes(peer: Peer) -> None:
    """Each request is answered with its own target."""
    while (seen := peer.request()) is not None:
        peer.send(reply(seen.target.encode()))


def holds(peer: Peer) -> None:
    """Reads a request, says nothing."""
    peer.request()
    peer.hold()


def deaf(peer: Peer) -> None:
    """Reads nothing, says nothing."""
    peer.hold()


def resets(peer: Peer) -> None:
    """Reads a request and breaks off."""
    peer.request()
    peer.reset()


def drips(head: bytes, pieces: Callable[[], Iterable[bytes]]) -> Act:
    """After a request, *head* at once and the pieces slowly."""

    def act(peer: Peer) -> None:
        peer.request()
        peer.send(head)
        peer.drip(pieces())

    return act


def tunnels(port: Callable[[], int]) -> Callable[[Peer], None]:
    """A proxy that gives a way through to this port, wherever it is asked for."""

    def act(peer: Peer) -> None:
        peer.request()
        with socket.create_connection(("127.0.0.1", port())) as beyond:
            peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {peer.sock: beyond, beyond: peer.sock}
            while not peer.server.over.is_set():
                waiting = isinstance(peer.sock, ssl.SSLSocket) and peer.sock.pending() > 0
                ready = [peer.sock] if waiting else select.select(list(ends), [], [], 0.05)[0]
                for end in ready:
                    if not (data := end.recv(65_536)):
                        return
                    ends[end].sendall(data)

    return act


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def without_end(piece: bytes = b"x") -> Callable[[], Iterator[bytes]]:
    return lambda: itertools.repeat(piece)


def byte_by_byte(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: (data[i : i + 1] for i in range(len(data)))


ZIPPED = zipped(b"x" * 100_000)
#: Answers that do not come to their end.
STALLS: dict[str, Act] = {
    "no answer": holds,
    "a dripping status line": drips(b"", byte_by_byte(HEAD)),
    "a dripping header": drips(HEAD + b"X-Long: ", without_end()),
    "headers without end": drips(HEAD, without_end(b"X-Header: x\r\n")),
    "interim answers without end": drips(
        b"", without_end(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    ),
    "a head and no body": drips(HEAD + b"Content-Length: 10\r\n\r\n", without_end(b"")),
    "a dripping body": drips(HEAD + b"Content-Length: 100000\r\n\r\n", without_end()),
    "dripping chunks": drips(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", without_end(b"1\r\nx\r\n")
    ),
    "a dripping gzip body": drips(ZIPPED[:-100], byte_by_byte(ZIPPED[-100:])),
}


@contextlib.contextmanager
def full_backlog() -> Iterator[str]:
    """The origin of a server that listens, and takes no more connections."""
    with socket.socket() as listening, contextlib.ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        host, port = listening.getsockname()
        for _ in range(8):
            sock = waiting.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex((host, port))
        yield f"http://{host}:{port}"
