# Written by facade/unasync.py from facade/zerogate/_async/embed.py; edit that file.
"""Starts the widget for one browser: the only operation that takes a publishable key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import _validation as validation
from .._frames import discreet_class
from .._idempotency.answers import other_secret
from .._mistakes.misuse import explained
from .._wire import bodies, operations
from ..errors import ReadFailed
from .calls import Calls

if TYPE_CHECKING:
    from ..types import EmbedToken


@explained
@discreet_class
class Embed:
    """`gate.embed`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def bootstrap(
        self,
        client_secret: str | None = None,
        *,
        origin: str,
        requested_scopes: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> EmbedToken:
        """Return a token for the widget, valid for an hour; an overdue session becomes `expired`.

        The browser does this by itself as a rule; a server does it for tests and for an app of its
        own. When it fails, go back to the session: never fall back to the secret key.

        origin: The page's origin, exactly as allowed for the account, such as https://shop.example.
        """
        found: EmbedToken = self._calls.ask(
            operations.CREATE_EMBED_TOKEN,
            timeout=timeout,
            headers=(("Origin", validation.checked_origin(origin)),),
            body=bodies.present(
                clientSecret=client_secret,
                requested_scopes=bodies.words("requested_scopes", requested_scopes),
            ),
        )
        if other_secret(client_secret, found.session_id):
            raise ReadFailed(
                f"createEmbedToken was answered for session {found.session_id!a}, and not for the "
                "secret's: nothing of that answer counts"
            )
        return found
