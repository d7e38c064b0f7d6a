"""Reads hosts that are IP addresses, and tells this machine's own from all others. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that *host* is; None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Return True for `localhost` and loopback addresses, nothing that merely begins like them."""
    address = address_of(host)
    return host == "localhost" or (address is not None and address.is_loopback)
