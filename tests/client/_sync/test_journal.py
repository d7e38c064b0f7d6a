# Written by facade/unasync.py from tests/client/_async/test_journal.py; edit that file.
"""Writes under a store: on disk before their first byte, made once, found again, never forgotten."""

from __future__ import annotations

import itertools
import json
import math
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from cryptography.fernet import Fernet
from zerogate import (
    AlreadyTerminal,
    AttemptOpen,
    Conflict,
    Gate,
    GateError,
    GateUsageError,
    IdempotencyConflict,
    InvalidRequest,
    KeyReused,
    Money,
    NotSent,
    OutcomeUnknown,
    StoreFailed,
    UnexpectedAnswer,
    fresh_key,
)
from zerogate_sandbox import Sandbox
from zerogate_store import Store

EUR = Money("100", "EUR")
BACK = "https://shop.example/done"
KEY = "sk_test_shop"


class Desk:
    """A shop with its database, a sandbox, and a hand on what it writes over the wire between the two."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "gate.db"
        self.sandbox = Sandbox(seed=1)
        self.stores: list[Store] = []
        self.store = self.opened()
        self.before: Callable[[Any], None] = lambda request: None
        #: Whether lists do not show any session yet.
        self.unlisted = False

    def opened(self, **options: Any) -> Store:
        self.stores.append(Store(f"sqlite:///{self.file}", **options))
        return self.stores[-1]

    def gate(self, key: str = KEY, **options: Any) -> Gate:
        options = {"store": self.store, "transport": self, "clock": self.sandbox.clock} | options
        return Gate(key, **options)

    def send(self, request: Any, until: float) -> Any:
        if request.method != "GET":
            self.before(request)
        reply = self.sandbox.transport().send(request, until)
        if self.unlisted and request.method == "GET" and "gate_sessions?" in request.target:
            told = json.loads(reply.body) | {"data": []}
            return attrs.evolve(reply, body=json.dumps(told).encode())
        return reply

    def close(self) -> None:
        """As a transport: nothing to close."""

    def row(self, what: str, where: str = "1 = 1") -> Any:
        with sqlite3.connect(self.file) as connection:
            found = connection.execute(f"SELECT {what} FROM zerogate_intents WHERE {where}")
            rows = found.fetchall()
        connection.close()
        return rows[0] if len(rows) == 1 else rows

    def asked(self, operation: str = "createSession") -> int:
        return sum(seen["operation"] == operation for seen in self.sandbox.requests())

    def lose(self, name: str = "reset", times: int | None = None, **options: Any) -> None:
        options = {"operations": "createSession", "times": times} | options
        self.sandbox.faults.add(name, **{n: v for n, v in options.items() if v is not None})

    @property
    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.books()["sessions"]
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    for store in made.stores:
        store.close()


def create(gate: Gate, **terms: Any) -> Any:
    terms = {"amount": EUR, "return_url": BACK, "order": "order-1"} | terms
    return gate.sessions.create(**terms)


# --- on disk ---


def test_a_create_is_on_disk_before_its_first_byte_and_recorded_before_it_returns(
    desk: Desk,
) -> None:
    seen: list[Any] = []
    desk.before = lambda request: seen.append(desk.row("state, order_ref, attempt, body"))
    made = create(desk.gate())
    ((state, order, attempt, body),) = seen
    assert (state, order, attempt) == ("sent", "order-1", 1)
    assert b'"order_id":"order-1"' in body
    assert desk.row("state, object_id, object_status, body, due_at") == (
        "known",
        made.id,
        "open",
        None,
        None,
    )


def test_no_secret_of_anybody_is_ever_on_disk(desk: Desk) -> None:
    made = create(desk.gate())
    create(desk.gate())
    written = b"".join(file.read_bytes() for file in desk.file.parent.iterdir())
    assert made.client_secret.encode() not in written
    assert KEY.encode() not in written
    assert desk.row("secret_at") == (desk.sandbox.clock.now(),)


def test_what_cannot_be_written_down_first_is_not_sent(desk: Desk) -> None:
    create(desk.gate())
    before = desk.asked()
    for store in desk.stores:
        store.close()
    desk.file.parent.joinpath("gate.db").write_bytes(b"not a database" * 1000)
    for beside in ("gate.db-wal", "gate.db-shm"):
        desk.file.parent.joinpath(beside).unlink(missing_ok=True)
    desk.store = desk.opened()
    with pytest.raises(NotSent, match="could not be written down") as caught:
        create(desk.gate(), order="order-2")
    assert isinstance(caught.value.last_error, StoreFailed)
    assert pickle.loads(pickle.dumps(caught.value)).order == "order-2"
    assert desk.asked() == before


def test_a_result_that_cannot_be_recorded_is_still_returned_and_recorded_later(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Breaking(desk.store)
    gate = desk.gate(store=broken)
    desk.before = lambda request: setattr(broken, "down", True)
    made = create(gate)
    assert made.client_secret
    assert "not recorded yet" in made.additional_properties["zerogate_warning"]
    assert desk.row("state, object_id") == ("sent", None)
    desk.before, broken.down = lambda request: None, False
    create(gate, order="order-2")
    assert desk.row("state, object_id", "order_ref = 'order-1'") == ("known", made.id)
    assert "not recorded yet" in caplog.text


class Breaking:
    """A store whose database goes away and comes back."""

    bind, bind = Store.bind, Store.bind

    def __init__(self, store: Store) -> None:
        self._store, self.down = store, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def run_in_transaction(self, step: Any) -> Any:
        if self.down:
            raise StoreFailed("the database is away")
        return self._store.run_in_transaction(step)

    def check_writable(self) -> None:
        """Nobody is in a handler's transaction."""


