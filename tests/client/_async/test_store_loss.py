"""A store that has forgotten: noticed before a first send, walked twice, and never a second secret."""

from __future__ import annotations

import json
import pickle
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from zerogate import (
    ANY_ORDER,
    AsyncGate,
    AttemptOpen,
    GateError,
    GateUsageError,
    IdempotencyConflict,
    Money,
    NotSent,
    OutcomeUnknown,
    RetryPolicy,
    StoreFailed,
    UnexpectedAnswer,
    fresh_key,
)
from zerogate._transport.messages import Reply
from zerogate_sandbox import PROFILES, Sandbox
from zerogate_sandbox.responses import Refused
from zerogate_store import AsyncInbox, Store
from zerogate_store._store import Statement, sync_run_in_transaction

from tests.databases import KINDS, database

EUR = Money("100", "EUR")
BACK = "https://shop.example/done"
WEBHOOK = "whsec_test_of_losses"
ROWS = Statement(
    "SELECT key, object_id, duplicates, outcome FROM zerogate_intents ORDER BY made_at"
)
GONE = Statement("DELETE FROM zerogate_intents WHERE made_at > :since")
HEAL = Statement("DELETE FROM zerogate_losses WHERE noticed_at > :since")


class Shop:
    """One service on one database: its processes, its customers, and whatever becomes of its database."""

    def __init__(self, url: str, profile: Any = "documented") -> None:
        self.url = url
        self.sandbox = Sandbox(seed=5, profile=profile)
        self.stores: list[Store] = []
        self.store = self.opened(url)
        #: Per order, the sessions whose secret a customer got.
        self.handed: dict[str, set[str]] = {}
        self.answers: Callable[[Any, Any], Any] = lambda request, answer: answer

    def opened(self, url: str) -> Store:
        self.stores.append(Store(url))
        return self.stores[-1]

    def process(self, **options: Any) -> AsyncGate:
        """A client in a process that has just started."""
        options = {"store": self.store, "transport": self, "clock": self.sandbox.clock} | options
        return AsyncGate("sk_test_shop", **options)

    def send(self, request: Any, until: float) -> Any:
        answer = self.sandbox.transport().send(request, until)
        date = formatdate(self.sandbox.clock.now(), usegmt=True)
        reply = Reply(answer.status, {**answer.headers, "date": date}, answer.body)
        return self.answers(request, reply)

    def close(self) -> None:
        """As a transport: nothing to close."""

    def fail_over(self, since: float) -> None:
        """The database is another one now, which never heard of what was written since then."""
        self.run(GONE, since=since)
        self.run(HEAL, since=since)

    def run(self, statement: Statement, **values: Any) -> list[Any]:
        def step() -> Any:
            return (yield statement(**values))

        return list(sync_run_in_transaction(self.store, step))

    def now(self) -> float:
        return self.sandbox.clock.now()

    def asked(self, operation: str = "createSession") -> int:
        return sum(seen["operation"] == operation for seen in self.sandbox.requests())

    @property
    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.books()["sessions"]
        return found

    async def create(self, gate: AsyncGate, order: str = "order-1", **terms: Any) -> Any:
        terms = {"amount": EUR, "return_url": BACK} | terms
        made = await gate.sessions.create(order=order, **terms)
        if made.client_secret:
            self.handed.setdefault(order, set()).add(made.id)
        return made

    def pay_everything(self) -> dict[str, int]:
        """Every customer pays with every secret; how often each order was paid."""
        for ids in self.handed.values():
            for id in ids:
                try:
                    self.sandbox.pay(id)
                except Refused:
                    continue
        orders = {one["id"]: one["metadata"]["order_id"] for one in self.sessions}
        paid = [
            orders[row["session_id"]]
            for row in self.sandbox.books()["transactions"]
            if row["status"] == "completed"
        ]
        return {order: paid.count(order) for order in set(paid)}


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(f"sqlite:///{tmp_path / 'gate.db'}")
    yield made
    for store in made.stores:
        store.close()


async def forgotten(shop: Shop) -> None:
    """An order was made, its secret is out, and the store does not know it any more."""
    await shop.create(shop.process(), "order-0")
    before = shop.now()
    shop.sandbox.advance(60)
    await shop.create(shop.process())
    shop.sandbox.advance(700)
    shop.fail_over(before)


async def walked(shop: Shop, gate: AsyncGate) -> None:
    """Both walks, as recovery makes them."""
    for _ in range(10):
        errors = [one.error for one in await gate.recover() if one.error is not None]
        if not errors:
            return
        (error,) = errors
        assert isinstance(error, NotSent)
        assert error.retry_after
        shop.sandbox.advance(error.retry_after)
    raise AssertionError("the walks do not end")


# --- healthy stores ---


async def test_a_new_store_for_a_new_account_sends_at_once(shop: Shop) -> None:
    made = await shop.create(shop.process())
    assert made.client_secret
    assert await shop.process().journal.store_loss() is None


async def test_the_newest_page_is_read_once_a_process_and_again_after_ten_minutes(
    shop: Shop,
) -> None:
    gate = shop.process()
    for number in range(3):
        await shop.create(gate, f"order-{number}")
    assert shop.asked("listSessions") == 1
    shop.sandbox.advance(601)
    await shop.create(gate, "order-3")
    assert shop.asked("listSessions") == 2


