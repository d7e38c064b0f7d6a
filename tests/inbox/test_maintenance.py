"""What no event tells: gaps in the delivery log, sessions that nobody heard of again, a restored backup."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from zerogate import Gate, GateUsageError, NotFound, ReadFailed
from zerogate.transports import Reply
from zerogate_store import EventContext, RateLimiter
from zerogate_store._journal.statements import Statement
from zerogate_store._sync import maintenance

from tests.inbox.shop import PRICE, RETURN, STATUSES, Shop, fulfil, ordered

DAY = 86_400.0


def at(shop: Shop, seconds: float = 0) -> datetime:
    return datetime.fromtimestamp(shop.clock.now() + seconds, UTC)


def test_nothing_is_missing_where_all_came(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    assert shop.inbox.missing().gaps == ()


def test_a_dead_letter_is_sent_again_and_is_handled(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.deliver()
    shop.drain()
    shop.answering = 503
    shop.sandbox.pay(session.id)
    # The sandbox gives up after five attempts over two and a half hours.
    for _ in range(8):
        shop.sandbox.advance(7200)
    shop.mail.clear()
    shop.answering = 200
    found = shop.inbox.missing()
    assert [gap.status for gap in found.gaps] == ["dead_lettered"] * 2
    assert set(found.replayed) == {gap.event_id for gap in found.gaps}
    shop.deliver()
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert shop.inbox.missing().gaps == ()


@pytest.mark.parametrize("status", [404, 409, 403, 429])
def test_a_dead_letter_that_gate_does_not_send_again_harms_itself_alone(
    shop: Shop, status: int
) -> None:
    session = shop.order("order-1")
    shop.deliver()
    shop.drain()
    shop.answering = 503
    shop.sandbox.pay(session.id)
    for _ in range(8):
        shop.sandbox.advance(7200)
    shop.mail.clear()
    shop.answering = 200
    refused = shop.sandbox.transport()

    class Refuses:
        def send(self, request: Any, until: float) -> Any:
            if not request.target.endswith("/replay"):
                return refused.send(request, until)
            body = b'{"error": {"code": "refused", "message": "not this one"}}'
            return Reply(status, {"content-type": "application/json"}, body)

    with Gate("sk_test_shop", transport=Refuses(), clock=shop.clock, store=shop.store) as gate:
        found = shop.opened(gate=gate).missing()
    assert (len(found.gaps), found.replayed, found.looked) == (2, (), 1)
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}


def test_a_session_that_gate_has_no_more_keeps_no_other_from_being_read(shop: Shop) -> None:
    gone, paid = [shop.order(f"order-{number}") for number in range(4)], shop.order("order-4")
    shop.sandbox.pay(paid.id)
    for session in gone:
        del shop.sandbox.world.sessions.collection.records[session.id]
    shop.sandbox.deliver()
    shop.mail.clear()
    shop.clock.advance(DAY + 600)
    assert shop.inbox.sweep() == 1
    shop.drain()
    assert shop.orders["order-4"] == ("Settled", 1)


@pytest.mark.parametrize("status", [400, 403, 409])
def test_a_session_that_gate_refuses_to_show_keeps_no_other_from_being_read(
    shop: Shop, status: int
) -> None:
    refused, paid = [shop.order(f"order-{number}") for number in range(4)], shop.order("order-4")
    shop.sandbox.pay(paid.id)
    shop.sandbox.deliver()
    shop.mail.clear()
    shop.clock.advance(DAY + 600)
    shown, hidden = shop.sandbox.transport(), {session.id for session in refused}

    class Refuses:
        def send(self, request: Any, until: float) -> Any:
            if request.target.rpartition("/")[2] not in hidden:
                return shown.send(request, until)
            body = b'{"error": {"code": "refused", "message": "not this one"}}'
            return Reply(status, {"content-type": "application/json"}, body)

    with Gate("sk_test_shop", transport=Refuses(), clock=shop.clock, store=shop.store) as gate:
        assert shop.opened(gate=gate).sweep() == 1
    shop.drain()
    assert shop.orders["order-4"] == ("Settled", 1)


def test_a_sweep_that_finds_nothing_at_gate_says_so_and_goes_on_later(shop: Shop) -> None:
    gone = [shop.order(f"order-{number}") for number in range(4)]
    for session in gone:
        del shop.sandbox.world.sessions.collection.records[session.id]
    shop.clock.advance(DAY + 600)
    with pytest.raises(NotFound, match="of the account and mode"):
        shop.inbox.sweep()
    assert shop.inbox.sweep() == 0, "all four are put off"


def test_what_was_delivered_and_is_gone_is_made_up_for_by_reading(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.sandbox.deliver()
    lost = shop.mail[:]
    shop.mail.clear()
    found = shop.inbox.missing()
    assert len(found.gaps) == 3
    assert (found.replayed, found.looked) == ((), 1)
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert shop.counts == {"missing": 3, "done": 1}
    # Known gaps are told, and nothing is read for them twice.
    assert shop.inbox.missing().looked == 0
    # Should they come yet, they are evidence like any other.
    assert shop.deliver(*lost) == ["new"] * 3
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert shop.counts == {"done": 4}


def first_row_dated_2001(shop: Shop, path: str) -> Any:
    """The sandbox, whose list at *path* begins with a row more, which says to be of 2001."""
    inner = shop.sandbox.transport()

    class Odd:
        def send(self, request: Any, until: float) -> Any:
            reply = inner.send(request, until)
            if request.target.partition("?")[0] != path:
                return reply
            told = json.loads(reply.body)
            odd = {"id": "odd_1", "event_id": "evt_odd", "created_at": "2001-01-01T00:00:00Z"}
            told["data"].insert(0, told["data"][0] | odd)
            return attrs.evolve(reply, body=json.dumps(told).encode())

    return Odd()


def test_a_delivery_that_tells_a_wrong_time_hides_no_gap(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.sandbox.deliver()
    shop.mail.clear()
    odd = first_row_dated_2001(shop, "/v1/webhooks/deliveries")
    with Gate("sk_test_shop", transport=odd, clock=shop.clock, store=shop.store) as gate:
        found = shop.opened(gate=gate).missing()
    assert (len(found.gaps), found.looked) == (3, 1)


def test_a_session_that_tells_a_wrong_time_ends_no_rebuild(shop: Shop) -> None:
    backup = at(shop)
    shop.order("order-1")
    odd = first_row_dated_2001(shop, "/v1/gate_sessions")
    with Gate("sk_test_shop", transport=odd, clock=shop.clock, store=shop.store) as gate:
        assert shop.opened(gate=gate).rebuild(since=backup) == 1


class CountsReads:
    """The sandbox; notes what is read, and answers 500 for sessions of which it is said."""

    def __init__(self, shop: Shop) -> None:
        self._inner = shop.sandbox.transport()
        self.broken: set[str] = set()
        self.read: list[str] = []

    def send(self, request: Any, until: float) -> Any:
        named = request.target.partition("?")[0].rpartition("/")[2]
        self.read.append(named)
        if named not in self.broken:
            return self._inner.send(request, until)
        body = b'{"type": "api_error", "code": "internal", "message": "no"}'
        return Reply(500, {"content-type": "application/json"}, body)


def test_neighbours_that_cannot_be_read_keep_no_other_from_the_next_rebuild(shop: Shop) -> None:
    backup = at(shop)
    made = []
    for number in range(6):
        made.append(shop.order(f"order-{number}").id)
        shop.clock.advance(1)
    line = CountsReads(shop)
    # The newest three, so the first on the list.
    line.broken = set(made[3:])
    with Gate("sk_test_shop", transport=line, clock=shop.clock, store=shop.store) as gate:
        inbox = shop.opened(gate=gate)
        for _ in range(2):
            with pytest.raises(ReadFailed):
                inbox.rebuild(since=backup)
            shop.clock.advance(30)
        assert set(made) <= set(line.read)
        shop.drain()
        line.broken = set()
        assert inbox.rebuild(since=backup) == 3


def test_the_limit_of_what_is_read_is_not_used_up_by_another_kind(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six sessions that were left, a pay-in, and a limit of five."""
    monkeypatch.setattr(maintenance, "_MOST", 5)
    for number in range(6):
        shop.order(f"order-{number}")
    shop.clock.advance(2 * DAY)
    now = shop.clock.now()

    def pay_in() -> Any:
        yield Statement(
            "INSERT INTO zerogate_intents (account, mode, namespace, operation, key, order_ref, "
            "attempt, terms, made_at, fingerprint, sealed, state, holder, lease_until, lease_clock, "
            "ambiguous, duplicates, request_ids, marks, object_id, answered_at) "
            "SELECT account, mode, namespace, 'createPayIn', 'k', "
            "'order-9', 1, terms, :now, fingerprint, 0, 'known', '', 0, '', 0, duplicates, "
            "request_ids, marks, 'pi_1', :now "
            "FROM zerogate_intents LIMIT 1"
        )(now=now)

    shop.store.run_in_transaction(pay_in)
    line = CountsReads(shop)
    gate = Gate("sk_test_shop", transport=line, clock=shop.clock, store=shop.store)
    with gate, pytest.raises(NotFound):
        shop.opened(gate=gate).rebuild(since=at(shop, 2 * DAY))
    assert "pi_1" in line.read


