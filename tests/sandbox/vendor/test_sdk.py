"""The vendor's own published SDK takes the sandbox for Gate."""

import httpx
import pytest
from zerobit.gate import GateClient
from zerobit.gate.errors import (
    AuthenticationError,
    IdempotencyError,
    InvalidRequestError,
    WebhookSignatureError,
)
from zerogate_sandbox import Sandbox, WallClock

SECRET = "whsec_test_vendor"
ORDER = {
    "amount": "100.00",
    "currency": "EUR",
    "return_url": "https://partner.example/done",
    "metadata": {"order_id": "order_test_1"},
}


@pytest.fixture(scope="module")
def got():
    return []


@pytest.fixture(scope="module")
def served(got):
    sandbox = Sandbox(
        clock=WallClock(),
        webhook=lambda body, headers: got.append((body, headers)),
        webhook_secret=SECRET,
    )
    with sandbox.serve() as served:
        yield served


@pytest.fixture(scope="module")
def client(served):
    return GateClient(api_key="sk_test_vendor", base_url=served.origin, max_retries=0)


@pytest.fixture
def session(client, request):
    return client.sessions.create(ORDER, idempotency_key=request.node.name)


def test_it_creates_and_retrieves_a_session(client, session):
    assert session["client_secret"].startswith("gsec_")
    read = client.sessions.retrieve(session["id"])
    assert read == {name: value for name, value in session.items() if name != "client_secret"}


def test_a_repeat_under_the_same_key_is_the_same_session(client, session, request):
    again = client.sessions.create(ORDER, idempotency_key=request.node.name)
    assert again["id"] == session["id"]


def test_it_cancels_once(client, session):
    assert client.sessions.cancel(session["id"])["status"] == "cancelled"
    with pytest.raises(IdempotencyError) as conflict:
        client.sessions.cancel(session["id"])
    assert conflict.value.status_code == 409
    assert conflict.value.request_id


def test_it_bootstraps_the_widget_with_the_publishable_key(served, session):
    browser = GateClient(api_key="pk_test_vendor", base_url=served.origin, max_retries=0)
    boot = browser.embed.bootstrap({"clientSecret": session["client_secret"]})
    assert (boot["session_id"], boot["amount"], boot["mode"]) == (session["id"], "100.00", "test")
    assert boot["embed_token"]


def test_its_errors_are_the_ones_it_knows(served, client):
    with pytest.raises(InvalidRequestError):
        client.sessions.create({**ORDER, "amount": "-1"})
    wrong = GateClient(api_key="pk_test_vendor", base_url=served.origin, max_retries=0)
    with pytest.raises(AuthenticationError):
        wrong.sessions.retrieve("x")


def test_it_verifies_a_webhook_the_sandbox_sent(served, client, session, got):
    paid = served.sandbox.pay(session["id"])
    httpx.post(f"{served.control_url}/deliver", trust_env=False)
    body, headers = next(
        (body, headers)
        for body, headers in got
        if headers["x-0bit-event-type"] == "gate_session.completed"
    )
    event = client.webhooks.construct_event(body, headers["gate-signature"], SECRET)
    assert (event["type"], event["data"]["tx_refid"]) == ("gate_session.completed", paid["refid"])
    with pytest.raises(WebhookSignatureError):
        client.webhooks.construct_event(body + b" ", headers["gate-signature"], SECRET)
