# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""The low-level client of the Gate API, generated from openapi/gate-v1.yaml: edit that, not this.

Models and calls import without httpx; the two clients bring it in on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(".client", __name__), name)
    return found
