"""For those who use httpx beside Gate: our connections where it takes a transport, and its where we take one.

A whole client of its, mocked, traced or with hooks, needs nothing of this: `Gate(http_client=…)`.
Nothing else in the package needs this module; importing it imports httpx.
"""

from ._http.adapters import AsyncHttpxTransport, HttpxTransport
from ._http.over_httpx import AsyncOverHttpx, OverHttpx
from .exchange import AsyncTransport, Reply, Request, Transport

__all__ = [
    "AsyncHttpxTransport",
    "AsyncOverHttpx",
    "AsyncTransport",
    "HttpxTransport",
    "OverHttpx",
    "Reply",
    "Request",
    "Transport",
]
