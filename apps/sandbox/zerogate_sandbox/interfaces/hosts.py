"""Names of hosts: which are this machine's own, and which were named. Resolves none of them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?", re.ASCII)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Return True for `localhost` and loopback addresses; resolves no name."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_in(authority: str) -> str | None:
    """Return a Host header's host in small letters, without its port; None where it is none."""
    match = _AUTHORITY.fullmatch(authority.lower())
    return None if match is None else match[1].strip("[]").removesuffix(".")


def named(option: str, hosts: Collection[str]) -> frozenset[str]:
    """Return the hosts in small letters, without brackets; ValueError for what is no host."""
    if isinstance(hosts, str):
        raise ValueError(f"{option} takes a list of hosts such as [{hosts!r}]")
    return frozenset(_checked_host(option, host) for host in hosts)


def _checked_host(option: str, host: str) -> str:
    """Return the host in small letters, IPv6 in its short form; ValueError for what is no host."""
    bare = host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    if ":" in bare:
        try:
            return str(ipaddress.ip_address(bare))
        except ValueError:
            pass
    elif _NAME.fullmatch(bare):
        return bare
    raise ValueError(f"{option} takes a host without scheme and port such as sandbox, not {host!r}")