# --- once ---


def test_the_same_order_again_is_the_same_session_with_its_secret(desk: Desk) -> None:
    first = create(desk.gate())
    again = create(desk.gate())
    assert (again.id, again.client_secret) == (first.id, first.client_secret)
    assert len(desk.sessions) == 1


def test_past_the_keys_trust_a_known_session_is_read_and_nothing_is_sent(desk: Desk) -> None:
    first = create(desk.gate())
    desk.sandbox.clock.advance(601)
    again = create(desk.gate())
    assert (again.id, again.client_secret or None) == (first.id, None)
    assert desk.asked() == 1


def test_other_money_under_the_same_attempt_is_refused_before_anything_is_sent(
    desk: Desk,
) -> None:
    create(desk.gate())
    for other in (
        {"amount": Money("101", "EUR")},
        {"amount": Money("100", "USD")},
        {"flow": "swap"},
        {"target_token": "USDC"},
        {"target_network": "base"},
        {"wallet_address": "0x1"},
        {"quote_preview_id": "q-1"},
        {"idempotency_key": fresh_key()},
    ):
        with pytest.raises(IdempotencyConflict):
            create(desk.gate(), **other)
    assert desk.asked() == 1


def test_a_refused_create_may_be_mended_and_sent_again(desk: Desk) -> None:
    desk.lose("error", times=1, status=422)
    with pytest.raises(InvalidRequest):
        create(desk.gate())
    assert desk.row("state, body") == ("rejected", None)
    made = create(desk.gate(), metadata={"basket": "b"})
    assert desk.row("state, object_id") == ("known", made.id)


def test_what_was_not_sent_leaves_nothing_to_do(desk: Desk) -> None:
    desk.lose("refuse")
    with pytest.raises(NotSent):
        create(desk.gate())
    assert desk.row("state, due_at, first_sent_at") == ("intended", None, None)
    assert desk.gate().recover() == []
    desk.sandbox.faults.clear()
    create(desk.gate())
    assert len(desk.sessions) == 1


def test_an_answer_that_does_not_fit_is_journaled_as_done(desk: Desk) -> None:
    desk.lose("missing_field", times=1, field="status")
    with pytest.raises(UnexpectedAnswer) as caught:
        create(desk.gate())
    assert desk.row("state, object_id") == ("known", caught.value.id)


def test_accounts_modes_and_namespaces_do_not_meet(desk: Desk) -> None:
    for options in ({}, {"account": "b"}, {"namespace": "pos"}):
        create(desk.gate(**options))
    assert len(desk.row("key")) == 3


def test_a_label_belongs_to_the_partner_first_seen_under_it(desk: Desk) -> None:
    create(desk.gate())
    stranger = desk.gate("sk_test_other")
    made = create(stranger, order="order-2")
    assert "not the one of this account's label" in made.additional_properties["zerogate_warning"]
    with pytest.raises(GateUsageError, match="label of its own"):
        create(stranger, order="order-3")
    assert len(desk.sessions) == 2


# --- in doubt ---


def test_an_order_in_doubt_is_looked_for_before_anything_is_sent_again(desk: Desk) -> None:
    desk.lose("reset", times=4)
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    sent = desk.asked()
    assert len(desk.sessions) == 1
    operations = len(desk.sandbox.requests())
    made = create(desk.gate())
    after = [seen["operation"] for seen in desk.sandbox.requests()[operations:]]
    assert after[0] == "listSessions"
    assert made.client_secret
    assert (len(desk.sessions), desk.asked() - sent) == (1, 1)


def test_past_the_keys_trust_what_is_not_found_is_sent_again_under_the_same_key(
    desk: Desk,
) -> None:
    other = create(desk.gate(), order="order-2")
    desk.lose("error", status=503)
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    desk.sandbox.faults.clear()
    desk.sandbox.clock.advance(100_000)
    (done,) = desk.gate().recover()
    assert (done.order, done.error) == ("order-1", None)
    assert [one["id"] for one in desk.sessions] == [other.id, done.id]
    keys = {s["idempotency_key"] for s in desk.sandbox.requests() if s["idempotency_key"]}
    assert len(keys) == 2


def test_a_definite_refusal_after_a_doubt_is_still_a_doubt(desk: Desk) -> None:
    desk.lose("error", status=503)
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    desk.sandbox.faults.clear()
    desk.lose("error", status=422)
    with pytest.raises(OutcomeUnknown) as caught:
        create(desk.gate())
    assert isinstance(caught.value.last_error, InvalidRequest)
    assert desk.row("state") == ("sent",)


def test_a_server_without_memory_makes_duplicates_and_they_are_cancelled(desk: Desk) -> None:
    desk.sandbox = Sandbox(seed=1, profile={"key_memory": 0})
    desk.lose("reset", times=2)
    made = create(desk.gate())
    assert len(desk.sessions) == 3
    (done,) = desk.gate().recover()
    assert {s["id"] for s in desk.sessions if s["status"] == "open"} == {made.id}
    assert len(done.duplicates) == 2
    again = create(desk.gate())
    assert (again.id, again.client_secret or None) == (made.id, None)
    assert {s["id"] for s in desk.sessions if s["status"] == "open"} == {made.id}


