"""Turns failures into plain words and Python's own exceptions. Pure; shows no header, no body."""

from __future__ import annotations

import socket
import ssl
from typing import Any, Final

import h11

from .bodies import BodyRefused
from .endings import Ending
from .messages import InOurWords, RequestNotSent
from .streams import Connection

#: All that may end an exchange: a call on a socket or TLS, a refused body, what h11 says of HTTP. Whatever
#: else is raised on the way was thrown into it, and goes up as it is.
ENDINGS: Final = (Ending, BodyRefused, h11.ProtocolError)


class Broken(InOurWords, ConnectionError):
    """No whole answer: the connection broke, or what came over it is no HTTP."""


class Late(InOurWords, TimeoutError):
    """No whole answer in time."""


class Insecure(InOurWords, ssl.SSLError):
    """TLS failed on the way."""


class Reset(InOurWords, ConnectionResetError):
    """The other side reset the connection."""


_KINDS: Final[tuple[tuple[type[Exception], type[Exception]], ...]] = (
    (BodyRefused, BodyRefused),
    (TimeoutError, Late),
    (ssl.SSLError, Insecure),
    (ConnectionResetError, Reset),
    (Exception, Broken),
)


def failure_of(exc: Exception, where: str, connection: Connection[Any] | None) -> Exception:
    """Return (not raise) our error for *exc*: RequestNotSent if no byte left, else one of its kind.

    connection: What the request went over; None if it did not get that far.
    """
    exc = exc.cause if isinstance(exc, Ending) else exc
    untouched = connection is None or connection.untouched
    reason = _reason(exc)
    if untouched:
        return RequestNotSent(f"nothing was sent to {where}: {reason}")
    kind = next(ours for theirs, ours in _KINDS if isinstance(exc, theirs))
    return kind(f"no whole answer from {where}: {reason}")


def _reason(exc: Exception) -> str:
    """Return a phrase on why an exchange failed, without class name, header or body."""
    match exc:
        case TimeoutError():
            return "the time was up"
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate was not accepted ({exc.verify_message}); "
                "ssl_context= takes an authority of your own"
            )
        case ssl.SSLError():
            return f"TLS failed ({exc.reason or 'broken off'})"
        case socket.gaierror():
            return f"its name was not found ({exc.strerror})"
        case ConnectionRefusedError():
            return "the connection was refused"
        case h11.ProtocolError() if "ConnectionClosed" in str(exc) or str(exc).startswith("peer"):
            return "the connection was closed before a whole answer had come"
        case h11.ProtocolError():
            return "what came is no HTTP/1.1"
        case _:
            return getattr(exc, "strerror", None) or str(exc) or "the connection broke"
