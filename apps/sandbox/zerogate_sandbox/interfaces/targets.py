"""Decides where events of a served sandbox may go: this machine, and the hosts that were named."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from zerogate_sandbox.interfaces.hosts import host_in, is_loopback, named


@attrs.frozen
class Targets:
    """hosts: Where events may go beside loopback."""

    hosts: frozenset[str] = frozenset()

    @classmethod
    def allowing(cls, hosts: Collection[str], webhook_url: str | None = None) -> Targets:
        """Return targets of *hosts* and of the URL's host; ValueError for what is no host."""
        own = None if webhook_url is None else _host_of(webhook_url)
        return cls(named("--allow-target", hosts) | ({own} if own else set()))

    def allow(self, url: str) -> bool:
        """Return True for a URL on loopback or on one of `hosts`."""
        host = _host_of(url)
        return host is not None and (is_loopback(host) or host in self.hosts)

    def check(self, url: str) -> None:
        """Raise ValueError, with what to do, for a URL that no event may go to."""
        if not self.allow(url):
            host = _host_of(url) or "this URL"
            raise ValueError(
                f"events of a served sandbox go to this machine only, not to {host}: serve it with "
                f"--allow-target {host}, or serve(allowed_targets=[…])"
            )


def _host_of(url: str) -> str | None:
    """Return the host as the sender's HTTP client reads it; None for what is no URL.

    Another parser could read another one.
    """
    import httpx

    try:
        host = httpx.URL(url).host
    except (httpx.InvalidURL, ValueError):
        return None
    return host_in(f"[{host}]" if ":" in host else host)
