"""The broker as the tests reach it: through a door that can be shut, and queues that nobody else uses."""

from __future__ import annotations

import os
import secrets
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from kombu import Connection

from tests.services import unavailable

BROKER = os.environ.get("ZEROGATE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


class Door:
    """Passes bytes on to the broker while it is open; shut, it drops everybody and lets nobody in."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open, self._over = True, False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def shut(self) -> None:
        self._open = False

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._over = True
        self._thread.join()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ)
            while not self._over:
                for key, _ in selector.select(0.02):
                    if key.fileobj is self._listening:
                        self._let_in(selector)
                    else:
                        self._pass_on(selector, key.fileobj, key.data)
                if not self._open:
                    self._drop(selector)
            self._drop(selector)
        self._listening.close()

    def _let_in(self, selector: selectors.BaseSelector) -> None:
        caller, _ = self._listening.accept()
        if not self._open:
            caller.close()
            return
        broker = socket.create_connection(self._to)
        self._pairs.append((caller, broker))
        selector.register(caller, selectors.EVENT_READ, broker)
        selector.register(broker, selectors.EVENT_READ, caller)

    def _pass_on(self, selector: selectors.BaseSelector, one: object, other: socket.socket) -> None:
        assert isinstance(one, socket.socket)
        data = b""
        with suppress(OSError):
            data = one.recv(65_536)
        try:
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        for end in (one, other):
            with suppress(KeyError, ValueError):
                selector.unregister(end)
            end.close()

    def _drop(self, selector: selectors.BaseSelector) -> None:
        while self._pairs:
            for end in self._pairs.pop():
                with suppress(KeyError, ValueError):
                    selector.unregister(end)
                end.close()


@contextmanager
def door() -> Iterator[tuple[Door, str]]:
    """A door, and the broker's URL through it."""
    parts = urlsplit(BROKER)
    assert parts.hostname
    try:
        socket.create_connection((parts.hostname, parts.port or 5672), 3).close()
    except OSError as exc:
        unavailable(f"no RabbitMQ at {BROKER} (ZEROGATE_TEST_RABBITMQ names another): {exc}")
    made = Door(parts.hostname, parts.port or 5672)
    user = f"{parts.username}:{parts.password}@" if parts.username else ""
    try:
        yield made, f"amqp://{user}127.0.0.1:{made.port}{parts.path or '//'}"
    finally:
        made.close()


@contextmanager
def queue() -> Iterator[str]:
    """The name of a queue that nobody else uses; gone afterwards."""
    name = f"zerogate-test-{secrets.token_hex(6)}"
    yield name
    with Connection(BROKER) as connection:
        connection.default_channel.queue_delete(name)


def purge(name: str) -> int:
    """Lose the rings that wait; how many that were."""
    with Connection(BROKER) as connection:
        lost: int = connection.default_channel.queue_purge(name)
        return lost
