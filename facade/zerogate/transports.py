"""Transports to use with httpx: ours for a client of httpx, and httpx's own for Gate.

A whole client of its, mocked, traced or with hooks, needs nothing of this: `Gate(http_client=…)`.
Nothing else in the package needs this module; importing it imports httpx.
"""

from ._httpx.adapters import AsyncHttpxAdapter, HttpxAdapter
from ._httpx.transports import AsyncHttpxTransport, HttpxTransport
from ._protocols import AsyncTransport, Transport
from ._transport.messages import Reply, Request, RequestNotSent

__all__ = [
    "AsyncHttpxAdapter",
    "AsyncHttpxTransport",
    "AsyncTransport",
    "HttpxAdapter",
    "HttpxTransport",
    "Reply",
    "Request",
    "RequestNotSent",
    "Transport",
]