def test_a_session_that_nobody_heard_of_is_read_when_it_is_overdue(shop: Shop) -> None:
    session = shop.order("order-1")
    assert shop.inbox.sweep() == 0, "it is young"
    shop.sandbox.faults.add("lost", events=["gate_session.created"])
    shop.clock.advance(DAY + 600)
    assert shop.inbox.sweep() == 1
    seen = []
    shop.drain(lambda received: seen.append((received.event.type, str(received.record.status))))
    assert seen == [("zerogate.look", "open")]
    assert shop.inbox.sweep() == 0, "it was just looked at"
    shop.clock.advance(DAY)
    assert shop.inbox.sweep() == 0, "nothing is new"
    shop.gate.sessions.cancel(session.id)
    shop.clock.advance(DAY)
    assert shop.inbox.sweep() == 1
    shop.drain()
    assert shop.orders == {"order-1": ("Failed", 0)}


def test_money_on_a_cancelled_session_is_found_without_an_event(shop: Shop) -> None:
    """By the documentation no event tells of it: the session stays cancelled."""
    session = shop.order("order-1")
    refid = shop.sandbox.start(session.id)["refid"]
    shop.gate.sessions.cancel(session.id)
    shop.deliver()
    shop.drain()
    shop.sandbox.settle(refid)
    shop.deliver()
    shop.clock.advance(DAY + 600)
    shop.inbox.sweep()
    shop.drain()
    assert shop.orders == {"order-1": ("Hold", 0)}


