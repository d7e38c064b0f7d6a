"""What users do in the widget, and what the partner then reads."""

import pytest
from zerogate_sandbox import Refused, Sandbox


def events(sandbox):
    return [event["type"].removeprefix("gate_session.") for event in sandbox.books()["events"]]


def test_a_payment_completes_the_session_and_leaves_a_transaction(sandbox, shop):
    session = shop.session()
    sandbox.pay(session["id"])
    assert shop.get(f"/gate_sessions/{session['id']}")["status"] == "completed"
    [row] = shop.get(f"/transactions?session_id={session['id']}")["data"]
    assert (row["action"], row["status"], row["currency"]) == ("BUY", "completed", "EUR")
    assert (row["fiat_amount"], row["total_fees"], row["total_pay_or_receive"]) == (
        "100.00",
        "0.50",
        "100.50",
    )
    assert [step["status"] for step in row["status_timeline"]] == [
        "CREATED",
        "processing",
        "completed",
    ]
    assert shop.get(f"/transactions/{row['refid']}").json == row
    assert events(sandbox) == ["created", "processing", "completed"]


def test_completed_events_name_the_transaction_in_their_own_shape(sandbox, shop):
    session = shop.session()
    paid = sandbox.pay(session["id"])
    data = sandbox.books()["events"][-1]["data"]
    assert data["tx_refid"] == paid["refid"]
    assert data["transaction"]["crypto_amount"] == paid["token_amount"]
    assert data["transaction"]["total_paid_or_received"] == paid["total_pay_or_receive"]
    assert "client_secret" not in data


def test_a_sale_pays_out_less_its_fees(sandbox, shop):
    paid = sandbox.pay(shop.session(flow="off_ramp")["id"])
    assert (paid["action"], paid["total_pay_or_receive"]) == ("SELL", "99.50")


def test_a_swap_has_no_fiat_and_a_total_of_its_own(sandbox, shop):
    paid = sandbox.pay(shop.session(flow="swap")["id"], token="USDT", token_amount="250.00")
    assert (paid["action"], paid["fiat_amount"], paid["token_amount"]) == ("SWAP", "0.00", "250.00")
    assert (paid["exchange_rate"], paid["total_pay_or_receive"]) == ("0.9976", "249.400000")


def test_eighteen_decimals_stay_as_they_are(sandbox, shop):
    paid = sandbox.pay(
        shop.session(flow="swap")["id"], token="ETH", token_amount="1.000000000000000001"
    )
    assert paid["token_amount"] == "1.000000000000000001"
    # No finer than the token: nobody could book, or pay, a part of its smallest unit.
    assert paid["total_pay_or_receive"] == "0.997600000000000000"
    assert paid["total_fees"] == "0.002400000000000001"


def test_yen_have_no_decimals(sandbox, shop):
    paid = sandbox.pay(shop.session(currency="JPY", amount="1001")["id"])
    assert (paid["total_fees"], paid["total_pay_or_receive"]) == ("6", "1007")


def test_an_underpayment_completes_the_session_with_less(sandbox, shop):
    session = shop.session()
    sandbox.pay(session["id"], fiat_amount="60.00")
    assert shop.get(f"/gate_sessions/{session['id']}")["status"] == "completed"
    [row] = shop.get("/transactions")["data"]
    assert row["fiat_amount"] == "60.00"


def test_paying_twice_leaves_two_completed_transactions(sandbox, shop):
    session = shop.session()
    sandbox.pay_twice(session["id"])
    rows = shop.get(f"/transactions?session_id={session['id']}&status=completed")["data"]
    assert len({row["refid"] for row in rows}) == 2
    assert events(sandbox).count("completed") == 2


