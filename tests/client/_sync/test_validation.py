# Written by facade/unasync.py from tests/client/_async/test_validation.py; edit that file.
"""What a client refuses before anything is sent, and what its options do: keys, hosts, proxies, CAs."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from zerogate import (
    Forbidden,
    Gate,
    GateUsageError,
    Money,
    NotSent,
    ReadFailed,
    RetryPolicy,
    Unauthorized,
)

from tests.client.moves import QUICK, base_url, in_turn, refuses, says
from tests.client.scripts import (
    PUBLISHABLE,
    SECRET,
    Script,
    VirtualClock,
    answer,
    created,
    page,
    refusal,
    session,
)
from tests.transport.scripted import Scripted, tunnels

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"
LIVE = "sk_live_guarded0000000000000001"
OK = answer(200, session())


# 24, 25, 27, 29, 30: keys and hosts

REFUSED: dict[str, dict[str, Any]] = {
    "no key": {"secret_key": None},
    "an empty key": {"secret_key": ""},
    "a newline behind the key": {"secret_key": SECRET + "\n"},
    "a line break inside the key": {"secret_key": SECRET + "\r\nX-Evil: 1"},
    "a key that is not ASCII": {"secret_key": SECRET + "é"},
    "a placeholder": {"secret_key": "sk_test_your_key_here"},
    "a publishable key in the place of the secret one": {"secret_key": PUBLISHABLE},
    "a secret key in the place of the publishable one": {"publishable_key": SECRET},
    "keys of two modes": {"publishable_key": PUBLISHABLE.replace("test", "live")},
    "no TLS": {"base_url": "http://gate-api-sandbox.0bit.app/v1"},
    "userinfo": {"base_url": "https://gate-api-sandbox.0bit.app@evil.example/v1"},
    "a password": {"base_url": "https://someone:canary@127.0.0.1/v1"},
    "a query": {"base_url": "https://gate-api-sandbox.0bit.app/v1?key=1"},
    "a fragment": {"base_url": "https://gate-api-sandbox.0bit.app/v1#evil.example"},
    "another host": {"base_url": "https://gate-api-sandbox.0bit.app.evil.example/v1"},
    "a host that begins like loopback": {"base_url": "http://127.0.0.1.evil.example/v1"},
    "another host than the allowed one": {
        "base_url": "https://evil.example/v1",
        "allow_host": "gate.shop.example",
    },
    "a path without the version": {"base_url": "https://gate-api-sandbox.0bit.app"},
    "a test key on the live host": {"base_url": "https://gate-api.0bit.app/v1"},
    "a live key on the sandbox host": {
        "secret_key": LIVE,
        "base_url": "https://gate-api-sandbox.0bit.app/v1",
    },
    "a live key on loopback": {"secret_key": LIVE, "base_url": "http://127.0.0.1:4000/v1"},
    "no time": {"timeout": 0},
    "a namespace with a line break": {"namespace": "a\r\nb"},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED.keys())
def test_a_client_that_cannot_be_right_is_not_made(wrong: dict[str, Any]) -> None:
    script = Script(OK)
    with pytest.raises(GateUsageError) as caught:
        Gate(**{"secret_key": SECRET, "transport": script, **wrong})
    told = str(caught.value) + repr(caught.value)
    assert SECRET not in told
    assert LIVE not in told
    assert "canary" not in told
    assert not script.seen


@pytest.mark.parametrize(
    ("options", "origin"),
    [
        ({}, "https://gate-api-sandbox.0bit.app"),
        ({"secret_key": LIVE}, "https://gate-api.0bit.app"),
        ({"base_url": "http://localhost:4000/v1"}, "http://localhost:4000"),
        (
            {"base_url": "https://gate.shop.example/v1", "allow_host": "gate.shop.example"},
            "https://gate.shop.example",
        ),
    ],
    ids=["test", "live", "loopback", "allowed"],
)
def test_the_host_follows_the_key_or_is_one_that_was_meant(
    options: dict[str, Any], origin: str
) -> None:
    script = Script(OK)
    with Gate(**{"secret_key": SECRET, "transport": script, **options}) as gate:
        gate.sessions.retrieve("gs_test_0001")
    assert [request.origin for request in script.seen] == [origin]
    assert script.seen[0].target == "/v1/gate_sessions/gs_test_0001"


def test_a_client_from_the_environment() -> None:
    environ = {
        "OBIT_SECRET_KEY": SECRET,
        "ZEROGATE_BASE_URL": "http://127.0.0.1:4000/v1",
        "ZEROGATE_PUBLISHABLE_KEY": PUBLISHABLE,
    }
    script = Script(OK, answer(201, {"embed_token": "jwt"}))
    with Gate.from_env(environ, transport=script) as gate:
        gate.sessions.retrieve("gs_test_0001")
        gate.embed.bootstrap(origin="https://shop.example")
    assert script.header("authorization") == [f"Bearer {SECRET}", f"Bearer {PUBLISHABLE}"]
    with pytest.raises(GateUsageError, match="ZEROGATE_SECRET_KEY"):
        Gate.from_env({})


# 27, 28: ids and other words of the caller


@pytest.mark.parametrize(
    "id", ["", ".", "..", "a/b", "a?b", "x" * 10_000, "a\r\nb", "a\u200b", None, 7]
)
def test_an_id_that_could_reach_another_url_is_refused_everywhere(id: Any) -> None:
    script = Script(OK)
    with Gate(SECRET, transport=script) as gate:
        for ask in (
            gate.sessions.retrieve,
            gate.sessions.cancel,
            gate.sessions.retrieve_raw,
            gate.transactions.retrieve,
            gate.transactions.retrieve_raw,
            gate.quotes.retrieve,
            gate.customers.retrieve,
            gate.customers.delete,
            gate.deliveries.replay,
            gate.pay_ins.retrieve,
            gate.pay_outs.retrieve,
            gate.capabilities.asset,
        ):
            with pytest.raises(GateUsageError):
                ask(id)
        with pytest.raises(GateUsageError):
            gate.customers.update(id, first_name="Ada")
        with pytest.raises(GateUsageError):
            gate.pay_ins.create(quote_id=id, expect=EUR, order="order-1")
    assert not script.seen


def test_what_goes_into_a_header_can_break_none() -> None:
    script = Script(OK)
    with Gate(SECRET, publishable_key=PUBLISHABLE, transport=script) as gate:
        for key in ("a\r\nX-Evil: 1", "é", "", "x" * 256, SECRET):
            with pytest.raises(GateUsageError):
                gate.sessions.create(amount=EUR, return_url=SHOP, idempotency_key=key)
        for origin in ("https://shop.example\r\nX: 1", "shop.example", "https://shop.example/path"):
            with pytest.raises(GateUsageError):
                gate.embed.bootstrap(origin=origin)
    assert not script.seen


# 30 and account=: whose records these are


def test_the_first_partner_seen_is_the_accounts_and_another_one_is_refused() -> None:
    ours, theirs = session(), session(partner_id="partner_test_2")
    script = Script(answer(200, ours), answer(200, theirs), answer(200, ours))
    with Gate(SECRET, transport=script, clock=VirtualClock(), account="the shop") as gate:
        gate.sessions.retrieve("gs_test_0001")
        with pytest.raises(ReadFailed, match="partner_test_2"):
            gate.sessions.retrieve("gs_test_0001")
        with pytest.raises(GateUsageError, match="the shop"):
            gate.sessions.create(amount=EUR, return_url=SHOP, order="order-1")
    assert len(script.seen) == 2


def test_what_a_write_has_made_for_another_partner_stands_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script(OK, answer(201, created(partner_id="partner_test_2")))
    with Gate(SECRET, transport=script, clock=VirtualClock(), account="the shop") as gate:
        gate.sessions.retrieve("gs_test_0001")
        made = gate.sessions.create(amount=EUR, return_url=SHOP, order="order-1")
        assert "partner_test_2" in made.additional_properties["zerogate_warning"]
        assert "partner_test_2" in caplog.text
        with pytest.raises(GateUsageError, match="partner_test_2"):
            gate.sessions.list().first()


@pytest.mark.parametrize("first", ["", "partner_test_1"])
def test_an_empty_partner_id_says_nothing_of_whose_a_record_is(first: str) -> None:
    seen = [answer(200, session(partner_id=one)) for one in (first, "", "partner_test_1")]
    script = Script(*seen, answer(200, session(partner_id="partner_test_2")))
    with Gate(SECRET, transport=script, clock=VirtualClock(), account="the shop") as gate:
        for _ in range(3):
            gate.sessions.retrieve("gs_test_0001")
        with pytest.raises(ReadFailed, match="stands for partner partner_test_1"):
            gate.sessions.retrieve("gs_test_0001")


def test_without_a_label_no_partner_is_held_against_another() -> None:
    script = Script(OK, answer(200, session(partner_id="partner_test_2")))
    with Gate(SECRET, transport=script, clock=VirtualClock()) as gate:
        gate.sessions.retrieve("gs_test_0001")
        gate.sessions.retrieve("gs_test_0001")
    assert len(script.seen) == 2


# keys that rotate


def keys(*numbers: int) -> list[str]:
    return [f"sk_test_rotated000000000000{number}" for number in numbers]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_a_callable_is_read_again_once(status: int) -> None:
    source = keys(1, 2, 3)
    script = Script(refusal(status, "no"), refusal(status, "no"), OK)
    with Gate(lambda: source.pop(0), transport=script, clock=VirtualClock()) as gate:
        with pytest.raises((Unauthorized, Forbidden)):
            gate.sessions.retrieve("gs_test_0001")
        gate.sessions.retrieve("gs_test_0001")
    first, second = keys(1, 2)
    assert script.header("authorization") == [f"Bearer {k}" for k in (first, second, second)]


def test_the_same_key_again_is_not_tried_twice() -> None:
    script = Script(refusal(401, "unauthorized"), OK)
    with Gate(lambda: SECRET, transport=script, clock=VirtualClock()) as gate:
        with pytest.raises(Unauthorized):
            gate.sessions.retrieve("gs_test_0001")
    assert len(script.seen) == 1


def test_a_key_that_another_call_has_renewed_meanwhile_is_used() -> None:
    source = keys(1, 2)
    script = Script()
    with Gate(lambda: source[0], transport=script, clock=VirtualClock()) as gate:

        def renewed_meanwhile(request: Any) -> Any:
            source.pop(0)
            # Another call has met the same 401, and has read the key again.
            assert gate._calls.settings.credentials.read_again(0)
            return refusal(401, "unauthorized")

        script.steps = [renewed_meanwhile, OK]
        gate.sessions.retrieve("gs_test_0001")
    assert script.header("authorization") == [f"Bearer {key}" for key in keys(1, 2)]


def test_a_source_of_keys_that_fails_leaves_the_refusal_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = keys(1)

    def from_the_vault() -> str:
        if not source:
            raise OSError("the vault at https://vault.shop.example/?token=canary is sealed")
        return source.pop()

    script = Script(refusal(401, "unauthorized"))
    with Gate(from_the_vault, transport=script, clock=VirtualClock()) as gate:
        with pytest.raises(Unauthorized):
            gate.sessions.retrieve("gs_test_0001")
    assert "OSError" in caplog.text
    assert "canary" not in caplog.text


def test_a_source_that_gives_a_key_of_the_other_mode_is_refused() -> None:
    source = [SECRET, LIVE]
    script = Script(refusal(401, "unauthorized"), OK)
    with Gate(lambda: source.pop(0), transport=script, clock=VirtualClock()) as gate:
        with pytest.raises(GateUsageError, match="mode"):
            gate.sessions.retrieve("gs_test_0001")
    assert len(script.seen) == 1


def test_a_refused_publishable_key_does_not_read_the_secret_one_again() -> None:
    source = keys(1, 2)
    script = Script(refusal(401, "unauthorized"))
    with Gate(
        lambda: source.pop(0),
        publishable_key=PUBLISHABLE,
        transport=script,
        clock=VirtualClock(),
    ) as gate:
        with pytest.raises(Unauthorized, match="never fall back to the secret key"):
            gate.embed.bootstrap(origin="https://shop.example")
    assert len(source) == len(script.seen) == 1


# proxies and authorities, on real sockets


@pytest.mark.parametrize("by", ["proxy=", "HTTPS_PROXY"])
def test_a_proxy_leads_to_gate_through_a_tunnel(
    by: str,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        Scripted(in_turn(says(session())), tls=server_tls) as server,
        Scripted(tunnels(lambda: server.port)) as proxy,
    ):
        where = f"http://127.0.0.1:{proxy.port}"
        given = {"proxy": where} if by == "proxy=" else {}
        if not given:
            monkeypatch.setenv(by, where)
        with Gate(
            SECRET,
            base_url="https://gate.test/v1",
            allow_host="gate.test",
            ssl_context=client_tls,
            **given,
        ) as gate:
            gate.sessions.retrieve("gs_test_0001")
    assert [(seen.method, seen.target) for seen in proxy.seen] == [("CONNECT", "gate.test:443")]
    # What the proxy hears holds no key.
    assert "authorization" not in proxy.seen[0].headers
    assert server.seen[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("how", ["NO_PROXY", "an empty proxy=", "loopback"])
def test_no_proxy_is_asked_where_none_is_to_be(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted(in_turn(says(session()))) as server, Scripted(in_turn(says(b"no"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1" if how == "NO_PROXY" else "")
        given = {"proxy": ""} if how == "an empty proxy=" else {}
        with Gate(SECRET, base_url=base_url(server), retries=QUICK, **given) as gate:
            gate.sessions.retrieve("gs_test_0001")
    assert not proxy.seen
    assert len(server.seen) == 1


def test_an_authority_of_ones_own_is_trusted_and_a_stranger_is_sent_nothing(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with Scripted(in_turn(says(session())), tls=server_tls) as server:
        with Gate(SECRET, base_url=base_url(server), ssl_context=client_tls) as gate:
            assert (gate.sessions.retrieve("gs_test_0001")).id == "gs_test_0001"
        one = RetryPolicy(attempts=1)
        with Gate(SECRET, base_url=base_url(server), retries=one) as gate:
            with pytest.raises(NotSent, match="ssl_context="):
                gate.sessions.retrieve("gs_test_0001")
    assert len(server.seen) == 1


def test_a_proxy_that_refuses_has_sent_nothing_and_shows_no_password() -> None:
    with Scripted(in_turn(refuses("407 Proxy Authentication Required", "x"))) as proxy:
        with Gate(
            SECRET,
            proxy=f"http://someone:canary@127.0.0.1:{proxy.port}",
            retries=RetryPolicy(attempts=1),
        ) as gate:
            with pytest.raises(NotSent, match="407") as caught:
                gate.sessions.create(amount=EUR, return_url=SHOP, order="order-1")
    assert "canary" not in str(caught.value) + repr(caught.value)


# the limits of read_only


def test_a_read_only_client_reads_everything_and_writes_nothing() -> None:
    script = Script(OK, answer(200, page(session())), OK, answer(200, page()))
    with Gate(SECRET, transport=script, clock=VirtualClock(), read_only=True) as gate:
        gate.sessions.retrieve("gs_test_0001")
        gate.sessions.list().first()
        gate.reconcile.session("gs_test_0001", expect=EUR, order="order-1")
        price = {"amount": EUR, "asset": "USDC", "side": "on_ramp"}
        for write in (
            lambda: gate.sessions.create(amount=EUR, return_url=SHOP, order="order-1"),
            lambda: gate.sessions.cancel("gs_test_0001"),
            lambda: gate.quotes.lock(**price, payment_method="bank_transfer"),
            lambda: gate.branding.update(brand_name="Shop"),
            lambda: gate.deliveries.replay("whd_1"),
            lambda: gate.deliveries.send_test(),
            lambda: gate.customers.create(email="ada@shop.example", external_id="u-1"),
            lambda: gate.customers.update("cus_1", first_name=None),
            lambda: gate.customers.delete("cus_1"),
        ):
            with pytest.raises(GateUsageError, match="read_only"):
                write()
    assert {request.method for request in script.seen} == {"GET"}
