"""Customer records, the widget's look, and verification."""

import pytest
from zerogate_sandbox import Refused

ADA = {
    "email": "ada@partner.example",
    "external_id": "user-1",
    "phone": "+49 30 000000",
    "first_name": "Ada",
    "last_name": "Example",
    "country_code": "de",
    "metadata": {"tier": 1},
}


def create(shop, key="k", **fields):
    return shop.post("/customers", {**ADA, **fields}, key=key)


def types(sandbox):
    return [event["type"] for event in sandbox.books()["events"]]


def test_a_customer_is_created_read_changed_and_deleted(sandbox, shop):
    made = create(shop)
    assert (made.status, made["kyc_status"], made["country_code"]) == (201, "unverified", "DE")
    path = f"/customers/{made['id']}"
    assert shop.get(path).json == made.json
    patch = {"first_name": None, "last_name": "Sample", "metadata": None}
    changed = shop.ask("PATCH", path, patch)
    assert (changed["first_name"], changed["last_name"], changed["metadata"]) == (
        None,
        "Sample",
        {},
    )
    assert (changed["email"], changed["country_code"]) == (ADA["email"], "DE")
    gone = shop.ask("DELETE", path)
    assert (gone.status, gone["deleted"], gone["deleted_at"]) == (
        200,
        True,
        "2026-05-26T12:00:00.000Z",
    )
    sandbox.advance(60)
    assert shop.ask("DELETE", path).json == gone.json
    assert shop.get(path).status == shop.ask("PATCH", path, {}).status == 404
    assert types(sandbox) == ["customer.created", "customer.updated", "customer.deleted"]
    assert sandbox.books()["events"][-1]["data"] == gone.json


@pytest.mark.parametrize("same", ["email", "external_id"])
@pytest.mark.parametrize("deleted", [False, True])
def test_an_email_or_external_id_is_taken_for_good(sandbox, shop, new_shop, same, deleted):
    made = create(shop)
    if deleted:
        shop.ask("DELETE", f"/customers/{made['id']}")
    other = {"email": "grace@partner.example", "external_id": "user-2", same: ADA[same]}
    refused = create(shop, "another", **other)
    assert (refused.status, refused["code"]) == (409, "customer_already_exists")
    assert create(new_shop(sandbox, "sk_test_other")).status == 201


def test_a_repeat_under_the_same_key_is_no_duplicate(shop):
    first, again = create(shop), create(shop)
    assert (again.status, again["id"]) == (201, first["id"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": None},
        {"first_name": "x" * 129},
        {"country_code": "DEU"},
        {"metadata": 7},
    ],
)
def test_a_wrong_field_is_400(shop, wrong):
    refused = create(shop, **wrong)
    assert refused.status == 400
    assert next(iter(wrong)) in refused["message"]


@pytest.mark.parametrize("field", ["email", "external_id", "phone", "kyc_status"])
def test_only_some_fields_change(shop, field):
    path = f"/customers/{create(shop)['id']}"
    refused = shop.ask("PATCH", path, {field: "x"})
    assert (refused.status, field in refused["message"]) == (400, True)


def test_lists_leave_out_the_deleted_and_filter_exactly(shop):
    made = [
        create(shop, str(number), email=f"{number}@partner.example", external_id=f"user-{number}")[
            "id"
        ]
        for number in range(4)
    ]
    shop.ask("DELETE", f"/customers/{made[2]}")
    listed = [row["id"] for row in shop.get("/customers")["data"]]
    assert listed == [made[3], made[1], made[0]]
    page = shop.get(f"/customers?limit=1&starting_after={made[2]}")
    assert ([row["id"] for row in page["data"]], page["has_more"]) == ([made[1]], True)
    for query in ("external_id=user-1", "email=1%40partner.example"):
        assert [row["id"] for row in shop.get(f"/customers?{query}")["data"]] == [made[1]]
    assert shop.get("/customers?email=1%40PARTNER.example")["data"] == []


