"""Proxies, given or from the environment, on loopback: plain ones, tunnels, TLS within TLS."""

from __future__ import annotations

import base64
import ssl

import pytest
from zerogate._transport.messages import Misuse, RequestNotSent
from zerogate._transport.proxies import Proxy, proxy_for

from tests.timing import ends_within

from .conftest import Open
from .scripted import Scripted, answers_once, deaf, echoes, reply, tunnels

CREDENTIALS = base64.b64encode(b"someone:p@ss canary").decode()


async def test_a_plain_request_goes_whole_to_the_proxy(open_half: Open) -> None:
    with Scripted(echoes) as proxy:
        half = open_half("http://gate.test:8080", proxy=f"http://127.0.0.1:{proxy.port}")
        assert (await half.get("/v1/x?y=z")).body == b"http://gate.test:8080/v1/x?y=z"
        await half.get("/v1/x")
    assert proxy.connections == 1
    assert proxy.seen[0].headers["host"] == "gate.test:8080"
    assert "proxy-authorization" not in proxy.seen[0].headers


async def test_a_secure_request_goes_through_a_tunnel_that_the_proxy_cannot_look_into(
    open_half: Open, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with (
        Scripted(echoes, tls=server_tls) as server,
        Scripted(tunnels(lambda: server.port)) as proxy,
    ):
        half = open_half(
            "https://gate.test",
            proxy=f"http://someone:p%40ss%20canary@127.0.0.1:{proxy.port}",
            ssl_context=client_tls,
        )
        got = [(await half.get(f"/v1/{number}")).body for number in range(3)]
    assert got == [b"/v1/0", b"/v1/1", b"/v1/2"]
    [asked] = proxy.seen
    assert (asked.method, asked.target) == ("CONNECT", "gate.test:443")
    assert asked.headers == {
        "host": "gate.test:443",
        "proxy-authorization": f"Basic {CREDENTIALS}",
    }
    assert not any("proxy-authorization" in seen.headers for seen in server.seen)


async def test_a_tunnel_through_a_secure_proxy_is_tls_within_tls(
    open_half: Open, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with (
        Scripted(echoes, tls=server_tls) as server,
        Scripted(tunnels(lambda: server.port), tls=server_tls) as proxy,
    ):
        half = open_half(
            "https://gate.test", proxy=f"https://127.0.0.1:{proxy.port}", ssl_context=client_tls
        )
        assert (await half.post(b"x" * 200_000)).body == b"/v1/gate_sessions"
        assert (await half.get()).body == b"/v1/x"
    assert proxy.seen[0].method == "CONNECT"
    assert server.connections == 1


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden", "502 x"])
async def test_a_proxy_that_gives_no_way_through_sends_nothing_and_shows_no_password(
    open_half: Open, status: str
) -> None:
    with Scripted(answers_once(reply(b"no", status))) as proxy:
        where = f"http://someone:canary@127.0.0.1:{proxy.port}"
        half = open_half("https://gate.test", proxy=where)
        with pytest.raises(RequestNotSent, match=status[:3]) as caught:
            await half.post()
    assert f"through the proxy 127.0.0.1:{proxy.port}" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None


async def test_a_proxy_that_breaks_off_before_the_tunnel_sends_nothing(open_half: Open) -> None:
    with Scripted(answers_once(b"HTTP/1.1 200")) as proxy:
        half = open_half("https://gate.test", proxy=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(RequestNotSent):
            await half.post()


async def test_a_proxy_that_does_not_answer_sends_nothing_in_time(open_half: Open) -> None:
    with Scripted(deaf) as proxy:
        half = open_half("https://gate.test", proxy=f"http://127.0.0.1:{proxy.port}")
        with ends_within(0.3), pytest.raises(RequestNotSent):
            await half.post(within=0.3)


async def test_the_environment_names_the_proxy(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Scripted(echoes) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        got = await open_half("http://gate.test").get()
    assert got.body == b"http://gate.test/v1/x"


PROXY = Proxy("http", "proxy.example", 3128, None)


@pytest.mark.parametrize(
    ("environment", "origin", "expected"),
    [
        ({}, "https://gate.test", None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "https://gate.test", PROXY),
        ({"https_proxy": "proxy.example:3128"}, "https://gate.test", PROXY),
        ({"ALL_PROXY": "http://proxy.example:3128"}, "https://gate.test", PROXY),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, "https://gate.test", None),
        ({"ALL_PROXY": "http://proxy.example:3128"}, "http://127.0.0.1:4010", None),
        ({"ALL_PROXY": "http://proxy.example:3128"}, "http://localhost:4010", None),
        ({"ALL_PROXY": "http://proxy.example:3128"}, "http://[::1]:4010", None),
        (
            {"ALL_PROXY": "http://proxy.example:3128", "NO_PROXY": "other.test,gate.test"},
            "https://gate.test",
            None,
        ),
        (
            {"ALL_PROXY": "http://proxy.example:3128", "NO_PROXY": ".test"},
            "https://gate.test",
            None,
        ),
        ({"ALL_PROXY": "http://proxy.example:3128", "NO_PROXY": "*"}, "https://gate.test", None),
        (
            {"ALL_PROXY": "http://proxy.example:3128", "NO_PROXY": "other.test"},
            "https://gate.test",
            PROXY,
        ),
    ],
)
def test_which_proxy_the_environment_means(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    origin: str,
    expected: Proxy | None,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(origin, None) == expected


def test_a_given_proxy_counts_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example:1")
    monkeypatch.setenv("NO_PROXY", "*")
    assert proxy_for("https://gate.test", "http://proxy.example:3128") == PROXY
    assert proxy_for("https://gate.test", "") is None


def test_a_proxy_shows_no_password() -> None:
    proxy = proxy_for("https://gate.test", "http://someone:canary@proxy.example")
    assert proxy is not None
    assert proxy.authorization is not None
    assert "canary" not in repr(proxy)
    assert proxy.authorization not in repr(proxy)


@pytest.mark.parametrize(
    "url",
    [
        "socks5://someone:canary@proxy.example:1080",
        "http://someone:canary@proxy.example:port",
        "http://someone:canary@:3128",
        "http://[someone:canary@proxy",
        "ftp://canary@proxy.example:1",
    ],
)
async def test_what_is_no_proxy_is_refused_without_showing_it(open_half: Open, url: str) -> None:
    with pytest.raises(Misuse, match="SOCKS is not spoken") as caught:
        open_half("https://gate.test", proxy=url)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
