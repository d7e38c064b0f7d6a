"""Prices, locked and redeemed once; pay-ins and pay-outs to their ends."""

import pytest
from zerogate_sandbox import Refused, Sandbox

QUOTE = {
    "currency": "EUR",
    "asset": "USDC",
    "amount": "100.00",
    "side": "on_ramp",
    "payment_method": "bank_transfer",
}
PREVIEW = {name: value for name, value in QUOTE.items() if name != "payment_method"}


def lock(shop, **fields):
    return shop.post("/quotes", {**QUOTE, **fields})


def pay_in(shop, key="k", **fields):
    body = {"quote_id": lock(shop)["id"], "gate_session_id": shop.session()["id"], **fields}
    return shop.post("/rails/pay_ins", body, key=key)


def pay_out(shop, key="k", **fields):
    quote = lock(shop, side="off_ramp")["id"]
    body = {"quote_id": quote, "gate_session_id": shop.session()["id"], **fields}
    return shop.post("/rails/pay_outs", body, key=key)


def events(sandbox, prefix=""):
    types = [event["type"] for event in sandbox.books()["events"]]
    return [type for type in types if type.startswith(prefix)]


# --- quotes ---


def test_a_preview_has_a_row_for_each_method_and_locks_nothing(sandbox, shop):
    rows = shop.post("/quotes/preview", PREVIEW)["data"]
    assert [row["payment_method"] for row in rows] == ["bank_transfer", "instant_transfer", "card"]
    assert (rows[0]["fees"], rows[2]["fees"]) == ("0.50", "2.90")
    assert (rows[0]["exchange_rate"], rows[0]["crypto_amount"]) == ("0.9", "111.111111")
    assert sandbox.books()["quotes"] == []


def test_where_nothing_applies_a_preview_is_empty(shop):
    for changed in ({"asset": "NONE"}, {"currency": "XXX"}, {"country_code": "AQ"}):
        assert shop.post("/quotes/preview", {**PREVIEW, **changed})["data"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "0.000000001"},
        {"amount": "-1"},
        {"amount": 1},
        {"currency": "EURO"},
        {"side": "swap"},
        {"country_code": "DEU"},
        {"asset": None},
    ],
)
def test_a_preview_by_wrong_fields_is_400(shop, wrong):
    refused = shop.post("/quotes/preview", {**PREVIEW, **wrong})
    assert refused.status == 400
    assert next(iter(wrong)) in refused["message"]


def test_the_longest_amounts_are_reckoned_exactly_and_longer_ones_refused(shop):
    amount = "9" * 400 + ".99999999"
    [row, *_] = shop.post(
        "/quotes/preview", {**PREVIEW, "currency": "EUR", "asset": "EURC", "amount": amount}
    )["data"]
    assert row["crypto_amount"] == amount[:-2]
    assert shop.post("/quotes/preview", {**PREVIEW, "amount": "9" * 501}).status == 422


def test_a_locked_quote_is_signed_and_expires_without_vanishing(sandbox, shop):
    quote = lock(shop, network="arbitrum")
    assert (quote.status, quote["status"], len(quote["signature"])) == (201, "active", 64)
    assert (quote["expires_at"], quote["created_at"]) == (
        "2026-05-26T12:01:00Z",
        "2026-05-26T12:00:00Z",
    )
    sandbox.advance(59)
    assert shop.get(f"/quotes/{quote['id']}")["status"] == "active"
    sandbox.advance(1)
    assert shop.get(f"/quotes/{quote['id']}")["status"] == "expired"


@pytest.mark.parametrize(
    "missing",
    [
        {"asset": "NONE"},
        {"payment_method": "cheque"},
        {"network": "nowhere"},
        {"country_code": "AQ"},
    ],
)
def test_what_is_not_on_offer_is_not_locked(shop, missing):
    assert lock(shop, **missing).status == 422


def test_a_lock_is_repeated_under_its_key(sandbox, shop):
    first, again = (shop.post("/quotes", QUOTE, key="q") for _ in range(2))
    assert first["id"] == again["id"]
    assert lock(shop)["id"] != lock(shop)["id"]


def test_a_quote_of_somebody_else_is_404(sandbox, shop, new_shop):
    quote = lock(new_shop(sandbox, "sk_test_other"))
    assert shop.get(f"/quotes/{quote['id']}").status == 404
    assert pay_in(shop, quote_id=quote["id"]).status == 422


# --- rails ---


def test_a_pay_in_redeems_its_quote_and_takes_everything_from_it(sandbox, shop):
    rail = pay_in(shop, reference="order_1")
    assert (rail.status, rail["status"], rail["amount"]) == (201, "pending", "100.50")
    assert (rail["currency"], rail["method"], rail["reference"]) == (
        "EUR",
        "bank_transfer",
        "order_1",
    )
    assert shop.get(f"/quotes/{rail['quote_id']}")["status"] == "consumed"
    assert shop.get(f"/rails/pay_ins/{rail['id']}").json == rail.json
    assert "account_blocked" not in rail.json
    assert events(sandbox, "quote") == ["quote.consumed"]


def test_a_pay_out_is_what_is_left_after_fees(shop):
    rail = pay_out(shop)
    assert (rail["object"], rail["kind"], rail["amount"]) == ("rail_pay_out", "pay_out", "99.50")
    assert shop.get(f"/rails/pay_outs/{rail['id']}").json == rail.json


