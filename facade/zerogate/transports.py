"""For those who use httpx beside Gate: our connections where it takes a transport, and its where we take one.

Nothing else in the package needs this module; importing it imports httpx.
"""

from ._http.adapters import AsyncHttpxTransport, AsyncOverHttpx, HttpxTransport, OverHttpx

__all__ = ["AsyncHttpxTransport", "AsyncOverHttpx", "HttpxTransport", "OverHttpx"]
