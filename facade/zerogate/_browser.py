"""The part of a new session that may go to the browser, and nothing else."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, TypedDict

from .errors import GateUsageError

if TYPE_CHECKING:
    from .types import CreatedSession


class ForBrowser(TypedDict):
    """Data for a JSON answer to the browser.

    client_secret: For the widget, of this one session; never stored, never logged.
    expires_at: In ISO 8601, in UTC.
    """

    client_secret: str
    mode: str
    expires_at: str


def for_browser(session: CreatedSession) -> ForBrowser:
    """Return what the widget needs, client secret included; GateUsageError if the session carries none.

    Raises:
        GateUsageError: the session carries no client secret: it was read rather than created, or
            Gate answered a repeated create without it.
    """
    if not hasattr(session, "id"):
        raise GateUsageError(
            f"for_browser() takes the session that create() returned, not {type(session).__name__}: "
            "hand over that one, in async code after `await`"
        )
    secret = getattr(session, "client_secret", None)
    if not isinstance(secret, str) or not secret:
        raise GateUsageError(
            f"session {session.id} carries no client_secret: only the answer to its create does; "
            "cancel it and create a new attempt"
        )
    return {
        "client_secret": secret,
        "mode": str(session.mode),
        "expires_at": session.expires_at.astimezone(UTC).isoformat(),
    }
