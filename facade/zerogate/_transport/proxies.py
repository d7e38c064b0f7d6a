"""Finds the proxy for an origin: the given one, or the environment's. Shows no password."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from urllib.parse import unquote, urlsplit

import attrs

from .bypasses import is_bypassed
from .hosts import is_loopback
from .messages import Misuse

_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class Proxy:
    """A proxy's address. authorization: The value of Proxy-Authorization, if it asks for one."""

    scheme: str
    host: str
    port: int
    authorization: str | None = attrs.field(repr=False)


def proxy_for(origin: str, given: str | None) -> Proxy | None:
    """Return the proxy on the way to *origin*, None for none; Misuse if its URL is not one.

    given: A proxy's URL; "" for none whatever the environment says; None leaves it to that.
    """
    url = _from_environment(origin) if given is None else given
    return _parsed(url) if url else None


def _from_environment(origin: str) -> str | None:
    """Return the URL of the environment's proxy; None for none, loopback or NO_PROXY."""
    parts = urlsplit(origin)
    # Loopback would be the proxy's own, not this machine's.
    if is_loopback(parts.hostname or "") or not _may_be_set():
        return None
    # Imported where something is set: it costs as much as all the rest of a client.
    from urllib.request import getproxies, getproxies_environment, proxy_bypass

    # The standard library reads NO_PROXY too, without networks, and `2.3` as an end of 10.1.2.3; what a
    # system says besides is its to read.
    named = getproxies_environment()
    found = named or getproxies()
    url = found.get(parts.scheme) or found.get("all")
    if url is None:
        return None
    if named:
        port = parts.port or _PORTS[parts.scheme]
        return None if is_bypassed(parts.hostname or "", port, named.get("no", "")) else url
    return None if proxy_bypass(parts.netloc) else url


def _may_be_set() -> bool:
    """Return True if a `*_proxy` variable is set; always on macOS and Windows."""
    # macOS and Windows keep proxies in places of their own as well.
    if sys.platform in ("darwin", "win32"):
        return True
    return any(name.lower().endswith("_proxy") for name in os.environ)


def _parsed(url: str) -> Proxy:
    """Return the proxy that a URL names; Misuse, not showing the URL, if it names no proxy."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or _PORTS.get(parts.scheme)
        host = parts.hostname
    except ValueError:
        parts, port, host = urlsplit(""), None, None
    # The URL is not shown: it may hold a password.
    if not port or not host or parts.scheme not in _PORTS:
        raise Misuse(
            "the proxy (proxy=, or HTTPS_PROXY, HTTP_PROXY or ALL_PROXY in the environment) must be "
            "http://host:port or https://host:port; SOCKS is not spoken"
        )
    return Proxy(parts.scheme, host, port, _basic(parts.username, parts.password))


def _basic(user: str | None, password: str | None) -> str | None:
    """Return the value of Proxy-Authorization; None without user and password."""
    if user is None and password is None:
        return None
    both = f"{unquote(user or '')}:{unquote(password or '')}"
    return f"Basic {b64encode(both.encode()).decode()}"
