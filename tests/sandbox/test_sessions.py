"""Sessions by their documented rules."""

import pytest
from zerogate_sandbox import Sandbox

FIELDS = {
    "id", "object", "partner_id", "mode", "amount", "currency", "return_url", "cancel_url",
    "status", "expires_at", "created_at", "flow", "target_token", "target_network",
    "wallet_address", "user_reference", "kyc_pre_verified", "metadata",
}  # fmt: skip


def test_creating_answers_201_with_every_field_and_the_client_secret(shop):
    session = shop.session(currency="eur", metadata={"order_id": "7", "nested": [1, None]})
    assert session.status == 201
    assert set(session.json) == FIELDS | {"client_secret"}
    assert session["client_secret"].startswith(f"gsec_{session['id']}_")
    assert (session["status"], session["currency"], session["mode"]) == ("open", "EUR", "test")
    assert session["metadata"] == {"order_id": "7", "nested": [1, None]}
    assert session["created_at"] == "2026-05-26T12:00:00.000Z"
    assert session["expires_at"] == "2026-05-27T12:00:00.000Z"


def test_reading_and_listing_never_show_the_client_secret(shop):
    session = shop.session()
    read = shop.get(f"/gate_sessions/{session['id']}")
    assert (read.status, set(read.json)) == (200, FIELDS)
    assert shop.get("/gate_sessions")["data"] == [read.json]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 100},
        {"amount": "1e5"},
        {"amount": "-1"},
        {"amount": "0.00"},
        {"amount": "1,00"},
        {"amount": "NaN"},
        {"amount": ""},
        {"amount": None},
        {"currency": "EURO"},
        {"currency": 7},
        {"return_url": "http://partner.example/"},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "https://"},
        {"return_url": "https://[x"},
        {"cancel_url": "ftp://partner.example"},
        {"flow": "sideways"},
        {"metadata": "text"},
        {"target_token": 7},
    ],
)
def test_a_wrong_field_is_400_and_makes_nothing(sandbox, shop, wrong):
    refused = shop.session(**wrong)
    assert refused.status == 400
    assert next(iter(wrong)) in refused["message"]
    assert sandbox.books()["sessions"] == []


def test_http_on_loopback_is_a_return_url_in_test(shop):
    assert shop.session(return_url="http://localhost:8000/done").status == 201


def test_a_create_without_a_key_is_400(shop):
    assert shop.post("/gate_sessions", {"amount": "1"}).status == 400


def test_cancelling_answers_201_and_ends_the_session(shop):
    session = shop.session()
    cancelled = shop.post(f"/gate_sessions/{session['id']}/cancel")
    assert (cancelled.status, cancelled["status"]) == (201, "cancelled")
    assert "client_secret" not in cancelled.json
    assert shop.get(f"/gate_sessions/{session['id']}")["status"] == "cancelled"


@pytest.mark.parametrize("end", ["pay", "expire", "partner"])
def test_cancelling_what_is_over_is_409(sandbox, shop, end):
    id = shop.session()["id"]
    if end == "partner":
        shop.post(f"/gate_sessions/{id}/cancel")
    else:
        getattr(sandbox, end)(id)
    refused = shop.post(f"/gate_sessions/{id}/cancel")
    assert (refused.status, refused["code"]) == (409, "conflict")


def test_an_overdue_session_reads_open_and_expires_when_bootstrapped(sandbox, shop):
    session = shop.session()
    sandbox.advance(86_401)
    path = f"/gate_sessions/{session['id']}"
    assert shop.get(path)["status"] == "open"
    assert shop.bootstrap(session["client_secret"])["code"] == "session_not_open"
    assert shop.get(path)["status"] == "expired"
    assert [event["type"] for event in sandbox.books()["events"]] == [
        "gate_session.created",
        "gate_session.expired",
    ]


def test_some_profiles_expire_sessions_by_themselves(new_shop):
    sandbox = Sandbox(profile={"expiry": "timer"})
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    sandbox.advance(86_400)
    assert shop.get(f"/gate_sessions/{id}")["status"] == "expired"


def test_bootstrapping_gives_the_browser_what_it_needs(sandbox, shop):
    session = shop.session()
    boot = shop.bootstrap(session["client_secret"])
    assert boot.status == 201
    assert (boot["session_id"], boot["amount"], boot["flow"]) == (
        session["id"],
        "100.00",
        "on_ramp",
    )
    assert boot["embed_token"].count(".") == 2
    assert boot["expires_at"] == "2026-05-26T13:00:00.000Z"
    assert sandbox.bootstrap(session["client_secret"])["session_id"] == session["id"]


