"""What comes in: on the disk before it is acknowledged, once, of the right mode, no more than is needed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from zerogate import GateUsageError, StoreFailed
from zerogate.webhooks import WebhookSecret
from zerogate_store import Inbox, Store

from tests.inbox.shop import LIVE, SECRET, Shop, event, signed


def everything_stored(url: str) -> str:
    """All bytes of the tables of events, as somebody with a copy of the disk would read them."""
    store = Store(url)
    with store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT * FROM zerogate_events").fetchall()
    store.close()
    return " ".join(
        bytes(v).decode() if isinstance(v, bytes | memoryview) else str(v) for r in found for v in r
    )


def test_what_was_received_is_on_the_disk(url: str, shop: Shop) -> None:
    session = shop.order("order-1")
    assert shop.deliver() == ["new"]
    assert session.id in everything_stored(url)


def test_a_second_delivery_is_a_duplicate_whatever_its_headers_say(shop: Shop) -> None:
    shop.order("order-1")
    shop.sandbox.deliver()
    body, headers = shop.mail.pop()
    first = shop.inbox.receive(body, headers)
    again = shop.inbox.receive(body, {**headers, "x-0bit-event-id": "evt_another"})
    assert (first.verdict, again.verdict) == ("new", "duplicate")
    assert (first.status, again.status) == (200, 200)
    assert again.event_id == first.event_id
    assert again.stored


def test_what_gate_did_not_sign_is_refused_and_not_kept(shop: Shop) -> None:
    now = shop.clock.now()
    body = event("evt_1", "gate_session.completed", now, id="gs_1")
    forged = shop.inbox.receive(body, signed(body, now, "whsec_test_of_somebody_else"))
    late = shop.inbox.receive(body, signed(body, now - 301))
    assert (forged.verdict, forged.status, forged.reason) == ("refused", 400, "mismatch")
    assert late.reason == "stale_but_genuine"
    assert not forged.stored
    assert shop.counts == {}


def test_the_status_of_a_refusal_is_yours_to_choose(shop: Shop) -> None:
    assert shop.opened(rejected_status=401).receive(b"{}", {}).status == 401


def test_a_test_event_never_settles_a_live_order(shop: Shop) -> None:
    now = shop.clock.now()
    live = shop.opened(
        secrets=[LIVE, WebhookSecret(SECRET, mode="test")], mode="live", gate=None, match=False
    )
    body = event("evt_1", "gate_session.completed", now, id="gs_1", mode="test")
    receipt = live.receive(body, signed(body, now))
    assert (receipt.verdict, receipt.status, receipt.reason) == ("refused", 200, "mode")
    handled: list[str] = []
    live.drain(lambda received: handled.append(received.event.id))
    assert handled == []
    assert [kept.state for kept in live.kept("refused")] == ["refused"]
    # Nor does its id stand in the way of the live event of that id.
    body = event("evt_1", "gate_session.completed", now, id="gs_1", mode="live")
    headers = signed(body, now, LIVE.value.decode())
    assert live.receive(body, headers).verdict == "new"
    live.drain(lambda received: handled.append(received.event.id))
    assert handled == ["evt_1"]


def test_a_body_that_says_another_mode_than_its_secret_is_refused(shop: Shop) -> None:
    now = shop.clock.now()
    body = event("evt_1", "gate_session.completed", now, id="gs_1", mode="live")
    assert shop.inbox.receive(body, signed(body, now)).reason == "mode"


def test_the_inboxes_of_both_modes_share_a_store(shop: Shop) -> None:
    now = shop.clock.now()
    both = [LIVE, WebhookSecret(SECRET, mode="test")]
    live = shop.opened(secrets=both, mode="live", gate=None)
    test = shop.opened(secrets=both, mode="test")
    body = event("evt_1", "gate_session.completed", now, id="gs_1", mode="test")
    assert live.receive(body, signed(body, now)).verdict == "refused"
    assert test.receive(body, signed(body, now)).verdict == "new"


def test_an_event_of_another_partner_is_kept_and_never_handled(shop: Shop) -> None:
    now = shop.clock.now()
    for inbox in (shop.inbox, shop.opened()):
        id = f"evt_{secrets.token_hex(4)}"
        body = event(id, "gate_session.completed", now, id="gs_1", partner_id="partner_ours")
        assert inbox.receive(body, signed(body, now)).verdict == "new"
        id = f"evt_{secrets.token_hex(4)}"
        body = event(id, "gate_session.completed", now, id="gs_1", partner_id="partner_theirs")
        receipt = inbox.receive(body, signed(body, now))
        assert (receipt.verdict, receipt.status, receipt.reason) == ("refused", 200, "account")
    assert [kept.reason for kept in shop.inbox.kept("refused")] == ["account", "account"]


def test_a_test_webhook_says_nothing_of_whose_the_account_is(shop: Shop) -> None:
    """It validates an endpoint, and what is in it is free: an example's partner, for all we know."""
    now = shop.clock.now()
    for id, type, partner in (
        ("evt_1", "webhook.test", "partner_example"),
        ("evt_2", "gate_session.completed", "partner_ours"),
        ("evt_3", "webhook.test", "partner_example"),
    ):
        body = event(id, type, now, id="gs_1", partner_id=partner)
        assert shop.inbox.receive(body, signed(body, now)).verdict in ("new", "test")
    assert shop.counts == {"test": 2, "pending": 1}


