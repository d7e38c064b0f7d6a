"""Failures of one call on a socket, on TLS or for a name, told from what was thrown into it."""

from __future__ import annotations

from time import monotonic
from typing import Final, NoReturn

from .thrown import thrown_in

#: Seconds by which a time-out of the socket's own may come too early.
_EARLY: Final = 0.05


class Ending(Exception):
    """The exchange ends here, and *cause* says why: nobody but the call itself has raised it."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


def end_by(exc: Exception, until: float | None = None) -> NoReturn:
    """Raise Ending from a call's own *exc*; raise *exc* itself if it was thrown into the call.

    until: When the call would have given up by itself, on the monotonic clock.
    """
    if is_strange(exc, until):
        raise exc
    raise Ending(exc) from None


def is_strange(exc: Exception, until: float | None = None) -> bool:
    """Return True if *exc* is not the call's own: thrown in, or a time-out that is too early."""
    if thrown_in(exc, exc.__context__) is not None:
        return True
    return is_bare(exc) and until is not None and until - monotonic() > _EARLY


def is_bare(exc: Exception) -> bool:
    """Return True for a time-out of the socket's own; the network's, ETIMEDOUT, has a number."""
    return isinstance(exc, TimeoutError) and exc.errno is None