async def test_sessions_of_others_are_no_loss(shop: Shop) -> None:
    await shop.create(shop.process(namespace="pos"))
    await shop.create(shop.process(store=None), "order-7")
    shop.answers = _unmarked
    await shop.create(shop.process(account="the-same-partner"), "order-8")
    assert (await shop.create(shop.process(), "order-9")).client_secret
    assert await shop.process().journal.store_loss() is None


def _unmarked(request: Any, answer: Any) -> Any:
    """As a client that is not ours would have made it."""
    if request.method != "GET" or "gate_sessions?" not in request.target:
        return answer
    told = json.loads(answer.body)
    for row in told["data"]:
        if row["metadata"]["order_id"] == "order-7":
            row["metadata"] = {"order_id": "order-7"}
    return Reply(answer.status, answer.headers, json.dumps(told).encode())


async def test_a_list_that_cannot_be_read_holds_nobody_and_is_owed(shop: Shop) -> None:
    await forgotten(shop)
    shop.sandbox.faults.add("error", operations="listSessions", status=503)
    gate = shop.process()
    begun = shop.sandbox.clock.monotonic()
    assert (await shop.create(gate, "order-2")).client_secret
    assert shop.sandbox.clock.monotonic() - begun <= 2
    shop.sandbox.faults.clear()
    with pytest.raises(NotSent):
        await shop.create(gate, "order-3")


async def test_rows_that_cannot_be_read_are_passed_over(shop: Shop) -> None:
    await forgotten(shop)
    shop.answers = _with_odd_rows
    gate = shop.process()
    with pytest.raises(NotSent):
        await shop.create(gate)
    shop.sandbox.advance(601)
    await walked(shop, gate)
    found = await shop.create(gate)
    assert found.id == shop.sessions[1]["id"]


def _with_odd_rows(request: Any, answer: Any) -> Any:
    if request.method != "GET" or "gate_sessions?" not in request.target:
        return answer
    told = json.loads(answer.body)
    odd = [{}, {"id": None}, {"id": "gs_odd", "metadata": 5, "created_at": "yesterday"}]
    told["data"] = [*odd, *told["data"]]
    return Reply(answer.status, answer.headers, json.dumps(told).encode())


# --- a loss ---


async def test_a_store_that_has_forgotten_sends_nothing_for_the_first_time(shop: Shop) -> None:
    await forgotten(shop)
    sent = shop.asked()
    for order in ("order-1", "order-2"):
        with pytest.raises(NotSent, match=r"rebuild\(since=") as caught:
            await shop.create(shop.process(), order)
    assert "namespace=" in str(caught.value)
    assert "new_order=True" in str(caught.value)
    assert caught.value.retry_after == pytest.approx(600)
    assert pickle.loads(pickle.dumps(caught.value)).order == "order-2"
    assert shop.asked() == sent
    # What the store knows stays what it is.
    assert (await shop.create(shop.process(), "order-0")).id == shop.sessions[0]["id"]


async def test_the_walks_find_the_order_again_and_its_secret_stays_one(shop: Shop) -> None:
    await forgotten(shop)
    gate = shop.process()
    await walked(shop, gate)
    loss = await gate.journal.store_loss()
    assert loss is not None
    assert (loss.over, loss.found, loss.another_writes) == (True, 1, 0)
    again = await shop.create(gate)
    assert (again.id, again.client_secret or None) == (shop.sessions[1]["id"], None)
    assert (await shop.create(gate, "order-2")).client_secret
    assert all(len(ids) == 1 for ids in shop.handed.values())
    assert shop.pay_everything() == {"order-0": 1, "order-1": 1, "order-2": 1}


async def test_sends_alone_drive_the_walks_to_their_end(shop: Shop) -> None:
    await forgotten(shop)
    gate = shop.process()
    for _ in range(5):
        try:
            made = await shop.create(gate, "order-2")
            break
        except NotSent as exc:
            shop.sandbox.advance(exc.retry_after or 0)
    assert made.client_secret


async def test_a_new_order_need_not_wait(shop: Shop) -> None:
    await forgotten(shop)
    gate = shop.process()
    with pytest.raises(NotSent):
        await shop.create(gate, "order-2")
    made = await shop.create(gate, "order-2", new_order=True)
    assert made.client_secret
    assert (await shop.create(gate, "order-2")).id == made.id
    with pytest.raises(GateUsageError, match="attempt=1"):
        await shop.create(gate, "order-2", attempt=2, new_order=True)
    with pytest.raises(GateUsageError, match="True or False"):
        await shop.create(gate, "order-3", new_order="yes")


async def test_a_vouched_order_need_not_wait(shop: Shop) -> None:
    await forgotten(shop)
    gate = shop.process()
    with pytest.raises(NotSent):
        await shop.create(gate, "order-2")
    await gate.journal.vouch("order-2")
    assert (await shop.create(gate, "order-2")).client_secret
    with pytest.raises(NotSent):
        await shop.create(gate, "order-3")
    with pytest.raises(GateUsageError):
        await gate.journal.vouch("")