def test_a_failure_leaves_the_session_open_for_another_try(sandbox, shop):
    session = shop.session()
    sandbox.fail(session["id"])
    assert shop.get(f"/gate_sessions/{session['id']}")["status"] == "open"
    assert sandbox.books()["events"][-1]["data"]["status"] == "open"
    sandbox.pay(session["id"])
    assert events(sandbox) == ["created", "processing", "failed", "processing", "completed"]


@pytest.mark.parametrize(("switch", "status"), [("attempt", "open"), ("session", "cancelled")])
def test_a_user_who_cancels_ends_the_attempt_or_the_session(new_shop, switch, status):
    sandbox = Sandbox(profile={"user_cancel": switch})
    shop = new_shop(sandbox)
    session = shop.session()
    refid = sandbox.start(session["id"])["refid"]
    sandbox.cancel(session["id"])
    assert shop.get(f"/gate_sessions/{session['id']}")["status"] == status
    assert shop.get(f"/transactions/{refid}")["status"] == "cancelled"


@pytest.mark.parametrize("end", ["pay", "expire", "run_out"])
def test_a_session_that_is_over_accepts_no_payment(sandbox, shop, end):
    id = shop.session()["id"]
    getattr(sandbox, end)(id)
    with pytest.raises(Refused, match="accepts no actions"):
        sandbox.pay(id)


DAY = 86_400


def test_an_open_widget_may_outlive_its_session_by_the_life_of_its_token(new_shop):
    sandbox = Sandbox(profile={"widget_end": "token"})
    shop = new_shop(sandbox)
    opened, not_opened, cancelled = (shop.session()["id"] for _ in range(3))
    sandbox.advance(DAY - 60)
    for id in (opened, cancelled):
        sandbox.open(id)
    shop.post(f"/gate_sessions/{cancelled}/cancel")
    sandbox.advance(3_600 - 1)
    assert shop.get(f"/gate_sessions/{opened}")["status"] == "open"
    for id in (not_opened, cancelled):
        with pytest.raises(Refused, match="accepts no actions"):
            sandbox.pay(id)
    sandbox.pay(opened)
    assert shop.get(f"/gate_sessions/{opened}")["status"] == "completed"


@pytest.mark.parametrize(
    ("profile", "after"),
    [({"widget_end": "session"}, 60), ({"widget_end": "token"}, 3_600)],
    ids=["the session's end", "the token's end"],
)
def test_an_open_widget_ends(new_shop, profile, after):
    sandbox = Sandbox(profile=profile)
    shop = new_shop(sandbox)
    session = shop.session()
    sandbox.advance(DAY - 60)
    shop.bootstrap(session["client_secret"])
    sandbox.advance(after)
    with pytest.raises(Refused, match="overdue"):
        sandbox.pay(session["id"])


def test_a_widget_is_not_opened_on_what_is_over(sandbox, shop):
    id = shop.session()["id"]
    sandbox.run_out(id)
    with pytest.raises(Refused, match="overdue"):
        sandbox.open(id)


def test_a_widget_that_goes_by_the_status_ends_with_it(new_shop):
    sandbox = Sandbox(profile={"widget_end": "status"})
    shop = new_shop(sandbox)
    session = shop.session()
    sandbox.advance(DAY - 60)
    sandbox.open(session["id"])
    sandbox.advance(120)
    refid = sandbox.start(session["id"])["refid"]
    assert shop.bootstrap(session["client_secret"]).status == 403
    with pytest.raises(Refused, match="expired"):
        sandbox.start(session["id"])
    sandbox.settle(refid)


def test_an_expired_session_may_still_be_paid_in_a_widget_that_is_open(new_shop):
    sandbox = Sandbox(profile={"widget_end": "token", "expiry": "timer"})
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    sandbox.advance(DAY - 60)
    sandbox.open(id)
    sandbox.advance(120)
    assert shop.get(f"/gate_sessions/{id}")["status"] == "expired"
    assert sandbox.pay(id)["status"] == "completed"
    assert shop.get(f"/gate_sessions/{id}")["status"] == "expired"


