"""The generated client as it stands, given a transport of ours."""

from __future__ import annotations

from typing import Any

from zerogate_api import AuthenticatedClient


def client_over(transport: Any, base_url: str, bearer: str) -> AuthenticatedClient:
    """Return a generated client that sends through *transport*, with this Authorization header."""
    return AuthenticatedClient(
        base_url, bearer.removeprefix("Bearer "), httpx_args={"transport": transport}
    )
