"""Decides if NO_PROXY names a host, in the forms that people write it. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

from .hosts import address_of

#: A name or an address, in brackets where it has colons and a port comes after it.
_ENTRY: Final = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<name>[^:]*))(?::(?P<port>[0-9]+))?")


def is_bypassed(host: str, port: int, listed: str) -> bool:
    """Return True if *listed*, as in NO_PROXY, has the host, a domain above it, or a network it is in.

    listed: Entries with commas or blanks between: `*`, `shop.internal`, `.internal`, `*.internal`,
        `10.0.0.0/8`, `fd00::1`, `[fd00::1]:8443`; one that is none of these means nobody.
    """
    name = host.rstrip(".").lower()
    address = address_of(name)
    entries = re.split(r"[,\s]+", listed.lower())
    return any(entry == "*" or _entry_matches(entry, name, address, port) for entry in entries)


def _entry_matches(
    entry: str, name: str, address: IPv4Address | IPv6Address | None, port: int
) -> bool:
    """Return True if one entry of NO_PROXY means this host and port."""
    if _is_network(entry, address):
        return True
    found = _ENTRY.fullmatch(entry)
    if found is None or (found["port"] is not None and int(found["port"]) != port):
        return False
    if found["six"] is not None or address is not None:
        return _is_network(found["six"] or found["name"] or "", address)
    meant = found["name"].removeprefix("*").strip(".")
    return bool(meant) and (name == meant or name.endswith(f".{meant}"))


def _is_network(entry: str, address: IPv4Address | IPv6Address | None) -> bool:
    """Return True if *entry* is this address or a network with it in; False for no address."""
    if address is None or not entry:
        return False
    try:
        return address in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False
