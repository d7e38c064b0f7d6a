"""Tells what an exception of a transport says of an attempt; what was thrown into it says nothing. Pure."""

from __future__ import annotations

import socket
from typing import Any, Final

from .._transport.messages import InOurWords, RequestNotSent
from .._transport.thrown import is_of, thrown_in
from ..errors import GateError
from .retries import AttemptVerdict

#: Also for apps, whose handlers a time limit may end.
__all__ = ["failed", "thrown_in"]

_NOT_SENT: Final = (RequestNotSent, ConnectionRefusedError, socket.gaierror)


def failed(
    exc: Exception, transport: Any, handled: BaseException | None
) -> tuple[AttemptVerdict, GateError]:
    """Return verdict and error of an attempt that ended with *exc*; raise *exc* if not the transport's.

    handled: What was being handled before the attempt.

    Raises:
        Exception: it was thrown in while the transport ran, or cannot be told to be its own.
    """
    if not isinstance(exc, InOurWords):
        thrown = thrown_in(exc, handled)
        ours = getattr(transport, "tells_all", False)
        if thrown is not None or ours or not is_of(transport, exc):
            raise thrown or exc
    meaning = AttemptVerdict.UNSENT if isinstance(exc, _NOT_SENT) else AttemptVerdict.UNCLEAR
    return meaning, GateError(_message_of(exc))


def _message_of(exc: Exception) -> str:
    """Return our own transport's message, else the class name: other texts may hold secrets."""
    return str(exc) if isinstance(exc, InOurWords) and str(exc) else type(exc).__name__
