"""What a page takes for granted: a ledger with its payments at Gate, a shop that receives webhooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from zerogate import Gate, Money
from zerogate_cli.__main__ import main as zerogate
from zerogate_store import AsyncInbox, Store

from tests.databases import schema
from tests.docs.commands import REAL_WAREHOUSE
from tests.receivers.serving import asgi

ORDERS: Final = ("A-1", "A-2", "A-3")
_PAYOUT: Final = "reporting_category,payment_metadata[order_id],gross,fee,currency,created_utc\n"


@contextmanager
def nothing(folder: Path, origin: str) -> Iterator[dict[str, str]]:
    """A page that brings all it needs."""
    yield {}


@contextmanager
def a_shop(folder: Path, origin: str) -> Iterator[dict[str, str]]:
    """The reader's own server, with its receiver, where the account's webhooks go."""
    key, secret = os.environ["ZEROGATE_SECRET_KEY"], "whsec_test_of_the_shop"
    store = Store(f"sqlite:///{folder / 'shop.db'}")
    inbox = AsyncInbox(store, secret, mode="test")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        receipt = await inbox.receive(message["body"], scope["headers"])
        await send({"type": "http.response.start", "status": receipt.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with asgi(app) as address:
        account = {"key": key, "webhook_url": f"{address}/hooks", "webhook_secrets": [secret]}
        httpx.post(f"{origin}/_sandbox/accounts", json=account).raise_for_status()
        yield {"SHOP_URL": address}
    store.close()


@contextmanager
def a_ledger(folder: Path, origin: str) -> Iterator[dict[str, str]]:
    """Three orders, paid, and in the reader's books under two sorts of headings; and a Stripe payout."""
    with Gate.from_env() as gate:
        for order in ORDERS:
            session = gate.sessions.create(
                amount=Money("100.00", "EUR"),
                order=order,
                flow="on_ramp",
                return_url="https://shop.example/",
            )
            paid = httpx.post(f"{origin}/_sandbox/sessions/{session.id}/pay", json={})
            paid.raise_for_status()
    rows = [
        f"{order},100.00,EUR,2026-07-1{day}T10:00:00Z,{order},100.00,1{day}.07.2026\n"
        for day, order in enumerate(ORDERS)
    ]
    head = "order_id,amount,currency,created_at,Bestellung,Betrag,Datum\n"
    (folder / "orders.csv").write_text("".join([head, *rows]), "utf-8")
    charges = [
        f"charge,{order},100.00,0.50,eur,2026-07-1{day} 10:00:00\n"
        for day, order in enumerate(ORDERS)
    ]
    (folder / "payouts.csv").write_text("".join([_PAYOUT, *charges]), "utf-8")
    yield {}


@contextmanager
def a_warehouse(folder: Path, origin: str) -> Iterator[dict[str, str]]:
    """The books of `a_ledger` as Parquet too, Gate's records mirrored beside them, and a PostgreSQL."""
    with a_ledger(folder, origin), schema() as url:
        columns = pa.schema([("order_id", "string"), ("amount", "string"), ("currency", "string")])
        rows = [{"order_id": o, "amount": "100.00", "currency": "EUR"} for o in ORDERS]
        pq.write_table(pa.Table.from_pylist(rows, schema=columns), folder / "orders.parquet")
        mirrored = ["reconcile", str(folder / "orders.csv"), "--mirror", str(folder / "gate")]
        assert zerogate([*mirrored, "--out", str(folder / "first")]) == 0
        yield {REAL_WAREHOUSE: url}


#: What is prepared, by the page's name; each gives variables of the environment.
PREPARED: Final[Mapping[str, Callable[[Path, str], AbstractContextManager[dict[str, str]]]]] = {
    "go-live.md": a_shop,
    "ledger.md": a_ledger,
    "ledger-at-scale.md": a_warehouse,
}