def test_what_was_ever_in_doubt_is_swept_once_more_when_lists_have_caught_up(
    desk: Desk,
) -> None:
    desk.lose("reset", times=1)
    create(desk.gate())
    assert len(desk.gate().recover()) == 1
    assert desk.gate().recover() == []
    desk.sandbox.clock.advance(1300)
    assert len(desk.gate().recover()) == 1
    assert desk.row("due_at") == (None,)


def test_many_in_doubt_are_looked_for_in_one_walk_down_the_list(desk: Desk) -> None:
    desk.lose("reset")
    for number in range(5):
        with pytest.raises(OutcomeUnknown):
            create(desk.gate(), order=f"order-{number}")
    desk.sandbox.faults.clear()
    before = desk.asked("listSessions")
    assert len(desk.gate().recover()) == 5
    # One page to see that the store has forgotten nothing, and one walk.
    assert desk.asked("listSessions") - before == 2


def test_resolve_finds_out_by_the_error_or_by_the_key(desk: Desk) -> None:
    desk.lose("reset")
    with pytest.raises(OutcomeUnknown) as caught:
        create(desk.gate())
    desk.sandbox.faults.clear()
    error = pickle.loads(pickle.dumps(caught.value))
    found = desk.gate().resolve(error)
    assert found.id == desk.sessions[0]["id"]
    assert (desk.gate().resolve(error.idempotency_key)).id == found.id
    with pytest.raises(GateUsageError, match="nothing is written down"):
        desk.gate().resolve("fresh_unheard_of")


def test_resolve_says_none_where_nothing_exists_for_certain(desk: Desk) -> None:
    desk.lose("error", times=1, status=422)
    with pytest.raises(InvalidRequest) as caught:
        create(desk.gate())
    assert desk.gate().resolve(caught.value) is None


def test_without_a_store_resolve_looks_for_a_session_by_its_order(desk: Desk) -> None:
    desk.lose("reset")
    with pytest.raises(OutcomeUnknown) as caught:
        create(desk.gate(store=None))
    assert (desk.gate(store=None).resolve(caught.value)).id == desk.sessions[0]["id"]
    with pytest.raises(OutcomeUnknown):
        desk.gate(store=None).resolve(caught.value.with_context(order="order-2"))
    with pytest.raises(GateUsageError):
        desk.gate(store=None).resolve("fresh_key")
    with pytest.raises(GateUsageError, match="store="):
        desk.gate(store=None).recover()


# --- attempts ---


def test_a_new_attempt_waits_until_the_one_before_is_over(desk: Desk) -> None:
    first = create(desk.gate())
    with pytest.raises(AttemptOpen) as caught:
        create(desk.gate(), attempt=2)
    assert caught.value.session.id == first.id
    desk.gate().sessions.cancel(first.id)
    with pytest.raises(AttemptOpen) as quiet:
        create(desk.gate(), attempt=2)
    assert quiet.value.retry_after == pytest.approx(600)
    assert "may still show" in str(quiet.value)
    desk.sandbox.clock.advance(599)
    with pytest.raises(AttemptOpen):
        create(desk.gate(), attempt=2)
    desk.sandbox.clock.advance(1)
    second = create(desk.gate(), attempt=2)
    assert [s["status"] for s in desk.sessions] == ["cancelled", "open"]
    assert (create(desk.gate(), attempt=2)).id == second.id
    late = create(desk.gate(), attempt=1)
    assert (late.id, str(late.status), late.client_secret or None) == (first.id, "cancelled", None)


def test_a_payment_that_may_still_succeed_holds_the_next_attempt(desk: Desk) -> None:
    first = create(desk.gate())
    refid = desk.sandbox.start(first.id)["refid"]
    desk.gate().sessions.cancel(first.id)
    desk.sandbox.clock.advance(10_000)
    with pytest.raises(AttemptOpen):
        create(desk.gate(), attempt=2)
    desk.sandbox.settle(refid)
    with pytest.raises(AttemptOpen):
        create(desk.gate(), attempt=2)
    assert len(desk.sessions) == 1


def test_an_attempt_that_was_refused_makes_way_and_is_never_sent_again(desk: Desk) -> None:
    desk.lose("error", times=1, status=422)
    with pytest.raises(InvalidRequest):
        create(desk.gate())
    create(desk.gate(), attempt=2)
    with pytest.raises(GateUsageError, match="later attempt"):
        create(desk.gate(), attempt=1)
    assert len(desk.sessions) == 1


def test_a_session_whose_secret_is_lost_is_issued_anew(desk: Desk) -> None:
    first = create(desk.gate(), target_token="USDC", metadata={"basket": "b"})
    with pytest.raises(AttemptOpen, match="at_once=True") as open_:
        desk.gate().journal.reissue(order="order-1")
    assert desk.sessions[0]["status"] == "open"
    assert open_.value.retry_after == 600
    desk.gate().sessions.cancel(first.id)
    with pytest.raises(AttemptOpen, match="may still show") as ended:
        desk.gate().journal.reissue(order="order-1")
    assert ended.value.retry_after == pytest.approx(600)
    desk.sandbox.clock.advance(600)
    second = desk.gate().journal.reissue(order="order-1")
    assert second.id != first.id
    assert second.client_secret
    told = desk.sessions[1]
    assert (told["amount"], told["target_token"], told["status"]) == ("100.00", "USDC", "open")
    key = desk.row("key", "attempt = 2")[0]
    marks = {"order_id": "order-1", "zerogate_attempt": "2", "zerogate_key": key}
    assert told["metadata"] == {"basket": "b", **marks}


