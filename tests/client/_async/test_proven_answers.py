"""Answers to a create that do not say whose they are, and disputes: a read by the id decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import AsyncGate, Money, OutcomeUnknown, UnexpectedAnswer
from zerogate_store import Store

from tests.client.fake import Answer, FakeGate
from tests.client.scripts import SECRET, VirtualClock

TERMS: dict[str, Any] = {
    "amount": Money("100.00", "EUR"),
    "return_url": "https://shop.example/done",
    "flow": "on_ramp",
}


class Shop:
    """A service with or without a database, on an account that others use as well."""

    def __init__(self, folder: Path, stored: bool) -> None:
        self.clock = VirtualClock()
        self.fake = FakeGate(self.clock)
        self.store = Store(f"sqlite:///{folder / 'gate.db'}") if stored else None
        self.gate = self.process()

    def process(self) -> AsyncGate:
        return AsyncGate(SECRET, store=self.store, transport=self.fake, clock=self.clock)

    async def create(self, order: str = "order-1") -> Any:
        return await self.gate.sessions.create(order=order, **TERMS)

    def stranger(self, metadata: Any) -> Answer:
        """A session of the same terms that another service of the account made."""
        told = {"amount": "100.00", "currency": "EUR", "flow": "on_ramp"}
        added: Answer = self.fake.add(
            {**told, "return_url": "https://shop.example/done", "metadata": metadata}
        )
        return added

    def says(self, **changes: Callable[[Answer], Answer]) -> None:
        """By operation: what its answers are changed to from now on."""

        def tamper(asked: str, told: Answer) -> Answer:
            return changes[asked](told) if asked in changes else told

        self.fake.tamper = tamper

    def mixes_up(self, other: Answer, times: int) -> None:
        """The next creates take effect and are answered with another session, its secret included."""
        left = [times]

        def another(told: Answer) -> Answer:
            left[0] -= 1
            return {**told, **other, "client_secret": "gsec_of_another"} if left[0] >= 0 else told

        self.says(create=another)


@pytest.fixture(params=["store", "no store"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path, request.param == "store")
    yield made
    if made.store is not None:
        made.store.close()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path, True)
    yield made
    assert made.store is not None
    made.store.close()


def without_metadata(told: Answer) -> Answer:
    if "data" in told:
        return {**told, "data": [without_metadata(row) for row in told["data"]]}
    return {**told, "metadata": {}}


#: The keys of a session's metadata that say nothing of ours.
UNMARKED = [
    pytest.param({}, id="none"),
    pytest.param(None, id="null"),
    pytest.param({"cart": "7"}, id="another's own"),
    pytest.param({"order_id": "order-1"}, id="the order alone"),
]


@pytest.mark.parametrize("metadata", UNMARKED)
async def test_a_stranger_of_the_same_terms_is_not_taken_for_ours_because_it_says_nothing(
    shop: Shop, metadata: Any
) -> None:
    other = shop.stranger(metadata)
    shop.mixes_up(other, times=1)
    made = await shop.create()
    assert made.id != other["id"]
    assert made.client_secret != "gsec_of_another"
    assert made.metadata["order_id"] == "order-1"
    assert "cancel" not in shop.fake.asked


@pytest.mark.parametrize("metadata", UNMARKED)
async def test_where_only_strangers_answer_the_create_is_in_doubt(
    shop: Shop, metadata: Any
) -> None:
    other = shop.stranger(metadata)
    shop.mixes_up(other, times=100)
    if shop.store is None:
        with pytest.raises(OutcomeUnknown, match=other["id"]):
            await shop.create()
    else:
        # Found in the list by its key; no answer of ours has brought its secret.
        made = await shop.create()
        assert (made.id == other["id"], bool(made.client_secret)) == (False, False)


async def test_an_account_that_gave_a_key_back_once_gives_every_key_back(shop: Shop) -> None:
    await shop.create("order-0")
    other = shop.stranger({})
    shop.says(
        create=lambda told: {**told, **other, "client_secret": "gsec_of_another"},
        list=lambda told: {**told, "data": []},
    )
    with pytest.raises(OutcomeUnknown, match=other["id"]):
        await shop.create()


async def test_an_account_that_keeps_no_metadata_at_all_still_makes_sessions(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.says(create=without_metadata, read=without_metadata, list=without_metadata)
    for order in ("order-1", "order-2"):
        made = await shop.create(order)
        assert made.client_secret == f"gsec_{made.id}_canary"
    assert (await shop.create("order-2")).id == made.id
    assert "does not echo our marks" in caplog.text


async def test_in_an_account_without_metadata_other_terms_are_a_strangers(shop: Shop) -> None:
    def other_amount(told: Answer) -> Answer:
        return {**without_metadata(told), "amount": "7.00"}

    shop.says(create=other_amount, read=without_metadata, list=without_metadata)
    with pytest.raises(OutcomeUnknown, match="amount was asked as"):
        await shop.create()


async def test_what_cannot_be_read_by_its_id_proves_nothing(shop: Shop) -> None:
    shop.says(create=without_metadata, read=lambda told: {**told, "id": "gs_test_of_another"})
    if shop.store is None:
        with pytest.raises(OutcomeUnknown, match="could not be read"):
            await shop.create()
    else:
        # Found in the list by its key; then its id is known, and its answer is about it.
        made = await shop.create()
        assert shop.fake.asked.index("create") < shop.fake.asked.index("list", 2)
        assert made.client_secret == f"gsec_{made.id}_canary"


async def test_a_create_whose_answer_carries_our_key_costs_no_read(shop: Shop) -> None:
    await shop.create()
    assert shop.fake.asked.count("read") == 0
    assert shop.fake.asked.count("list") == (0 if shop.store is None else 1)


# --- disputes ---


def kept_for(amount: str, shop: Shop) -> None:
    """Gate has made the session for another amount than was asked; its first answers say so."""
    for kept in shop.fake.sessions.values():
        kept["amount"] = amount


async def test_a_dispute_does_not_end_because_a_later_answer_fits(shop: Shop) -> None:
    shop.says(create=lambda told: {**told, "amount": "7.00"})
    with pytest.raises(UnexpectedAnswer):
        await shop.create()
    kept_for("7.00", shop)
    shop.says(create=lambda told: {**told, "amount": "100.00"})
    for _ in range(2):
        with pytest.raises(UnexpectedAnswer) as caught:
            await shop.create()
        assert caught.value.differs == ("amount",)
        assert "canary" not in str(vars(caught.value))


async def test_a_dispute_ends_where_the_session_itself_reads_as_it_was_asked(shop: Shop) -> None:
    shop.says(create=lambda told: {**told, "amount": "7.00"})
    with pytest.raises(UnexpectedAnswer):
        await shop.create()
    shop.says()
    made = await shop.create()
    assert made.client_secret == f"gsec_{made.id}_canary"


async def test_a_dispute_outlives_the_process_that_met_it(stored: Shop) -> None:
    stored.says(create=lambda told: {**told, "amount": "7.00"})
    with pytest.raises(UnexpectedAnswer):
        await stored.create()
    kept_for("7.00", stored)
    stored.says(create=lambda told: {**told, "amount": "100.00"})
    stored.gate = stored.process()
    with pytest.raises(UnexpectedAnswer):
        await stored.create()
