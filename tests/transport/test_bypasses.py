"""NO_PROXY as people write it: names, domains, networks and addresses of either kind."""

from __future__ import annotations

import pytest
from zerogate._transport.proxies import proxy_for

PROXY = "http://proxy.example:3128"
DIRECT = [
    ("https://gate.internal:8443", "gate.internal"),
    ("https://gate.internal:8443", "gate.internal:8443"),
    ("https://gate.internal", ".internal"),
    ("https://gate.internal", "*.internal"),
    ("https://gate.internal:8443", "*.internal:8443"),
    ("https://gate.internal", "other.example gate.internal"),
    ("https://gate.internal", "localhost, GATE.INTERNAL "),
    ("https://gate.internal.", "gate.internal"),
    ("https://10.1.2.3", "10.0.0.0/8"),
    ("https://10.1.2.3", "10.1.2.3/8"),
    ("https://10.1.2.3", "10.1.2.3"),
    ("https://10.1.2.3:8443", "10.1.2.3:8443"),
    ("https://[fd00::1]", "fd00::1"),
    ("https://[fd00::1]", "FD00:0:0:0::1"),
    ("https://[fd00::1]", "fd00::/8"),
    ("https://[fd00::1]:8443", "[fd00::1]"),
    ("https://[fd00::1]:8443", "[fd00::1]:8443"),
    ("https://gate.test", "*"),
]
THROUGH = [
    ("https://gate-api.0bit.app", "bit.app"),
    ("https://gate.internal", "gate.internal:8443"),
    ("https://gate.internal", "internal.example"),
    ("https://internal.example", "*.internal"),
    ("https://11.1.2.3", "10.0.0.0/8"),
    ("https://10.1.2.3", "10.0.0.0/99"),
    ("https://10.1.2.3", "2.3"),
    ("https://10.1.2.3:8443", "10.1.2.3:443"),
    ("https://[fd00::1]", "fe80::/10"),
    ("https://[fd00::1]", "10.0.0.0/8"),
    ("https://[fd00::1]", "[fd00::1]:8443"),
    ("https://gate.test", "[:::"),
    ("https://gate.test", "."),
    ("https://gate.test", ", ,"),
    ("https://gate.test", ""),
]


@pytest.fixture(autouse=True)
def _proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)


@pytest.mark.parametrize(("origin", "listed"), DIRECT)
def test_what_is_named_is_reached_without_the_proxy(
    monkeypatch: pytest.MonkeyPatch, origin: str, listed: str
) -> None:
    assert proxy_for(origin, None) is not None
    monkeypatch.setenv("NO_PROXY", listed)
    assert proxy_for(origin, None) is None


@pytest.mark.parametrize(("origin", "listed"), THROUGH)
def test_what_is_not_named_goes_through_it(
    monkeypatch: pytest.MonkeyPatch, origin: str, listed: str
) -> None:
    monkeypatch.setenv("NO_PROXY", listed)
    assert proxy_for(origin, None) is not None
