"""A row that is changed in the database is not sent, and told; keys are exchanged, and a lost one says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from zerogate import (
    AsyncGate,
    GateUsageError,
    Money,
    NotSent,
    OutcomeUnknown,
    StoreFailed,
    UnexpectedAnswer,
)
from zerogate_sandbox import Sandbox
from zerogate_store import Store
from zerogate_store._journal.statements import Statement
from zerogate_store._store import sync_run_in_transaction

from tests.databases import KINDS, database

EUR = Money("10.00", "EUR")
TERMS: Any = {"amount": EUR, "return_url": "https://shop.example/done", "wallet_address": "0xOWN"}
ADA: Any = {"email": "ada@shop.example", "external_id": "c-1"}
BOB: Any = {"email": "bob@shop.example", "external_id": "c-2"}
ROWS = Statement("SELECT key, body, asked FROM zerogate_intents ORDER BY made_at, key")
#: What somebody with a database client does, who knows nothing of scopes.
BODY = Statement("UPDATE zerogate_intents SET body = :body WHERE key = :key")
ASKED = Statement("UPDATE zerogate_intents SET asked = :asked WHERE key = :key")
PLACE = {
    "account": Statement("UPDATE zerogate_intents SET account = 'other'"),
    "mode": Statement("UPDATE zerogate_intents SET mode = 'live'"),
    "namespace": Statement("UPDATE zerogate_intents SET namespace = 'other'"),
    "key": Statement("UPDATE zerogate_intents SET key = 'zg1_other'"),
}
KEY, OLDER = Fernet.generate_key().decode(), Fernet.generate_key()


class Shop:
    """A service on one database, and somebody else who can write to that."""

    def __init__(self, url: str) -> None:
        self.url, self.sandbox = url, Sandbox(seed=5)
        self.stores: list[Store] = []

    def store(self, **options: Any) -> Store:
        self.stores.append(Store(self.url, **options))
        return self.stores[-1]

    def gate(self, store: Store, **options: Any) -> AsyncGate:
        options = {"transport": self.sandbox.transport(), "clock": self.sandbox.clock} | options
        return AsyncGate("sk_test_shop", store=store, timeout=2, **options)

    async def in_doubt(self, store: Store, order: str = "order-1", **terms: Any) -> str:
        """The key of a session that nobody received: not Gate either."""
        self.sandbox.faults.add("reset", operations="createSession", when="before")
        with pytest.raises(OutcomeUnknown) as caught:
            await self.gate(store).sessions.create(order=order, **TERMS | terms)
        self.sandbox.faults.clear()
        return str(caught.value.idempotency_key)

    async def customer_in_doubt(self, store: Store, who: Any) -> str:
        self.sandbox.faults.add("reset", operations="createCustomer", when="before")
        with pytest.raises(OutcomeUnknown) as caught:
            await self.gate(store).customers.create(**who)
        self.sandbox.faults.clear()
        return str(caught.value.idempotency_key)

    def run(self, statement: Statement, **values: Any) -> list[Any]:
        def step() -> Any:
            return (yield statement(**values))

        return list(sync_run_in_transaction(self.stores[0], step))

    def bodies(self) -> dict[str, bytes]:
        return {key: bytes(body) for key, body, _ in self.run(ROWS) if body is not None}

    def change(self, key: str, change: Callable[[bytes], bytes]) -> None:
        before = self.bodies()[key]
        after = change(before)
        assert after != before
        self.run(BODY, key=key, body=after)

    async def recovered(self, store: Store) -> list[Any]:
        """What recovery says once everything is due."""
        self.sandbox.advance(100)
        return await self.gate(store).recover()

    def asked(self, operation: str = "createSession") -> int:
        return sum(seen["operation"] == operation for seen in self.sandbox.requests())

    @property
    def made(self) -> list[dict[str, Any]]:
        books = self.sandbox.books()
        found: list[dict[str, Any]] = books["sessions"] + books["customers"]
        return found


@pytest.fixture(params=KINDS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        made = Shop(url)
        yield made
        for store in made.stores:
            store.close()


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "another wallet": lambda body: body.replace(b"0xOWN", b"0xEVIL"),
    "another amount": lambda body: body.replace(b"10.00", b"99.00"),
    "one bit of it": lambda body: body[:-1] + bytes([body[-1] ^ 1]),
    "one bit of its MAC": lambda body: body[:12] + bytes([body[12] ^ 1]) + body[13:],
    "no MAC": lambda body: body[body.index(b"{") :],
    "a MAC of nothing": lambda body: body[:9],
    "nothing": lambda body: b"",
    "no text": lambda body: b"\xff" * 80,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("encryption_key", [None, KEY], ids=["no key", "a key"])
async def test_a_body_that_was_changed_is_not_sent_and_is_told(
    shop: Shop, change: str, encryption_key: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store = shop.store(encryption_key=encryption_key)
    key = await shop.in_doubt(store)
    shop.change(key, CHANGES[change])
    sent = shop.asked()
    (found,) = await shop.recovered(store)
    assert isinstance(found.error, OutcomeUnknown)
    assert "not as it was written" in str(found.error)
    assert found.error.idempotency_key == key
    with pytest.raises(OutcomeUnknown, match="not as it was written"):
        await shop.gate(store).resolve(key)
    with pytest.raises(OutcomeUnknown, match="not as it was written"):
        await shop.gate(store).sessions.create(order="order-1", **TERMS)
    assert (shop.asked(), shop.made) == (sent, [])
    assert "not as it was written" in caplog.text
    assert "0x" not in caplog.text + str(found.error)


async def test_a_body_that_was_left_alone_is_sent(shop: Shop) -> None:
    """The control: what makes the difference is the change."""
    store = shop.store()
    await shop.in_doubt(store)
    (found,) = await shop.recovered(store)
    assert (found.error, [one["wallet_address"] for one in shop.made]) == (None, ["0xOWN"])


@pytest.mark.parametrize("encryption_key", [None, KEY], ids=["no key", "a key"])
async def test_two_rows_whose_bodies_were_exchanged_are_not_sent(
    shop: Shop, encryption_key: Any
) -> None:
    store = shop.store(encryption_key=encryption_key)
    one, other = [await shop.in_doubt(store, order) for order in ("order-1", "order-2")]
    bodies = shop.bodies()
    shop.run(BODY, key=one, body=bodies[other])
    shop.run(BODY, key=other, body=bodies[one])
    found = await shop.recovered(store)
    assert ["not as it was written" in str(one.error) for one in found] == [True, True]
    assert shop.made == []


async def test_two_persons_whose_encrypted_bodies_were_exchanged_are_not_sent(shop: Shop) -> None:
    store = shop.store(encryption_key=KEY)
    one, other = [await shop.customer_in_doubt(store, who) for who in (ADA, BOB)]
    bodies = shop.bodies()
    assert b"ada@" not in bodies[one]
    shop.run(BODY, key=one, body=bodies[other])
    shop.run(BODY, key=other, body=bodies[one])
    found = await shop.recovered(store)
    assert ["not as it was written" in str(one.error) for one in found] == [True, True]
    assert shop.made == []


@pytest.mark.parametrize("encryption_key", [None, KEY], ids=["no key", "a key"])
@pytest.mark.parametrize("name", PLACE)
async def test_a_row_that_was_moved_is_not_sent(shop: Shop, name: str, encryption_key: Any) -> None:
    """To another account, mode, namespace or key: its bytes are those of the row they were written for."""
    store = shop.store(encryption_key=encryption_key)
    await shop.in_doubt(store)
    shop.run(PLACE[name])
    options = {"account": "other"} if name == "account" else {}
    options |= {"namespace": "other"} if name == "namespace" else {}
    shop.sandbox.advance(100)
    gate = shop.gate(store, **options)
    if name == "mode":
        gate = AsyncGate(
            "sk_live_shop00000001",
            store=store,
            transport=shop.sandbox.transport(),
            clock=shop.sandbox.clock,
        )
    (found,) = await gate.recover()
    assert "not as it was written" in str(found.error)
    assert shop.made == []


async def test_an_intent_that_was_changed_before_it_was_sent_is_not_sent(shop: Shop) -> None:
    store = shop.store()
    store.migrate()
    with store.engine.begin() as mine:
        intent = await shop.gate(store).journal.intend(mine, order="order-1", **TERMS)
    shop.change(intent.key, CHANGES["another wallet"])
    with pytest.raises(NotSent, match="not as it was written"):
        await shop.gate(store).journal.send(intent)
    (found,) = await shop.recovered(store)
    assert isinstance(found.error, NotSent)
    assert shop.asked() == 0


@pytest.mark.parametrize(
    ("before", "after", "refusal"),
    [("10.00", "0.01", UnexpectedAnswer), ('"wallet"', '"other"', NotSent)],
    ids=["another amount", "no wallet"],
)
async def test_terms_that_were_changed_are_not_asked_for_anew(
    shop: Shop, before: str, after: str, refusal: type[Exception]
) -> None:
    store = shop.store()
    gate = shop.gate(store)
    made = await gate.sessions.create(order="order-1", **TERMS)
    ((key, body, asked),) = shop.run(ROWS)
    assert (body, before in asked) == (None, True)
    shop.run(ASKED, key=key, asked=asked.replace(before, after))
    await gate.sessions.cancel(made.id)
    with pytest.raises(refusal):
        await gate.journal.reissue(order="order-1", at_once=True)
    assert len(shop.made) == 1
    shop.run(ASKED, key=key, asked=asked)
    again = await gate.journal.reissue(order="order-1", at_once=True)
    assert again.amount == EUR.amount


# --- keys ---


async def test_what_was_written_under_an_older_key_is_read_with_both(shop: Shop) -> None:
    await shop.customer_in_doubt(shop.store(encryption_key=OLDER), ADA)
    both = shop.store(encryption_key=[KEY, OLDER])
    (found,) = await shop.recovered(both)
    assert found.error is None
    assert [one["email"] for one in shop.made] == ["ada@shop.example"]


async def test_a_lost_key_says_so_and_nothing_is_erased(shop: Shop) -> None:
    key = await shop.customer_in_doubt(shop.store(encryption_key=OLDER), ADA)
    before = shop.bodies()
    alone = shop.store(encryption_key=KEY)
    (found,) = await shop.recovered(alone)
    assert isinstance(found.error, OutcomeUnknown)
    for said in ("encryption key", "not given", "[newest, older]"):
        assert said in str(found.error)
    assert "erased" not in str(found.error)
    with pytest.raises(OutcomeUnknown, match="not given"):
        await shop.gate(alone).resolve(key)
    assert shop.bodies() == before
    assert shop.made == []


async def test_without_any_key_it_is_the_same(shop: Shop) -> None:
    await shop.in_doubt(shop.store(encryption_key=OLDER))
    (found,) = await shop.recovered(shop.store())
    assert "not given" in str(found.error)
    assert shop.made == []


async def test_a_key_is_had_from_a_function_and_asked_for_once(shop: Shop) -> None:
    asked = []

    def service() -> list[str | bytes]:
        asked.append(1)
        return [KEY, OLDER]

    store = shop.store(encryption_key=service)
    assert not asked
    await shop.customer_in_doubt(store, ADA)
    await shop.customer_in_doubt(store, BOB)
    (one, other) = await shop.recovered(store)
    assert (one.error, other.error, len(asked)) == (None, None, 1)
    assert shop.store(encryption_key=KEY).sealer.is_keyed


async def test_a_function_is_asked_again_for_a_key_that_it_had_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerogate_store._encryption._ASK_AGAIN", 0.0)
    keys: list[Any] = [KEY]
    store = shop.store(encryption_key=lambda: list(keys))
    await shop.customer_in_doubt(store, ADA)
    await shop.customer_in_doubt(shop.store(encryption_key=[OLDER, KEY]), BOB)
    keys.insert(0, OLDER)
    found = await shop.recovered(store)
    assert [one.error for one in found] == [None, None]


async def test_a_function_that_fails_sends_nothing_and_shows_nothing(shop: Shop) -> None:
    down = True

    def service() -> str:
        if down:
            raise ConnectionError(f"https://vault.example/?token={KEY}")
        return KEY

    store = shop.store(encryption_key=service)
    with pytest.raises(NotSent, match="ConnectionError") as caught:
        await shop.gate(store).customers.create(**ADA)
    assert KEY not in str(caught.value)
    assert shop.asked("createCustomer") == 0
    down = False
    assert (await shop.gate(store).customers.create(**ADA)).email == ADA["email"]


@pytest.mark.parametrize("given", [lambda: "canary", lambda: 1, lambda: (), lambda: None])
async def test_a_function_that_gives_no_key_is_told_without_showing_it(
    shop: Shop, given: Any
) -> None:
    with pytest.raises(GateUsageError, match="generate_key") as caught:
        await shop.gate(shop.store(encryption_key=given)).customers.create(**ADA)
    assert "canary" not in str(caught.value)


# --- other keys for what is there ---


async def test_after_reencrypting_the_older_key_can_go(shop: Shop) -> None:
    await shop.in_doubt(shop.store(encryption_key=OLDER))
    await shop.customer_in_doubt(shop.store(encryption_key=OLDER), ADA)
    both = shop.store(encryption_key=[KEY, OLDER])
    done = both.reencrypt()
    assert (done.rewritten, done.left) == (2, 0)
    assert both.reencrypt().rewritten == 0, "again, it does nothing"
    found = await shop.recovered(shop.store(encryption_key=KEY))
    assert [one.error for one in found] == [None, None]
    assert len(shop.made) == 2


async def test_reencrypting_takes_what_was_written_before_there_was_a_key(shop: Shop) -> None:
    await shop.in_doubt(shop.store())
    keyed = shop.store(encryption_key=KEY)
    (found,) = await shop.recovered(keyed)
    assert "reencrypt" in str(found.error)
    assert keyed.reencrypt().rewritten == 1
    (found,) = await shop.recovered(keyed)
    assert (found.error, len(shop.made)) == (None, 1)


async def test_reencrypting_leaves_what_was_changed_and_what_it_has_no_key_for(
    shop: Shop,
) -> None:
    changed = await shop.in_doubt(shop.store(), "order-1")
    await shop.in_doubt(shop.store(encryption_key=OLDER), "order-2")
    await shop.in_doubt(shop.store(), "order-3")
    shop.change(changed, CHANGES["another wallet"])
    before = shop.bodies()
    done = shop.store(encryption_key=KEY).reencrypt()
    assert (done.rewritten, done.left) == (1, 2)
    assert shop.bodies()[changed] == before[changed]


async def test_reencrypting_without_a_key_is_refused(shop: Shop) -> None:
    with pytest.raises(GateUsageError, match="encryption_key"):
        shop.store().reencrypt()


async def test_reencrypting_goes_over_more_rows_than_a_page_and_over_all_scopes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerogate_store._reencrypting._MOST", 2)
    older = shop.store(encryption_key=OLDER)
    for account in ("a", "b"):
        gate = shop.gate(older, account=account, namespace=account)
        for number in range(5):
            await gate.sessions.create(order=f"order-{number}", **TERMS)
    assert shop.store(encryption_key=[KEY, OLDER]).reencrypt().rewritten == 10
    tags = {json.loads(asked)["tag"][:16] for _, _, asked in shop.run(ROWS)}
    assert len(tags) == 1


async def test_a_store_that_is_away_while_its_key_is_asked_for_is_told(shop: Shop) -> None:
    store = shop.store(encryption_key=lambda: (_ for _ in ()).throw(TimeoutError()))
    with pytest.raises(StoreFailed, match="TimeoutError"):
        store.reencrypt()