async def test_what_was_only_found_is_not_cancelled_for_a_basket(shop: Shop) -> None:
    """The service that made it may still have the row, under the same key."""
    await forgotten(shop)
    gate = shop.process()
    await walked(shop, gate)
    made = shop.sessions[1]["id"]
    for ask in (
        lambda: shop.create(gate, attempt=2, at_once=True),
        lambda: gate.journal.reissue(order="order-1", at_once=True),
    ):
        with pytest.raises(AttemptOpen, match=rf"sessions\.cancel\('{made}'\)"):
            await ask()
    assert shop.sessions[1]["status"] == "open"
    await gate.sessions.cancel(made)
    assert (await shop.create(gate, attempt=2, at_once=True)).client_secret


async def test_a_row_that_this_process_wrote_and_that_is_gone_is_a_loss(shop: Shop) -> None:
    gate = shop.process()
    before = shop.now() - 1
    shop.answers = _unlisted
    await shop.create(gate)
    shop.sandbox.advance(700)
    shop.fail_over(before)
    with pytest.raises(NotSent, match="this process wrote"):
        await shop.create(gate, "order-2")


async def test_the_same_order_in_the_same_process_is_a_loss_at_once(shop: Shop) -> None:
    gate = shop.process()
    before = shop.now() - 1
    await shop.create(gate)
    shop.fail_over(before)
    with pytest.raises(NotSent, match="this process wrote"):
        await shop.create(gate)
    assert shop.asked() == 1


def _unlisted(request: Any, answer: Any) -> Any:
    """Lists that do not echo metadata show nothing of ours."""
    if request.method != "GET" or "gate_sessions?" not in request.target:
        return answer
    told = json.loads(answer.body)
    told["data"] = [{**row, "metadata": {}} for row in told["data"]]
    return Reply(answer.status, answer.headers, json.dumps(told).encode())


async def test_a_loss_that_went_unnoticed_is_seen_by_the_second_session_of_its_key(
    shop: Shop,
) -> None:
    shop.sandbox = Sandbox(seed=5, profile="forgetful")
    await forgotten(shop)
    shop.sandbox.faults.add("error", operations="listSessions", status=503)
    await shop.create(shop.process())
    shop.sandbox.faults.clear()
    with pytest.raises(NotSent):
        await shop.create(shop.process(), "order-2")
    await walked(shop, shop.process())
    ((object_id, duplicates),) = [row[1:3] for row in shop.run(ROWS) if row[2] != "[]"]
    assert {object_id, *json.loads(duplicates)} == shop.handed["order-1"]
    assert (await shop.create(shop.process(), "order-2")).client_secret


async def test_a_row_that_went_while_its_answer_came_is_put_back(shop: Shop) -> None:
    before = shop.now() - 1

    def gone(request: Any, answer: Any) -> Any:
        if request.method == "POST":
            shop.fail_over(before)
        return answer

    shop.answers = gone
    gate = shop.process()
    made = await shop.create(gate)
    assert made.client_secret
    shop.answers = lambda request, answer: answer
    assert [row[1] for row in shop.run(ROWS)] == [made.id]
    with pytest.raises(NotSent, match="was gone when its answer came"):
        await shop.create(gate, "order-2")


async def test_a_row_that_goes_while_its_attempt_makes_way_is_told(shop: Shop) -> None:
    gate = shop.process()
    first = await shop.create(gate)
    await gate.sessions.cancel(first.id)
    shop.sandbox.advance(700)

    def restore_on_read(request: Any, answer: Any) -> Any:
        if "/transactions" in request.target:
            shop.run(GONE, since=0.0)
        return answer

    shop.answers = restore_on_read
    with pytest.raises(StoreFailed, match="restored or exchanged"):
        await gate.journal.reissue(order="order-1")


async def test_a_walk_goes_on_where_it_stopped(shop: Shop) -> None:
    gate = shop.process()
    for number in range(250):
        await shop.create(gate, f"order-{number}")
    shop.fail_over(0.0)
    shop.sandbox.advance(10)
    shop.sandbox.faults.add("error", operations="listSessions", status=503, skip=2)
    (report,) = await shop.process().recover()
    assert isinstance(report.error, NotSent)
    loss = await gate.journal.store_loss()
    assert loss is not None
    assert (loss.walk, loss.found) == (1, 100)
    shop.sandbox.faults.clear()
    before = shop.asked("listSessions")
    await shop.process().recover()
    loss = await gate.journal.store_loss()
    assert loss is not None
    assert (loss.walk, loss.found) == (2, 250)
    # One page to compare, and the two that were left.
    assert shop.asked("listSessions") - before == 3


async def test_rebuild_goes_back_no_further_than_it_is_told(shop: Shop) -> None:
    gate = shop.process()
    await shop.create(gate, "order-old")
    shop.sandbox.advance(86_400)
    since = datetime.fromtimestamp(shop.now(), UTC)
    for number in range(120):
        await shop.create(gate, f"order-{number}")
    shop.fail_over(0.0)
    loss = await gate.journal.rebuild(since=since)
    assert (loss.walk, loss.found, loss.over) == (2, 121, False)
    shop.sandbox.advance(601)
    assert (await gate.journal.rebuild(since=since)).over
    with pytest.raises(GateUsageError, match="time zone"):
        await gate.journal.rebuild(since=datetime(2026, 1, 1))
    with pytest.raises(GateUsageError, match="journal"):
        await shop.process(store=None).journal.rebuild(since=since)


