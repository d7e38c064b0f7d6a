"""With an encryption key the inbox keeps no body in clear; without the key it waits, and loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import create_async_engine
from zerogate import StoreFailed
from zerogate_store import AsyncInbox, Store
from zerogate_store import _care as store_care
from zerogate_store._journal.statements import Statement

from tests.inbox.shop import PRICE, RETURN, SECRET, Shop, ordered, shop_on, signed

KEY, OLDER = Fernet.generate_key(), Fernet.generate_key()
CANARIES = (b"CANARYnote", b"CANARYwallet", b"CANARYuser")
BODIES = Statement("SELECT id, body FROM zerogate_events WHERE body IS NOT NULL ORDER BY id")
#: What somebody does who can write to the database.
SET = Statement("UPDATE zerogate_events SET body = :body WHERE id = :id")


def bodies(store: Store) -> dict[str, bytes]:
    def rows() -> Any:
        return (yield BODIES())

    return {id: bytes(body) for id, body in store.run_in_transaction(rows)}


def change(store: Store, id: str, body: bytes) -> None:
    def row() -> Any:
        yield SET(id=id, body=body)

    store.run_in_transaction(row)


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("gate.db*"))


@pytest.fixture
def keyed(url: str) -> Iterator[Store]:
    made = Store(url, encryption_key=KEY)
    yield made
    made.close()


def paid(shop: Shop, order: str = "order-1") -> Any:
    shop.store.run_in_transaction(lambda: ordered(order))
    session = shop.gate.sessions.create(
        amount=PRICE,
        flow="on_ramp",
        return_url=RETURN,
        order=order,
        metadata={"note": "CANARYnote"},
        wallet_address="CANARYwallet",
        user_reference="CANARYuser",
    )
    shop.sandbox.pay(session.id)
    shop.deliver()
    return session


def test_no_body_of_an_event_is_kept_in_clear(keyed: Store) -> None:
    with shop_on(keyed) as shop:
        session = paid(shop)
        kept = bodies(keyed)
        assert len(kept) > 2
        assert not [one for body in kept.values() for one in CANARIES if one in body]
        seen = []
        shop.drain(lambda received: seen.append(received.event))
        assert [one for one in seen if b"CANARYwallet" in one.raw], (
            "a handler reads it as it was signed"
        )
        found = shop.inbox.about(session.id)
        assert b"CANARYwallet" in (found[0].body or b"")
        assert found[0].event().raw == found[0].body


def test_the_control_without_a_key_they_are(shop: Shop) -> None:
    paid(shop)
    assert [one for body in bodies(shop.store).values() for one in CANARIES if one in body]


def test_orders_settle_as_before_and_a_replay_stays_a_duplicate(keyed: Store) -> None:
    with shop_on(keyed) as shop:
        paid(shop)
        mail = [(body, signed(body, shop.clock.now())) for body in _bodies_in_clear(shop)]
        assert set(shop.deliver(*mail)) == {"duplicate"}
        shop.drain()
        assert shop.orders["order-1"][0] == "Settled"


def _bodies_in_clear(shop: Shop) -> list[bytes]:
    rows = shop.inbox.kept("pending")
    return [one.body for one in rows if one.body is not None]


def test_another_content_under_a_known_id_is_noticed_all_the_same(keyed: Store) -> None:
    with shop_on(keyed) as shop:
        paid(shop)
        body = next(one for one in _bodies_in_clear(shop) if b"completed" in one)
        other = body.replace(b'"completed"', b'"cancelled"')
        assert other != body
        (verdict,) = shop.deliver((other, signed(other, shop.clock.now())))
        assert verdict == "new"


def test_without_its_key_an_event_waits_and_is_not_given_up(url: str) -> None:
    older = Store(url, encryption_key=OLDER)
    with shop_on(older) as shop:
        paid(shop)
        alone = Store(url, encryption_key=KEY)
        worker = shop.opened(store=alone, tries=2)
        for _ in range(8):
            worker.drain(lambda received: None)
            shop.sandbox.advance(90)
        assert not worker.kept("parked")
        waiting = worker.kept("pending")
        assert waiting
        with pytest.raises(StoreFailed, match="not given"):
            waiting[0].event()
        alone.close()
        shop.sandbox.advance(3600)
        shop.drain()
        assert shop.orders["order-1"][0] == "Settled"
    older.close()


def test_a_body_of_another_event_is_not_handled_as_this_ones(keyed: Store) -> None:
    with shop_on(keyed) as shop:
        for number in (1, 2):
            paid(shop, f"order-{number}")
        kept = bodies(keyed)
        first, *_, last = kept
        change(keyed, first, kept[last])
        with pytest.raises(StoreFailed, match="not as it was written"):
            next(one for one in shop.inbox.kept("pending") if one.id == first).event()


def test_what_was_in_clear_and_what_was_under_an_older_key_is_rewritten(url: str) -> None:
    plain = Store(url)
    with shop_on(plain) as shop:
        paid(shop)
        number = len(bodies(plain))
        older = Store(url, encryption_key=OLDER)
        assert older.reencrypt().rewritten >= number
        both = Store(url, encryption_key=[KEY, OLDER])
        assert both.reencrypt().rewritten >= number
        assert both.reencrypt().rewritten == 0
        newest = Store(url, encryption_key=KEY)
        worker = shop.opened(store=newest)
        assert all(one.closed is None for one in worker.kept("pending"))
        assert not [one for body in bodies(plain).values() for one in CANARIES if one in body]
        for store in (older, both, newest):
            store.close()
    plain.close()


def test_rewriting_leaves_nothing_in_clear_in_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    plain = Store(url)
    with shop_on(plain) as shop:
        paid(shop)
        assert any(one in on_disk(tmp_path) for one in CANARIES)
        keyed = Store(url, encryption_key=KEY)
        keyed.reencrypt()
        assert not [one for one in CANARIES if one in on_disk(tmp_path)]
        keyed.close()
    plain.close()


# --- erasing ---


def test_a_forgotten_orders_encrypted_events_are_reduced_and_settle(keyed: Store) -> None:
    with shop_on(keyed) as shop:
        paid(shop)
        keyed.forget(order="order-1")
        left = shop.inbox.kept("pending")
        assert left
        assert not [o for one in left for o in CANARIES if o in (one.body or b"")]
        shop.drain()
        assert shop.orders["order-1"][0] == "Settled"


def test_a_customer_who_may_be_in_what_nobody_can_read_is_not_said_to_be_forgotten(
    url: str,
) -> None:
    older, alone = Store(url, encryption_key=OLDER), Store(url, encryption_key=KEY)
    with shop_on(older) as shop:
        shop.gate.customers.create(email="ada@shop.example", external_id="c-1")
        shop.deliver()
        with pytest.raises(StoreFailed, match="nothing was erased"):
            alone.forget(customer="c-1")
        older.forget(customer="c-1")
    older.close()
    alone.close()


def test_what_the_inbox_forgets_is_neither_in_the_file_nor_in_its_log(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    with shop_on(store) as shop:
        paid(shop)
        shop.drain()
        store.forget(order="order-2")
        assert all(one in on_disk(tmp_path) for one in CANARIES)
        shop.sandbox.advance(60)
        assert shop.inbox.forget(datetime.fromtimestamp(shop.clock.now(), UTC)) > 2
        assert not [one for one in CANARIES if one in on_disk(tmp_path)]
    store.close()


def test_a_log_that_somebody_still_reads_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_care, "LOCKED_AT_MOST", 0.1)
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    with shop_on(store) as shop:
        paid(shop)
        shop.drain()
        reader = sqlite3.connect(tmp_path / "gate.db")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM zerogate_events").fetchall()
        then = datetime.fromtimestamp(shop.clock.now() + 1, UTC)
        with pytest.raises(StoreFailed, match="call again"):
            shop.inbox.forget(then)
        reader.rollback()
        reader.close()
        shop.inbox.forget(then)
        assert not [one for one in CANARIES if one in on_disk(tmp_path)]
    store.close()


@pytest.mark.parametrize("how", ["a URL", "an async engine"])
async def test_the_awaited_half_erases_as_well(tmp_path: Path, how: str) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    store = Store(url)
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
    with shop_on(store) as shop:
        paid(shop)
        shop.drain()
        theirs = store if how == "a URL" else Store(engine)
        inbox = AsyncInbox(theirs, SECRET, mode="test", clock=shop.clock)
        then = datetime.fromtimestamp(shop.clock.now() + 1, UTC)
        assert await inbox.forget(then) > 2
        assert not [one for one in CANARIES if one in on_disk(tmp_path)]
    await engine.dispose()
    store.close()
