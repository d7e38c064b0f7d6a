"""What of a new session may go to the browser, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from .errors import GateUsageError

if TYPE_CHECKING:
    from .types import CreatedSession


class ForBrowser(TypedDict):
    """client_secret: for the widget, of this one session; never stored, never logged."""

    client_secret: str
    mode: str
    expires_at: datetime


def for_browser(session: CreatedSession) -> ForBrowser:
    """The hand-over to the widget.

    Raises:
        GateUsageError: the session carries no client secret: it was read rather than created, or
            Gate answered a repeated create without it.
    """
    secret = getattr(session, "client_secret", None)
    if not isinstance(secret, str) or not secret:
        raise GateUsageError(
            f"session {session.id} carries no client_secret: only the answer to its create does; "
            "cancel it and create a new attempt"
        )
    return {
        "client_secret": secret,
        "mode": str(session.mode),
        "expires_at": session.expires_at,
    }