async def test_attempts_of_an_order_are_found_in_their_order(shop: Shop) -> None:
    gate = shop.process()
    first = await shop.create(gate)
    await gate.sessions.cancel(first.id)
    shop.sandbox.advance(610)
    second = await shop.create(gate, attempt=2)
    shop.fail_over(0.0)
    await walked(shop, shop.process())
    assert [row[1] for row in shop.run(ROWS)] == [first.id, second.id]
    assert (await shop.create(shop.process(), attempt=2)).id == second.id
    with pytest.raises(AttemptOpen):
        await shop.create(shop.process(), attempt=3)
    await shop.process().sessions.cancel(second.id)
    shop.sandbox.advance(610)
    assert (await shop.create(shop.process(), attempt=3)).client_secret


async def test_a_later_attempt_of_another_service_does_not_end_ours(
    shop: Shop, tmp_path: Path
) -> None:
    """Nobody judged ours before that one was made: its payment is under way."""
    theirs = shop.process(store=shop.opened(f"sqlite:///{tmp_path / 'other.db'}"))
    over = await shop.create(theirs, attempt=2)
    await theirs.sessions.cancel(over.id)
    shop.sandbox.advance(700)
    mine = await shop.create(shop.process(), new_order=True)
    shop.sandbox.start(mine.id)
    await walked(shop, shop.process())
    with pytest.raises(AttemptOpen, match="attempt 1 is not over"):
        await shop.create(shop.process(), attempt=3)
    with pytest.raises(AttemptOpen, match="attempt 1 is not over"):
        await shop.process().journal.reissue(order="order-1")
    assert len(shop.sessions) == 2


async def test_an_earlier_attempt_of_another_service_is_not_over_because_ours_is(
    shop: Shop, tmp_path: Path
) -> None:
    mine = await shop.create(shop.process(), attempt=2)
    shop.sandbox.advance(700)
    theirs = shop.process(store=shop.opened(f"sqlite:///{tmp_path / 'other.db'}"))
    first = await shop.create(theirs, new_order=True)
    shop.sandbox.start(first.id)
    await walked(shop, shop.process())
    await shop.process().sessions.cancel(mine.id)
    shop.sandbox.advance(700)
    with pytest.raises(AttemptOpen, match="attempt 1 is not over"):
        await shop.create(shop.process(), attempt=3)
    with pytest.raises(AttemptOpen, match="attempt 1 is not over"):
        await shop.process().journal.reissue(order="order-1")


async def test_of_two_under_one_key_none_is_cancelled_and_none_is_followed_without_a_word(
    shop: Shop,
) -> None:
    shop.sandbox = Sandbox(seed=5, profile="forgetful")
    gate = shop.process()
    first = await shop.create(gate)
    shop.fail_over(0.0)
    second = await shop.create(shop.process(store=None))
    await walked(shop, shop.process())
    assert {one["status"] for one in shop.sessions} == {"open"}
    ((_, object_id, duplicates, _),) = shop.run(ROWS)
    assert {object_id, *json.loads(duplicates)} == {first.id, second.id}
    await shop.process().recover()
    assert {one["status"] for one in shop.sessions} == {"open"}
    with pytest.raises(GateUsageError, match="vouch"):
        await shop.process().journal.reissue(order="order-1")
    with pytest.raises(AttemptOpen, match="vouch"):
        await shop.create(shop.process(), attempt=2)
    assert {one["status"] for one in shop.sessions} == {"open"}


async def test_an_intent_of_before_the_backup_is_not_sent_again_by_recovery(shop: Shop) -> None:
    """The backup has it in doubt; since then it was sent, and its secret is out."""
    backup = Path(shop.url.removeprefix("sqlite:///"))
    copy = backup.with_name("backup.db")
    shop.sandbox.faults.add("error", operations="createSession", status=503)
    with pytest.raises(OutcomeUnknown):
        await shop.create(shop.process())
    shop.sandbox.faults.clear()
    restore(shop, backup, copy)
    await shop.process().recover()
    await shop.create(shop.process())
    await shop.create(shop.process(), "order-2")
    assert len(shop.handed["order-1"]) == 1
    shop.sandbox.advance(100_000)
    restore(shop, copy, backup)
    await walked(shop, shop.process())
    await shop.create(shop.process())
    assert len(shop.handed["order-1"]) == 1


def restore(shop: Shop, origin: Path, to: Path) -> None:
    """Copy a whole database, as one does while nobody has it open."""
    shop.store.close()
    for beside in ("-wal", "-shm"):
        to.with_name(to.name + beside).unlink(missing_ok=True)
    shutil.copy(origin, to)
    shop.store = shop.opened(shop.url)


async def test_an_order_intended_in_a_transaction_waits_unless_it_is_new(shop: Shop) -> None:
    import sqlite3

    await forgotten(shop)
    gate = shop.process()
    await gate.recover()
    mine = sqlite3.connect(shop.url.removeprefix("sqlite:///"))
    terms: dict[str, Any] = {"amount": EUR, "return_url": BACK}
    old = await gate.journal.intend(mine, order="order-2", **terms)
    new = await gate.journal.intend(mine, order="order-3", new_order=True, **terms)
    mine.commit()
    mine.close()
    with pytest.raises(NotSent):
        await gate.journal.send(old)
    assert (await gate.journal.send(new)).client_secret