def test_a_session_is_issued_anew_with_the_numbers_that_its_metadata_has(desk: Desk) -> None:
    kept = {"score": 0.3, "cart": {"weights": [0.5, 1e25, 7]}, "tiny": 1e-120}
    create(desk.gate(), metadata=kept)
    second = desk.gate().journal.reissue(order="order-1", at_once=True)
    assert second.client_secret
    again = desk.sessions[1]["metadata"]
    assert {name: again[name] for name in kept} == kept | {"tiny": "1e-120"}


def test_what_cannot_be_issued_anew_cancels_nothing(desk: Desk) -> None:
    create(desk.gate())
    for wrong in ({"quote_preview_id": 7}, {"kyc_package": "passport"}):
        with pytest.raises(GateUsageError):
            desk.gate().journal.reissue(order="order-1", at_once=True, **wrong)
    assert [s["status"] for s in desk.sessions] == ["open"]


def test_what_was_paid_is_not_issued_anew(desk: Desk) -> None:
    first = create(desk.gate())
    desk.sandbox.pay(first.id)
    with pytest.raises(AlreadyTerminal):
        desk.gate().journal.reissue(order="order-1")


def test_a_secret_that_nobody_got_is_replaced_at_once(desk: Desk) -> None:
    desk.lose("reset")
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    desk.sandbox.faults.clear()
    desk.sandbox.clock.advance(700)
    desk.gate().recover()
    second = desk.gate().journal.reissue(order="order-1")
    assert second.client_secret
    assert [s["status"] for s in desk.sessions] == ["cancelled", "open"]


# --- a basket that changes ---


def test_at_once_cancels_what_nobody_has_begun_to_pay_and_waits_for_nothing(
    desk: Desk,
) -> None:
    create(desk.gate())
    second = create(desk.gate(), amount=Money("7.00", "EUR"), attempt=2, at_once=True)
    assert second.client_secret
    assert [s["status"] for s in desk.sessions] == ["cancelled", "open"]
    again = create(desk.gate(), amount=Money("7.00", "EUR"), attempt=2, at_once=True)
    assert again.id == second.id
    third = desk.gate().journal.reissue(order="order-1", at_once=True)
    assert [s["status"] for s in desk.sessions] == ["cancelled", "cancelled", "open"]
    assert third.client_secret


def test_at_once_does_not_wait_for_the_second_that_gates_date_is_exact_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(desk.gate())
    began, looks = desk.sandbox.clock.now(), itertools.count()
    # A Date without fractions puts Gate's time back a little with each answer.
    monkeypatch.setattr(
        "zerogate._sync.calls.Calls.server_now", lambda _: began - 0.01 * next(looks)
    )
    assert (create(desk.gate(), attempt=2, at_once=True)).client_secret


@pytest.mark.parametrize("how", ["create", "reissue"])
def test_at_once_is_refused_where_somebody_has_begun_to_pay(desk: Desk, how: str) -> None:
    first = create(desk.gate())
    desk.sandbox.start(first.id)
    gate = desk.gate()
    calls: dict[str, Any] = {
        "create": partial(create, gate, attempt=2, at_once=True),
        "reissue": partial(gate.journal.reissue, order="order-1", at_once=True),
    }
    with pytest.raises(AttemptOpen) as caught:
        calls[how]()
    assert "begun to pay" in str(caught.value) or "under way" in str(caught.value)
    assert [s["status"] for s in desk.sessions] == ["open"]


def test_at_once_is_refused_where_a_payment_shows_only_after_the_cancel(desk: Desk) -> None:
    first = create(desk.gate())

    def begin(request: Any) -> None:
        if request.target.endswith("/cancel"):
            desk.sandbox.start(first.id)

    desk.before = begin
    with pytest.raises(AttemptOpen, match="begun to pay"):
        create(desk.gate(), attempt=2, at_once=True)
    assert len(desk.sessions) == 1


def test_at_once_needs_a_store_and_an_order(desk: Desk) -> None:
    with pytest.raises(GateUsageError, match="order="):
        create(desk.gate(), order=None, idempotency_key="k", at_once=True)
    with pytest.raises(GateUsageError, match="store="):
        create(desk.gate(store=None), attempt=2, at_once=True)
    assert desk.asked() == 0


def test_a_second_payment_on_what_made_way_is_told_by_recovery(desk: Desk) -> None:
    first = create(desk.gate())
    second = create(desk.gate(), attempt=2, at_once=True)
    desk.sandbox.clock.advance(200)
    (quiet,) = desk.gate().recover()
    assert (quiet.id, quiet.outcome, quiet.error) == (first.id, None, None)
    assert desk.gate().recover() == []
    desk.sandbox.pay(second.id)
    desk.sandbox.pay(first.id, late=True)
    desk.sandbox.clock.advance(200)
    (told,) = desk.gate().recover()
    assert (told.id, told.attempt) == (first.id, 1)
    assert told.outcome is not None
    assert told.outcome.reason == "late_money_replaced"
    assert "whether both are paid" in told.outcome.next_step
    desk.sandbox.clock.advance(26 * 3600)
    (once_more,) = desk.gate().recover()
    assert once_more.outcome is not None
    assert desk.row("due_at", "attempt = 1") == (None,)


def test_what_made_way_is_read_until_its_grace_is_over_and_once_a_day_later(
    desk: Desk,
) -> None:
    create(desk.gate())
    create(desk.gate(), attempt=2, at_once=True)
    made = desk.sandbox.clock.now()
    looks = []
    for _ in range(10_000):
        if desk.gate().recover():
            looks.append(desk.sandbox.clock.now() - made)
        desk.sandbox.clock.advance(60)
        if looks and looks[-1] > 90_000:
            break
    assert len(looks) == 5
    assert 600 <= looks[3] <= 700
    assert 90_600 <= looks[4] <= 90_800


