"""Reads ZEROGATE_OFFLINE, and refuses what would leave this machine while it is set."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urlsplit

from ._transport.hosts import is_loopback
from .errors import GateUsageError

VARIABLE: Final = "ZEROGATE_OFFLINE"
_OFF: Final = frozenset({"", "0", "false", "no", "off"})


def is_offline() -> bool:
    """Return True if ZEROGATE_OFFLINE is set now, to anything that does not say no."""
    return os.environ.get(VARIABLE, "").strip().lower() not in _OFF


def check_offline(mode: str, origin: str, transport: object) -> None:
    """Raise GateUsageError if ZEROGATE_OFFLINE is set and this would leave the machine, or use a live key.

    transport: May say of itself `offline = True` (it reaches nothing outside of this process), and
        `proxy_host` (whom it would connect to instead of the origin).

    Raises:
        GateUsageError: a live key, another host than loopback, or a proxy on another host.
    """
    if is_offline() and (why := _why_refused(mode, origin, transport)):
        raise GateUsageError(
            f"{VARIABLE} is set, and {why}. In tests, use the sandbox (its transport(), or served on "
            "loopback); `pytest --gate-network` lets a run reach the network"
        )


def _why_refused(mode: str, origin: str, transport: object) -> str | None:
    """Return why sending would leave this machine or use a live key; None if it would not."""
    if mode == "live":
        return "a live key is never used then"
    if getattr(transport, "offline", False) is True:
        return None
    host = urlsplit(origin).hostname or ""
    if not is_loopback(host):
        return f"{host} is not this machine (a transport that reaches nothing says offline = True)"
    proxy = getattr(transport, "proxy_host", None)
    if isinstance(proxy, str) and not is_loopback(proxy):
        return f"a proxy on {proxy} would be asked (proxy='', or httpx.Client(trust_env=False))"
    return None