# --- rails ---


async def pay_in(shop: Shop, gate: AsyncGate, order: str, **more: Any) -> Any:
    session = await shop.create(shop.process(store=None, namespace="pos"), order)
    quote = await gate.quotes.lock(
        amount=EUR,
        asset="USDC",
        side="on_ramp",
        payment_method="bank_transfer",
        idempotency_key=fresh_key(),
    )
    more = {"quote_id": quote.id, "gate_session_id": session.id, "expect": EUR} | more
    return await gate.pay_ins.create(order=order, **more)


async def test_a_rail_of_an_order_that_may_be_older_than_the_loss_needs_a_word(shop: Shop) -> None:
    await forgotten(shop)
    gate = shop.process()
    with pytest.raises(NotSent):
        await pay_in(shop, gate, "rail-1")
    await walked(shop, gate)
    sent = shop.asked("createPayIn")
    with pytest.raises(GateUsageError, match=r"gate\.journal\.vouch\(order\)"):
        await pay_in(shop, gate, "rail-1")
    assert shop.asked("createPayIn") == sent
    await gate.journal.vouch("rail-1")
    assert (await pay_in(shop, gate, "rail-1")).id
    assert (await pay_in(shop, gate, "rail-2", new_order=True)).id
    with pytest.raises(GateUsageError, match="vouch"):
        await pay_in(shop, gate, "rail-3")
    await gate.journal.vouch(ANY_ORDER)
    assert (await pay_in(shop, gate, "rail-3")).id


async def test_rails_that_an_inbox_has_heard_of_are_taken_in(shop: Shop) -> None:
    mail: list[Any] = []
    shop.sandbox = Sandbox(
        seed=5, webhook=lambda body, headers: mail.append((body, headers)), webhook_secret=WEBHOOK
    )
    gate = shop.process()
    since = datetime.fromtimestamp(shop.now() - 1, UTC)
    session = await shop.create(gate, "rail-1")
    terms = {"gate_session_id": session.id}
    rail = await pay_in(shop, gate, "rail-1", **terms)
    shop.sandbox.move_rail(rail.id, "processing")
    stranger = await pay_in(shop, shop.process(store=None), "rail-2")
    shop.sandbox.move_rail(stranger.id, "processing")
    shop.fail_over(0.0)
    inbox = AsyncInbox(shop.store, WEBHOOK, mode="test", clock=shop.sandbox.clock)
    shop.sandbox.deliver()
    for body, headers in mail:
        await inbox.receive(body, headers)
    with pytest.raises(GateUsageError, match="time zone"):
        await inbox.heard_of(datetime(2026, 1, 1))
    while not (await gate.journal.rebuild(since=since, inbox=inbox)).over:
        shop.sandbox.advance(601)
    assert rail.id in {row[1] for row in shop.run(ROWS)}
    assert stranger.id not in {row[1] for row in shop.run(ROWS)}
    sent = shop.asked("createPayIn")
    with pytest.raises(IdempotencyConflict):
        await pay_in(shop, gate, "rail-1")
    assert shop.asked("createPayIn") == sent


# --- somebody else ---


async def test_a_first_send_that_something_older_answers_is_held_and_its_secret_withheld(
    shop: Shop,
) -> None:
    """Two services on the default namespace number their orders alike; lists are not seen to echo."""
    other = shop.process(store=None)
    shop.answers = _unlisted
    theirs = await shop.create(other)
    shop.sandbox.advance(60)
    gate = shop.process()
    with pytest.raises(OutcomeUnknown, match="60 s older") as caught:
        await shop.create(gate)
    assert theirs.id in str(caught.value)
    assert "namespace=" in str(caught.value)
    assert "rebuild" in str(caught.value)
    assert "gsec_" not in str(caught.value)
    assert [row[1] for row in shop.run(ROWS)] == [None]
    await walked(shop, gate)
    with pytest.raises(OutcomeUnknown, match="held"):
        await shop.create(gate)
    with pytest.raises(OutcomeUnknown, match="held"):
        await shop.create(gate, attempt=2)
    with pytest.raises(OutcomeUnknown, match="held"):
        await gate.resolve(caught.value)
    assert shop.sessions[0]["status"] == "open"
    assert len(shop.sessions) == 1


async def test_rebuild_says_that_the_older_one_is_ours(shop: Shop) -> None:
    other = shop.process(store=None)
    shop.answers = _unlisted
    theirs = await shop.create(other)
    shop.sandbox.advance(60)
    gate = shop.process()
    with pytest.raises(OutcomeUnknown):
        await shop.create(gate)
    shop.answers = lambda request, answer: answer
    since = datetime.fromtimestamp(shop.now() - 3600, UTC)
    while not (await gate.journal.rebuild(since=since)).over:
        shop.sandbox.advance(601)
    found = await shop.create(gate)
    assert (found.id, found.client_secret or None) == (theirs.id, None)


