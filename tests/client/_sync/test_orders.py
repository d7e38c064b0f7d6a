# Written by facade/unasync.py from tests/client/_async/test_orders.py; edit that file.
"""`gate.reconcile.order` and `.wait`: everything that was made for one order, joined; waiting for its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from zerogate import (
    AttemptOpen,
    Failed,
    Gate,
    GateUsageError,
    Hold,
    Mismatch,
    Money,
    OutcomeUnknown,
    Pending,
    Settled,
)
from zerogate.transports import Reply
from zerogate_sandbox import Sandbox
from zerogate_store import EventContext, Inbox, Store

EUR = Money("100.00", "EUR")
SECRET = "whsec_test_orders"


Mail = list[tuple[bytes, dict[str, str]]]


@pytest.fixture
def mail() -> Mail:
    return []


@pytest.fixture
def sandbox(mail: Mail) -> Sandbox:
    def keep(body: bytes, headers: dict[str, str]) -> None:
        mail.append((body, headers))

    return Sandbox(seed=3, webhook=keep, webhook_secret=SECRET)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = Store(f"sqlite:///{tmp_path / 'gate.db'}", late_payment_grace=0)
    yield opened
    opened.close()


@pytest.fixture
def gate(sandbox: Sandbox, store: Store) -> Iterator[Gate]:
    with Gate(
        "sk_test_orders", transport=sandbox.transport(), clock=sandbox.clock, store=store
    ) as client:
        yield client


def create(gate: Gate, attempt: int = 1) -> Any:
    return gate.sessions.create(
        amount=EUR,
        order="order-1",
        attempt=attempt,
        flow="on_ramp",
        return_url="https://shop.example/",
    )


def test_an_order_paid_on_its_second_attempt_is_settled_with_the_evidence_of_both(
    gate: Gate, sandbox: Sandbox
) -> None:
    first = create(gate)
    gate.sessions.cancel(first.id)
    sandbox.advance(1)
    assert isinstance(gate.reconcile.order("order-1", expect=EUR), Failed)
    second = create(gate, 2)
    sandbox.pay(second.id)
    outcome = gate.reconcile.order("order-1", expect=EUR)
    assert isinstance(outcome, Settled)
    shown = {(e.kind, e.id) for e in outcome.evidence}
    assert {("gate_session", first.id), ("gate_session", second.id)} <= shown
    intents = [e for e in outcome.evidence if e.kind == "intent"]
    assert [dict(e.facts)["attempt"] for e in intents] == ["1", "2"]
    assert all(dict(e.facts)["request_ids"] for e in intents)


def test_money_on_two_attempts_is_paid_twice(gate: Gate, sandbox: Sandbox) -> None:
    first = create(gate)
    gate.sessions.cancel(first.id)
    sandbox.advance(1)
    second = create(gate, 2)
    sandbox.pay(second.id)
    sandbox.pay(first.id, late=True)
    outcome = gate.reconcile.order("order-1", expect=EUR)
    assert isinstance(outcome, Mismatch)
    assert (outcome.reason, outcome.paid) == ("paid_twice", Money("200.00", "EUR"))


@pytest.mark.parametrize("since", [datetime(2026, 5, 26), "2026-05-26", 0])
def test_how_far_back_to_look_is_a_time_with_its_zone(gate: Gate, since: Any) -> None:
    create(gate)
    with pytest.raises(GateUsageError, match="since= is a datetime with a time zone"):
        gate.reconcile.order("order-1", expect=EUR, since=since)


@pytest.mark.parametrize("name", ["pay_ins", "pay_outs"])
def test_one_id_where_a_list_of_them_belongs_is_refused_before_anything_is_read(
    gate: Gate, sandbox: Sandbox, name: str
) -> None:
    create(gate)
    sent = len(sandbox.requests())
    given: dict[str, Any] = {name: "rp_1"}
    with pytest.raises(GateUsageError, match=rf"{name} takes a list.*write {name}=\[…\]"):
        gate.reconcile.order("order-1", expect=EUR, **given)
    assert len(sandbox.requests()) == sent


def test_a_write_in_doubt_is_pending_and_never_failed(gate: Gate, sandbox: Sandbox) -> None:
    sandbox.faults.add("reset", operations="createSession")
    with pytest.raises(OutcomeUnknown):
        create(gate)
    sandbox.faults.clear()
    outcome = gate.reconcile.order("order-1", expect=EUR)
    assert isinstance(outcome, Pending)
    assert outcome.reason == "attempt_in_doubt"
    gate.recover()
    sandbox.advance(3_600)
    gate.recover()
    assert (gate.reconcile.order("order-1", expect=EUR)).reason in ("open", "overdue")


def test_an_order_that_nobody_knows_is_held(gate: Gate) -> None:
    outcome = gate.reconcile.order("order-9", expect=EUR)
    assert (type(outcome), outcome.reason) == (Hold, "nothing_known")


def test_without_a_store_the_list_is_read_back_to_a_time(gate: Gate, sandbox: Sandbox) -> None:
    made = create(gate)
    sandbox.pay(made.id)
    with Gate("sk_test_orders", transport=sandbox.transport(), clock=sandbox.clock) as other:
        with pytest.raises(GateUsageError, match="since="):
            other.reconcile.order("order-1", expect=EUR)
        now = datetime.fromtimestamp(sandbox.clock.now(), UTC)
        found = other.reconcile.order("order-1", expect=EUR, since=now - timedelta(hours=1))
        assert isinstance(found, Settled)
        later = other.reconcile.order("order-1", expect=EUR, since=now + timedelta(hours=1))
        assert isinstance(later, Hold)


def test_the_inboxs_events_are_joined(
    gate: Gate, sandbox: Sandbox, store: Store, mail: Mail
) -> None:
    inbox = Inbox(store, SECRET, clock=sandbox.clock, mode="test")
    made = create(gate)
    sandbox.pay(made.id)
    sandbox.deliver()
    for body, headers in mail:
        inbox.receive(body, headers)
    outcome = gate.reconcile.order("order-1", expect=EUR, inbox=inbox)
    assert isinstance(outcome, Settled)
    events = [e.status for e in outcome.evidence if e.kind == "event"]
    assert "gate_session.completed" in events


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ([("expired", -4000.0)], Pending),  # of an earlier end, or of none
        ([("cancelled", -4000.0), ("cancelled", 0.0)], Pending),
        ([("cancelled", -4000.0)], Failed),
    ],
)
def test_a_session_has_ended_by_the_latest_event_of_the_status_it_reads(
    sandbox: Sandbox,
    tmp_path: Path,
    events: list[tuple[str, float]],
    kind: type,
    stored: bool,
) -> None:
    class Told:
        def about(self, id: str) -> list[Any]:
            now = sandbox.clock.now()
            return [
                SimpleNamespace(id=f"evt_{at}", type=f"gate_session.{status}", happened_at=now + at)
                for status, at in events
            ]

    store = Store(f"sqlite:///{tmp_path / 'ends.db'}") if stored else None
    with Gate(
        "sk_test_orders", transport=sandbox.transport(), clock=sandbox.clock, store=store
    ) as gate:
        made = create(gate)
        gate.sessions.cancel(made.id)
        since = datetime.fromtimestamp(sandbox.clock.now() - 60, UTC)
        outcome = gate.reconcile.order("order-1", expect=EUR, since=since, inbox=Told())
    assert isinstance(outcome, kind)
    if store is not None:
        store.close()


def test_waiting_ends_with_the_payment_and_not_before(gate: Gate, sandbox: Sandbox) -> None:
    made = create(gate)
    asked: list[float] = []

    class Paying:
        """The inbox of a shop whose user pays in the third look."""

        def about(self, id: str) -> list[str]:
            asked.append(sandbox.clock.monotonic())
            if len(asked) == 12:
                sandbox.pay(id)
            return ["completed"] if len(asked) >= 12 else []

    outcome = gate.reconcile.wait(made.id, expect=EUR, order="order-1", within=600, inbox=Paying())
    assert isinstance(outcome, Settled)
    assert asked[-1] - asked[0] < 60


def test_waiting_ends_in_time_with_the_last_outcome(gate: Gate, sandbox: Sandbox) -> None:
    made = create(gate)
    begun = sandbox.clock.monotonic()
    outcome = gate.reconcile.wait(made.id, expect=EUR, order="order-1", within=120)
    assert isinstance(outcome, Pending)
    assert 119 <= sandbox.clock.monotonic() - begun <= 121
    reads = [r for r in sandbox.requests() if r["operation"] == "retrieveSession"]
    assert len(reads) < 20


def test_a_handler_is_told_of_networks_as_the_shop_calls_them(
    sandbox: Sandbox, tmp_path: Path, mail: Mail
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'names.db'}", aliases={"BASE": "base-mainnet"})
    seen: list[str] = []

    def handler(context: EventContext) -> None:
        outcome = context.outcome(expect=EUR, order="order-1", network="base-mainnet")
        seen.append(outcome.reason)

    with Gate(
        "sk_test_orders", transport=sandbox.transport(), clock=sandbox.clock, store=store
    ) as gate:
        inbox = Inbox(store, SECRET, clock=sandbox.clock, gate=gate)
        made = gate.sessions.create(
            amount=EUR,
            order="order-1",
            flow="on_ramp",
            target_token="USDC",
            target_network="BASE",
            return_url="https://shop.example/",
        )
        sandbox.pay(made.id)
        sandbox.deliver()
        for body, headers in mail:
            inbox.receive(body, headers)
        inbox.drain(handler)
    assert set(seen) == {"paid"}
    store.close()


class Misdated:
    """A sandbox behind a proxy whose clock is so many seconds off in what it answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._transport, self.off = sandbox.transport(), 0.0
        #: Whatever of Gate it answers an hour ahead.
        self.wrong_at: str | None = None

    def send(self, request: Any, until: float, /) -> Reply:
        reply = self._transport.send(request, until)
        ahead = self.wrong_at is not None and self.wrong_at in request.target
        off = 3600.0 if ahead else self.off
        told = parsedate_to_datetime(reply.headers["date"]) + timedelta(seconds=off)
        return evolve(reply, headers={**reply.headers, "date": format_datetime(told, usegmt=True)})


@pytest.mark.parametrize("wrong", ["when it ends", "when it is read"])
def test_one_wrong_date_does_not_end_the_grace_of_a_session(
    sandbox: Sandbox, tmp_path: Path, wrong: str
) -> None:
    store, transport = Store(f"sqlite:///{tmp_path / 'grace.db'}"), Misdated(sandbox)
    with Gate("sk_test_orders", transport=transport, clock=sandbox.clock, store=store) as gate:
        first = create(gate)
        transport.off = -3600.0 if wrong == "when it ends" else 0.0
        gate.sessions.cancel(first.id)
        transport.off = 0.0
        sandbox.advance(5)
        transport.wrong_at = "/transactions" if wrong == "when it is read" else None
        assert isinstance(gate.reconcile.order("order-1", expect=EUR), Pending)
        with pytest.raises(AttemptOpen):
            create(gate, 2)
    store.close()