# --- in the partner's own transaction ---


def test_an_intent_lives_and_dies_with_the_partners_transaction(desk: Desk) -> None:
    desk.store.migrate()
    mine = sqlite3.connect(desk.file)
    mine.execute("CREATE TABLE orders (id TEXT)")
    gate = desk.gate()
    mine.execute("INSERT INTO orders VALUES ('order-1')")
    gate.journal.intend(mine, amount=EUR, return_url=BACK, order="order-1")
    mine.rollback()
    assert desk.row("key") == []
    mine.execute("INSERT INTO orders VALUES ('order-1')")
    intent = gate.journal.intend(mine, amount=EUR, return_url=BACK, order="order-1")
    again = gate.journal.intend(mine, amount=EUR, return_url=BACK, order="order-1")
    with pytest.raises(IdempotencyConflict):
        gate.journal.intend(mine, amount=Money("5", "EUR"), return_url=BACK, order="order-1")
    with pytest.raises(AttemptOpen):
        gate.journal.intend(mine, amount=EUR, return_url=BACK, order="order-1", attempt=2)
    assert desk.asked() == 0
    mine.commit()
    assert mine.execute("SELECT count(*) FROM orders").fetchone() == (1,)
    mine.close()
    assert again.key == intent.key
    made = gate.journal.send(pickle.loads(pickle.dumps(intent)))
    assert made.client_secret
    assert (gate.journal.send(intent)).id == made.id
    assert len(desk.sessions) == 1


@pytest.mark.parametrize("timeout", [math.nan, math.inf, -5, 86_401, 10**400, None, "5", True])
def test_a_recovery_without_an_end_is_refused_and_none_is_left_out_in_silence(
    desk: Desk, timeout: Any
) -> None:
    with pytest.raises(GateUsageError, match="timeout= takes seconds, 0 to 86400"):
        desk.gate().recover(timeout=timeout)
    assert list(desk.gate().recover(timeout=86_400)) == []


def test_what_was_left_between_commit_and_send_recovery_sends(desk: Desk) -> None:
    desk.store.migrate()
    mine = sqlite3.connect(desk.file)
    desk.gate().journal.intend(mine, amount=EUR, return_url=BACK, order="order-1")
    mine.commit()
    mine.close()
    assert desk.gate().recover() == []
    desk.sandbox.clock.advance(61)
    (done,) = desk.gate().recover()
    assert desk.sessions[0]["id"] == done.id
    assert desk.row("secret_at") == (None,)
    assert (create(desk.gate())).client_secret


def test_an_intent_that_was_not_committed_is_not_sent(desk: Desk) -> None:
    desk.store.migrate()
    mine = sqlite3.connect(desk.file)
    intent = desk.gate().journal.intend(mine, amount=EUR, return_url=BACK, order="order-1")
    mine.rollback()
    mine.close()
    with pytest.raises(GateUsageError, match="committed"):
        desk.gate().journal.send(intent)
    assert desk.asked() == 0


# --- about a person ---


def test_what_is_about_a_person_is_sealed_or_refused(desk: Desk) -> None:
    ada = {"email": "ada@shop.example", "external_id": "c-1", "first_name": "Ada"}
    with pytest.raises(GateUsageError, match="encryption_key"):
        desk.gate().customers.create(**ada)
    with pytest.raises(GateUsageError, match="encryption_key"):
        create(desk.gate(), kyc_package={"level": "full"})
    assert not desk.sandbox.requests()
    desk.store = desk.opened(encryption_key=Fernet.generate_key())
    desk.lose("reset", operations="createCustomer")
    with pytest.raises(OutcomeUnknown) as caught:
        desk.gate().customers.create(**ada)
    written = b"".join(file.read_bytes() for file in desk.file.parent.iterdir())
    assert b"ada@shop.example" not in written
    assert b"Ada" not in written
    desk.sandbox.faults.clear()
    found = desk.gate().resolve(caught.value)
    assert found.email == "ada@shop.example"
    assert desk.asked("listCustomers") == 1


def test_a_forgotten_person_leaves_ids_and_keys(desk: Desk) -> None:
    desk.store = desk.opened(encryption_key=Fernet.generate_key())
    desk.lose("error", operations="createCustomer", status=503)
    with pytest.raises(OutcomeUnknown):
        desk.gate().customers.create(email="ada@shop.example", external_id="c-1")
    desk.store.forget(customer="c-1")
    state, body, key = desk.row("state, body, key")
    assert (state, body) == ("sent", None)
    assert key.startswith("zg1_")


def test_retention_takes_bodies_out_and_leaves_what_was_known(desk: Desk) -> None:
    desk.lose("error", status=503)
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    assert desk.row("body")[0]
    desk.store.retain(days=0)
    assert desk.row("state, body, order_ref") == ("sent", None, "order-1")
    with pytest.raises(OutcomeUnknown, match="erased"):
        create(desk.gate())


def test_a_label_does_not_stand_for_an_empty_partner_id(desk: Desk) -> None:
    def nameless(request: Any, until: float) -> Any:
        reply = desk.sandbox.transport().send(request, until)
        told = json.loads(reply.body) | {"partner_id": ""}
        return attrs.evolve(reply, body=json.dumps(told).encode())

    transport = SimpleNamespace(send=nameless, close=lambda: None)
    create(desk.gate(account="the shop", transport=transport))
    gate = desk.gate(account="the shop")
    create(gate, order="order-2")
    create(gate, order="order-3")
    assert len(desk.sessions) == 3


