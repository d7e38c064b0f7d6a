"""An answer that repeats what was sent about somebody: that is hidden, and the rest of it is not."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate._wire.masking import hidden
from zerogate._wire.responses import complaint_of, request_id_of

BEARER = "Bearer sk_test_canary0001"
SENT: dict[str, Any] = {
    "amount": "100.00",
    "currency": "EUR",
    "target_token": "USDC",
    "email": "ada.king@shop.example",
    "first_name": "Bo",
    "last_name": "Lovelace-King",
    "phone": "+49 170 1234567",
    "wallet_address": "0x52908400098527886E0F7030069857D2E4169EE7",
    "return_url": "https://shop.example/done?token=hush",
    "clientSecret": "hush-hush-hush",
    "kyc_package": {
        "passport": 123456789,
        "country": "DE",
        "address": {"street": "12 Ring Road", "lines": ["Hinterhof 7b"]},
        "person": {"fullName": "Jos\u00e9 O'Brien"},
    },
    "metadata": {
        "order_id": "order-1",
        "zerogate_key": "zg_key_0001",
        "password": "hunter2",
        "token": "USDC",
        "sum": "100.00",
        "vip": "true",
        "ok": True,
        "nothing": None,
        "size": "XL",
        "note": "leave it at the door of number nine",
    },
}
HIDDEN = {
    "an e-mail address": ("ADA.KING@shop.example is taken", "[email] is taken"),
    "its first part": ("no mailbox ada.king", "no mailbox [email]"),
    "a short name": ("Bo is on a list", "[first_name] is on a list"),
    "a name": ("no lovelace-king here", "no [last_name] here"),
    "a phone": ("+49 170 1234567 is none", "[phone] is none"),
    "a wallet in a word": (
        "to:x0x52908400098527886e0f7030069857d2e4169ee7x",
        "to:x[wallet_address]x",
    ),
    "a wallet that is cut": ("to 0x52908400098527886E0F\u2026", "to [wallet_address]\u2026"),
    "an address": ("see https://shop.example/done?token=hush", "see [return_url]"),
    "a secret": ("hush-hush-hush is old", "[clientSecret] is old"),
    "a number": ("passport 123456789, unknown", "passport [kyc_package], unknown"),
    "a list inside": ("not Hinterhof 7B", "not [kyc_package]"),
    "a word of an address": ("no such Ring", "no such [kyc_package]"),
    "a whole name": ("Jos\u00e9 O'Brien", "[kyc_package]"),
    "a name in two characters for one": ("Jose\u0301 here", "[kyc_package] here"),
    "a password": ("bad hunter2!", "bad [metadata]!"),
    "a sentence": ("leave it at the door of number nine", "[metadata]"),
    "a sentence that is cut": ("leave it at the door of n...", "[metadata]..."),
    "as an address has it": ("?e=ada.king%40shop.example", "?e=[email]"),
    "as HTML has it": ("<b>O&#39;Brien</b>", "<b>[kyc_package]</b>"),
    "as JSON has it": (r'"Jos\u00e9"', '"[kyc_package]"'),
    "the key": ("key SK_TEST_CANARY0001", "key [credential]"),
    "the key without its beginning": ("key canary0001", "key [credential]"),
}
KEPT = [
    "country DE is not supported",
    "amount 100.00 is more than EUR 10",
    "USDC is not offered",
    "order-1 was seen under zg_key_0001",
    "the size XL: true",
    "gs_test_hunter2_1",
    "Bob, about, bo",
    "https://other.example/",
    "leave the door",
    "100% \\ & fine",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN.values(), ids=HIDDEN)
def test_what_was_sent_about_somebody_is_hidden(text: str, shown: str) -> None:
    assert hidden(text, SENT, BEARER) == shown


@pytest.mark.parametrize("text", KEPT)
def test_all_else_of_a_message_stays_as_it_came(text: str) -> None:
    assert hidden(text, SENT, BEARER) == text


def test_a_value_that_repeats_itself_goes_once() -> None:
    sent = {"user_reference": "ab" * 40}
    assert (
        hidden("no " + "ab" * 60 + " here", sent, BEARER)
        == "no " + "[user_reference]" * 2 + " here"
    )
    assert hidden("no " + "ab" * 20 + "...", sent, BEARER) == "no [user_reference]..."


def test_half_of_what_was_sent_is_not_left_at_the_end_of_a_long_page() -> None:
    def hide(text: str) -> str:
        return hidden(text, SENT, BEARER)

    for before in range(1000, 1030):
        page = (" " * before + "ada.king@shop.example ").encode() + b"x" * 500
        assert "ada" not in complaint_of(502, {}, page, hide).says
    for before in range(230, 260):
        page = ("x" * before + " ada.king@shop.example " + "x" * 1000).encode()
        assert "ada" not in complaint_of(502, {}, page, hide).says


def test_a_code_of_the_contract_stays_whatever_was_sent() -> None:
    sent = {
        "metadata": {"why": "customer_already_exists", "how": "conflict", "is": "a conflict: odd"}
    }
    told = b'{"type":"conflict","code":"customer_already_exists","message":"a conflict: odd"}'
    found = complaint_of(409, {}, told, lambda text: hidden(text, sent, BEARER))
    assert (found.type, found.code) == ("conflict", "customer_already_exists")
    assert found.says == "[metadata]"


@pytest.mark.parametrize(
    ("id", "asked"),
    [
        ("req_0123456789abcdef0123456789abcdef", False),
        ("9f1c2b7e-33d4-4a3e-9b1e-000000000001", False),
        ("4915112345678", True),
        ("req_jane", True),
        ("0x52908400098527886e0f7030069857d2e4169ee7", True),
        ("52908400098527886e0f7030069857d2e4169ee7", True),
    ],
)
def test_a_request_id_is_looked_through_unless_a_machine_made_it(id: str, asked: bool) -> None:
    seen: list[str] = []
    request_id_of({"x-request-id": id}, lambda text: seen.append(text) or text)
    assert bool(seen) is asked
