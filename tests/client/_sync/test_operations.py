# Written by facade/unasync.py from tests/client/_async/test_operations.py; edit that file.
"""Every one of the 31 operations, asked of the sandbox: what comes back, and what is refused before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from zerogate import (
    ANY_AMOUNT,
    BY_CALLER_IP,
    AlreadyTerminal,
    Conflict,
    Gate,
    GateUsageError,
    InvalidRequest,
    Money,
    NotFound,
    OutcomeUnknown,
    RequestRejected,
    Settled,
    amount_of,
    for_browser,
    fresh_key,
)
from zerogate._idempotency.identity import Marks, marks_of
from zerogate._idempotency.keys import idempotency_key
from zerogate._wire.operations import OPERATIONS
from zerogate_sandbox import Sandbox

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example"
ORDER_1 = idempotency_key(namespace="", operation="createSession", order="order-1", attempt=1)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=1)


@pytest.fixture
def gate(sandbox: Sandbox) -> Iterator[Gate]:
    with Gate(
        "sk_test_operations",
        publishable_key="pk_test_operations",
        transport=sandbox.transport(),
        clock=sandbox.clock,
    ) as client:
        yield client


def open_session(gate: Gate, order: str = "order-1", **more: Any) -> Any:
    return gate.sessions.create(amount=EUR, order=order, return_url=f"{SHOP}/done", **more)


def locked(gate: Gate, side: str = "on_ramp") -> Any:
    return gate.quotes.lock(amount=EUR, asset="USDC", side=side, payment_method="bank_transfer")


RAILS = [("pay_ins", "createPayIn"), ("pay_outs", "createPayOut")]


def to_redeem(gate: Gate, sandbox: Sandbox, rail: str) -> tuple[Any, Any, Any]:
    """A session for a rail, what redeems one quote for it, and what settles it, which ends the session."""
    made = open_session(gate)
    quote = locked(gate, {"pay_ins": "on_ramp", "pay_outs": "off_ramp"}[rail])

    def redeem(order: str = "order-1", **more: Any) -> Any:
        return getattr(gate, rail).create(
            quote_id=quote.id, gate_session_id=made.id, expect=EUR, order=order, **more
        )

    def end() -> None:
        (one,) = sandbox.books()[rail]
        sandbox.move_rail(one["id"], "settled")

    return made, redeem, end


def test_a_session_from_create_to_cancel(gate: Gate) -> None:
    made = open_session(gate, metadata={"basket": "b-7"}, flow="on_ramp")
    assert amount_of(made, "amount") == EUR
    assert made.metadata["basket"] == "b-7"
    assert marks_of(made) == Marks(order="order-1", attempt="1", key=ORDER_1)
    assert for_browser(made)["mode"] == "test"
    read = gate.sessions.retrieve(made.id)
    assert not hasattr(read, "client_secret")
    assert (gate.sessions.cancel(made.id)).status == "cancelled"
    assert (gate.sessions.cancel(made.id)).status == "cancelled"
    assert [s.id for s in gate.sessions.list(status="cancelled")] == [made.id]
    assert [s.id for s in gate.sessions.list(status="open")] == []


def test_the_same_order_is_one_session_and_another_attempt_another(gate: Gate) -> None:
    first, again = open_session(gate), open_session(gate)
    second = open_session(gate, attempt=2)
    assert first.id == again.id != second.id


def test_a_paid_session_settles_and_cannot_be_cancelled(gate: Gate, sandbox: Sandbox) -> None:
    made = open_session(gate)
    sandbox.pay(made.id)
    outcome = gate.reconcile.session(made.id, expect=EUR, order="order-1", flow="on_ramp")
    assert isinstance(outcome, Settled)
    with pytest.raises(AlreadyTerminal) as caught:
        gate.sessions.cancel(made.id)
    assert caught.value.session.status == "completed"
    (row,) = [t for t in gate.transactions.list(session_id=made.id)]
    assert (gate.transactions.retrieve(row.refid)).fiat_amount == Decimal("100.00")
    assert isinstance(
        gate.reconcile.transaction(row.refid, expect=EUR, order="order-1", flow="on_ramp"),
        Settled,
    )


def test_the_widget_starts_with_a_publishable_key(gate: Gate) -> None:
    made = open_session(gate)
    token = gate.embed.bootstrap(for_browser(made)["client_secret"], origin=SHOP)
    assert token.session_id == made.id
    assert str(token.embed_token) not in repr(token)


def test_capabilities_name_a_country_or_say_that_they_do_not(gate: Gate) -> None:
    capabilities = gate.capabilities
    assert "DE" in {c.country_code for c in capabilities.countries(supported=True)}
    assert [c.code for c in capabilities.currencies(country_code="de")] == ["EUR"]
    assets = capabilities.assets(country_code="DE", side="on_ramp")
    assert "USDC" in {asset.symbol for asset in assets}
    assert (capabilities.asset("USDC")).networks
    assert capabilities.payment_methods(country_code="DE")
    assert capabilities.payout_methods(currency="EUR")
    assert (capabilities.eligibility(country_code="DE", asset="USDC")).eligible
    assert (capabilities.eligibility(country_code=BY_CALLER_IP)).geo_source
    with pytest.raises(TypeError, match="country_code"):
        capabilities.currencies()  # type: ignore[call-arg]
    with pytest.raises(GateUsageError, match="BY_CALLER_IP"):
        capabilities.payment_methods()
    with pytest.raises(NotFound):
        capabilities.asset("NOSUCH")


def test_prices_are_previewed_and_locked(gate: Gate) -> None:
    rows = gate.quotes.preview(amount=EUR, asset="USDC", side="on_ramp", country_code="DE")
    assert rows
    quote = locked(gate)
    assert (gate.quotes.retrieve(quote.id)).status == "active"
    assert amount_of(quote, "fiat_amount") == EUR


@pytest.mark.parametrize("rail", ["pay_ins", "pay_outs"])
def test_a_rail_redeems_its_quote_once(gate: Gate, rail: str) -> None:
    resource = getattr(gate, rail)
    made = open_session(gate)
    quote = locked(gate, {"pay_ins": "on_ramp", "pay_outs": "off_ramp"}[rail])
    wanted = {"quote_id": quote.id, "gate_session_id": made.id, "expect": EUR}
    created = resource.create(order="order-1", **wanted)
    assert created.reference == "order-1"
    assert (resource.retrieve(created.id)).id == created.id
    assert (resource.create(order="order-1", **wanted)).id == created.id
    with pytest.raises(OutcomeUnknown, match="consumed"):
        resource.create(order="order-1", attempt=2, **wanted)
    reconcile = getattr(gate.reconcile, rail.removesuffix("s"))
    outcome = reconcile(created.id, expect=EUR, order="order-1")
    assert not outcome.may_fulfil


@pytest.mark.parametrize("lost", [True, False], ids=["answer lost", "answered"])
@pytest.mark.parametrize(("rail", "operation"), RAILS)
def test_a_rail_that_completed_its_session_is_brought_back_by_the_same_call(
    gate: Gate, sandbox: Sandbox, rail: str, operation: str, lost: bool
) -> None:
    made, redeem, end = to_redeem(gate, sandbox, rail)
    if lost:
        sandbox.faults.add("reset", operations=operation)
        with pytest.raises(OutcomeUnknown):
            redeem()
        sandbox.faults.clear()
    else:
        redeem()
    end()
    assert (gate.sessions.retrieve(made.id)).status == "completed"
    again = redeem()
    assert [again.id] == [one["id"] for one in sandbox.books()[rail]]
    assert (getattr(gate, rail).retrieve(again.id)).status == "settled"
    with pytest.raises(OutcomeUnknown, match="consumed"):
        redeem(attempt=2)
    with pytest.raises(GateUsageError, match="belongs to order 'order-1'"):
        redeem(order="order-2")
    assert len(sandbox.books()[rail]) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize(("rail", "operation"), RAILS)
def test_no_refusal_of_a_consumed_quote_says_that_nothing_was_made(
    gate: Gate, sandbox: Sandbox, rail: str, operation: str, status: int
) -> None:
    """A Gate that has forgotten the key judges the repeat anew: its session is over."""
    _, redeem, end = to_redeem(gate, sandbox, rail)
    made = redeem()
    end()
    sandbox.faults.add("error", operations=operation, status=status)
    with pytest.raises(OutcomeUnknown, match="consumed") as caught:
        redeem()
    assert isinstance(caught.value.last_error, RequestRejected)
    assert caught.value.idempotency_key
    sandbox.faults.clear()
    assert (redeem()).id == made.id


BELIEVED_WRONGLY = {
    "amount": {"expect": Money("99.99", "EUR")},
    "currency": {"expect": Money("100.00", "GBP")},
    "asset": {"asset": "USDT"},
}


@pytest.mark.parametrize("wrong", BELIEVED_WRONGLY)
def test_a_quote_that_is_not_what_was_meant_is_not_redeemed(
    gate: Gate, sandbox: Sandbox, wrong: str
) -> None:
    quote, made = locked(gate), open_session(gate)
    given = {"quote_id": quote.id, "gate_session_id": made.id, "expect": EUR, "order": "order-1"}
    with pytest.raises(GateUsageError, match="must not be redeemed"):
        gate.pay_ins.create(**{**given, **BELIEVED_WRONGLY[wrong]})
    with pytest.raises(GateUsageError, match="on_ramp"):
        gate.pay_outs.create(**given)
    assert (gate.quotes.retrieve(quote.id)).status == "active"


def test_an_expired_quote_is_refused_and_never_locked_again(gate: Gate, sandbox: Sandbox) -> None:
    quote, made = locked(gate), open_session(gate)
    sandbox.advance(3_600)
    before = len(sandbox.requests())
    with pytest.raises(GateUsageError, match="expired"):
        gate.pay_ins.create(
            quote_id=quote.id, gate_session_id=made.id, expect=ANY_AMOUNT, order="order-1"
        )
    asked = {request["operation"] for request in sandbox.requests()[before:]}
    assert asked <= {"retrieveSignedQuote", "retrieveSession"}


def test_the_branding_changes_what_is_named_and_clears_what_is_none(gate: Gate) -> None:
    gate.branding.update(brand_name="The Shop", primary_color="#0A7D5A")
    assert (gate.branding.update(brand_name=None)).brand_name is None
    assert (gate.branding.retrieve()).primary_color == "#0A7D5A"
    for bad in ({"primary_color": "green"}, {"logo_url": "http://x.example/l.png"}, {}):
        with pytest.raises(GateUsageError):
            gate.branding.update(**bad)


def test_a_customer_from_create_to_delete(gate: Gate) -> None:
    person = {"email": "ada@shop.example", "external_id": "user-1", "first_name": "Ada"}
    made = gate.customers.create(**person)
    assert (gate.customers.create(**person)).id == made.id
    with pytest.raises(Conflict, match="customer_already_exists"):
        gate.customers.create(email="ada@shop.example", idempotency_key=fresh_key())
    with pytest.raises(GateUsageError, match="external_id"):
        gate.customers.create(email="bob@shop.example")
    assert (gate.customers.retrieve(made.id)).first_name == "Ada"
    changed = gate.customers.update(made.id, first_name=None, metadata={"plan": "basic"})
    assert (changed.first_name, changed.metadata) == (None, {"plan": "basic"})
    assert [c.id for c in gate.customers.list(external_id="user-1")] == [made.id]
    assert (gate.customers.delete(made.id)).deleted is True
    assert (gate.customers.delete(made.id)).deleted is True
    with pytest.raises(NotFound):
        gate.customers.retrieve(made.id)


def test_deliveries_are_listed_replayed_and_tested(sandbox: Sandbox, gate: Gate) -> None:
    sandbox.account("sk_test_operations", webhook_url=f"{SHOP}/hooks")
    sent = gate.deliveries.send_test()
    assert (sent.event_type, sent.status) == ("webhook.test", "pending")
    assert [d.id for d in gate.deliveries.list(limit=1)] == [sent.id]
    with pytest.raises(InvalidRequest):
        gate.deliveries.replay(sent.id)


FAULTS = {
    "a reset after the commit": {"fault": "reset"},
    "HTML after the commit": {"fault": "html", "when": "after"},
    "half of the JSON": {"fault": "cut_json"},
    "a 500 before": {"fault": "error", "status": 500},
    "throttled": {"fault": "throttle"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_the_way_leaves_one_object(gate: Gate, sandbox: Sandbox, fault: str) -> None:
    sandbox.faults.add_all([{**FAULTS[fault], "operations": "createSession", "times": 2}])
    made = open_session(gate)
    assert [s["id"] for s in sandbox.books()["sessions"]] == [made.id]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["cancelSession", "deleteCustomer", "updateBranding"])
def test_what_has_no_key_is_settled_by_a_read(
    gate: Gate, sandbox: Sandbox, fault: str, operation: str
) -> None:
    made = open_session(gate)
    person = gate.customers.create(email="ada@shop.example", external_id="user-1")
    sandbox.faults.add_all([{**FAULTS[fault], "operations": operation, "times": 1}])
    match operation:
        case "cancelSession":
            assert (gate.sessions.cancel(made.id)).status == "cancelled"
        case "deleteCustomer":
            assert (gate.customers.delete(person.id)).deleted is True
        case _:
            assert (gate.branding.update(brand_name="Shop")).brand_name == "Shop"


@pytest.mark.parametrize("operation", ["sendTestWebhook", "replayWebhookDelivery"])
def test_what_nothing_makes_safe_is_sent_once(gate: Gate, sandbox: Sandbox, operation: str) -> None:
    sandbox.account("sk_test_operations", webhook_url=f"{SHOP}/hooks")
    sandbox.faults.add_all([{"fault": "error", "status": 500, "operations": operation}])
    call = {
        "sendTestWebhook": gate.deliveries.send_test,
        "replayWebhookDelivery": partial(gate.deliveries.replay, "whd_1"),
    }[operation]
    with pytest.raises(OutcomeUnknown, match="may have happened"):
        call()
    assert [r["operation"] for r in sandbox.requests()].count(operation) == 1


def test_all_31_operations_reach_the_sandbox(gate: Gate, sandbox: Sandbox) -> None:
    sandbox.account("sk_test_operations", webhook_url=f"{SHOP}/hooks")
    made = open_session(gate)
    sandbox.pay(made.id)
    row = gate.transactions.list().first()
    assert row is not None
    gate.transactions.retrieve(row.refid)
    gate.sessions.list().first()
    gate.sessions.retrieve(made.id)
    with pytest.raises(AlreadyTerminal):
        gate.sessions.cancel(made.id)
    other = open_session(gate, "order-2")
    gate.embed.bootstrap(for_browser(other)["client_secret"], origin=SHOP)
    gate.capabilities.countries()
    gate.capabilities.currencies(country_code="DE")
    gate.capabilities.assets(country_code="DE")
    gate.capabilities.asset("USDC")
    gate.capabilities.payment_methods(currency="EUR")
    gate.capabilities.payout_methods(currency="EUR")
    gate.capabilities.eligibility(country_code="DE")
    gate.quotes.preview(amount=EUR, asset="USDC", side="on_ramp")
    for side, rail in (("on_ramp", gate.pay_ins), ("off_ramp", gate.pay_outs)):
        quote = locked(gate, side)
        created: Any = rail.create(
            quote_id=quote.id, gate_session_id=other.id, expect=EUR, order="order-2"
        )
        rail.retrieve(created.id)
    gate.branding.retrieve()
    gate.branding.update(brand_name="Shop")
    person = gate.customers.create(email="ada@shop.example", external_id="user-1")
    gate.customers.list().first()
    gate.customers.retrieve(person.id)
    gate.customers.update(person.id, first_name="Ada")
    gate.customers.delete(person.id)
    delivery = gate.deliveries.send_test()
    gate.deliveries.list().first()
    with pytest.raises(InvalidRequest):
        gate.deliveries.replay(delivery.id)
    assert {request["operation"] for request in sandbox.requests()} == OPERATIONS.keys()