# --- rails ---


def locked(gate: Gate, side: str = "on_ramp") -> Any:
    return gate.quotes.lock(
        amount=EUR,
        asset="USDC",
        side=side,
        payment_method="bank_transfer",
        idempotency_key=fresh_key(),
    )


def pay_in(gate: Gate, quote: Any, session: Any) -> Any:
    return gate.pay_ins.create(
        quote_id=quote.id, gate_session_id=session.id, expect=EUR, order="order-1"
    )


@pytest.mark.parametrize(
    ("rail", "side", "operation"),
    [("pay_ins", "on_ramp", "createPayIn"), ("pay_outs", "off_ramp", "createPayOut")],
)
def test_a_rail_whose_answer_is_lost_is_brought_back_by_its_key(
    desk: Desk, rail: str, side: str, operation: str
) -> None:
    gate = desk.gate()
    session = create(desk.gate(store=None, namespace="pos"))

    def redeem(quote: Any) -> Any:
        return getattr(gate, rail).create(
            quote_id=quote.id, gate_session_id=session.id, expect=EUR, order="order-1"
        )

    quote = locked(gate, side)
    desk.lose("reset", operations=operation)
    with pytest.raises(OutcomeUnknown):
        redeem(quote)
    desk.sandbox.faults.clear()
    made = redeem(quote)
    assert len(desk.sandbox.books()[rail]) == 1
    assert (redeem(quote)).id == made.id
    with pytest.raises(IdempotencyConflict):
        redeem(locked(gate, side))


@pytest.mark.parametrize("forgotten", [False, True], ids=["same store", "store lost"])
@pytest.mark.parametrize("lost", [True, False], ids=["answer lost", "answered"])
def test_a_pay_in_that_completed_its_session_is_brought_back(
    desk: Desk, lost: bool, forgotten: bool
) -> None:
    gate = desk.gate()
    quote, session = locked(gate), create(desk.gate(store=None, namespace="pos"))
    if lost:
        desk.lose("reset", operations="createPayIn")
        with pytest.raises(OutcomeUnknown):
            pay_in(gate, quote, session)
        desk.sandbox.faults.clear()
    else:
        pay_in(gate, quote, session)
    (made,) = desk.sandbox.books()["pay_ins"]
    desk.sandbox.move_rail(made["id"], "settled")
    if forgotten:
        gate = desk.gate(store=None)
    assert (pay_in(gate, quote, session)).id == made["id"]
    assert len(desk.sandbox.books()["pay_ins"]) == 1


def test_a_refused_repeat_of_a_consumed_quote_is_not_recorded_as_rejected(desk: Desk) -> None:
    """Of a store that has lost the row, the repeat is a first send; its quote says that it is none."""
    quote, session = locked(desk.gate()), create(desk.gate(store=None, namespace="pos"))
    made = pay_in(desk.gate(store=None), quote, session)
    desk.sandbox.move_rail(made.id, "settled")
    desk.lose("error", operations="createPayIn", status=422)
    with pytest.raises(OutcomeUnknown, match="consumed"):
        pay_in(desk.gate(), quote, session)
    assert desk.row("state") == ("sent",)
    desk.sandbox.faults.clear()
    assert (pay_in(desk.gate(), quote, session)).id == made.id


def test_a_consumed_quote_keeps_a_pay_in_unknown_where_its_key_is_forgotten(
    desk: Desk,
) -> None:
    desk.sandbox = Sandbox(seed=1, profile={"key_memory": 0})
    gate = desk.gate()
    quote, session = locked(gate), create(desk.gate(store=None, namespace="pos"))
    desk.lose("reset", operations="createPayIn", times=1)
    with pytest.raises(OutcomeUnknown):
        pay_in(gate, quote, session)
    (done,) = gate.recover()
    assert isinstance(done.error, OutcomeUnknown)
    assert desk.row("state") == ("sent",)
    assert len(desk.sandbox.books()["pay_ins"]) == 1
    (rail,) = desk.sandbox.books()["pay_ins"]
    other = create(desk.gate(store=None, namespace="pos"), order="order-2")
    stranger = gate.pay_ins.create(
        quote_id=(locked(gate)).id, gate_session_id=other.id, expect=EUR, order="order-2"
    )
    with pytest.raises(GateUsageError, match="order-2"):
        gate.resolve(done.idempotency_key, id=stranger.id)
    assert (gate.resolve(done.idempotency_key, id=rail["id"])).id == rail["id"]
    assert desk.row("state, object_id", "order_ref = 'order-1'") == ("known", rail["id"])


def test_an_expired_quote_holds_a_pay_in_that_is_in_doubt(desk: Desk) -> None:
    gate = desk.gate()
    quote, session = locked(gate), create(desk.gate(store=None, namespace="pos"))
    desk.lose("error", operations="createPayIn", status=503)
    with pytest.raises(OutcomeUnknown):
        pay_in(gate, quote, session)
    desk.sandbox.faults.clear()
    desk.sandbox.clock.advance(3600)
    sent = desk.asked("createPayIn")
    (done,) = gate.recover()
    assert "expired" in str(done.error)
    assert desk.asked("createPayIn") == sent