def test_bootstrapping_needs_no_session_but_a_right_one(shop):
    assert shop.bootstrap()["session_id"] is None
    assert shop.bootstrap("gsec_nobody_nothing").status == 401
    assert shop.bootstrap(7).status == 400


def test_another_partners_client_secret_is_401(sandbox, shop, new_shop):
    session = new_shop(sandbox, "sk_test_other").session()
    assert shop.bootstrap(session["client_secret"]).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://shop.example"}, 201),
        ({"origin": "https://shop.example:444"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"referer": "https://shop.example/cart?x=1"}, 201),
        ({"referer": "https://shop.example.evil/"}, 403),
        ({}, 403),
    ],
)
def test_the_widget_runs_on_allowed_origins_only(sandbox, shop, headers, status):
    sandbox.account("sk_test_shop", origins=["https://shop.example"])
    assert shop.bootstrap(**headers).status == status


def test_pages_are_newest_first_and_go_on_after_the_last_row(shop):
    made = [shop.session()["id"] for _ in range(5)]
    first = shop.get("/gate_sessions?limit=2")
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (made[:2:-1], True)
    rest = shop.get(f"/gate_sessions?limit=3&starting_after={made[3]}")
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == (made[2::-1], False)
    assert (rest["object"], rest["url"]) == ("list", "/v1/gate_sessions")


def test_a_list_is_filtered_by_status(sandbox, shop):
    paid, _ = shop.session()["id"], shop.session()
    sandbox.pay(paid)
    assert [row["id"] for row in shop.get("/gate_sessions?status=completed")["data"]] == [paid]


def test_a_lagging_list_shows_new_sessions_later(new_shop):
    sandbox = Sandbox(profile={"list_lag": 60})
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    assert shop.get("/gate_sessions")["data"] == []
    assert shop.get(f"/gate_sessions/{id}").status == 200
    sandbox.advance(60)
    assert len(shop.get("/gate_sessions")["data"]) == 1


def test_a_lagging_list_shows_a_session_as_it_was(new_shop):
    sandbox = Sandbox(profile={"list_lag": 60})
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    sandbox.advance(60)
    shop.post(f"/gate_sessions/{id}/cancel")
    assert shop.get(f"/gate_sessions/{id}")["status"] == "cancelled"
    assert shop.get("/gate_sessions")["data"][0]["status"] == "open"
    assert [row["id"] for row in shop.get("/gate_sessions?status=open")["data"]] == [id]
    sandbox.advance(60)
    assert shop.get("/gate_sessions?status=open")["data"] == []
    assert shop.get("/gate_sessions?status=cancelled")["data"][0]["status"] == "cancelled"


def test_lists_may_hide_the_metadata_that_reading_shows(new_shop):
    shop = new_shop(Sandbox(profile={"list_metadata": False}))
    session = shop.session()
    shop.post("/customers", {"email": "a@partner.example", "metadata": {"x": "y"}}, key="c")
    assert shop.get("/gate_sessions")["data"][0]["metadata"] == {}
    assert shop.get("/customers")["data"][0]["metadata"] == {}
    assert shop.get(f"/gate_sessions/{session['id']}")["metadata"] == {"order_id": "order_test_1"}


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("sent", "base"),
        ("own", "BASE_MAINNET"),
        ("null", None),
        ({"BASE": "eip155:8453"}, "eip155:8453"),
        ({"tron": "TRX"}, "base"),
    ],
)
def test_a_network_may_have_another_name_than_was_sent(new_shop, names, shown):
    shop = new_shop(Sandbox(profile={"network_names": names}))
    session = shop.session(target_network="base")
    assert session["target_network"] == shown
    assert shop.get(f"/gate_sessions/{session['id']}")["target_network"] == shown
    assert shop.session()["target_network"] is None


def test_a_short_page_still_says_that_there_is_more(new_shop):
    shop = new_shop(Sandbox(profile={"short_pages": True}))
    for _ in range(3):
        shop.session()
    page = shop.get("/gate_sessions?limit=4")
    assert (len(page["data"]), page["has_more"]) == (2, True)


def test_a_browser_may_ask_before_it_bootstraps_and_nowhere_else(shop):
    asking = {"access_control_request_method": "POST", "origin": "https://shop.example"}
    allowed = shop.ask("OPTIONS", "/embed/bootstrap", **asking)
    assert (allowed.status, allowed.answer.body) == (204, b"")
    assert allowed.headers["access-control-allow-methods"] == "POST"
    assert shop.ask("OPTIONS", "/gate_sessions", **asking).status == 405
    assert shop.ask("OPTIONS", "/embed/bootstrap").status == 405
    assert shop.bootstrap().headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in shop.get("/gate_sessions").headers