def test_a_payment_on_an_attempt_that_made_way_reaches_the_handler_for_certain(shop: Shop) -> None:
    first = shop.order("order-1")
    terms: Any = {"amount": PRICE, "flow": "on_ramp", "return_url": RETURN, "order": "order-1"}
    second = shop.gate.sessions.create(attempt=2, at_once=True, **terms)
    assert shop.inbox.sweep() == 0
    shop.sandbox.pay(second.id)
    shop.sandbox.pay(first.id, late=True)
    # No event of it ever comes.
    shop.sandbox.deliver()
    shop.mail.clear()
    shop.clock.advance(700)
    assert shop.inbox.sweep() == 1
    seen: list[tuple[str, str]] = []

    def handler(received: EventContext) -> None:
        outcome = received.outcome(expect=PRICE, order="order-1", statuses=STATUSES)
        seen.append((received.subject, outcome.reason))

    shop.drain(handler)
    assert seen == [(first.id, "late_money_replaced")]


def test_a_sweep_finds_the_create_that_was_recorded_late(shop: Shop) -> None:
    begun = at(shop)
    other = Gate("sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock)
    other.sessions.create(amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1")
    shop.deliver()
    for _ in range(20):
        shop.drain()
        shop.clock.advance(60)
    assert shop.counts == {"unmatched": 1}
    shop.store.run_in_transaction(lambda: ordered("order-1"))
    # It was made outside of this store; taken in, the journal knows it.
    shop.gate.journal.rebuild(since=begun)
    shop.inbox.sweep()
    assert shop.drain() == 1
    other.close()


def test_after_a_restore_everything_since_the_backup_is_read(shop: Shop) -> None:
    backup = at(shop)
    paid, unpaid = shop.order("order-1"), shop.order("order-2")
    shop.clock.advance(60)
    shop.sandbox.pay(paid.id)
    shop.sandbox.deliver()
    shop.mail.clear()
    assert shop.inbox.rebuild(since=backup) == 2
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1), "order-2": ("Pending", 0)}
    assert shop.inbox.rebuild(since=backup) == 0
    assert unpaid.id != paid.id
    with pytest.raises(GateUsageError, match="time zone"):
        shop.inbox.rebuild(since=datetime(2026, 1, 1))


