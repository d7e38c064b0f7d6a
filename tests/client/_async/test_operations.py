"""Every one of the 31 operations, asked of the sandbox: what comes back, and what is refused before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from zerogate import (
    ANY_AMOUNT,
    BY_CALLER_IP,
    AlreadyTerminal,
    AsyncGate,
    Conflict,
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
async def gate(sandbox: Sandbox) -> AsyncIterator[AsyncGate]:
    async with AsyncGate(
        "sk_test_operations",
        publishable_key="pk_test_operations",
        transport=sandbox.transport(),
        clock=sandbox.clock,
    ) as client:
        yield client


async def open_session(gate: AsyncGate, order: str = "order-1", **more: Any) -> Any:
    return await gate.sessions.create(amount=EUR, order=order, return_url=f"{SHOP}/done", **more)


async def locked(gate: AsyncGate, side: str = "on_ramp") -> Any:
    return await gate.quotes.lock(
        amount=EUR, asset="USDC", side=side, payment_method="bank_transfer"
    )


RAILS = [("pay_ins", "createPayIn"), ("pay_outs", "createPayOut")]


async def to_redeem(gate: AsyncGate, sandbox: Sandbox, rail: str) -> tuple[Any, Any, Any]:
    """A session for a rail, what redeems one quote for it, and what settles it, which ends the session."""
    made = await open_session(gate)
    quote = await locked(gate, {"pay_ins": "on_ramp", "pay_outs": "off_ramp"}[rail])

    async def redeem(order: str = "order-1", **more: Any) -> Any:
        return await getattr(gate, rail).create(
            quote_id=quote.id, gate_session_id=made.id, expect=EUR, order=order, **more
        )

    def end() -> None:
        (one,) = sandbox.books()[rail]
        sandbox.move_rail(one["id"], "settled")

    return made, redeem, end


async def test_a_session_from_create_to_cancel(gate: AsyncGate) -> None:
    made = await open_session(gate, metadata={"basket": "b-7"}, flow="on_ramp")
    assert amount_of(made, "amount") == EUR
    assert made.metadata["basket"] == "b-7"
    assert marks_of(made) == Marks(order="order-1", attempt="1", key=ORDER_1)
    assert for_browser(made)["mode"] == "test"
    read = await gate.sessions.retrieve(made.id)
    assert not hasattr(read, "client_secret")
    assert (await gate.sessions.cancel(made.id)).status == "cancelled"
    assert (await gate.sessions.cancel(made.id)).status == "cancelled"
    assert [s.id async for s in gate.sessions.list(status="cancelled")] == [made.id]
    assert [s.id async for s in gate.sessions.list(status="open")] == []


async def test_the_same_order_is_one_session_and_another_attempt_another(gate: AsyncGate) -> None:
    first, again = await open_session(gate), await open_session(gate)
    second = await open_session(gate, attempt=2)
    assert first.id == again.id != second.id


async def test_a_paid_session_settles_and_cannot_be_cancelled(
    gate: AsyncGate, sandbox: Sandbox
) -> None:
    made = await open_session(gate)
    sandbox.pay(made.id)
    outcome = await gate.reconcile.session(made.id, expect=EUR, order="order-1", flow="on_ramp")
    assert isinstance(outcome, Settled)
    with pytest.raises(AlreadyTerminal) as caught:
        await gate.sessions.cancel(made.id)
    assert caught.value.session.status == "completed"
    (row,) = [t async for t in gate.transactions.list(session_id=made.id)]
    assert (await gate.transactions.retrieve(row.refid)).fiat_amount == Decimal("100.00")
    assert isinstance(
        await gate.reconcile.transaction(row.refid, expect=EUR, order="order-1", flow="on_ramp"),
        Settled,
    )


async def test_the_widget_starts_with_a_publishable_key(gate: AsyncGate) -> None:
    made = await open_session(gate)
    token = await gate.embed.bootstrap(for_browser(made)["client_secret"], origin=SHOP)
    assert token.session_id == made.id
    assert str(token.embed_token) not in repr(token)


async def test_capabilities_name_a_country_or_say_that_they_do_not(gate: AsyncGate) -> None:
    capabilities = gate.capabilities
    assert "DE" in {c.country_code for c in await capabilities.countries(supported=True)}
    assert [c.code for c in await capabilities.currencies(country_code="de")] == ["EUR"]
    assets = await capabilities.assets(country_code="DE", side="on_ramp")
    assert "USDC" in {asset.symbol for asset in assets}
    assert (await capabilities.asset("USDC")).networks
    assert await capabilities.payment_methods(country_code="DE")
    assert await capabilities.payout_methods(currency="EUR")
    assert (await capabilities.eligibility(country_code="DE", asset="USDC")).eligible
    assert (await capabilities.eligibility(country_code=BY_CALLER_IP)).geo_source
    with pytest.raises(TypeError, match="country_code"):
        await capabilities.currencies()  # type: ignore[call-arg]
    with pytest.raises(GateUsageError, match="BY_CALLER_IP"):
        await capabilities.payment_methods()
    with pytest.raises(NotFound):
        await capabilities.asset("NOSUCH")


async def test_prices_are_previewed_and_locked(gate: AsyncGate) -> None:
    rows = await gate.quotes.preview(amount=EUR, asset="USDC", side="on_ramp", country_code="DE")
    assert rows
    quote = await locked(gate)
    assert (await gate.quotes.retrieve(quote.id)).status == "active"
    assert amount_of(quote, "fiat_amount") == EUR


@pytest.mark.parametrize("rail", ["pay_ins", "pay_outs"])
async def test_a_rail_redeems_its_quote_once(gate: AsyncGate, rail: str) -> None:
    resource = getattr(gate, rail)
    made = await open_session(gate)
    quote = await locked(gate, {"pay_ins": "on_ramp", "pay_outs": "off_ramp"}[rail])
    wanted = {"quote_id": quote.id, "gate_session_id": made.id, "expect": EUR}
    created = await resource.create(order="order-1", **wanted)
    assert created.reference == "order-1"
    assert (await resource.retrieve(created.id)).id == created.id
    assert (await resource.create(order="order-1", **wanted)).id == created.id
    with pytest.raises(OutcomeUnknown, match="consumed"):
        await resource.create(order="order-1", attempt=2, **wanted)
    reconcile = getattr(gate.reconcile, rail.removesuffix("s"))
    outcome = await reconcile(created.id, expect=EUR, order="order-1")
    assert not outcome.may_fulfil


@pytest.mark.parametrize("lost", [True, False], ids=["answer lost", "answered"])
@pytest.mark.parametrize(("rail", "operation"), RAILS)
async def test_a_rail_that_completed_its_session_is_brought_back_by_the_same_call(
    gate: AsyncGate, sandbox: Sandbox, rail: str, operation: str, lost: bool
) -> None:
    made, redeem, end = await to_redeem(gate, sandbox, rail)
    if lost:
        sandbox.faults.add("reset", operations=operation)
        with pytest.raises(OutcomeUnknown):
            await redeem()
        sandbox.faults.clear()
    else:
        await redeem()
    end()
    assert (await gate.sessions.retrieve(made.id)).status == "completed"
    again = await redeem()
    assert [again.id] == [one["id"] for one in sandbox.books()[rail]]
    assert (await getattr(gate, rail).retrieve(again.id)).status == "settled"
    with pytest.raises(OutcomeUnknown, match="consumed"):
        await redeem(attempt=2)
    with pytest.raises(GateUsageError, match="belongs to order 'order-1'"):
        await redeem(order="order-2")
    assert len(sandbox.books()[rail]) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize(("rail", "operation"), RAILS)
async def test_no_refusal_of_a_consumed_quote_says_that_nothing_was_made(
    gate: AsyncGate, sandbox: Sandbox, rail: str, operation: str, status: int
) -> None:
    """A Gate that has forgotten the key judges the repeat anew: its session is over."""
    _, redeem, end = await to_redeem(gate, sandbox, rail)
    made = await redeem()
    end()
    sandbox.faults.add("error", operations=operation, status=status)
    with pytest.raises(OutcomeUnknown, match="consumed") as caught:
        await redeem()
    assert isinstance(caught.value.last_error, RequestRejected)
    assert caught.value.idempotency_key
    sandbox.faults.clear()
    assert (await redeem()).id == made.id


BELIEVED_WRONGLY = {
    "amount": {"expect": Money("99.99", "EUR")},
    "currency": {"expect": Money("100.00", "GBP")},
    "asset": {"asset": "USDT"},
}


@pytest.mark.parametrize("wrong", BELIEVED_WRONGLY)
async def test_a_quote_that_is_not_what_was_meant_is_not_redeemed(
    gate: AsyncGate, sandbox: Sandbox, wrong: str
) -> None:
    quote, made = await locked(gate), await open_session(gate)
    given = {"quote_id": quote.id, "gate_session_id": made.id, "expect": EUR, "order": "order-1"}
    with pytest.raises(GateUsageError, match="must not be redeemed"):
        await gate.pay_ins.create(**{**given, **BELIEVED_WRONGLY[wrong]})
    with pytest.raises(GateUsageError, match="on_ramp"):
        await gate.pay_outs.create(**given)
    assert (await gate.quotes.retrieve(quote.id)).status == "active"


async def test_an_expired_quote_is_refused_and_never_locked_again(
    gate: AsyncGate, sandbox: Sandbox
) -> None:
    quote, made = await locked(gate), await open_session(gate)
    sandbox.advance(3_600)
    before = len(sandbox.requests())
    with pytest.raises(GateUsageError, match="expired"):
        await gate.pay_ins.create(
            quote_id=quote.id, gate_session_id=made.id, expect=ANY_AMOUNT, order="order-1"
        )
    asked = {request["operation"] for request in sandbox.requests()[before:]}
    assert asked <= {"retrieveSignedQuote", "retrieveSession"}


async def test_the_branding_changes_what_is_named_and_clears_what_is_none(gate: AsyncGate) -> None:
    await gate.branding.update(brand_name="The Shop", primary_color="#0A7D5A")
    assert (await gate.branding.update(brand_name=None)).brand_name is None
    assert (await gate.branding.retrieve()).primary_color == "#0A7D5A"
    for bad in ({"primary_color": "green"}, {"logo_url": "http://x.example/l.png"}, {}):
        with pytest.raises(GateUsageError):
            await gate.branding.update(**bad)


async def test_a_customer_from_create_to_delete(gate: AsyncGate) -> None:
    person = {"email": "ada@shop.example", "external_id": "user-1", "first_name": "Ada"}
    made = await gate.customers.create(**person)
    assert (await gate.customers.create(**person)).id == made.id
    with pytest.raises(Conflict, match="customer_already_exists"):
        await gate.customers.create(email="ada@shop.example", idempotency_key=fresh_key())
    with pytest.raises(GateUsageError, match="external_id"):
        await gate.customers.create(email="bob@shop.example")
    assert (await gate.customers.retrieve(made.id)).first_name == "Ada"
    changed = await gate.customers.update(made.id, first_name=None, metadata={"plan": "basic"})
    assert (changed.first_name, changed.metadata) == (None, {"plan": "basic"})
    assert [c.id async for c in gate.customers.list(external_id="user-1")] == [made.id]
    assert (await gate.customers.delete(made.id)).deleted is True
    assert (await gate.customers.delete(made.id)).deleted is True
    with pytest.raises(NotFound):
        await gate.customers.retrieve(made.id)


async def test_deliveries_are_listed_replayed_and_tested(sandbox: Sandbox, gate: AsyncGate) -> None:
    sandbox.account("sk_test_operations", webhook_url=f"{SHOP}/hooks")
    sent = await gate.deliveries.send_test()
    assert (sent.event_type, sent.status) == ("webhook.test", "pending")
    assert [d.id async for d in gate.deliveries.list(limit=1)] == [sent.id]
    with pytest.raises(InvalidRequest):
        await gate.deliveries.replay(sent.id)


FAULTS = {
    "a reset after the commit": {"fault": "reset"},
    "HTML after the commit": {"fault": "html", "when": "after"},
    "half of the JSON": {"fault": "cut_json"},
    "a 500 before": {"fault": "error", "status": 500},
    "throttled": {"fault": "throttle"},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_on_the_way_leaves_one_object(
    gate: AsyncGate, sandbox: Sandbox, fault: str
) -> None:
    sandbox.faults.add_all([{**FAULTS[fault], "operations": "createSession", "times": 2}])
    made = await open_session(gate)
    assert [s["id"] for s in sandbox.books()["sessions"]] == [made.id]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["cancelSession", "deleteCustomer", "updateBranding"])
async def test_what_has_no_key_is_settled_by_a_read(
    gate: AsyncGate, sandbox: Sandbox, fault: str, operation: str
) -> None:
    made = await open_session(gate)
    person = await gate.customers.create(email="ada@shop.example", external_id="user-1")
    sandbox.faults.add_all([{**FAULTS[fault], "operations": operation, "times": 1}])
    match operation:
        case "cancelSession":
            assert (await gate.sessions.cancel(made.id)).status == "cancelled"
        case "deleteCustomer":
            assert (await gate.customers.delete(person.id)).deleted is True
        case _:
            assert (await gate.branding.update(brand_name="Shop")).brand_name == "Shop"


@pytest.mark.parametrize("operation", ["sendTestWebhook", "replayWebhookDelivery"])
async def test_what_nothing_makes_safe_is_sent_once(
    gate: AsyncGate, sandbox: Sandbox, operation: str
) -> None:
    sandbox.account("sk_test_operations", webhook_url=f"{SHOP}/hooks")
    sandbox.faults.add_all([{"fault": "error", "status": 500, "operations": operation}])
    call = {
        "sendTestWebhook": gate.deliveries.send_test,
        "replayWebhookDelivery": partial(gate.deliveries.replay, "whd_1"),
    }[operation]
    with pytest.raises(OutcomeUnknown, match="may have happened"):
        await call()
    assert [r["operation"] for r in sandbox.requests()].count(operation) == 1


async def test_all_31_operations_reach_the_sandbox(gate: AsyncGate, sandbox: Sandbox) -> None:
    sandbox.account("sk_test_operations", webhook_url=f"{SHOP}/hooks")
    made = await open_session(gate)
    sandbox.pay(made.id)
    row = await gate.transactions.list().first()
    assert row is not None
    await gate.transactions.retrieve(row.refid)
    await gate.sessions.list().first()
    await gate.sessions.retrieve(made.id)
    with pytest.raises(AlreadyTerminal):
        await gate.sessions.cancel(made.id)
    other = await open_session(gate, "order-2")
    await gate.embed.bootstrap(for_browser(other)["client_secret"], origin=SHOP)
    await gate.capabilities.countries()
    await gate.capabilities.currencies(country_code="DE")
    await gate.capabilities.assets(country_code="DE")
    await gate.capabilities.asset("USDC")
    await gate.capabilities.payment_methods(currency="EUR")
    await gate.capabilities.payout_methods(currency="EUR")
    await gate.capabilities.eligibility(country_code="DE")
    await gate.quotes.preview(amount=EUR, asset="USDC", side="on_ramp")
    for side, rail in (("on_ramp", gate.pay_ins), ("off_ramp", gate.pay_outs)):
        quote = await locked(gate, side)
        created: Any = await rail.create(
            quote_id=quote.id, gate_session_id=other.id, expect=EUR, order="order-2"
        )
        await rail.retrieve(created.id)
    await gate.branding.retrieve()
    await gate.branding.update(brand_name="Shop")
    person = await gate.customers.create(email="ada@shop.example", external_id="user-1")
    await gate.customers.list().first()
    await gate.customers.retrieve(person.id)
    await gate.customers.update(person.id, first_name="Ada")
    await gate.customers.delete(person.id)
    delivery = await gate.deliveries.send_test()
    await gate.deliveries.list().first()
    with pytest.raises(InvalidRequest):
        await gate.deliveries.replay(delivery.id)
    assert {request["operation"] for request in sandbox.requests()} == OPERATIONS.keys()