async def test_an_answer_as_old_as_its_send_is_handed_out_and_so_is_one_nobody_can_date(
    shop: Shop,
) -> None:
    slow = shop.process()
    shop.sandbox.faults.add("slow", operations="createSession", seconds=20, times=1)
    assert (await shop.create(slow)).client_secret
    shop.answers = lambda request, answer: _undated(request, _unlisted(request, answer))
    await shop.create(shop.process(store=None, namespace="a"), "order-2")
    shop.sandbox.advance(60)
    assert (await shop.create(shop.process(namespace="a"), "order-2")).client_secret


def _undated(request: Any, answer: Any) -> Any:
    return Reply(
        answer.status, {n: v for n, v in answer.headers.items() if n != "date"}, answer.body
    )


def _ahead(seconds: float) -> Callable[[Any, Any], Any]:
    """Every Date is so far ahead of the clock by which objects are made."""

    def answer(request: Any, answer: Any) -> Any:
        then = parsedate_to_datetime(answer.headers["date"]).timestamp() + seconds
        headers = {**answer.headers, "date": formatdate(then, usegmt=True)}
        return Reply(answer.status, headers, answer.body)

    return answer


@pytest.mark.parametrize("seconds", [6, 60, 3600])
async def test_a_date_that_is_ahead_withholds_no_good_secret(shop: Shop, seconds: float) -> None:
    shop.answers = _ahead(seconds)
    gate = shop.process()
    assert (await shop.create(gate)).client_secret
    assert (await shop.create(shop.process(), "order-2")).client_secret
    shop.sandbox.faults.add("reset", operations="createSession", when="after")
    with pytest.raises(OutcomeUnknown):
        await shop.create(gate, "order-3")
    shop.sandbox.faults.clear()
    assert (await shop.create(gate, "order-3")).client_secret
    assert await gate.journal.store_loss() is None
    assert len({row[1] for row in shop.run(ROWS)}) == 3


async def test_a_date_that_is_ahead_does_not_hide_what_is_older(shop: Shop) -> None:
    other = shop.process(store=None)
    shop.answers = lambda request, answer: _ahead(60)(request, _unlisted(request, answer))
    await shop.create(other)
    shop.sandbox.advance(60)
    with pytest.raises(OutcomeUnknown, match="120 s older"):
        await shop.create(shop.process())


async def test_two_services_on_the_default_namespace_are_told(shop: Shop, tmp_path: Path) -> None:
    """Each has a store of its own, and their orders have other numbers: the list tells."""
    second = shop.opened(f"sqlite:///{tmp_path / 'other.db'}")
    await shop.create(shop.process(), "web-1")
    with pytest.raises(NotSent, match="another database"):
        await shop.create(shop.process(store=second), "pos-1")
    shop.sandbox.advance(30)
    await shop.create(shop.process(), "web-2")
    with pytest.raises(NotSent):
        await shop.create(shop.process(store=second), "pos-1")
    shop.sandbox.advance(601)
    with pytest.raises(NotSent, match="another store writes here") as caught:
        await _until_told(shop, second)
    assert "PostgreSQL" in str(caught.value)
    assert "namespace=" in str(caught.value)


async def _until_told(shop: Shop, store: Store) -> None:
    """The second service goes on as it should, and so does the first."""
    gate = shop.process(store=store)
    for number in range(10):
        try:
            await shop.create(gate, f"pos-{number}")
        except NotSent as exc:
            if "another store" in str(exc):
                raise
            shop.sandbox.advance(exc.retry_after or 1)
        await shop.create(shop.process(), f"web-more-{number}", new_order=True)
        shop.sandbox.advance(610)


async def test_a_taken_in_session_is_not_replaced_while_another_store_writes_here(
    shop: Shop, tmp_path: Path
) -> None:
    second = shop.opened(f"sqlite:///{tmp_path / 'other.db'}")
    theirs = await shop.create(shop.process())
    with pytest.raises(NotSent):
        await shop.create(shop.process(store=second), "order-2")
    shop.sandbox.advance(300)
    await shop.create(shop.process(), "order-3")
    shop.sandbox.advance(301)
    await shop.process(store=second).recover()
    loss = await shop.process(store=second).journal.store_loss()
    assert loss is not None
    assert loss.another_writes
    with pytest.raises(GateError):
        await shop.process(store=second).journal.reissue(order="order-1")
    assert {one["status"] for one in shop.sessions if one["id"] == theirs.id} == {"open"}


async def test_other_terms_of_a_taken_in_order_get_no_secret(shop: Shop) -> None:
    await forgotten(shop)
    await walked(shop, shop.process())
    with pytest.raises(IdempotencyConflict):
        await shop.create(shop.process(), idempotency_key=fresh_key())
    for asked, differs in (
        ({"amount": Money("7", "EUR")}, ("amount",)),
        ({"amount": Money("100.00", "USD")}, ("currency",)),
        ({"flow": "off_ramp", "wallet_address": "0xabc"}, ("flow", "wallet_address")),
    ):
        with pytest.raises(UnexpectedAnswer) as caught:
            await shop.create(shop.process(), **asked)
        assert (caught.value.differs, caught.value.order) == (differs, "order-1")
        assert "client_secret" not in caught.value.raw
    found = await shop.create(shop.process())
    assert (str(found.amount), found.client_secret or None) == ("100.00", None)


