"""The façade against the sandbox: the same stories over every profile, through both doors, in both halves.

Nothing here asks how the sandbox behaves; only what may never happen, whatever Gate turns out to do.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from zerogate import (
    ANY_AMOUNT,
    AlreadyTerminal,
    AsyncGate,
    Failed,
    GateError,
    Hold,
    KeyReused,
    Mismatch,
    Money,
    OutcomeUnknown,
    Pending,
    Settled,
    webhooks,
)
from zerogate_sandbox import PROFILES, Sandbox, VirtualClock

EUR = Money("100.00", "EUR")
KEY = "sk_test_pytest"
FORGETFUL = {name for name, profile in PROFILES.items() if profile.key_memory == 0}


@pytest.fixture(params=PROFILES)
def profile(request):
    return request.param


@pytest.fixture
def events():
    return []


@pytest.fixture
def gate_sandbox(profile, events):
    return Sandbox(
        seed=1,
        profile=profile,
        webhook=lambda body, headers: events.append((body, headers)),
        webhook_secret="whsec_test_facade",
    )


@pytest.fixture(params=["in-process", "http"])
def gate_door(request):
    return request.param


def order(gate, name="order-1", **more):
    more = {"return_url": "https://partner.example/done", "flow": "on_ramp"} | more
    return gate.sessions.create(order=name, amount=EUR, **more)


def sessions(sandbox):
    return len(sandbox.books()["sessions"])


def outcome(gate, session, name="order-1"):
    return gate.reconcile.session(session.id, expect=EUR, order=name)


def test_an_order_is_paid_and_settled(gate_sandbox, gate):
    session = order(gate)
    assert isinstance(outcome(gate, session), Pending)
    gate_sandbox.pay(session.id)
    gate_sandbox.advance(60)
    settled = outcome(gate, session)
    assert isinstance(settled, Settled)
    assert settled.may_fulfil


async def test_an_order_is_paid_and_settled_awaiting(gate_sandbox, async_gate: AsyncGate):
    session = await order(async_gate)
    gate_sandbox.pay(session.id)
    gate_sandbox.advance(60)
    settled = await async_gate.reconcile.session(session.id, expect=EUR, order="order-1")
    assert isinstance(settled, Settled)


def test_what_is_not_as_ordered_is_never_fulfilled(gate_sandbox, gate):
    short, twice, other = order(gate, "short"), order(gate, "twice"), order(gate, "other")
    gate_sandbox.pay(short.id, fiat_amount="60.00")
    gate_sandbox.pay_twice(twice.id)
    gate_sandbox.pay(other.id)
    gate_sandbox.advance(60)
    assert isinstance(outcome(gate, short, "short"), Mismatch)
    assert isinstance(outcome(gate, twice, "twice"), Mismatch)
    assert isinstance(outcome(gate, other, "somebody else's"), Mismatch)


def test_a_failure_is_not_the_end(gate_sandbox, gate):
    session = order(gate)
    gate_sandbox.fail(session.id)
    gate_sandbox.advance(60)
    assert not outcome(gate, session).may_fulfil
    gate_sandbox.pay(session.id)
    gate_sandbox.advance(60)
    # `failed` is a transaction status the documentation does not show, so holding is right as well.
    assert isinstance(outcome(gate, session), (Settled, Hold))


def test_a_cancelled_order_is_over_unless_money_arrives(gate_sandbox, gate):
    quiet, late = order(gate, "quiet"), order(gate, "late")
    refid = gate_sandbox.start(late.id)["refid"]
    cancelled = datetime.fromtimestamp(gate_sandbox.clock.now(), UTC)
    for session in (quiet, late):
        gate.sessions.cancel(session.id)
    gate_sandbox.advance(60)
    assert isinstance(outcome(gate, quiet, "quiet"), Pending)
    gate_sandbox.advance(600)
    asked = {"expect": EUR, "order": "quiet", "ended_at": cancelled}
    assert isinstance(gate.reconcile.session(quiet.id, **asked), Failed)
    gate_sandbox.settle(refid)
    gate_sandbox.advance(60)
    assert isinstance(outcome(gate, late, "late"), (Hold, Mismatch, Settled))
    assert not isinstance(outcome(gate, late, "late"), Failed)


def test_cancelling_what_was_paid_says_so(gate_sandbox, gate):
    session = order(gate)
    gate_sandbox.pay(session.id)
    with pytest.raises(AlreadyTerminal) as raised:
        gate.sessions.cancel(session.id)
    assert raised.value.session.status == "completed"


@pytest.mark.parametrize("fault", ["reset", "truncate", "cut_json", "html", "error"])
def test_a_lost_answer_makes_no_second_session_where_keys_are_remembered(
    gate_sandbox, gate, profile, fault
):
    """Without a journal a key is all there is: a server that forgets keys makes a second one."""
    gate_sandbox.faults.add(fault, operations="createSession", when="after", times=1)
    with suppress(OutcomeUnknown):
        order(gate)
    if profile not in FORGETFUL:
        assert sessions(gate_sandbox) == 1
    keys = {seen["idempotency_key"] for seen in gate_sandbox.requests() if seen["method"] == "POST"}
    assert len(keys) == 1


def test_an_outage_ends_in_an_error_of_ours_and_few_requests(gate_sandbox, gate):
    gate_sandbox.faults.add("error", status=503)
    for number in range(20):
        with pytest.raises(GateError):
            order(gate, f"order-{number}")
    assert len(gate_sandbox.requests()) <= 1.1 * 20 + 50


def test_the_same_order_with_another_amount_is_refused(gate_sandbox, gate, profile):
    order(gate)
    if PROFILES[profile].same_key_other_body == "409" and profile not in FORGETFUL:
        with pytest.raises(KeyReused):
            gate.sessions.create(
                order="order-1",
                amount=Money("7.00", "EUR"),
                return_url="https://partner.example/done",
            )
        assert sessions(gate_sandbox) == 1


def test_a_status_nobody_knows_is_held(gate_sandbox, gate):
    session = order(gate)
    gate_sandbox.faults.add("unknown_status", operations=["retrieveSession", "listTransactions"])
    gate_sandbox.pay(session.id)
    gate_sandbox.advance(60)
    assert isinstance(outcome(gate, session), Hold)


def test_lists_are_walked_to_their_ends(gate_sandbox, gate):
    made = [order(gate, f"order-{number}").id for number in range(25)]
    gate_sandbox.advance(60)
    assert [session.id for session in gate.sessions.list(limit=4)] == made[::-1]


def test_every_event_is_verified_and_known(gate_sandbox, gate, events):
    session = order(gate)
    gate_sandbox.pay(session.id)
    gate_sandbox.deliver()
    now = gate_sandbox.clock.now()
    types = []
    for body, headers in events:
        event = webhooks.verify(body, headers, "whsec_test_facade", now=now)
        assert event.data.id == session.id
        types.append(event.type)
    assert types == [
        "gate_session.created",
        "gate_session.processing",
        "gate_session.completed",
    ]


def test_a_transaction_can_be_asked_about_as_well(gate_sandbox, gate):
    session = order(gate)
    refid = gate_sandbox.pay(session.id)["refid"]
    gate_sandbox.advance(60)
    settled = gate.reconcile.transaction(refid, expect=ANY_AMOUNT, order="order-1")
    assert isinstance(settled, Settled)


async def _awaited(body: bytes, headers: object) -> int:
    return 200


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("clock", 3),
        ("clock", "2026-05-26T12:00:00Z"),
        ("clock", VirtualClock),
        ("profile", None),
        ("profile", 5),
        ("mode", "prod"),
        ("mode", None),
        ("webhook", 42),
        ("webhook", _awaited),
        ("webhook_secret", b"whsec_test_bytes00"),
        ("webhook_secret", "whsec_test_facade\n"),
        ("webhook_secret", ""),
        ("keep", "10"),
        ("keep", 0),
        ("keep", True),
    ],
)
def test_what_a_sandbox_cannot_be_made_of_is_told_at_once(option: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=f"^{option}= of a sandbox takes ") as refused:
        Sandbox(**{option: wrong})
    assert "whsec_test_" not in str(refused.value).replace("whsec_test_…", "")
