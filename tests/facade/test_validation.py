"""What cannot be right is refused before anything is sent, and no message shows a key."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zerogate import _validation as validation
from zerogate._wire import bodies
from zerogate.errors import GateUsageError
from zerogate.types import DeliveryStatusName, FlowName, SessionStatusName, SideName

LIVE, TEST = "https://gate-api.0bit.app", "https://gate-api-sandbox.0bit.app"
CANARY = "c4n4ry9f3a77b2e1d0"


@pytest.mark.parametrize("key", [f"sk_test_{CANARY}", f"sk_live_{CANARY}", "sk_test_demo"])
def test_a_secret_key_passes_as_it_stands(key: str) -> None:
    assert validation.checked_secret_key(key) == key
    assert validation.mode_of(key) == key[3:7]


@pytest.mark.parametrize("key", [f"pk_test_{CANARY}", f"pk_live_{CANARY}"])
def test_a_publishable_key_passes_as_it_stands(key: str) -> None:
    assert validation.checked_publishable_key(key) == key
    assert validation.mode_of(key) == key[3:7]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (None, "missing or empty"),
        ("", "missing or empty"),
        ("   ", "missing or empty"),
        (7, "must be text, not int"),
        (f"sk_test_{CANARY}".encode(), "must be text, not bytes"),
        (f"sk_test_{CANARY}\n", "white space"),
        (f" sk_test_{CANARY}", "white space"),
        (f"pk_test_{CANARY}", "secret keys stay on the server"),
        (f"sk_test_{CANARY}\r\nX-Evil: 1", "copy the real one"),
        (f"sk_test_{CANARY}é", "copy the real one"),
        (f"sk_prod_{CANARY}", "copy the real one"),
        (f"whsec_{CANARY}", "copy the real one"),
        ("sk_test_", "copy the real one"),
        ("sk_test_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "copy the real one"),
        ("sk_test_XXXXxxxx", "copy the real one"),
        ("sk_test_...", "copy the real one"),
        ("sk_test_…", "copy the real one"),
        ("sk_live_your_secret_key_here", "copy the real one"),
        ("sk_test_<your-key>", "copy the real one"),
        ("your key", "copy the real one"),
        ("sk_test_" + "a" * 1000, "copy the real one"),
    ],
    ids=ascii,
)
def test_a_secret_key_that_cannot_be_right_is_refused_unseen(key: Any, why: str) -> None:
    with pytest.raises(GateUsageError, match=why) as caught:
        validation.checked_secret_key(key)
    assert CANARY not in str(caught.value) + repr(caught.value)


def test_a_secret_key_must_not_start_the_embed() -> None:
    with pytest.raises(GateUsageError, match="publishable keys only start the embed"):
        validation.checked_publishable_key(f"sk_test_{CANARY}")


@pytest.mark.parametrize(
    ("base_url", "mode", "allow_host", "origin", "path"),
    [
        (None, "live", None, LIVE, "/v1"),
        (None, "test", None, TEST, "/v1"),
        (f"{LIVE}/v1", "live", None, LIVE, "/v1"),
        (f"{TEST}/v1/", "test", None, TEST, "/v1"),
        (f"{TEST}:443/v1", "test", None, TEST, "/v1"),
        ("HTTPS://Gate-API-Sandbox.0bit.app/v1", "test", None, TEST, "/v1"),
        ("http://127.0.0.1:4000/v1", "test", None, "http://127.0.0.1:4000", "/v1"),
        ("http://localhost:80", "test", None, "http://localhost", ""),
        ("http://[::1]:4000/v1", "test", None, "http://[::1]:4000", "/v1"),
        ("https://localhost:4000/v1", "test", None, "https://localhost:4000", "/v1"),
        (f"{LIVE}/v1", "test", "gate-api.0bit.app", LIVE, "/v1"),
        (
            "https://proxy.example/gate/v1",
            "live",
            "Proxy.example",
            "https://proxy.example",
            "/gate/v1",
        ),
        ("https://proxy.example:8443", "live", "proxy.example", "https://proxy.example:8443", ""),
        ("http://sandbox:4000/v1", "test", "sandbox", "http://sandbox:4000", "/v1"),
        ("http://172.17.0.2:4000/v1", "test", "172.17.0.2", "http://172.17.0.2:4000", "/v1"),
        (
            "http://Host.Docker.Internal/v1",
            "test",
            "host.docker.internal",
            "http://host.docker.internal",
            "/v1",
        ),
        ("http://[fd00::2]:4000/v1", "test", "fd00::2", "http://[fd00::2]:4000", "/v1"),
    ],
)
def test_an_address_that_may_have_the_key(
    base_url: str | None, mode: str, allow_host: str | None, origin: str, path: str
) -> None:
    assert validation.checked_base_url(base_url, mode, allow_host) == (origin, path)


@pytest.mark.parametrize(
    ("base_url", "mode", "allow_host", "why"),
    [
        ("http://gate-api.0bit.app/v1", "live", None, "must be https"),
        ("http://proxy.example/v1", "live", "proxy.example", "must be https"),
        ("ftp://127.0.0.1/v1", "test", None, "must be https"),
        ("ftp://sandbox/v1", "test", "sandbox", "must be https"),
        ("http://sandbox:4000/v1", "test", None, "allow_host='sandbox'"),
        ("http://sandbox:4000/v1", "test", "sand", "allow_host='sandbox'"),
        ("http://sandbox:4000/v1", "live", "sandbox", "must be https"),
        ("http://gate-api.0bit.app/v1", "test", "gate-api.0bit.app", "must be https"),
        (f"http://{TEST[8:]}/v1", "test", TEST[8:], "must be https"),
        ("https://sandbox/v1", "test", 7, "allow_host is one host's name"),
        ("https://evil.example/v1", "live", None, "allow_host='evil.example'"),
        ("https://evil.example/v1", "live", "other.example", "allow_host='evil.example'"),
        ("https://gate-api.0bit.app.evil.example/v1", "live", None, "not a documented host"),
        ("https://0gate-api.0bit.app/v1", "live", None, "not a documented host"),
        ("https://gate-api.0bit.app./v1", "live", None, "not a documented host"),
        ("https://localhost.evil.example/v1", "test", None, "not a documented host"),
        ("https://127.0.0.1.evil.example/v1", "test", None, "not a documented host"),
        ("http://127.1/v1", "test", None, "must be https"),
        ("http://0.0.0.0/v1", "test", None, "must be https"),
        ("https://gate-api.0bit.app@evil.example/v1", "live", None, "without user or password"),
        ("https://user:hunter2@gate-api.0bit.app/v1", "live", None, "without user or password"),
        (f"{LIVE}/v1?x=1", "live", None, "query or fragment"),
        (f"{LIVE}/v1?", "live", None, "query or fragment"),
        (f"{LIVE}/v1#x", "live", None, "query or fragment"),
        (f"{LIVE}/v1/../v2", "live", None, "a path that cannot be right"),
        (f"{LIVE}//v1", "live", None, "a path that cannot be right"),
        (f"{LIVE}/v1%2f", "live", None, "a path that cannot be right"),
        (f"{LIVE}", "live", None, "is https://gate-api.0bit.app/v1"),
        (f"{LIVE}:8443/v1", "live", None, "is https://gate-api.0bit.app/v1"),
        (f"{LIVE}/v1", "test", None, "a test key on the live host"),
        (f"{TEST}/v1", "live", None, "a live key must not be given"),
        (f"{TEST}/v1", "live", "gate-api-sandbox.0bit.app", "a live key must not be given"),
        ("http://127.0.0.1:4000/v1", "live", None, "a live key must not be given to 127.0.0.1"),
        ("http://[::1]:4000/v1", "live", "::1", "a live key must not be given"),
        ("gate-api.0bit.app", "live", None, "scheme://host/path"),
        ("https://", "live", None, "scheme://host/path"),
        ("https://host:99999/v1", "live", None, "scheme://host/path"),
        ("https://[::1/v1", "live", None, "scheme://host/path"),
        ("https://evil.example\\@gate-api.0bit.app/v1", "live", None, "scheme://host/path"),
        (f"{LIVE}/v1\r\nX: 1", "live", None, "an address such as"),
        (f"{LIVE}/v 1", "live", None, "an address such as"),
        ("https://gäte.example/v1", "live", None, "an address such as"),
        ("", "live", None, "an address such as"),
        (b"https://gate-api.0bit.app/v1", "live", None, "an address such as"),
    ],
    ids=ascii,
)
def test_an_address_that_must_not_have_the_key(
    base_url: Any, mode: str, allow_host: str | None, why: str
) -> None:
    with pytest.raises(GateUsageError) as caught:
        validation.checked_base_url(base_url, mode, allow_host)
    assert why in str(caught.value)
    assert "hunter2" not in str(caught.value)


@given(st.text(max_size=40), st.sampled_from(["test", "live"]))
def test_any_text_is_an_address_or_refused(text: str, mode: str) -> None:
    for base_url in (text, "https://" + text, "http://127.0.0.1" + text):
        try:
            origin, path = validation.checked_base_url(base_url, mode)
        except GateUsageError:
            continue
        host = origin.split("://", 1)[1].rsplit(":", 1)[0]
        assert host in {"127.0.0.1", "localhost", "[::1]", LIVE[8:], TEST[8:]} or host[:4] == "127."
        assert "@" not in origin + path


@pytest.mark.parametrize(
    "id",
    [
        "gs_test_1",
        "67a1f3b9e4b0c10001234567",
        "a",
        "a.b",
        "a:b-c",
        "x" * 255,
        "Zm9vYmFy==",
        "gs+1",
        "gs~1",
        "gs@1",
        "gs_\u00fc",
        "{67a1f3b9-e4b0}",
        "a b",
        "gs&1;2",
        "\u652f\u4ed8",
    ],
    ids=ascii,
)
def test_an_id_that_can_stand_in_a_path(id: str) -> None:
    assert validation.checked_id(id) == id


@pytest.mark.parametrize(
    "id",
    [
        "",
        ".",
        "..",
        "...",
        "a/b",
        "a?b",
        "a#b",
        "a%2fb",
        "a\\b",
        "a%",
        " a",
        "a ",
        " ",
        "a\n",
        "a\x00",
        "a\u200bb",
        "a\u202eb",
        "a\u00a0b",
        "a\ud800",
        "x" * 256,
        "../x",
        None,
        7,
    ],
    ids=ascii,
)
def test_an_id_that_would_mean_something_else_there_is_refused(id: Any) -> None:
    with pytest.raises(
        GateUsageError, match=r"session_id must be (1 to 255 printable|an id as Gate sent it)"
    ):
        validation.checked_id(id, "session_id")


@pytest.mark.parametrize("seconds", [0.05, 1, 30.0, 600])
def test_a_timeout_within_reason(seconds: float) -> None:
    assert validation.checked_timeout(seconds) == seconds
    assert validation.checked_timeout(None) is None


@pytest.mark.parametrize(
    "seconds", [0, 0.04, 601, -1, float("nan"), float("inf"), True, "30", 10**400], ids=str
)
def test_a_timeout_beyond_reason_is_refused(seconds: Any) -> None:
    with pytest.raises(GateUsageError, match=r"0\.05 to 600 seconds"):
        validation.checked_timeout(seconds)


def test_pages_have_a_size() -> None:
    assert validation.checked_limit(100, 100) == 100
    assert validation.checked_skip(0) == 0
    for limit in (0, 101, -1, True, 1.0, "10", None):
        with pytest.raises(GateUsageError, match="limit must be 1 to 100"):
            validation.checked_limit(limit, 100)  # type: ignore[arg-type]
    with pytest.raises(GateUsageError, match="skip must be 0 to"):
        validation.checked_skip(-1)


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("https://partner.example/done?order=1#top", "live"),
        ("http://localhost:3000/done", "test"),
        ("http://127.0.0.1/done", "test"),
    ],
)
def test_a_way_back(url: str, mode: str) -> None:
    assert validation.checked_return_url(url, mode) == url


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("http://partner.example/done", "test"),
        ("http://localhost:3000/done", "live"),
        ("javascript:alert(1)", "test"),
        ("https://user:hunter2@partner.example", "live"),
        ("/done", "live"),
        ("https://partner.example/a b", "live"),
        ("https://partner.example/" + "x" * 2048, "live"),
        (None, "live"),
    ],
    ids=ascii,
)
def test_a_way_back_that_cannot_be_right_is_refused(url: Any, mode: str) -> None:
    with pytest.raises(GateUsageError, match="cancel_url must be") as caught:
        validation.checked_return_url(url, mode, "cancel_url")
    assert "hunter2" not in str(caught.value)


def test_a_country_is_two_letters() -> None:
    assert validation.checked_country("de") == "DE"
    for code in ("", "D", "DEU", "D1", "dé", "DE\n", None):
        with pytest.raises(GateUsageError, match="two letters"):
            validation.checked_country(code)  # type: ignore[arg-type]


def test_a_choice_is_one_of_those_offered() -> None:
    class Flow(StrEnum):
        ON_RAMP = "on_ramp"

    flows = ("on_ramp", "off_ramp")
    assert type(validation.checked_choice("flow", Flow.ON_RAMP, flows)) is str
    for flow in ("ON_RAMP", "on_ramp ", "", None, 1):
        with pytest.raises(GateUsageError, match="flow must be off_ramp or on_ramp, not"):
            validation.checked_choice("flow", flow, flows)  # type: ignore[arg-type]


def test_a_namespace_is_short_visible_text_or_nothing() -> None:
    assert validation.checked_namespace("") == ""
    assert validation.checked_namespace("shop-eu") == "shop-eu"
    for namespace in ("a b", "ä", "x" * 65, "a\n", None):
        with pytest.raises(GateUsageError, match="namespace must be"):
            validation.checked_namespace(namespace)  # type: ignore[arg-type]


def test_tables_of_words_have_all_that_their_types_name() -> None:
    assert get_args(FlowName) == bodies.FLOWS
    assert get_args(SideName) == bodies.SIDES
    assert get_args(SessionStatusName) == bodies.SESSION_STATUSES
    assert get_args(DeliveryStatusName) == bodies.DELIVERY_STATUSES
