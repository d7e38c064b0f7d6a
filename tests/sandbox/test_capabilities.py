"""What an account can offer, and what makes it change."""

import pytest


def ids(heard, name="id"):
    assert (heard.status, heard["has_more"]) == (200, False)
    return [row[name] for row in heard["data"]]


def test_every_country_of_iso_3166_is_there_and_some_are_supported(shop):
    rows = shop.get("/capabilities/countries")["data"]
    assert len(rows) == 249
    by_code = {row["country_code"]: row for row in rows}
    assert by_code["DE"] == {
        "country_code": "DE",
        "supported": True,
        "name": "Germany",
        "default_currency": "EUR",
    }
    assert by_code["AQ"]["default_currency"] is None
    assert not by_code["AQ"]["supported"]
    assert 50 < sum(row["supported"] for row in rows) < 200


@pytest.mark.parametrize(
    ("query", "codes"),
    [("country_code=fr", ["FR"]), ("country_code=FR&supported=false", []), ("country_code=ZZ", [])],
)
def test_countries_are_narrowed(shop, query, codes):
    assert ids(shop.get(f"/capabilities/countries?{query}"), "country_code") == codes


def test_countries_can_be_those_that_are_not_supported(shop):
    rows = shop.get("/capabilities/countries?supported=false")["data"]
    assert rows
    assert not any(row["supported"] for row in rows)


@pytest.mark.parametrize(
    ("query", "codes"),
    [("?country_code=JP", ["JPY"]), ("?country_code=AQ", []), ("?country_code=ZZ", [])],
)
def test_a_country_narrows_currencies_to_its_own(shop, query, codes):
    assert ids(shop.get(f"/capabilities/currencies{query}"), "code") == codes
    assert len(shop.get("/capabilities/currencies")["data"]) > 30


def test_assets_differ_by_side(shop):
    on = ids(shop.get("/capabilities/assets"), "symbol")
    off = ids(shop.get("/capabilities/assets?side=off_ramp"), "symbol")
    assert "SOL" in on
    assert "SOL" not in off
    assert "TRX" in off
    assert "TRX" not in on
    assert "OLDC" not in on + off


@pytest.mark.parametrize(
    "query", ["country_code=AQ", "currency=XXX", "country_code=DE&currency=XXX"]
)
def test_where_a_region_or_currency_is_not_served_there_are_no_assets(shop, query):
    assert ids(shop.get(f"/capabilities/assets?{query}"), "symbol") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [("USDC", 200), ("usdc", 200), ("NONE", 404), ("OLDC", 404), ("SOL?side=off_ramp", 404)],
)
def test_one_asset_is_read_or_404(shop, path, status):
    heard = shop.get(f"/capabilities/assets/{path}")
    assert heard.status == status
    if status == 200:
        assert {row["chain"] for row in heard["networks"]} == {"BASE", "arbitrum", "polygon"}


@pytest.mark.parametrize(
    ("query", "methods"),
    [
        ("", ["bank_transfer", "instant_transfer", "card"]),
        ("?country_code=SE", ["bank_transfer", "card"]),
        ("?currency=KES&country_code=DE", ["bank_transfer", "wallet", "card"]),
        ("?currency=XXX", []),
        ("?country_code=AQ", []),
    ],
)
def test_payment_methods_follow_the_currency_before_the_country(shop, query, methods):
    assert ids(shop.get(f"/capabilities/payment-methods{query}")) == methods


def test_payouts_know_no_cards(shop):
    assert ids(shop.get("/capabilities/payout-methods")) == ["bank_transfer", "instant_transfer"]


def test_without_a_country_the_answer_is_for_the_callers_address(sandbox, shop):
    sandbox.account("sk_test_shop", region="AQ")
    assert ids(shop.get("/capabilities/assets"), "symbol") == []
    assert ids(shop.get("/capabilities/payment-methods")) == []
    heard = shop.get("/capabilities/eligibility")
    assert heard.json == {
        "eligible": False,
        "unavailable_reason": "region_not_supported",
        "geo_source": "ip",
    }


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("country_code=DE&currency=EUR&asset=USDC", None),
        ("country_code=AQ", "region_not_supported"),
        ("country_code=DE&currency=XXX", "currency_not_supported"),
        ("country_code=DE&asset=NONE", "asset_not_supported"),
    ],
)
def test_eligibility_is_an_answer_and_no_error(shop, query, reason):
    heard = shop.get(f"/capabilities/eligibility?{query}")
    assert (heard.status, heard["eligible"]) == (200, reason is None)
    assert (heard["unavailable_reason"], heard["geo_source"]) == (reason, "query")


@pytest.mark.parametrize(
    ("entry", "path", "name", "gone"),
    [
        ("country:DE", "/capabilities/countries?supported=true", "country_code", "DE"),
        ("currency:EUR", "/capabilities/currencies", "code", "EUR"),
        ("asset:USDC", "/capabilities/assets", "symbol", "USDC"),
        ("method:card", "/capabilities/payment-methods", "id", "card"),
        ("payout:instant_transfer", "/capabilities/payout-methods", "id", "instant_transfer"),
    ],
)
def test_anything_can_be_lost_in_mid_flow_and_come_back(
    sandbox, shop, new_shop, entry, path, name, gone
):
    other = new_shop(sandbox, "sk_test_other")
    sandbox.withdraw(entry, "sk_test_shop")
    assert gone not in ids(shop.get(path), name)
    assert gone in ids(other.get(path), name)
    sandbox.withdraw(entry)
    assert gone not in ids(other.get(path), name)
    sandbox.offer(entry)
    sandbox.offer(entry, "sk_test_shop")
    assert gone in ids(shop.get(path), name)


def test_an_asset_whose_networks_are_gone_is_there_and_not_active(sandbox, shop):
    sandbox.withdraw("network:EURC/base")
    heard = shop.get("/capabilities/assets/EURC")
    assert (heard["active"], heard["networks"]) == (False, [])


def test_compliance_closes_sides(sandbox, shop):
    sandbox.account("sk_test_shop", compliance="limited")
    assert ids(shop.get("/capabilities/assets?side=off_ramp"), "symbol") == []
    assert ids(shop.get("/capabilities/payout-methods")) == []
    assert ids(shop.get("/capabilities/payment-methods"))
    sandbox.account("sk_test_shop", compliance="blocked")
    assert ids(shop.get("/capabilities/payment-methods")) == []
    assert shop.get("/capabilities/eligibility")["unavailable_reason"] == "account_under_review"


@pytest.mark.parametrize("entry", ["", "asset", "asset:", "planet:earth"])
def test_a_withdrawal_with_a_typo_is_refused_with_what_exists(sandbox, entry):
    with pytest.raises(ValueError, match=r"country:…, currency:…"):
        sandbox.withdraw(entry)


@pytest.mark.parametrize("query", ["country_code=DEU", "supported=perhaps", "country_code=D1"])
def test_what_the_contract_forbids_in_a_query_is_400(shop, query):
    refused = shop.get(f"/capabilities/countries?{query}")
    assert refused.status == 400
    assert query.partition("=")[0] in refused["message"]
