"""A stored value that somebody damaged harms its own row alone, in every run over many rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from zerogate import NotSent
from zerogate_store import Store
from zerogate_store._store import Statement

from tests.databases import KINDS, database
from tests.inbox.shop import PRICE, RETURN, Shop, event, shop_on, signed

KEY = Fernet.generate_key()
BODIES = [b"{", b"[]", b"null", b"", b'{"data": 5}', b"\xff", b"[" * 100_000]
INTENDED: Any = {"amount": PRICE, "flow": "on_ramp", "return_url": RETURN}


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    store = Store(url, encryption_key=KEY)
    with shop_on(store) as opened:
        yield opened
    store.close()


def changed(shop: Shop, text: str, **values: Any) -> None:
    def step() -> Any:
        yield Statement(text)(**values)

    shop.store.run_in_transaction(step)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:8]))
def test_a_damaged_event_keeps_no_other_from_its_handler_or_from_being_erased(
    shop: Shop, url: str, body: bytes
) -> None:
    now = shop.clock.now()
    for number in (1, 2):
        told = event(f"evt_c{number}", "customer.updated", now, id=f"cus_{number}")
        shop.deliver((told, signed(told, now)))
    told = event("evt_odd", "gate_session.completed", now, id="cs_odd", status="completed")
    shop.deliver((told, signed(told, now)))
    text = "UPDATE zerogate_events SET body = :body WHERE id IN ('evt_c1', 'evt_odd')"
    changed(shop, text, body=body)
    shop.sandbox.pay(shop.order("order-1").id)
    shop.deliver()
    shop.drain(lambda received: None)
    assert shop.counts["done"] >= 3
    newer = Store(url, encryption_key=[Fernet.generate_key(), KEY])
    newer.reencrypt()
    newer.forget(customer="somebody")
    newer.forget(order="order-1")
    newer.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("asked", "x"),
        ("asked", "[]"),
        ("duplicates", "x"),
        ("duplicates", "5"),
        ("marks", "{"),
        ("marks", '["odd", 5]'),
        ("request_ids", "null"),
    ],
)
def test_a_damaged_write_keeps_no_other_from_being_finished_or_erased(
    shop: Shop, url: str, column: str, value: str
) -> None:
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for number in range(3):
            shop.gate.journal.intend(connection, order=f"order-{number}", **INTENDED)
    engine.dispose()
    text = f"UPDATE zerogate_intents SET {column} = :value WHERE order_ref = 'order-1'"
    changed(shop, text, value=value)
    assert shop.store.reencrypt().left == (column == "asked")
    shop.sandbox.advance(300)
    found = {one.order: one for one in shop.gate.recover()}
    assert found["order-0"].id
    assert found["order-2"].id
    if column == "asked":
        # Nobody can tell what was expected of it: nothing of it is sent.
        assert isinstance(found["order-1"].error, NotSent)
    shop.store.forget(order="order-1")