def test_rails_settle_by_themselves_and_complete_their_session(sandbox, shop):
    rail = pay_in(shop)
    sandbox.advance(10)
    assert shop.get(f"/rails/pay_ins/{rail['id']}")["status"] == "processing"
    sandbox.advance(50)
    assert shop.get(f"/rails/pay_ins/{rail['id']}")["status"] == "settled"
    assert events(sandbox, "rail") == ["rail.pay_in.processing", "rail.pay_in.settled"]
    [row] = shop.get(f"/transactions?session_id={rail['gate_session_id']}")["data"]
    assert row["local_rail_transaction_id"] == rail["id"]
    assert (row["total_pay_or_receive"], row["fiat_amount"]) == ("100.50", "100.00")
    assert shop.get(f"/gate_sessions/{rail['gate_session_id']}")["status"] == "completed"


@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
def test_rails_fail_or_are_cancelled_and_leave_the_session_open(sandbox, shop, outcome):
    sandbox.account("sk_test_shop", rail_outcome=outcome)
    rail = pay_out(shop)
    sandbox.advance(60)
    assert shop.get(f"/rails/pay_outs/{rail['id']}")["status"] == outcome
    assert shop.get(f"/gate_sessions/{rail['gate_session_id']}")["status"] == "open"
    assert events(sandbox, "rail")[-1] == f"rail.pay_out.{outcome}"


def test_rails_that_are_left_where_they_are_move_when_told(sandbox, shop):
    sandbox.account("sk_test_shop", rail_outcome=None)
    id = pay_in(shop)["id"]
    sandbox.advance(3_600)
    assert shop.get(f"/rails/pay_ins/{id}")["status"] == "pending"
    sandbox.move_rail(id, "processing")
    with pytest.raises(Refused, match="cannot become cancelled"):
        sandbox.move_rail(id, "cancelled")
    sandbox.move_rail(id, "failed")
    with pytest.raises(Refused, match="cannot become settled"):
        sandbox.move_rail(id, "settled")
    with pytest.raises(ValueError, match="processing, settled, failed, cancelled"):
        sandbox.move_rail(id, "done")


def test_a_quote_is_redeemed_once(shop):
    quote = lock(shop)["id"]
    assert pay_in(shop, quote_id=quote).status == 201
    assert pay_in(shop, "another", quote_id=quote).status == 409


def test_a_repeat_under_the_same_key_redeems_nothing_twice(sandbox, shop):
    body = {"quote_id": lock(shop)["id"], "gate_session_id": shop.session()["id"]}
    first, again = (shop.post("/rails/pay_ins", body, key="k") for _ in range(2))
    assert (first.status, again.json) == (201, first.json)
    assert len(sandbox.books()["pay_ins"]) == 1


def test_an_expired_quote_is_not_redeemed(sandbox, shop):
    quote = lock(shop)["id"]
    sandbox.advance(60)
    refused = pay_in(shop, quote_id=quote)
    assert (refused.status, "expired" in refused["message"]) == (409, True)


def test_a_quote_is_for_one_side(shop):
    quote = lock(shop, side="off_ramp")["id"]
    assert pay_in(shop, quote_id=quote).status == 422


@pytest.mark.parametrize("field", ["amount", "currency", "payment_method", "bank_account"])
def test_what_comes_from_the_quote_is_refused_in_the_request(shop, field):
    refused = pay_in(shop, **{field: "100.00"})
    assert refused.status == 400
    assert field in refused["message"]


@pytest.mark.parametrize("end", ["pay", "expire", "run_out"])
def test_a_session_that_is_over_takes_no_rail(sandbox, shop, end):
    id = shop.session()["id"]
    getattr(sandbox, end)(id)
    assert pay_in(shop, gate_session_id=id).status == 409


def test_a_rail_belongs_to_a_session(shop):
    assert pay_in(shop, gate_session_id="nobody").status == 422
    assert shop.post("/rails/pay_ins", {"quote_id": lock(shop)["id"]}, key="k").status == 400


def test_without_the_entitlement_rails_are_403(sandbox, shop):
    sandbox.account("sk_test_shop", entitlements=["customers"])
    for heard in (lock(shop), shop.get("/quotes/q"), shop.get("/rails/pay_ins/x")):
        assert (heard.status, heard["type"]) == (403, "forbidden")


def test_a_user_who_passes_the_cap_is_blocked_for_the_next_rail_only(sandbox, shop):
    sandbox.account("sk_test_shop", volume_cap="150.00")

    def rail(user):
        session = shop.session(user_reference=user)["id"]
        return pay_in(shop, key=session, gate_session_id=session)

    first, second, third = (rail("ada") for _ in range(3))
    assert "account_blocked" not in first.json
    assert second["account_blocked"] is True
    assert (third.status, rail("grace").status) == (403, 201)
    sandbox.advance(60)
    assert shop.get(f"/rails/pay_ins/{second['id']}")["status"] == "settled"


def test_a_pay_out_needs_the_balance(sandbox, shop):
    sandbox.account("sk_test_shop", balance="150.00")
    assert pay_out(shop).status == 201
    refused = pay_out(shop, "another")
    assert (refused.status, refused["type"]) == (402, "payment_required")
    assert sandbox.account("sk_test_shop").balance == "50.50"


def test_profiles_name_the_rail_by_its_older_field_or_not_at_all(new_shop):
    for profile, field in [("hostile", "facilita_transaction_id"), ("terse", None)]:
        sandbox = Sandbox(profile=profile)
        shop = new_shop(sandbox)
        rail = pay_in(shop)
        sandbox.move_rail(rail["id"], "settled")
        rows = sandbox.books()["transactions"]
        assert [row.get(field) for row in rows] == ([rail["id"]] if field else [])
