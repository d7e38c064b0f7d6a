"""A person's erasure reaches what was heard of them; what waits is handled all the same."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from zerogate_store import Store

from tests.inbox.shop import PRICE, RETURN, Shop, ordered, shop_on
from tests.inbox.test_receive import everything_stored

CANARIES = ("CANARYnote", "CANARYwallet", "CANARYuser")


def paid(shop: Shop) -> Any:
    shop.store.run_in_transaction(lambda: ordered("order-1"))
    session = shop.gate.sessions.create(
        amount=PRICE,
        flow="on_ramp",
        return_url=RETURN,
        order="order-1",
        metadata={"note": "CANARYnote"},
        wallet_address="CANARYwallet",
        user_reference="CANARYuser",
    )
    shop.sandbox.pay(session.id)
    shop.deliver()
    return session


def test_a_forgotten_orders_events_tell_nothing_of_the_person(url: str, shop: Shop) -> None:
    session = paid(shop)
    shop.drain()
    assert all(canary in everything_stored(url) for canary in CANARIES)
    shop.store.forget(order="order-1")
    left = everything_stored(url)
    assert not [canary for canary in CANARIES if canary in left]
    assert session.id in left, "ids stay, so that a replay is a duplicate"


def test_what_waits_is_reduced_and_settles_all_the_same(url: str, shop: Shop) -> None:
    paid(shop)
    shop.store.forget(order="order-1")
    left = everything_stored(url)
    assert not [canary for canary in CANARIES if canary in left]
    shop.drain()
    assert shop.orders["order-1"][0] == "Settled"


def test_another_orders_events_stay_whole(url: str, shop: Shop) -> None:
    paid(shop)
    shop.drain()
    shop.store.forget(order="order-2")
    assert all(canary in everything_stored(url) for canary in CANARIES)


@pytest.mark.parametrize("forgotten", ["CANARYada", "CANARYbob"])
def test_a_customer_is_found_in_events_by_their_external_id(url: str, forgotten: str) -> None:
    store = Store(url, encryption_key=Fernet.generate_key())
    with shop_on(store) as shop:
        made = {
            id: shop.gate.customers.create(email=f"{id}@shop.example", external_id=id)
            for id in ("CANARYada", "CANARYbob")
        }
        shop.deliver()
        shop.drain(lambda received: None)
        store.forget(customer=forgotten)
        told = {
            id: b"".join(one.body or b"" for one in shop.inbox.about(customer.id))
            for id, customer in made.items()
        }
        assert {id for id in made if id.encode() in told[id]} == set(made) - {forgotten}
        assert all(shop.inbox.about(customer.id) for customer in made.values())
    store.close()