def test_the_partner_of_an_account_is_the_one_whose_records_its_client_made(shop: Shop) -> None:
    shop.order("order-1")
    now = shop.clock.now()
    body = event("evt_1", "gate_session.completed", now, id="gs_1", partner_id="partner_theirs")
    assert shop.inbox.receive(body, signed(body, now)).reason == "account"
    another = shop.opened(account="another shop", match=False, gate=None)
    assert another.receive(body, signed(body, now)).verdict == "new"


def test_a_test_webhook_reaches_no_handler(shop: Shop) -> None:
    shop.sandbox.account("sk_test_shop")
    shop.gate.deliveries.send_test()
    assert shop.deliver() == ["new"]
    assert shop.drain() == 0
    assert shop.counts == {"test": 1}


PERSONAL = {
    "email": "canary@example.com",
    "phone": "+49-canary",
    "first_name": "Canary",
    "kyc_package": {"document": "canary"},
    "wallet_address": "0xcanary",
    "metadata": {"order_id": "order-1", "note": "canary"},
    "something_new": "canary",
}


@pytest.mark.parametrize(
    "type", ["customer.created", "customer.updated", "kyc.required", "kyc.of_tomorrow"]
)
def test_of_events_about_people_little_is_kept(url: str, shop: Shop, type: str) -> None:
    now = shop.clock.now()
    body = event(
        "evt_1", type, now, id="cus_1", external_id="c-1", kyc_status="verified", **PERSONAL
    )
    assert shop.inbox.receive(body, signed(body, now)).verdict == "new"
    assert "canary" not in everything_stored(url).lower()
    seen = []
    shop.opened(match=False).drain(lambda received: seen.append(received.event))
    assert seen[0].data["external_id"] == "c-1"
    assert seen[0].data["metadata"] == {"order_id": "order-1"}


def test_an_event_of_a_type_nobody_knows_is_kept_and_handed_on(shop: Shop) -> None:
    now = shop.clock.now()
    body = event("evt_1", "gate_vault.opened", now, id="v_1", more=[1])
    shop.inbox.receive(body, signed(body, now))
    seen = []
    shop.drain(lambda received: seen.append((received.kind, received.event.data["more"])))
    assert seen == [("other", [1])]


def test_nothing_is_acknowledged_while_the_database_is_down(shop: Shop) -> None:
    now = shop.clock.now()
    down = Store("postgresql://postgres@127.0.0.1:1/none?connect_timeout=2")
    body = event("evt_1", "gate_session.completed", now, id="gs_1")
    with pytest.raises(StoreFailed):
        shop.opened(store=down).receive(body, signed(body, now))


def test_a_body_that_was_parsed_is_refused_by_name(shop: Shop) -> None:
    with pytest.raises(GateUsageError, match="raw bytes"):
        shop.inbox.receive({"id": "evt_1"}, {})  # type: ignore[arg-type]


def test_an_inbox_says_which_mode_it_is_of(shop: Shop) -> None:
    with pytest.raises(GateUsageError, match="mode="):
        Inbox(shop.store, SECRET)
    with pytest.raises(GateUsageError, match="mode="):
        Inbox(shop.store, [LIVE, WebhookSecret(SECRET, mode="test")])
    with pytest.raises(GateUsageError, match="live cannot read"):
        Inbox(shop.store, LIVE, gate=shop.gate, mode="live")
    assert Inbox(shop.store, LIVE).mode == "live"


def test_retention_takes_bodies_and_leaves_ids(url: str, shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.deliver()
    mail = shop.mail[:]
    shop.deliver()
    now = datetime.fromtimestamp(shop.clock.now(), UTC)
    assert shop.inbox.forget(now + timedelta(days=1)) == 0, "what waits keeps its body"
    shop.drain()
    assert shop.inbox.forget(now) == 0
    assert shop.inbox.forget(now + timedelta(days=1)) == 1
    assert f'"id":"{session.id}"' not in everything_stored(url)
    assert shop.deliver(*mail) == ["duplicate"]
    with pytest.raises(GateUsageError, match="time zone"):
        shop.inbox.forget(datetime(2026, 1, 1))


def test_the_tables_take_what_strangers_send(shop: Shop) -> None:
    now = shop.clock.now()
    for number, id in enumerate(["a\\u0000b", "\\ud800", "x" * 10_000, "", "é"]):
        body = (
            f'{{"id": "evt_{number}", "type": "gate_session.completed", "created_at": {int(now)},'
            f'"data": {{"id": "{id}", "metadata": {{"order_id": "{id}"}}}}}}'
        ).encode()
        assert shop.inbox.receive(body, signed(body, now)).verdict in ("new", "quarantined")


def test_the_schema_has_an_index_for_every_claim(shop: Shop) -> None:
    names = {
        index["name"] for index in sa.inspect(shop.store.engine).get_indexes("zerogate_events")
    }
    assert {"zerogate_events_due", "zerogate_events_subject", "zerogate_events_kept"} <= names


@pytest.mark.parametrize("amount", ["1E+999999999", "1E999999999999", "sNaN", "-Infinity"])
def test_a_second_content_with_an_amount_that_is_none_is_answered(shop: Shop, amount: str) -> None:
    now = shop.clock.now()
    verdicts = []
    for told in ("1.00", amount, amount):
        body = event("evt_1", "gate_session.completed", now, id="cs_1", amount=told)
        verdicts += shop.deliver((body, signed(body, now)))
    assert verdicts == ["new", "new", "duplicate"]
