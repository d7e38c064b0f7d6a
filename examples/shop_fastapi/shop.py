"""A small shop on FastAPI: it takes a payment on the checkout page and ships on the webhook's word only.

    SHOP_DATABASE=sqlite:///shop.db SHOP_CHECKOUT=http://127.0.0.1:8080/_sandbox/checkout \\
    ZEROGATE_SECRET_KEY=sk_test_shop ZEROGATE_BASE_URL=http://127.0.0.1:8080/v1 \\
    ZEROGATE_WEBHOOK_SECRET=whsec_… uvicorn shop:app
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from secrets import token_hex

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from zerogate import (
    AsyncGate,
    Failed,
    Hold,
    Mismatch,
    Money,
    Pending,
    Settled,
    StoreFailed,
    TransactionStatuses,
    for_browser,
)
from zerogate_store import AsyncInbox, EventContext, Store

PRICE = Money("100.00", "EUR")
#: What Gate told this shop of the statuses that its documentation leaves open.
STATUSES = TransactionStatuses().extended(in_flight={"processing"}, failure={"failed"})

store = Store(os.environ["SHOP_DATABASE"])
gate = AsyncGate.from_env(store=store)
inbox = AsyncInbox(store, os.environ["ZEROGATE_WEBHOOK_SECRET"], gate=gate)
rung = asyncio.Event()


def fulfil(received: EventContext) -> None:
    """What an event means for its order, in one transaction with the mark that it was handled."""
    if received.kind != "session" or not received.read or received.order is None:
        return
    match received.outcome(expect=PRICE, order=received.order, statuses=STATUSES):
        case Settled():
            state = "shipped"
        case Failed():
            state = "cancelled"
        case Mismatch() | Hold():
            state = "on hold: a person looks at it"
        case Pending():
            return
    said = text(
        "UPDATE orders SET state = :state, shipped = shipped + :parcels "
        "WHERE id = :id AND shipped = 0"
    )
    values = {"state": state, "parcels": int(state == "shipped"), "id": received.order}
    received.connection.execute(said, values)


async def work() -> None:
    """Handles what came in; events that failed are tried again without a ring."""
    while True:
        with suppress(StoreFailed):
            await inbox.drain(fulfil)
        with suppress(TimeoutError):
            await asyncio.wait_for(rung.wait(), 1)
        rung.clear()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE IF NOT EXISTS orders "
                "(id TEXT PRIMARY KEY, state TEXT NOT NULL, shipped INTEGER NOT NULL)"
            )
        )
    await gate.recover()
    worker = asyncio.create_task(work())
    yield
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
    await gate.aclose()
    store.close()


app = FastAPI(lifespan=lifespan)


def page(title: str, body: str) -> HTMLResponse:
    """The client secret is in no address that is sent or kept: only in a link's fragment."""
    return HTMLResponse(
        f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{body}</html>',
        headers={"cache-control": "no-store", "referrer-policy": "no-referrer"},
    )


@app.get("/")
async def basket() -> HTMLResponse:
    form = '<form method="post" action="/orders"><button id="buy">Buy</button></form>'
    return page("A book", f"<p>{PRICE}</p>{form}")


@app.post("/orders")
async def buy(request: Request) -> HTMLResponse:
    order = token_hex(8)
    await run_in_threadpool(_add, order)
    session = await gate.sessions.create(
        amount=PRICE,
        order=order,
        flow="on_ramp",
        return_url=str(request.url_for("show", order=order)),
    )
    secret = for_browser(session)["client_secret"]
    return page("Order", f'<a id="pay" href="{os.environ["SHOP_CHECKOUT"]}#{secret}">Pay</a>')


@app.get("/orders/{order}")
async def show(order: str) -> HTMLResponse:
    """Where the person comes back to; that they came back proves nothing."""
    state = await run_in_threadpool(_state, order)
    return page("Order", f'<meta http-equiv="refresh" content="1"><p id="state">{state}</p>')


@app.post("/webhooks/gate")
async def webhook(request: Request) -> Response:
    receipt = await inbox.receive(await request.body(), request.headers)
    rung.set()
    return Response(status_code=receipt.status)


def _add(order: str) -> None:
    with store.engine.begin() as connection:
        said = text("INSERT INTO orders (id, state, shipped) VALUES (:id, 'not paid yet', 0)")
        connection.execute(said, {"id": order})


def _state(order: str) -> str:
    with store.engine.begin() as connection:
        said = text("SELECT state FROM orders WHERE id = :id")
        row = connection.execute(said, {"id": order}).one_or_none()
    if row is None:
        raise HTTPException(404)
    return str(row[0])
