"""Events: signed, in order per session, tried again, given up; and faults on their way."""

import hmac
import json
from hashlib import sha256

import pytest
from zerogate_sandbox import Sandbox


class Receiver:
    """Answers with the statuses it is given, then 200."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.got = []

    def __call__(self, body, headers):
        self.got.append((json.loads(body), headers, body))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def types(self):
        return [said["type"].removeprefix("gate_session.") for said, _, _ in self.got]

    @property
    def ids(self):
        return [said["id"] for said, _, _ in self.got]


def opened(new_shop, receiver, **options):
    sandbox = Sandbox(webhook=receiver, webhook_secret="whsec_test_one", **options)
    return sandbox, new_shop(sandbox)


def marks(headers):
    return [part[3:] for part in headers["gate-signature"].split(",") if part.startswith("v1=")]


def test_events_are_signed_over_the_time_and_the_very_bytes(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    shop.session(metadata={"name": "Åsa"})
    sandbox.deliver()
    said, headers, body = receiver.got[0]
    stamp = headers["x-0bit-timestamp"]
    expected = hmac.new(b"whsec_test_one", f"{stamp}.".encode() + body, sha256).hexdigest()
    assert headers["gate-signature"] == f"t={stamp},v1={expected}"
    assert headers["x-0bit-event-id"] == said["id"]
    assert headers["x-0bit-event-type"] == said["type"] == "gate_session.created"
    assert said["created_at"] == int(stamp) == 1_779_796_800


def test_events_of_a_session_arrive_in_the_order_they_happened(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    sandbox.pay(shop.session()["id"])
    sandbox.deliver()
    assert receiver.types == ["created", "processing", "completed"]


def test_a_session_waits_for_its_first_event_while_others_go_on(new_shop):
    receiver = Receiver(500)
    sandbox, shop = opened(new_shop, receiver)
    slow, quick = shop.session()["id"], shop.session()["id"]
    sandbox.pay(slow)
    sandbox.pay(quick)
    sandbox.deliver()
    seen = [said["data"]["id"] for said, _, _ in receiver.got]
    assert seen == [slow, quick, quick, quick]
    sandbox.advance(60)
    assert receiver.types[4:] == ["created", "processing", "completed"]


@pytest.mark.parametrize("answer", [500, 302, 404, TimeoutError("10 s are over")])
def test_what_is_not_2xx_is_tried_five_times_and_then_dead_lettered(new_shop, answer):
    receiver = Receiver(*[answer] * 5)
    sandbox, shop = opened(new_shop, receiver)
    shop.session()
    sandbox.deliver()
    start = sandbox.clock.now()
    moments = []
    while sandbox.world.next_due is not None:
        wait = sandbox.world.next_due - sandbox.clock.now()
        sandbox.advance(wait)
        moments.append(sandbox.clock.now() - start)
    assert moments == [60, 360, 2_160, 9_360]
    assert len(set(receiver.ids)) == 1
    [delivery] = shop.get("/webhooks/deliveries?status=dead_lettered")["data"]
    assert (delivery["attempts"], delivery["next_attempt_at"]) == (5, None)
    assert delivery["last_error"]


def test_the_delivery_log_shows_what_is_planned_and_never_the_payload(new_shop):
    sandbox, shop = opened(new_shop, Receiver(503))
    shop.session()
    [delivery] = shop.get("/webhooks/deliveries")["data"]
    assert (delivery["status"], delivery["attempts"]) == ("pending", 0)
    sandbox.deliver()
    [delivery] = shop.get("/webhooks/deliveries")["data"]
    assert (delivery["status"], delivery["last_response_status"]) == ("pending", 503)
    assert delivery["next_attempt_at"] == "2026-05-26T12:01:00.000Z"
    sandbox.advance(60)
    [delivery] = shop.get("/webhooks/deliveries")["data"]
    assert (delivery["status"], delivery["delivered_at"]) == (
        "succeeded",
        "2026-05-26T12:01:00.000Z",
    )
    assert "data" not in delivery


def test_only_a_dead_lettered_delivery_is_replayed_and_only_once(new_shop):
    receiver = Receiver(*[500] * 5)
    sandbox, shop = opened(new_shop, receiver)
    shop.session()
    [delivery] = shop.get("/webhooks/deliveries")["data"]
    path = f"/webhooks/deliveries/{delivery['id']}/replay"
    assert shop.post(path).status == 400
    sandbox.advance(10_000)
    replayed = shop.post(path)
    assert (replayed.status, replayed["status"]) == (201, "pending")
    assert replayed["event_id"] == delivery["event_id"]
    assert shop.post(path).status == 400
    sandbox.deliver()
    assert len(set(receiver.ids)) == 1
    assert shop.get("/webhooks/deliveries")["data"][0]["status"] == "succeeded"


def test_a_test_event_is_a_new_one_each_time(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    assert shop.post("/webhooks/test")["event_type"] == "webhook.test"
    shop.post("/webhooks/test")
    sandbox.deliver()
    assert len(set(receiver.ids)) == 2
    assert receiver.got[0][0]["data"]["livemode"] is False


def test_without_a_webhook_url_there_is_no_test_event(shop):
    assert shop.post("/webhooks/test").status == 400


def test_deliveries_are_paged_by_offset(new_shop):
    _, shop = opened(new_shop, Receiver())
    for _ in range(3):
        shop.session()
    rows = shop.get("/webhooks/deliveries")["data"]
    page = shop.get("/webhooks/deliveries?limit=1&skip=1")
    assert (page["data"], page["has_more"]) == ([rows[1]], True)
    assert shop.get(f"/webhooks/deliveries?skip={'9' * 30}")["data"] == []
    assert shop.get("/webhooks/deliveries?skip=-1").status == 400


def test_while_secrets_rotate_two_marks_are_sent(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver, profile={"signatures": 2})
    sandbox.account("sk_test_shop", webhook_secrets=["whsec_new", "whsec_old"])
    shop.session()
    sandbox.deliver()
    assert len(set(marks(receiver.got[0][1]))) == 2


@pytest.mark.parametrize(("switch", "later"), [("attempt", 60), ("event", 0)])
def test_the_signature_time_is_the_attempts_or_the_events(new_shop, switch, later):
    receiver = Receiver(500)
    sandbox, shop = opened(new_shop, receiver, profile={"signature_time": switch})
    shop.session()
    sandbox.deliver()
    sandbox.advance(60)
    first, second = (int(headers["x-0bit-timestamp"]) for _, headers, _ in receiver.got)
    assert second - first == later


def test_a_duplicated_event_comes_again_with_the_same_id(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    sandbox.faults.add("duplicate", events="gate_session.created", copies=2)
    sandbox.pay(shop.session()["id"])
    sandbox.deliver()
    assert receiver.types.count("created") == 3
    assert len(set(receiver.ids)) == 3


def test_a_reordered_event_comes_behind_the_next_one(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    sandbox.faults.add("reorder", events="gate_session.processing")
    sandbox.pay(shop.session()["id"])
    sandbox.deliver()
    assert sorted(receiver.types) == ["completed", "created", "processing"]
    assert receiver.types.index("processing") > 0
    assert receiver.types != ["created", "processing", "completed"]


def test_a_late_event_is_overtaken(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    sandbox.faults.add("late", events="gate_session.processing", wait=600)
    sandbox.pay(shop.session()["id"])
    sandbox.deliver()
    assert receiver.types == ["created", "completed"]
    sandbox.advance(600)
    assert receiver.types == ["created", "completed", "processing"]


def test_a_lost_event_is_in_the_books_only(new_shop):
    receiver = Receiver()
    sandbox, shop = opened(new_shop, receiver)
    sandbox.faults.add("lost", events="gate_session.completed")
    sandbox.pay(shop.session()["id"])
    sandbox.deliver()
    assert receiver.types == ["created", "processing"]
    assert len(sandbox.books()["events"]) == 3


def test_each_partner_hears_its_own_events_under_its_own_secret(new_shop):
    receiver = Receiver()
    sandbox = Sandbox(webhook=receiver)
    for key in ("sk_test_a", "sk_test_b"):
        new_shop(sandbox, key).session(key="k")
    sandbox.deliver()
    secrets = [sandbox.account(key).webhook_secrets[0] for key in ("sk_test_a", "sk_test_b")]
    assert secrets == ["whsec_test_a", "whsec_test_b"]
    for secret, (_, headers, body) in zip(secrets, receiver.got, strict=True):
        signed = headers["x-0bit-timestamp"].encode() + b"." + body
        assert marks(headers) == [hmac.new(secret.encode(), signed, sha256).hexdigest()]
