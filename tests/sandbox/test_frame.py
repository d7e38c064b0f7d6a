"""What holds for every request: credentials, envelopes, request ids, paths, bodies."""

import json

import pytest
from zerogate_sandbox import Sandbox
from zerogate_sandbox.calls import PlainRequest
from zerogate_sandbox.state_export import books_bytes

ENVELOPE = {"type", "code", "message", "request_id", "doc_url", "statusCode"}


def is_envelope(heard, status, type):
    said = heard.json
    assert set(said) == ENVELOPE
    assert (heard.status, said["statusCode"], said["type"]) == (status, status, type)
    assert heard.headers["x-request-id"] == said["request_id"]
    return True


@pytest.mark.parametrize(
    ("method", "path", "raw", "status", "type"),
    [
        ("GET", "/nowhere", b"", 404, "not_found"),
        ("GET", "/gate_sessions/a/b/c", b"", 404, "not_found"),
        ("PUT", "/gate_sessions", b"", 405, "method_not_allowed"),
        ("DELETE", "/gate_sessions/x", b"", 405, "method_not_allowed"),
        ("POST", "/gate_sessions", b"{", 400, "invalid_request"),
        ("POST", "/gate_sessions", b"\xff\xfe", 400, "invalid_request"),
        ("POST", "/gate_sessions", b'{"amount": NaN}', 400, "invalid_request"),
        ("POST", "/gate_sessions", b"[" * 100_000, 400, "invalid_request"),
        ("POST", "/gate_sessions", b"9" * 5_000, 400, "invalid_request"),
        ("POST", "/gate_sessions", b"[]", 400, "invalid_request"),
        ("POST", "/gate_sessions", b'"' + b"x" * 1_000_001 + b'"', 413, "payload_too_large"),
        ("POST", "/gate_sessions", b"null", 400, "invalid_request"),
        ("POST", "/gate_sessions", b"", 400, "invalid_request"),
        ("POST", "/quotes/preview", b"null", 400, "invalid_request"),
        ("GET", "/gate_sessions?limit=1&limit=2", b"", 400, "invalid_request"),
        ("GET", "/gate_sessions/..", b"", 404, "not_found"),
        ("GET", "/gate_sessions/%00%ff", b"", 404, "not_found"),
        ("GET", "/gate_sessions?limit=0", b"", 400, "invalid_request"),
        ("GET", "/gate_sessions?limit=101", b"", 400, "invalid_request"),
        ("GET", "/gate_sessions?limit=%D9%A3", b"", 400, "invalid_request"),
        ("GET", "/gate_sessions?starting_after=nobody", b"", 400, "invalid_request"),
        ("GET", "/gate_sessions?status=paid", b"", 400, "invalid_request"),
    ],
)
def test_whatever_is_refused_comes_in_the_envelope(shop, method, path, raw, status, type):
    assert is_envelope(shop.ask(method, path, raw=raw, key="k"), status, type)


def test_outside_of_v1_there_is_nothing(sandbox):
    answer = sandbox.answer(PlainRequest("GET", "http://h", "/gate_sessions", (), b""))
    assert answer.status == 404


def test_a_wrong_method_says_which_one_is_right(shop):
    assert shop.ask("PUT", "/gate_sessions").headers["allow"] == "GET, POST"
    assert shop.ask("PUT", "/quotes/preview").headers["allow"] == "POST"


def test_no_body_is_not_the_same_as_null(shop):
    public = {"authorization": "Bearer pk_test_shop"}
    assert shop.post("/embed/bootstrap", **public).status == 201
    assert shop.post("/embed/bootstrap", raw=b"null", **public).status == 400


def test_a_body_that_is_not_said_to_be_json_is_400(shop):
    refused = shop.post("/gate_sessions", {"amount": "1"}, key="k", content_type="text/plain")
    assert (refused.status, "application/json" in refused["message"]) == (400, True)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic sk_test_shop", "Bearer pk_test_shop", "Bearer sk_test_é"],
)
def test_a_missing_or_wrong_key_is_401(shop, authorization):
    assert is_envelope(shop.get("/gate_sessions", authorization=authorization), 401, "unauthorized")


def test_a_secret_key_does_not_bootstrap(shop):
    heard = shop.post("/embed/bootstrap")
    assert is_envelope(heard, 401, "unauthorized")


@pytest.mark.parametrize(
    ("path", "status"), [("/gate_sessions", 401), ("/transactions", 403), ("/quotes/q", 403)]
)
def test_a_live_key_in_the_sandbox_is_refused_as_documented(sandbox, shop, path, status):
    heard = shop.get(path, authorization="Bearer sk_live_shop")
    assert heard.status == status


def test_a_revoked_key_is_403_where_that_is_documented(sandbox, shop):
    sandbox.revoke("sk_test_shop")
    assert (shop.get("/gate_sessions").status, shop.get("/transactions").status) == (401, 403)


def test_the_production_host_takes_live_keys_only(shop):
    live = {"host": "https://gate-api.0bit.app", "authorization": "Bearer sk_live_shop"}
    assert shop.get("/gate_sessions", **live).status == 200
    assert shop.get("/gate_sessions", host=live["host"]).status == 401


def test_a_live_sandbox_takes_live_keys_only(new_shop):
    sandbox = Sandbox(mode="live")
    assert new_shop(sandbox, "sk_live_shop").session()["mode"] == "live"
    assert new_shop(sandbox, "sk_test_shop").session().status == 401


def test_partners_and_modes_see_nothing_of_each_other(sandbox, shop):
    session = shop.session()
    for authorization, host in [
        ("Bearer sk_test_other", "http://127.0.0.1"),
        ("Bearer sk_live_shop", "https://gate-api.0bit.app"),
    ]:
        stranger = {"authorization": authorization, "host": host}
        path = f"/gate_sessions/{session['id']}"
        assert is_envelope(shop.get(path, **stranger), 404, "not_found")
        assert is_envelope(shop.post(path + "/cancel", **stranger), 404, "not_found")
        assert shop.get("/gate_sessions", **stranger)["data"] == []


def test_a_rotated_key_is_the_same_partner(sandbox, shop):
    session = shop.session()
    sandbox.rotate("sk_test_shop", "sk_test_new")
    again = shop.get(f"/gate_sessions/{session['id']}", authorization="Bearer sk_test_new")
    assert again["partner_id"] == session["partner_id"]


def test_every_answer_has_a_request_id_of_its_own(shop):
    ids = [shop.get("/gate_sessions").headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_the_same_seed_gives_the_same_books(new_shop):
    def live(seed):
        sandbox = Sandbox(seed=seed, webhook=lambda body, headers: 503)
        sandbox.faults.add("reset", chance=0.5)
        shop = new_shop(sandbox)
        for _ in range(10):
            shop.session(key="one of two")
        sandbox.pay(shop.session()["id"])
        sandbox.advance(3_600)
        return books_bytes(sandbox.world)

    assert live(3) == live(3)
    assert live(3) != live(4)
    assert len(json.loads(live(3))["events"]) == 4
