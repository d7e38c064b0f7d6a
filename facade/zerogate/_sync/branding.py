# Written by facade/unasync.py from facade/zerogate/_async/branding.py; edit that file.
"""The looks of the widget: read them, change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._frames import discreet_class
from .._mistakes.misuse import explained
from .._wire import bodies, operations
from .._wire.bodies import UNCHANGED, Unchanged
from .calls import Calls

if TYPE_CHECKING:
    from ..types import Branding


@explained
@discreet_class
class Brand:
    """`gate.branding`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def retrieve(self, *, timeout: float | None = None) -> Branding:
        """Read the account's branding; a field that is None shows Gate's default."""
        return self._calls.ask(operations.GET_BRANDING, timeout=timeout)

    def update(
        self,
        *,
        logo_url: str | Unchanged | None = UNCHANGED,
        primary_color: str | Unchanged | None = UNCHANGED,
        secondary_color: str | Unchanged | None = UNCHANGED,
        accent_color: str | Unchanged | None = UNCHANGED,
        brand_name: str | Unchanged | None = UNCHANGED,
        timeout: float | None = None,
    ) -> Branding:
        """Change the named fields and return the branding; None clears, omitted fields stay.

        Sent again after an unclear answer only where a read shows the old values.

        logo_url: https. The colours: #RRGGBB.
        """
        changes = bodies.branding(
            logo_url=logo_url,
            primary_color=primary_color,
            secondary_color=secondary_color,
            accent_color=accent_color,
            brand_name=brand_name,
        )

        def look(until: float | None) -> Any:
            """Read the branding as it is now, by the deadline *until*."""
            return self._calls.ask(operations.GET_BRANDING, timeout=timeout, until=until)

        return self._calls.change(
            self._calls.call(operations.UPDATE_BRANDING, timeout=timeout, body=changes),
            changes,
            look,
        )