def test_where_customers_are_not_enabled_they_are_403(sandbox, shop):
    sandbox.account("sk_test_shop", entitlements=[])
    assert create(shop).status == shop.get("/customers").status == 403


def test_gate_verifies_customers(sandbox, shop):
    id = create(shop)["id"]
    sandbox.verify_customer(id)
    assert shop.get(f"/customers/{id}")["kyc_status"] == "verified"
    shop.ask("DELETE", f"/customers/{id}")
    with pytest.raises(Refused):
        sandbox.verify_customer(id)


def test_branding_is_merged_and_null_goes_back_to_the_default(sandbox, shop, new_shop):
    assert set(shop.get("/branding").json.values()) == {None}
    look = {"primary_color": "#112233", "logo_url": "https://partner.example/logo.svg"}
    shop.ask("PATCH", "/branding", look)
    merged = shop.ask("PATCH", "/branding", {"brand_name": "Shop", "logo_url": None})
    assert merged.json == shop.get("/branding").json
    assert (merged["primary_color"], merged["brand_name"], merged["logo_url"]) == (
        "#112233",
        "Shop",
        None,
    )
    assert set(new_shop(sandbox, "sk_test_other").get("/branding").json.values()) == {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"primary_color": "red"},
        {"accent_color": "#12345"},
        {"logo_url": "http://partner.example/logo.svg"},
        {"logo_url": "https://not a url"},
        {"font": "Comic Sans"},
    ],
)
def test_a_wrong_token_is_400_and_changes_nothing(shop, wrong):
    refused = shop.ask("PATCH", "/branding", {"brand_name": "Shop", **wrong})
    assert refused.status == 400
    assert next(iter(wrong)) in refused["message"]
    assert shop.get("/branding")["brand_name"] is None


def test_a_kyc_package_counts_where_it_is_in_the_contract(sandbox, shop):
    session = shop.session(kyc_package={"anything": ["goes"]})
    assert shop.get(f"/gate_sessions/{session['id']}")["kyc_pre_verified"] is True
    assert types(sandbox) == ["gate_session.created", "gate_session.kyc_package_accepted"]
    assert "anything" not in str(sandbox.books())
    sandbox.account("sk_test_shop", entitlements=["rails"])
    refused = shop.session(kyc_package={})
    assert (refused.status, "kyc_package" in refused["message"]) == (400, True)


def test_where_users_are_verified_payment_waits_for_it(sandbox, shop):
    sandbox.account("sk_test_shop", kyc=True)
    id = shop.session()["id"]
    for _ in range(2):
        with pytest.raises(Refused, match="verified first"):
            sandbox.pay(id)
    sandbox.pass_kyc(id)
    sandbox.pay(id)
    assert types(sandbox).count("kyc.required") == 1
    sandbox.pay(shop.session(kyc_package={})["id"])


def test_a_session_names_the_quote_it_began_with_in_the_books(sandbox, shop):
    shop.session(quote_preview_id="qt_test_1")
    assert sandbox.books()["sessions"][0]["quote_preview_id"] == "qt_test_1"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"regoin": "DE"}, "webhook_url, webhook_secrets"),
        ({"region": "Germany"}, "two letters"),
        ({"compliance": "so so"}, "clear, limited, blocked"),
        ({"entitlements": ["rail"]}, "customers, kyc, rails"),
        ({"webhook_url": "partner.example"}, "https://"),
        ({"webhook_secrets": []}, "at least one"),
        ({"volume_cap": 100}, "string"),
        ({"balance": "1e5"}, "decimal string"),
        ({"kyc": "yes"}, "true or false"),
        ({"rail_outcome": "lost"}, "settled, failed"),
        ({"origins": "https://a.example"}, "list of strings"),
    ],
)
def test_a_setting_with_a_typo_is_refused_and_nothing_is_set(sandbox, settings, says):
    with pytest.raises(ValueError, match=says):
        sandbox.account("sk_test_shop", **{"region": "FR", **settings})
    assert sandbox.account("sk_test_shop").region == "DE"
