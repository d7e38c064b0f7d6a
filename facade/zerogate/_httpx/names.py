"""Names of the libraries whose clients and transports are taken: found by name, never imported."""

from __future__ import annotations

from typing import Final

#: Both have the same classes by the same names.
HTTPX: Final = frozenset({"httpx", "httpx2"})
