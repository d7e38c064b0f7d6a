"""A database that is away for seconds, as in a fail-over: a create waits, or says when to call again."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from zerogate import AsyncGate, Gate, NotSent
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Store

from tests.store.crashing import TERMS
from tests.store.test_as_run import database


class Switch:
    """A way to a database on loopback that can be cut: then it refuses, and what was open is gone."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._relays: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        user = parts.username or "postgres"
        self.url = urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}"))
        self._serve(self._listening)

    def _serve(self, listening: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(self._to)
                self._relays += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._relay, args=(one, other), daemon=True).start()

    def _relay(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        # A thread in accept() keeps the socket open until it is woken.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._relays:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._relays.clear()

    def join(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._serve(self._listening)


@pytest.fixture
def direct() -> Iterator[str]:
    with database() as url:
        yield url


@pytest.fixture
def switch(direct: str) -> Iterator[Switch]:
    made = Switch(direct)
    yield made
    made.cut()


@pytest.fixture
def store(switch: Switch) -> Iterator[Store]:
    made = Store(switch.url)
    made.migrate()
    yield made
    made.close()


def met(store: Store, more: int) -> None:
    """Until the database has failed so many times more."""
    until, waiting = store.troubles + more, threading.Event()
    for _ in range(3000):
        if store.troubles >= until:
            return
        waiting.wait(0.01)
    raise AssertionError("nobody asked the database for half a minute")


def read_only(direct: str, word: str) -> None:
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only TO off")
        name = urlsplit(direct).path[1:]
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only TO {word}")


def created(half: str, sandbox: Sandbox, store: Store, timeout: float) -> Any:
    transport = sandbox.transport()
    if half == "sync":
        with Gate("sk_test_shop", transport=transport, store=store, timeout=timeout) as gate:
            return gate.sessions.create(order="order-1", **TERMS)

    async def awaited() -> Any:
        async with AsyncGate(
            "sk_test_shop", transport=transport, store=store, timeout=timeout
        ) as gate:
            return await gate.sessions.create(order="order-1", **TERMS)

    return asyncio.run(awaited())


def sent(sandbox: Sandbox) -> int:
    return sum(1 for one in sandbox.requests() if one["operation"] == "createSession")


@pytest.mark.parametrize("half", ["sync", "async"])
def test_a_create_waits_while_connections_are_refused_and_then_read_only(
    half: str, direct: str, switch: Switch, store: Store
) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    results: list[Any] = []
    switch.cut()
    creating = threading.Thread(target=lambda: results.append(created(half, sandbox, store, 120)))
    creating.start()
    met(store, 3)
    read_only(direct, "on")
    switch.join()
    # Each new connection of a step may only read: sixteen are tried at once.
    met(store, 40)
    assert sent(sandbox) == 0
    read_only(direct, "off")
    creating.join()
    assert results[0].client_secret
    assert (sent(sandbox), len(sandbox.books()["sessions"])) == (1, 1)


@pytest.mark.parametrize("half", ["sync", "async"])
def test_a_create_with_too_little_time_is_not_sent_and_says_when_to_call_again(
    half: str, switch: Switch, store: Store
) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    switch.cut()
    with pytest.raises(NotSent, match="could not be written down") as caught:
        created(half, sandbox, store, 0.5)
    assert caught.value.retry_after is not None
    assert sent(sandbox) == 0
    switch.join()
    assert created(half, sandbox, store, 60).client_secret


def test_what_does_not_pass_is_said_at_once(direct: str) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    parts = urlsplit(direct)
    store = Store(urlunsplit(parts._replace(path="/no_such_database")))
    with pytest.raises(NotSent, match="does not exist") as caught:
        created("sync", sandbox, store, 600)
    assert caught.value.retry_after is None
    store.close()
