"""Names of hosts: which are this machine's own, and which were named. Resolves none of them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?", re.ASCII)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)


def is_loopback(host: str) -> bool:
    """localhost and the loopback addresses, nothing that merely begins like them."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_in(authority: str) -> str | None:
    """The host of a Host header, without its port and in small letters; None where it is none."""
    match = _AUTHORITY.fullmatch(authority.lower())
    return None if match is None else match[1].strip("[]").removesuffix(".")


def named(option: str, hosts: Collection[str]) -> frozenset[str]:
    """The hosts that an option names, as `host_in` writes them; ValueError for what is no host."""
    if isinstance(hosts, str):
        raise ValueError(f"{option} takes a list of hosts such as [{hosts!r}]")
    return frozenset(_one(option, host) for host in hosts)


def _one(option: str, host: str) -> str:
    bare = host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    if ":" in bare:
        try:
            return str(ipaddress.ip_address(bare))
        except ValueError:
            pass
    elif _NAME.fullmatch(bare):
        return bare
    raise ValueError(f"{option} takes a host without scheme and port such as sandbox, not {host!r}")
