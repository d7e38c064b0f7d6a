"""Which differences between what was asked and what stands are of money, and which are presentation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from zerogate import GateUsageError
from zerogate._idempotency.terms import (
    HashedWallet,
    aliased,
    differences,
    kept,
    mode_differs,
    read_expected,
    read_kept,
    tagged_terms,
    untagged_terms,
    with_expected,
    with_wallet,
)

EVM = "0xAbCdEf0123456789aBcDeF0123456789AbCdEf01"
BECH32 = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
TRON = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"


def differ(name: str, asked: Any, told: Any, operation: str = "createSession", **how: Any) -> bool:
    return bool(list(differences(operation, {name: asked}, {name: told}, **how)))


AMOUNTS: list[Any] = [
    ("100", False),
    ("100.0", False),
    ("100.00", False),
    ("1E+2", False),
    ("+100.00", False),
    ("0100.00", False),
    (100, False),
    (Decimal("100.0"), False),
    ("100.00" + "0" * 90, False),
    ("100.001", True),
    ("1.00", True),
    ("-100.00", True),
    ("1,00.00", True),
    ("100,00", True),
    ("1_00.00", True),
    (" 100.00", True),
    ("١٠٠.00", True),
    ("NaN", True),
    ("Infinity", True),
    ("1E+99999", True),
    ("", True),
    (True, True),
    (100.0, True),
    (None, True),
    (["100.00"], True),
]


@pytest.mark.parametrize(("told", "other"), AMOUNTS, ids=lambda value: repr(value)[:24])
def test_amounts_are_compared_as_numbers(told: Any, other: bool) -> None:
    assert differ("amount", "100.00", told) is other


WALLETS: list[Any] = [
    pytest.param(EVM, EVM.lower(), False, id="hex without case"),
    pytest.param(EVM.lower(), EVM.upper().replace("0X", "0x"), False, id="hex in capitals"),
    pytest.param(EVM, EVM[:-1] + "2", True, id="another hex"),
    pytest.param(EVM, EVM[:-1] + "0", True, id="a smaller hex"),
    pytest.param(EVM, EVM[2:], True, id="hex without its 0x"),
    pytest.param(BECH32, BECH32.upper(), False, id="bech32 in capitals"),
    pytest.param(BECH32, BECH32[:-1] + "5", True, id="another bech32"),
    pytest.param(BECH32, BECH32[:8].upper() + BECH32[8:], True, id="bech32 in two cases is none"),
    pytest.param(TRON, TRON, False, id="base58"),
    pytest.param(TRON, TRON.lower(), True, id="base58 in lower case"),
    pytest.param(TRON, TRON.swapcase(), True, id="base58 in the other case"),
    pytest.param("alice.near", "Alice.near", True, id="a name"),
    pytest.param(EVM, None, True, id="null"),
    pytest.param(EVM, 12, True, id="no text"),
]


@pytest.mark.parametrize(("asked", "told", "other"), WALLETS)
def test_wallets_are_compared_by_their_kind(asked: str, told: Any, other: bool) -> None:
    assert differ("wallet_address", asked, told) is other


@pytest.mark.parametrize(("asked", "told", "other"), WALLETS)
def test_a_wallet_that_is_kept_as_hashes_compares_alike(asked: str, told: Any, other: bool) -> None:
    terms = with_wallet(kept("createSession", {"amount": "1.00"}), asked, "s3cret")
    assert asked.lower() not in terms.lower()
    told = {"amount": "1", "wallet_address": told}
    assert bool(list(differences("createSession", read_kept(terms, "s3cret"), told))) is other


def test_without_the_stores_secret_a_wallet_contradicts_nothing() -> None:
    terms = with_wallet(kept("createSession", {"amount": "1.00"}), EVM, "s3cret")
    told = {"amount": "1.00", "wallet_address": TRON}
    assert not list(differences("createSession", read_kept(terms, None), told))
    assert "s3cret" not in repr(read_kept(terms, "s3cret"))


def test_what_was_expected_of_a_quote_is_kept_beside_the_terms() -> None:
    expected = {"crypto_amount": "0.5", "asset": "ETH"}
    terms = kept("createSession", {"amount": "1.00"})
    assert read_expected(with_expected(terms, expected)) == expected
    assert read_kept(with_expected(terms, expected), None) == {"amount": "1.00"}
    assert read_expected(with_expected(None, expected)) == expected
    assert (read_expected(terms), read_expected(None), read_kept(None, None)) == (None, None, {})


def test_a_tag_is_taken_off_as_it_was_put_on() -> None:
    terms = kept("createSession", {"amount": "1.00"})
    assert untagged_terms(tagged_terms(terms, "t4g")) == (terms, "t4g")
    assert untagged_terms(terms) == (terms, None)
    assert untagged_terms('{"tag": 7}') == ("{}", None)


def test_hashes_of_two_stores_have_nothing_in_common() -> None:
    assert HashedWallet.of(EVM, "a").exact != HashedWallet.of(EVM, "b").exact
    assert HashedWallet.of(TRON, "a").folded is None


@pytest.mark.parametrize("name", ["amount", "currency", "wallet_address"])
def test_what_is_told_as_it_was_asked_is_no_difference_whatever_it_is(name: str) -> None:
    asked = "as agreed"
    assert not differ(name, asked, "".join([*asked]))
    assert differ(name, asked, "as arranged")


@pytest.mark.parametrize("name", ["currency", "target_token", "flow", "target_network"])
def test_codes_are_compared_without_case_and_null_is_another(name: str) -> None:
    assert not differ(name, "usdc", "USDC")
    assert differ(name, "usdc", "USDT")
    assert differ(name, "usdc", None)
    assert not differ(name, None, "USDT")


def test_what_gate_does_not_give_back_is_not_compared() -> None:
    asked = {"quote_preview_id": "q", "kyc_package": {"level": 1}, "return_url": "https://a"}
    assert not list(differences("createSession", asked, {"return_url": "https://b"}))


@pytest.mark.parametrize("name", ["currency", "asset", "side", "payment_method"])
def test_a_quote_is_compared_by_currency_asset_side_and_method(name: str) -> None:
    assert differ(name, "x", "y", operation="lockQuote")
    assert not differ(name, "x", "X", operation="lockQuote")


def test_aliases_are_one_network_in_any_case_and_any_direction() -> None:
    aliases = aliased({"BASE": "base-mainnet", "8453": ["base"], "tron": ["TRC20"]})
    for asked, told in (("base", "Base-Mainnet"), ("8453", "BASE-MAINNET"), ("trc20", "tron")):
        assert not differ("target_network", asked, told, aliases=aliases)
    assert differ("target_network", "base", "tron", aliases=aliases)
    assert differ("target_network", "base", None, aliases=aliases)


@pytest.mark.parametrize(
    "aliases",
    [{"base": ""}, {"base": None}, {"": "base"}, {1: "base"}, {"base": [1]}, {"base": 5}, ["base"]],
)
def test_aliases_that_name_nothing_are_refused(aliases: Any) -> None:
    with pytest.raises(GateUsageError, match="aliases="):
        aliased(aliases)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("wallet_address", EVM, "0xAb…01"),
        ("wallet_address", "short", "a short one"),
        ("wallet_address", "twelve.signs", "a short one"),
        ("wallet_address", "thirteen.sign", "thir…gn"),
        ("currency", "gsec_abc", "a credential"),
        ("currency", "E\x00R\u202e", "E\\x00R\\u202e"),
        ("currency", "x" * 99, "x" * 40),
        ("currency", None, "null"),
    ],
)
def test_what_a_difference_shows_is_short_printable_and_no_secret(
    name: str, value: Any, shown: str
) -> None:
    (found,) = differences("createSession", {name: "else"}, {name: value})
    assert found.told == shown
    assert shown in str(found)


def test_a_mode_is_compared_exactly_where_it_is_told() -> None:
    assert mode_differs({"mode": "Test"}, "test") is not None
    assert mode_differs({"mode": "live"}, "test") is not None
    assert mode_differs({"mode": "test"}, "live") is not None
    assert mode_differs({"mode": "test"}, "test") is None
    assert mode_differs({}, "test") is None