# --- all of it, in every profile and on both databases ---


async def test_without_the_look_there_would_be_a_second_secret(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def blind(catch_up: Any, ends: float) -> None:
        """As a client that does not look."""

    shop.sandbox = Sandbox(seed=5, profile="forgetful")
    await forgotten(shop)
    gate = shop.process()
    monkeypatch.setattr(type(gate._calls.durability.catch_up), "look", blind)
    await shop.create(gate)
    assert len(shop.handed["order-1"]) == 2


@pytest.mark.parametrize("profile", sorted(PROFILES))
async def test_no_order_gets_a_second_secret_after_a_loss_was_noticed(
    url: str, profile: str
) -> None:
    for seed in range(3):
        shop = Shop(url, profile)
        shop.run(GONE, since=0.0)
        shop.run(HEAL, since=0.0)
        await _lived(shop, random.Random(f"{profile} {seed}"))
        assert all(len(ids) == 1 for ids in shop.handed.values()), (profile, seed, shop.handed)
        assert set(shop.pay_everything().values()) <= {1}
        for store in shop.stores:
            store.close()


async def _lived(shop: Shop, draw: random.Random) -> None:
    """Orders, a loss of the last minutes, and a shop that goes on asking for all of them."""
    gate = shop.process()
    for number in range(6):
        await shop.create(gate, f"order-{number}")
        shop.sandbox.advance(draw.uniform(1, 300))
    shop.sandbox.advance(61)
    shop.fail_over(shop.now() - draw.uniform(100, 1500))
    gate = shop.process()
    await gate.recover()
    loss = await gate.journal.store_loss()
    assert loss is not None
    for _ in range(12):
        order = f"order-{draw.randrange(8)}"
        try:
            await shop.create(draw.choice([gate, shop.process()]), order)
        except NotSent as exc:
            shop.sandbox.advance(draw.uniform(1, 2 * (exc.retry_after or 0)))
        shop.sandbox.advance(draw.uniform(0, 100))


async def test_two_healthy_processes_on_one_store_never_see_a_loss(url: str) -> None:
    shop = Shop(url)
    pods = [shop.process(), shop.process()]
    draw = random.Random(1)
    for number in range(30):
        await shop.create(draw.choice(pods), f"order-{number}")
        if draw.random() < 0.3:
            pods[draw.randrange(2)] = shop.process()
        shop.sandbox.advance(draw.choice([0, 5, 400]))
        await draw.choice(pods).recover()
    assert await pods[0].journal.store_loss() is None
    assert len(shop.sessions) == 30
    for store in shop.stores:
        store.close()


# --- sessions under a key of ours that are older than its first send ---


@pytest.mark.parametrize("profile", ["documented", "forgetful", "terse"])
async def test_a_row_that_was_only_written_down_explains_no_session(
    tmp_path: Path, profile: str
) -> None:
    """The lost order is intended anew, in a transaction of the shop's, and then sent."""
    shop = Shop(f"sqlite:///{tmp_path / 'gate.db'}", profile)
    await forgotten(shop)
    gate = shop.process()
    with sqlite3.connect(tmp_path / "gate.db") as connection:
        intent = await gate.journal.intend(connection, order="order-1", amount=EUR, return_url=BACK)
    connection.close()
    sent = shop.asked()
    # A list that shows no metadata shows no loss: then the answer is what shows it.
    shown = PROFILES[profile].list_metadata
    with pytest.raises(NotSent if shown else OutcomeUnknown):
        await gate.journal.send(intent)
    assert shop.asked() - sent == (0 if shown else 1)
    for store in shop.stores:
        store.close()


async def under_one_key(shop: Shop, twin: Shop) -> AsyncGate:
    """Two stores on one namespace; the second one's create made a session, and its answer was lost.

    Lists could not be read, so that what the first one had made was not noticed.
    """
    twin.sandbox = shop.sandbox
    gate = twin.process()
    shop.sandbox.faults.add("error", operations="listSessions", status=503)
    await shop.create(shop.process())
    shop.sandbox.advance(60)
    shop.sandbox.faults.add("reset", operations="createSession", when="after")
    with pytest.raises(OutcomeUnknown):
        await twin.create(gate)
    shop.sandbox.faults.clear()
    return gate


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(f"sqlite:///{tmp_path / 'twin.db'}")
    yield made
    for store in made.stores:
        store.close()


async def test_what_is_older_than_our_first_send_is_neither_adopted_nor_one_too_many(
    tmp_path: Path, twin: Shop
) -> None:
    shop = Shop(f"sqlite:///{tmp_path / 'gate.db'}", "forgetful")
    gate = await under_one_key(shop, twin)
    for _ in range(5):
        shop.sandbox.advance(900)
        await gate.recover()
    assert [one["id"] for one in shop.sessions if one["status"] == "cancelled"] == []
    assert await gate.journal.store_loss() is not None
    with pytest.raises(OutcomeUnknown, match="held"):
        await twin.create(twin.process())
    assert twin.handed == {}
    shop.store.close()


async def test_an_older_session_that_appears_beside_a_recorded_one_is_left_alone(
    tmp_path: Path, twin: Shop
) -> None:
    shop = Shop(f"sqlite:///{tmp_path / 'gate.db'}", "forgetful")
    shop.answers = twin.answers = _unlisted
    gate = await under_one_key(shop, twin)
    await gate.recover()
    shop.answers = twin.answers = lambda request, answer: answer
    for _ in range(5):
        shop.sandbox.advance(900)
        await gate.recover()
    assert shop.sessions[0]["status"] == "open"
    shop.store.close()


class Ahead:
    """The clock of a machine that is wrong by so many seconds; its waits move the sandbox's."""

    def __init__(self, shop: Shop, seconds: float) -> None:
        self._clock, self._seconds = shop.sandbox.clock, seconds

    def now(self) -> float:
        return self._clock.now() + self._seconds

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)


