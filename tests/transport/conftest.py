"""Both halves under one name, so that each test of one is a test of the other."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import trustme
from zerogate._transport.async_connections import AsyncConnections
from zerogate._transport.messages import Reply, Request
from zerogate._transport.sync_connections import Connections

HEADERS = (("Authorization", "Bearer sk_test_canary"), ("Content-Type", "application/json"))


class Half:
    """Connections of either kind."""

    def __init__(self, origin: str, connections: Any) -> None:
        self.origin, self.connections = origin, connections

    async def get(self, target: str = "/v1/x", *, within: float = 3.0) -> Reply:
        return await self.send(Request("GET", self.origin, target, (), b""), within=within)

    async def post(self, body: bytes = b"{}", *, within: float = 3.0) -> Reply:
        return await self.send(
            Request("POST", self.origin, "/v1/gate_sessions", HEADERS, body), within=within
        )

    async def send(self, request: Request, *, within: float = 3.0) -> Reply:
        return await self.at(request, time.monotonic() + within)

    async def at(self, request: Request, until: float) -> Reply:
        reply: Reply = await self.connections.send(request, until)
        return reply

    async def close(self) -> None:
        await self.connections.aclose()


class InThread(Half):
    async def at(self, request: Request, until: float) -> Reply:
        return await asyncio.to_thread(self.connections.send, request, until)

    async def close(self) -> None:
        self.connections.close()


Open = Callable[..., Half]


def half_in_thread(origin: str, **options: Any) -> Half:
    return InThread(origin, Connections(origin, **options))


def half_in_loop(origin: str, **options: Any) -> Half:
    return Half(origin, AsyncConnections(origin, **options))


@pytest.fixture(params=[half_in_thread, half_in_loop], ids=["threads", "event loop"])
async def open_half(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """`open_half(origin, **options)`: connections of the half under test, closed at its end."""
    halves: list[Half] = []

    def opened(origin: str, **options: Any) -> Half:
        halves.append(request.param(origin, **options))
        return halves[-1]

    yield opened
    for half in halves:
        await half.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "gate.test", "localhost").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(autouse=True)
def no_proxies_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
