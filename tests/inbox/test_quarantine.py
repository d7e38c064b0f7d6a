"""What Gate signed and nobody here can read: acknowledged, kept as bytes, and made up for by reading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from zerogate import Gate
from zerogate.transports import Reply
from zerogate_store import EventContext
from zerogate_store._inbox.quarantine import MOST, texts_in

from tests.inbox.shop import LIVE, SECRET, Shop, event, fulfil, signed


def body_of(id: str, changes: dict[str, Any], data: dict[str, Any]) -> bytes:
    told = {"id": "evt_1", "type": "gate_session.completed", "created_at": 1_780_000_000}
    return json.dumps({**told, "data": {"id": id, **data}, **changes}).encode()


def odd_bodies(id: str) -> dict[str, bytes]:
    """Bodies that name a session, and are no event as the contract has it."""
    return {
        "milliseconds": body_of(id, {"created_at": 1_780_000_000_000}, {}),
        "RFC 3339": body_of(id, {"created_at": "2026-05-26T12:00:00Z"}, {}),
        "half seconds": body_of(id, {"created_at": 1_780_000_000.5}, {}),
        "no time": body_of(id, {"created_at": None}, {}),
        "data in a list": body_of(id, {"data": [{"id": id}]}, {}),
        "data as text": body_of(id, {"data": json.dumps({"id": id})}, {}),
        "a number for an id": body_of(id, {"id": 12345}, {}),
        "a long id": body_of(id, {"id": "e" * 300}, {}),
        "NUL in its type": body_of(id, {"type": "gate_session.completed\0"}, {}),
        "half an emoji": body_of(id, {}, {"metadata": {"note": "\ud83d"}}),
        "a name twice": body_of(id, {}, {})[:-1] + b',"id":"evt_2"}',
        "nested without end": body_of(id, {}, {})[:-1] + b',"x":' + b"[" * 70 + b"]" * 70 + b"}",
        "cut short": body_of(id, {}, {})[:-3],
        "another encoding": body_of(id, {}, {}).replace(b"evt_1", "évt".encode("latin-1")),
        "an array": b"[" + body_of(id, {}, {}) + b"]",
        "an envelope more": json.dumps({"event": json.loads(body_of(id, {}, {}))}).encode(),
    }


@pytest.mark.parametrize("name", odd_bodies("x"))
def test_a_payment_is_read_where_its_event_cannot_be(shop: Shop, name: str) -> None:
    session = shop.order("order-1")
    other = shop.order("order-2")
    shop.sandbox.pay(session.id)
    body = odd_bodies(session.id)[name]
    receipt = shop.inbox.receive(body, signed(body, shop.clock.now()))
    assert (receipt.verdict, receipt.status, receipt.stored) == ("quarantined", 200, True)
    [kept] = shop.inbox.kept("quarantined")
    assert kept.body == body
    assert shop.counts == {"quarantined": 1}
    seen: list[tuple[str, str]] = []

    def handler(received: EventContext) -> None:
        seen.append((received.event.type, received.subject))
        fulfil(received)

    shop.drain(handler)
    assert ("zerogate.look", session.id) in seen
    assert shop.orders["order-1"] == ("Settled", 1)
    assert shop.counts.get("quarantined") is None
    assert "order-2" in str(other.metadata)
    # The same bytes again are the same event, and nothing is read for them.
    assert shop.inbox.receive(body, signed(body, shop.clock.now())).event_id == kept.id
    assert shop.drain(handler) == 0


@pytest.mark.parametrize("name", ["milliseconds", "RFC 3339", "no time"])
def test_one_that_names_what_gate_has_not_stays_and_keeps_no_other(shop: Shop, name: str) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    for id in ("6a158b40ffffffffffffffff", session.id):
        body = odd_bodies(id)[name]
        shop.inbox.receive(body, signed(body, shop.clock.now()))
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert shop.counts["quarantined"] == 1
    [kept] = shop.inbox.kept("quarantined")
    assert b"6a158b40ffffffffffffffff" in (kept.body or b"")


def test_one_that_names_no_id_at_all_is_read_for_like_one_that_names_none(shop: Shop) -> None:
    paid = shop.order("order-1")
    shop.sandbox.pay(paid.id)
    body = odd_bodies("a/b")["a number for an id"]
    shop.deliver((body, signed(body, shop.clock.now())))
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert shop.counts.get("quarantined") is None


@pytest.mark.parametrize("status", [400, 401, 403, 409])
def test_one_whose_object_gate_refuses_to_show_keeps_no_other(shop: Shop, status: int) -> None:
    refused, paid = shop.order("order-1"), shop.order("order-2")
    shop.sandbox.pay(paid.id)
    for id in (refused.id, paid.id):
        body = odd_bodies(id)["milliseconds"]
        shop.inbox.receive(body, signed(body, shop.clock.now()))
    shown = shop.sandbox.transport()

    class Refuses:
        def send(self, request: Any, until: float) -> Any:
            if not request.target.endswith(refused.id):
                return shown.send(request, until)
            body = b'{"error": {"code": "refused", "message": "not this one"}}'
            return Reply(status, {"content-type": "application/json"}, body)

    with Gate("sk_test_shop", transport=Refuses(), clock=shop.clock, store=shop.store) as gate:
        shop.opened(gate=gate).drain(fulfil)
    assert shop.orders["order-2"] == ("Settled", 1)
    assert shop.counts["quarantined"] == 1


def test_where_nothing_names_a_payment_all_that_are_open_are_read(shop: Shop) -> None:
    paid, unpaid = shop.order("order-1"), shop.order("order-2")
    shop.sandbox.pay(paid.id)
    shop.deliver((b"\x00\xff\x00", signed(b"\x00\xff\x00", shop.clock.now())))
    seen: list[str] = []
    shop.drain(lambda received: (seen.append(received.subject), fulfil(received)))
    assert sorted(seen) == sorted([paid.id, unpaid.id])
    assert shop.orders == {"order-1": ("Settled", 1), "order-2": ("Pending", 0)}


def test_a_payment_event_without_its_id_is_read_for(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    now = shop.clock.now()
    for number, data in enumerate(({}, {"id": 7}, {"id": "gs_\0"}, {"id": None})):
        body = event(f"evt_{number}", "gate_session.completed", now, **data)
        assert shop.deliver((body, signed(body, now))) == ["quarantined"]
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert "quarantined" not in shop.counts


def test_it_stays_and_alarms_until_gate_was_read(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    body = odd_bodies(session.id)["RFC 3339"]
    shop.deliver((body, signed(body, shop.clock.now())))
    blind = shop.opened(gate=None, mode="test")
    assert blind.drain(fulfil) == 0
    assert blind.metrics().counts == {"quarantined": 1}
    shop.sandbox.faults.add("error", operations="retrieveSession")
    shop.clock.advance(120)
    shop.drain()
    assert shop.counts == {"quarantined": 1}
    shop.sandbox.faults.clear()
    shop.clock.advance(4000)
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}


def test_an_operator_can_have_it_read_at_once(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    body = odd_bodies(session.id)["RFC 3339"]
    shop.deliver((body, signed(body, shop.clock.now())))
    shop.opened(gate=None, mode="test").drain(fulfil)
    [kept] = shop.inbox.kept("quarantined")
    assert kept.is_unreadable
    told = kept.event()
    assert (told.raw, told.parse_error) == (body, kept.reason)
    assert not shop.inbox.retry("evt_nothing")
    assert shop.inbox.retry(kept.id)
    assert shop.inbox.process(fulfil)
    assert shop.orders == {"order-1": ("Settled", 1)}


def test_what_is_unsigned_or_too_large_is_never_kept(shop: Shop) -> None:
    now = shop.clock.now()
    large = b"[" + b" " * 300_000 + b"]"
    for body, headers in (
        (b"[]", signed(b"[]", now, "whsec_of_a_stranger")),
        (b"[]", signed(b"[]", now - 4000)),
        (b"[]", {}),
        (large, signed(large, now)),
    ):
        receipt = shop.inbox.receive(body, headers)
        assert (receipt.verdict, receipt.status, receipt.stored) == ("refused", 400, False)
    assert shop.counts == {}


def test_a_test_webhook_in_another_form_is_a_test_webhook(shop: Shop) -> None:
    body = json.dumps({"id": "evt_1", "type": "webhook.test", "created_at": 1, "data": None})
    receipt = shop.inbox.receive(body.encode(), signed(body.encode(), shop.clock.now()))
    assert (receipt.verdict, receipt.status) == ("new", 200)
    assert shop.counts == {"test": 1}


def test_of_a_person_as_little_is_kept_as_of_events_that_can_be_read(shop: Shop, url: str) -> None:
    told = {"id": "cus_1", "email": "ada@example.com", "external_id": "u1"}
    body = json.dumps({"id": "e", "type": "customer.updated", "created_at": "now", "data": told})
    shop.deliver((body.encode(), signed(body.encode(), shop.clock.now())))
    [kept] = shop.inbox.kept("quarantined")
    assert b"ada@example.com" not in (kept.body or b"")
    assert b"cus_1" in (kept.body or b"")
    broken = body.encode()[:-1]
    shop.deliver((broken, signed(broken, shop.clock.now())))
    assert b"ada@" not in b"".join(one.body or b"" for one in shop.inbox.kept("quarantined"))


def test_the_other_modes_secret_signs_for_the_other_mode(shop: Shop) -> None:
    inbox = shop.opened(secrets=[LIVE, SECRET])
    value = LIVE.value.decode()
    receipt = inbox.receive(b"[]", signed(b"[]", shop.clock.now(), value))
    assert (receipt.verdict, receipt.status, receipt.reason) == ("refused", 200, "mode")
    assert inbox.drain(fulfil) == 0


def test_texts_are_found_in_a_bounded_time_and_number() -> None:
    assert texts_in(b'{"a\\u00fc": "x/y", "b": "\\ud83d", broken "c"') == ["aü", "x/y", "b", "c"]
    many = b",".join(b'"%d"' % n for n in range(10_000))
    assert len(texts_in(many)) == MOST
    assert texts_in(b'"' + b"x" * 200_000) == []


def test_another_content_under_a_known_id_is_looked_at(shop: Shop) -> None:
    session = shop.order("order-1")
    now = shop.clock.now()
    given = {"id": session.id, "metadata": {"order_id": "order-1"}}
    first = event("evt_1", "gate_session.processing", now, **given, amount="100.00")
    again = event("evt_1", "gate_session.processing", now + 5, **given, amount=100)
    assert shop.deliver((first, signed(first, now)), (again, signed(again, now))) == [
        "new",
        "duplicate",
    ]
    shop.drain(lambda received: None)
    shop.sandbox.pay(session.id)
    paid = event("evt_1", "gate_session.completed", now, id=session.id, amount="100.00")
    receipts = [shop.inbox.receive(paid, signed(paid, now)) for _ in range(2)]
    assert [(r.verdict, r.reason) for r in receipts] == [
        ("new", "another_content"),
        ("duplicate", None),
    ]
    seen: list[str] = []
    shop.drain(lambda received: (seen.append(received.event.type), fulfil(received)))
    assert seen == ["zerogate.look"]
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert paid in [bytes(one.body or b"") for one in shop.inbox.kept("done")]


@pytest.mark.parametrize(
    "other",
    [{"status": "completed"}, {"amount": "1.00"}, {"transaction": {"crypto_amount": "5"}}],
    ids=["status", "amount", "a transaction's amount"],
)
def test_what_counts_of_a_content(shop: Shop, other: dict[str, Any]) -> None:
    session = shop.order("order-1")
    now = shop.clock.now()
    given = {"id": session.id, "status": "open", "amount": "100.00"}
    first = event("evt_1", "gate_session.processing", now, **given)
    then = event("evt_1", "gate_session.processing", now, **given | other)
    assert shop.deliver((first, signed(first, now))) == ["new"]
    assert shop.inbox.receive(then, signed(then, now)).reason == "another_content"


def test_another_content_about_no_payment_is_kept_for_a_person(shop: Shop) -> None:
    now = shop.clock.now()
    first = event("evt_1", "customer.updated", now, id="cus_1")
    then = event("evt_1", "customer.updated", now, id="cus_2")
    shop.deliver((first, signed(first, now)), (then, signed(then, now)))
    assert [one.reason for one in shop.inbox.kept("refused")] == ["another_content"]


def test_what_nobody_could_read_is_erased_with_the_order_that_it_names(shop: Shop) -> None:
    kept: dict[str, str] = {}
    for order in ("order-1", "ordre-été"):
        told = {"metadata": {"order_id": order}, "user_reference": "ada@example.com"}
        body = body_of("gs_1", {"created_at": "now"}, told)
        receipt = shop.inbox.receive(body, signed(body, shop.clock.now()))
        kept[order] = str(receipt.event_id)
    shop.store.forget(order="ordre-été", account="", mode="test", namespace="")
    left = {one.id: one.body for one in shop.inbox.kept("quarantined")}
    assert left[kept["ordre-été"]] is None
    assert b"order-1" in (left[kept["order-1"]] or b"")
    shop.store.forget(order="order-1", account="", mode="test", namespace="")
    assert {one.body for one in shop.inbox.kept("quarantined")} == {None}
    # What is gone is made up for all the same.
    shop.order("order-3")
    assert shop.drain() == 1
