"""One session after the other, on one connection: sessions.create, and how others are asked for the like.

Each client is made once, as its documentation begins, and keeps its connection.
- zerogate: `Gate(key).sessions.create(amount=Money(…), order=…, return_url=…)`. The key of the write
  is derived, the request checked, the answer read into its model.
- httpx: `httpx.Client(headers=…).post(url, json=…).json()`, a dict. It sends the API key and no
  Idempotency-Key, so it is the least that could be called a client.
- 0bit-gate, the vendor's SDK: `GateClient(api_key=…).sessions.create({…})`, a dict.
- stripe: `StripeClient(key).v1.payment_intents.create({…})`, on requests, its default when that is
  installed, as its wheel demands. It is asked for an amount, a currency, a return_url and the same
  metadata, and answered with the same fields in as many bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import samples
from subjects import Run, Subject, Target


@contextmanager
def zerogate(url: str) -> Iterator[Run]:
    from zerogate import Gate, Money

    orders = count()
    with Gate(samples.SECRET_KEY, base_url=f"{url}/v1") as gate:

        def run(times: int) -> None:
            for _ in range(times):
                session = gate.sessions.create(
                    amount=Money("100.00", "EUR"),
                    order=f"order-{next(orders):04}",
                    return_url=samples.RETURN_URL,
                )
                assert session.id

        yield run


@contextmanager
def bare_httpx(url: str) -> Iterator[Run]:
    import httpx

    orders = count()
    with httpx.Client(headers={"Authorization": f"Bearer {samples.SECRET_KEY}"}) as client:

        def run(times: int) -> None:
            for _ in range(times):
                body = samples.request_body(next(orders))
                session = client.post(f"{url}/v1/gate_sessions", json=body).json()
                assert session["id"]

        yield run


@contextmanager
def vendors_sdk(url: str) -> Iterator[Run]:
    from zerobit.gate import GateClient  # type: ignore[import-untyped]  # it ships no types

    orders = count()
    client = GateClient(api_key=samples.SECRET_KEY, base_url=url)

    def run(times: int) -> None:
        for _ in range(times):
            session = client.sessions.create(samples.request_body(next(orders)))
            assert session["id"]

    yield run


@contextmanager
def stripe(url: str) -> Iterator[Run]:
    from stripe import StripeClient

    orders = count()
    client = StripeClient(samples.SECRET_KEY, base_addresses={"api": url})

    def run(times: int) -> None:
        for _ in range(times):
            body: Any = samples.request_body(next(orders)) | {"amount": 10000}
            intent = client.v1.payment_intents.create(body)
            assert intent.id

    yield run


SUBJECT = Subject(
    name="sessions.create, sync",
    ways={
        "zerogate": zerogate,
        "httpx.Client": bare_httpx,
        "0bit-gate": vendors_sdk,
        "stripe": stripe,
    },
    targets=(
        Target("httpx.Client", at_most=0.75),
        Target("0bit-gate", at_most=0.55),
        Target("stripe", at_most=0.40),
    ),
    operations=200,
)