@pytest.mark.parametrize("answered", [True, False], ids=["by an error", "by nothing"])
async def test_a_first_send_before_any_answer_of_gates_is_not_dated_by_a_wrong_clock(
    shop: Shop, answered: bool
) -> None:
    """Nothing had told the process that its clock is ahead when it wrote down that it sends."""
    gate = shop.process(clock=Ahead(shop, 20))
    shop.sandbox.faults.add("reset", operations="listSessions", when="before")
    if answered:
        shop.sandbox.faults.add("error", operations="createSession", when="after", status=503)
    else:
        shop.sandbox.faults.add("reset", operations="createSession", when="after")
    with pytest.raises(OutcomeUnknown):
        await shop.create(gate)
    shop.sandbox.faults.clear()
    shop.sandbox.advance(300)
    found = await shop.create(shop.process(clock=Ahead(shop, 20)))
    assert found.id == shop.sessions[0]["id"]
    assert await gate.journal.store_loss() is None


async def in_doubt_under_their_key(shop: Shop, twin: Shop) -> AsyncGate:
    """Two stores on one namespace; the second one's create never arrived, and it cannot know that.

    No list shows what the first one had made a minute before.
    """
    twin.sandbox = shop.sandbox
    shop.answers = twin.answers = _unlisted
    # Once each: no random wait comes between their whole seconds.
    gate = twin.process(retries=RetryPolicy(attempts=1))
    await shop.create(shop.process())
    shop.sandbox.advance(60)
    shop.sandbox.faults.add("reset", operations="createSession", when="before")
    with pytest.raises(OutcomeUnknown):
        await twin.create(gate)
    shop.sandbox.faults.clear()
    return gate


async def by_its_caller(twin: Shop, gate: AsyncGate) -> None:
    with pytest.raises(OutcomeUnknown, match="60 s older"):
        await twin.create(gate)


async def by_recovery(twin: Shop, gate: AsyncGate) -> None:
    [told] = await gate.recover()
    assert "60 s older" in str(told.error)


async def by_its_key(twin: Shop, gate: AsyncGate) -> None:
    [row] = twin.run(ROWS)
    with pytest.raises(OutcomeUnknown, match="60 s older"):
        await gate.resolve(row[0])


@pytest.mark.parametrize("again", [by_its_caller, by_recovery, by_its_key])
async def test_what_is_sent_again_and_answered_by_something_older_is_held(
    shop: Shop, twin: Shop, again: Callable[[Shop, AsyncGate], Any]
) -> None:
    """The key was sent before, in vain: what answers it now is older than that, and not of it."""
    gate = await in_doubt_under_their_key(shop, twin)
    shop.sandbox.advance(5)
    await again(twin, gate)
    assert [row[1] for row in twin.run(ROWS)] == [None]
    with pytest.raises(OutcomeUnknown, match="the store has forgotten"):
        await twin.create(twin.process())
    await walked(twin, twin.process())
    with pytest.raises(OutcomeUnknown, match="is held"):
        await twin.create(twin.process())
    assert twin.handed == {}
    assert [one["status"] for one in shop.sessions] == ["open"]


async def test_what_is_sent_again_and_made_by_the_send_before_is_handed_out(shop: Shop) -> None:
    shop.answers = _unlisted
    shop.sandbox.faults.add("reset", operations="createSession", when="after")
    gate = shop.process()
    with pytest.raises(OutcomeUnknown):
        await shop.create(gate)
    shop.sandbox.faults.clear()
    shop.sandbox.advance(60)
    assert (await shop.create(shop.process())).client_secret
    assert len(shop.sessions) == 1


async def test_a_session_is_not_cancelled_for_another_that_could_not_be_sent(
    shop: Shop, twin: Shop
) -> None:
    """A store took another's session in; that others are being made shows before anything is cancelled."""
    twin.sandbox = shop.sandbox
    theirs = await twin.create(twin.process(), "order-1")
    gate = shop.process()
    await walked(shop, gate)
    await shop.create(gate, "order-7")
    shop.sandbox.advance(601)
    await twin.create(twin.process(), "order-2", new_order=True)
    with pytest.raises(NotSent):
        await gate.journal.reissue(order="order-1", at_once=True)
    with pytest.raises(NotSent):
        await shop.create(gate, "order-1", attempt=2, at_once=True)
    assert {one["id"]: one["status"] for one in shop.sessions}[theirs.id] == "open"
