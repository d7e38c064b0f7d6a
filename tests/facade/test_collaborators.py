"""What belongs to the other half is refused by this one, with where it goes."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from zerogate import AsyncGate, Gate, GateUsageError
from zerogate._transport.async_connections import AsyncConnections
from zerogate.transports import AsyncHttpxAdapter
from zerogate_store import Store

from tests.client.awaited import AsyncInboxLike, AwaitedTransport

KEY = "sk_test_collaborator0001"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_an_httpx_client_of_the_other_half_is_refused(library: Any) -> None:
    async with library.AsyncClient() as theirs:
        with pytest.raises(
            GateUsageError, match=r"httpx\.Client, not httpx2?\.AsyncClient: .*Async"
        ):
            Gate(KEY, http_client=theirs)
        AsyncGate(KEY, http_client=theirs)
    with library.Client() as ours:
        with pytest.raises(GateUsageError, match=r"AsyncClient, not httpx2?\.Client: .* for Gate"):
            AsyncGate(KEY, http_client=ours)
        Gate(KEY, http_client=ours)


async def test_a_transport_that_is_awaited_is_for_the_async_half() -> None:
    of_httpx = AsyncHttpxAdapter(httpx.MockTransport(lambda request: httpx.Response(200)))
    for transport in (AwaitedTransport(), AsyncConnections("https://gate.test"), of_httpx):
        with pytest.raises(GateUsageError, match="give it to AsyncGate"):
            Gate(KEY, transport=transport)  # type: ignore[arg-type]
        AsyncGate(KEY, transport=transport)  # type: ignore[arg-type]


def test_a_store_of_an_async_engine_is_for_the_async_half() -> None:
    store = Store(create_async_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    with pytest.raises(GateUsageError, match="serves AsyncGate only"):
        Gate(KEY, store=store)
    AsyncGate(KEY, store=store)


def test_an_inbox_that_is_awaited_is_for_the_async_half() -> None:
    gate = Gate(KEY)
    with pytest.raises(GateUsageError, match="AsyncInbox is for AsyncGate"):
        gate.reconcile.wait(
            "gs_1",
            expect=None,
            order="o",
            inbox=AsyncInboxLike(),  # type: ignore[arg-type]
        )