def test_a_session_ends_as_it_is_told_to_with_the_event_of_that_name(new_shop):
    sandbox = Sandbox()
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    assert sandbox.end(id, "cancelled")["status"] == "cancelled"
    assert shop.get(f"/gate_sessions/{id}")["status"] == "cancelled"
    assert events(sandbox)[-1] == "cancelled"
    with pytest.raises(Refused, match="the session is cancelled"):
        sandbox.end(id, "expired")


@pytest.mark.parametrize("status", ["processing", "opne"])
def test_a_session_ends_in_no_way_that_no_event_tells(new_shop, status):
    sandbox = Sandbox()
    id = new_shop(sandbox).session()["id"]
    with pytest.raises(ValueError, match=f"no event says that a session ended as '{status}'"):
        sandbox.end(id, status)
    assert sandbox.books()["sessions"][-1]["status"] == "open"


@pytest.mark.parametrize(("flow", "action"), [(None, "SELL"), ("on_ramp", "BUY")])
def test_users_may_sell_where_no_flow_was_named(new_shop, flow, action):
    sandbox = Sandbox(profile={"user_flow": "off_ramp"})
    shop = new_shop(sandbox)
    named = {} if flow is None else {"flow": flow}
    session = shop.post(
        "/gate_sessions",
        {"amount": "100.00", "currency": "EUR", "return_url": "https://a.example", **named},
        key="k",
    )
    paid = sandbox.pay(session["id"])
    assert paid["action"] == action
    assert paid["total_pay_or_receive"] == {"SELL": "99.50", "BUY": "100.50"}[action]


@pytest.mark.parametrize("lags", [{"transaction_lag": 60}, {"list_lag": 60}])
def test_a_list_of_transactions_shows_them_as_they_were(new_shop, lags):
    sandbox = Sandbox(profile=lags)
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    refid = sandbox.start(id)["refid"]
    assert bool(shop.get("/gate_sessions")["data"]) is ("transaction_lag" in lags)
    assert shop.get(f"/transactions?session_id={id}")["data"] == []
    sandbox.advance(60)
    sandbox.settle(refid)
    [row] = shop.get(f"/transactions?session_id={id}")["data"]
    assert (row["status"], len(row["status_timeline"])) == ("processing", 2)
    assert shop.get("/transactions?status=completed")["data"] == []
    assert shop.get(f"/transactions/{refid}")["status"] == "completed"
    sandbox.advance(60)
    [row] = shop.get("/transactions?status=completed")["data"]
    assert row == shop.get(f"/transactions/{refid}").json


@pytest.mark.parametrize(("switch", "status"), [("stays", "cancelled"), ("completes", "completed")])
def test_money_may_still_arrive_after_a_cancel(new_shop, switch, status):
    sandbox = Sandbox(profile={"late_success": switch})
    shop = new_shop(sandbox)
    id = shop.session()["id"]
    refid = sandbox.start(id)["refid"]
    shop.post(f"/gate_sessions/{id}/cancel")
    sandbox.settle(refid)
    assert shop.get(f"/transactions/{refid}")["status"] == "completed"
    assert shop.get(f"/gate_sessions/{id}")["status"] == status


def test_a_transaction_settles_or_fails_once(sandbox, shop):
    paid = sandbox.pay(shop.session()["id"])
    for again in (sandbox.settle, sandbox.fail_transaction):
        with pytest.raises(Refused):
            again(paid["refid"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"amount": "1.00"}, "fiat_amount"),
        ({"fiat_amount": 1}, "takes a string"),
        ({"action": "GIVE"}, "BUY, SELL, SWAP"),
    ],
)
def test_a_payment_with_a_typo_is_refused_with_what_exists(sandbox, shop, options, says):
    id = shop.session()["id"]
    with pytest.raises(ValueError, match=says):
        sandbox.pay(id, **options)
    assert sandbox.books()["transactions"] == []