@pytest.mark.parametrize(
    ("rail", "side", "operation"),
    [("pay_ins", "on_ramp", "createPayIn"), ("pay_outs", "off_ramp", "createPayOut")],
)
@pytest.mark.parametrize("by", ["send", "recover"])
def test_an_intended_rail_is_checked_right_before_it_is_sent(
    desk: Desk, rail: str, side: str, operation: str, by: str
) -> None:
    desk.store.migrate()
    gate = desk.gate()
    session = create(desk.gate(store=None, namespace="pos"))
    quote = locked(gate, side)

    def intended(order: str, **terms: Any) -> Any:
        terms = {"quote_id": quote.id, "gate_session_id": session.id, "expect": EUR} | terms
        with sqlite3.connect(desk.file) as connection:
            intent = getattr(gate, rail).intend(connection, order=order, **terms)
        connection.close()
        return intent

    def sent(intent: Any) -> Any:
        if by == "send":
            return gate.journal.send(intent)
        desk.sandbox.clock.advance(11)
        (done,) = gate.recover()
        if done.error is not None:
            raise done.error
        return done

    other = intended("order-3", expect=Money("99", "EUR"))
    with pytest.raises(GateUsageError, match="not 99"):
        sent(other)
    assert desk.row("state", "order_ref = 'order-3'") == ("rejected",)
    assert desk.asked(operation) == 0
    with pytest.raises(GateUsageError, match="was rejected, and nothing of it was sent"):
        gate.journal.send(other)
    quote = locked(gate, side)
    made = sent(intended("order-1", quote_id=quote.id))
    assert [one["id"] for one in desk.sandbox.books()[rail]] == [made.id]
    assert desk.row("state", "order_ref = 'order-1'") == ("known",)


@pytest.mark.parametrize("by", ["send", "recover"])
def test_a_quote_that_has_expired_ends_an_intended_rail_as_rejected(desk: Desk, by: str) -> None:
    desk.store.migrate()
    gate = desk.gate()
    quote, session = locked(gate), create(desk.gate(store=None, namespace="pos"))
    terms = {"gate_session_id": session.id, "expect": EUR, "order": "order-1"}
    with sqlite3.connect(desk.file) as connection:
        intent = gate.pay_ins.intend(connection, quote_id=quote.id, **terms)
    connection.close()
    desk.sandbox.clock.advance(3600)
    if by == "send":
        with pytest.raises(GateUsageError, match="expired"):
            gate.journal.send(intent)
    else:
        (done,) = gate.recover()
        assert isinstance(done.error, GateUsageError)
        assert "expired" in str(done.error)
    assert desk.row("state, due_at") == ("rejected", None)
    assert desk.asked("createPayIn") == 0
    fresh = locked(gate)
    made = gate.pay_ins.create(quote_id=fresh.id, attempt=2, **terms)
    assert [one["id"] for one in desk.sandbox.books()["pay_ins"]] == [made.id]


def test_what_was_refused_for_good_is_not_taken_from_what_is_left(desk: Desk) -> None:
    desk.store.migrate()
    gate = desk.gate()
    session = create(desk.gate(store=None, namespace="pos"))
    quotes = [locked(gate) for _ in range(3)]
    with sqlite3.connect(desk.file) as connection:
        for number, quote in enumerate(quotes):
            order = f"order-{number}"
            rail = {"quote_id": quote.id, "gate_session_id": session.id, "expect": EUR}
            gate.pay_ins.intend(connection, order=order, **rail)
            gate.journal.intend(connection, amount=EUR, return_url=BACK, order=order)
    connection.close()
    desk.sandbox.clock.advance(3600)
    first = gate.recover(limit=3)
    assert ["expired" in str(one.error) for one in first] == [True] * 3
    assert first.left == 3
    second = gate.recover(limit=3)
    assert ([one.error for one in second], second.left) == ([None] * 3, 0)


def test_an_expectation_that_was_changed_in_the_database_is_not_sent(desk: Desk) -> None:
    desk.store.migrate()
    gate = desk.gate()
    quote, session = locked(gate), create(desk.gate(store=None, namespace="pos"))
    with sqlite3.connect(desk.file) as connection:
        intent = gate.pay_ins.intend(
            connection,
            quote_id=quote.id,
            gate_session_id=session.id,
            expect=Money("99", "EUR"),
            order="order-1",
        )
        connection.execute("UPDATE zerogate_intents SET asked = replace(asked, '\"99', '\"100')")
    connection.close()
    with pytest.raises(GateError):
        gate.journal.send(intent)
    assert desk.asked("createPayIn") == 0


@pytest.mark.parametrize("by", ["send", "recover"])
def test_an_intended_customer_is_sealed_until_it_is_sent(desk: Desk, by: str) -> None:
    desk.store.migrate()
    gate = desk.gate(store=desk.opened(encryption_key=Fernet.generate_key()))
    with sqlite3.connect(desk.file) as connection:
        intent = gate.customers.intend(
            connection, email="ada@example.com", external_id="customer-1"
        )
    connection.close()
    assert b"ada@example" not in desk.row("body")[0]
    if by == "send":
        assert (gate.journal.send(intent)).external_id == "customer-1"
    else:
        desk.sandbox.clock.advance(61)
        (done,) = gate.recover()
        assert done.error is None
    assert desk.row("state") == ("known",)
    assert [one["external_id"] for one in desk.sandbox.books()["customers"]] == ["customer-1"]


def test_a_conflict_on_a_quote_that_is_still_active_is_definite(desk: Desk) -> None:
    gate = desk.gate()
    quote, session = locked(gate), create(desk.gate(store=None, namespace="pos"))
    desk.lose("error", operations="createPayIn", status=409, times=1)
    with pytest.raises(Conflict):
        pay_in(gate, quote, session)
    assert desk.row("state") == ("rejected",)


