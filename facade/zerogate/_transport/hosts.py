"""Tells this machine's own addresses from all others. Pure."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """localhost and the loopback addresses, nothing that merely begins like them."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
