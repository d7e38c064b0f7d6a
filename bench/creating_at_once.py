"""Fifty sessions at once in one event loop, again and again: AsyncGate, and others as they come.

An operation is one create; fifty are gathered, then the next fifty. Clients are made once, with the
limits they have by default.
- zerogate: `AsyncGate(key).sessions.create(…)`, no extra installed.
- httpx: `httpx.AsyncClient(headers=…).post(url, json=…)`, then `.json()`.
- stripe on aiohttp: `StripeClient(key, http_client=AIOHTTPClient()).v1.payment_intents.create_async`;
  aiohttp parses HTTP in C.
Bodies are those of creating.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import samples
from subjects import Run, Subject, Target

AT_ONCE: Final = 50


def _gathering(runner: asyncio.Runner, create: Callable[[int], Awaitable[Any]]) -> Run:
    orders = count()

    async def gather(times: int) -> None:
        for _ in range(times // AT_ONCE):
            await asyncio.gather(*(create(next(orders)) for _ in range(AT_ONCE)))

    return lambda times: runner.run(gather(times))


@contextmanager
def zerogate(url: str) -> Iterator[Run]:
    from zerogate import AsyncGate, Money

    with asyncio.Runner() as runner:
        gate = AsyncGate(samples.SECRET_KEY, base_url=f"{url}/v1")

        async def create(order: int) -> None:
            session = await gate.sessions.create(
                amount=Money("100.00", "EUR"),
                order=f"order-{order:04}",
                return_url=samples.RETURN_URL,
            )
            assert session.id

        yield _gathering(runner, create)
        runner.run(gate.aclose())


@contextmanager
def bare_httpx(url: str) -> Iterator[Run]:
    import httpx

    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(headers={"Authorization": f"Bearer {samples.SECRET_KEY}"})

        async def create(order: int) -> None:
            answer = await client.post(f"{url}/v1/gate_sessions", json=samples.request_body(order))
            assert answer.json()["id"]

        yield _gathering(runner, create)
        runner.run(client.aclose())


@contextmanager
def stripe_on_aiohttp(url: str) -> Iterator[Run]:
    from stripe import AIOHTTPClient, StripeClient

    with asyncio.Runner() as runner:
        http = AIOHTTPClient()
        client = StripeClient(samples.SECRET_KEY, http_client=http, base_addresses={"api": url})

        async def create(order: int) -> None:
            body: Any = samples.request_body(order) | {"amount": 10000}
            intent = await client.v1.payment_intents.create_async(body)
            assert intent.id

        yield _gathering(runner, create)
        close: Any = http.close_async  # without types
        runner.run(close())


SUBJECT = Subject(
    name=f"sessions.create, {AT_ONCE} at once",
    ways={
        "zerogate": zerogate,
        "httpx.AsyncClient": bare_httpx,
        "stripe on aiohttp": stripe_on_aiohttp,
    },
    targets=(
        Target("httpx.AsyncClient", at_most=0.2),
        Target("stripe on aiohttp", at_most=1.25),
    ),
    operations=4 * AT_ONCE,
)