# --- who may have the secret ---


def hide_the_table(desk: Desk, *, back: bool = False) -> None:
    names = ("zerogate_intents", "hidden")
    old, new = names[::-1] if back else names
    with sqlite3.connect(desk.file) as connection:
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
    connection.close()


def test_a_secret_that_was_handed_out_and_not_recorded_counts_as_out(desk: Desk) -> None:
    desk.before = lambda request: hide_the_table(desk)
    made = create(desk.gate())
    assert made.client_secret
    assert "not recorded" in made.additional_properties["zerogate_warning"]
    # The process dies here, and never comes to record it.
    hide_the_table(desk, back=True)
    desk.before = lambda request: None
    desk.sandbox.clock.advance(700)
    (found,) = desk.gate().recover()
    assert (found.id, desk.row("secret_at") == (None,)) == (made.id, False)
    with pytest.raises(AttemptOpen, match="secret was handed out"):
        desk.gate().journal.reissue(order="order-1")
    desk.gate().sessions.cancel(made.id)
    outcome = desk.gate().reconcile.order("order-1", expect=EUR, flow="on_ramp")
    assert outcome.reason == "may_still_show"


def test_a_secret_of_a_repetition_that_was_not_recorded_counts_as_out(desk: Desk) -> None:
    desk.lose("reset", when="after")
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    desk.sandbox.faults.clear()
    desk.gate().recover()
    assert desk.row("state, secret_at") == ("known", None)
    desk.before = lambda request: hide_the_table(desk)
    made = create(desk.gate())
    assert made.client_secret
    hide_the_table(desk, back=True)
    desk.before = lambda request: None
    with pytest.raises(AttemptOpen, match="secret was handed out"):
        desk.gate().journal.reissue(order="order-1")


def test_an_answer_that_was_recorded_as_lost_reached_nobody(desk: Desk) -> None:
    desk.lose("reset", when="after")
    with pytest.raises(OutcomeUnknown):
        create(desk.gate())
    desk.sandbox.faults.clear()
    desk.sandbox.clock.advance(700)
    desk.gate().recover()
    assert desk.row("state, secret_at") == ("known", None)
    assert (desk.gate().journal.reissue(order="order-1")).client_secret


# --- a key that stands for other bytes ---


def test_a_key_that_was_used_with_another_body_is_said_to_be_reused(desk: Desk) -> None:
    key = fresh_key()
    plain = desk.gate(store=None)
    create(plain, order=None, idempotency_key=key, metadata={"trace": "1"})
    desk.unlisted = True
    for _ in range(2):
        with pytest.raises(KeyReused, match="exactly what was sent first"):
            create(desk.gate(), order=None, idempotency_key=key, metadata={"trace": "2"})
    (found,) = desk.gate().recover()
    assert isinstance(found.error, KeyReused)
    assert len(desk.sessions) == 1
    assert desk.row("state, ambiguous, object_id") == ("sent", 0, None)


def test_a_key_reused_after_an_attempt_in_doubt_leaves_it_in_doubt(desk: Desk) -> None:
    key = fresh_key()
    plain = desk.gate(store=None)
    create(plain, order=None, idempotency_key=key, metadata={"trace": "1"})
    desk.unlisted = True
    desk.lose("error", times=1, status=502)
    with pytest.raises(OutcomeUnknown):
        create(desk.gate(), order=None, idempotency_key=key, metadata={"trace": "2"})


# --- what another session is asked with ---


def test_what_is_issued_anew_is_asked_as_the_order_was_and_not_as_it_reads(
    desk: Desk,
) -> None:
    store = desk.opened(aliases={"base": "base-mainnet"})
    bodies: list[Any] = []
    desk.before = lambda request: bodies.append(json.loads(request.body or b"{}"))
    gate = desk.gate(store=store)
    terms = {"target_token": "USDC", "target_network": "base"}
    first = create(gate, wallet_address="0x" + "Ab" * 20, **terms)
    kept = desk.sandbox.world.sessions.collection.records[first.id]
    kept.target_network, kept.flow, kept.amount = "base-mainnet", "off_ramp", "100.000"
    second = gate.journal.reissue(order="order-1", at_once=True)
    assert second.client_secret
    asked, again = bodies[0], bodies[-1]
    assert {name: again.get(name) for name in asked if name != "metadata"} == {
        name: value for name, value in asked.items() if name != "metadata"
    }
    assert "flow" not in again


# --- a repetition with another id ---


@pytest.mark.parametrize("id", ["gs/1", "gs_1 ü", "x" * 200, "Zm9v+/=="])
def test_no_true_session_is_cancelled_because_its_id_was_altered_once(desk: Desk, id: str) -> None:
    altered = [id]

    class Altering:
        def send(self, request: Any, until: float) -> Any:
            reply = desk.send(request, until)
            if request.method == "POST" and altered:
                # A secret of the documented shape would name the true one.
                said = {"id": altered.pop(), "client_secret": "gsec_canary"}
                told = json.loads(reply.body) | said
                return attrs.evolve(reply, body=json.dumps(told).encode())
            return reply

        def close(self) -> None:
            """Nothing to close."""

    gate = desk.gate(transport=Altering())
    assert (create(gate)).id == id
    with pytest.raises(GateError):
        create(gate)
    for _ in range(3):
        desk.sandbox.clock.advance(900)
        gate.recover()
    assert [one["status"] for one in desk.sessions] == ["open"]