def test_metrics_tell_how_long_the_oldest_has_waited(shop: Shop) -> None:
    assert shop.inbox.metrics().oldest is None
    shop.order("order-1")
    shop.deliver()
    shop.clock.advance(90)
    shop.order("order-2")
    shop.deliver()
    told = shop.inbox.metrics()
    assert (told.oldest, dict(told.counts)) == (90, {"pending": 2})


def test_without_a_gate_there_is_nothing_to_look_with(shop: Shop) -> None:
    with pytest.raises(GateUsageError, match="gate"):
        shop.opened(gate=None).sweep()


def test_a_look_is_not_handled_blindly(shop: Shop) -> None:
    shop.order("order-1")
    shop.clock.advance(2 * DAY)
    shop.inbox.sweep()
    blind = shop.opened(gate=None, tries=1)
    blind.drain(fulfil)
    assert [kept.reason for kept in blind.kept("parked")] == ["GateUsageError"]


# --- the rate of bulk work ---


def test_all_workers_together_keep_the_pace(shop: Shop) -> None:
    one, two = (RateLimiter(shop.store, mode="test", rate=5, clock=shop.clock) for _ in range(2))
    begun = shop.clock.now()
    for _ in range(10):
        one.acquire()
        two.acquire()
    assert shop.clock.now() - begun == pytest.approx(19 / 5)


def test_a_429_halves_the_pace_for_everybody_and_it_comes_back(shop: Shop) -> None:
    one, two = (RateLimiter(shop.store, mode="test", rate=5, clock=shop.clock) for _ in range(2))
    one.acquire()
    shop.clock.advance(10)
    one.back_off()
    two.back_off()
    begun = shop.clock.now()
    for _ in range(5):
        two.acquire()
    slow = shop.clock.now() - begun
    assert 4 / 5 * 1.5 < slow < 4 / 5 * 2.1
    for _ in range(100):
        two.acquire()
    begun = shop.clock.now()
    for _ in range(5):
        one.acquire()
    assert shop.clock.now() - begun == pytest.approx(1.0)


def test_bulk_work_slows_down_where_gate_says_so_and_checkout_does_not(shop: Shop) -> None:
    for number in range(5):
        shop.order(f"order-{number}")
    shop.clock.advance(2 * DAY)
    rate_limiter = RateLimiter(shop.store, mode="test", rate=5, clock=shop.clock)
    bulk = Gate(
        "sk_test_shop",
        transport=shop.sandbox.transport(),
        clock=shop.clock,
        store=shop.store,
        observer=rate_limiter.observe,
    )
    shop.sandbox.faults.add("throttle", operations="retrieveSession", times=1, retry_after=0)
    begun = shop.clock.now()
    assert shop.opened(gate=bulk, rate_limiter=rate_limiter).sweep() == 5
    # Five sessions and the pages of their transactions, most of it at half the rate.
    assert shop.clock.now() - begun > 9 / 5 * 1.5
    begun = shop.clock.now()
    shop.order("order-now")
    assert shop.clock.now() == begun
    bulk.close()


def test_requests_that_nobody_asked_a_turn_for_are_made_up_for(shop: Shop) -> None:
    rate_limiter = RateLimiter(shop.store, mode="test", rate=5, clock=shop.clock)
    bulk = Gate(
        "sk_test_shop",
        transport=shop.sandbox.transport(),
        clock=shop.clock,
        observer=rate_limiter.observe,
    )
    for _ in range(2):
        rate_limiter.acquire()
        for _ in range(10):
            bulk.branding.retrieve()
    begun = shop.clock.now()
    rate_limiter.acquire()
    assert shop.clock.now() - begun == pytest.approx(10 / 5, rel=0.1)
    bulk.close()


def test_dead_letters_that_are_sent_again_one_by_one_hide_none_of_the_others(shop: Shop) -> None:
    shop.answering = 500
    for number in range(25):
        shop.order(f"order-{number}")
    shop.sandbox.advance(4 * 3600)
    dead = shop.gate.deliveries.list(status="dead_lettered", limit=4)
    count = sum(1 for _ in dead)
    assert count == 25
    replayed = [shop.gate.deliveries.replay(one.id).status for one in dead]
    assert len(replayed) == count
    assert list(dead) == []
