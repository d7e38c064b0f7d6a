"""Keeps the looks of each partner's widget: five tokens, merged when some of them change."""

from __future__ import annotations

from typing import Any

from zerogate_sandbox.calls import Call

TOKENS = ("logo_url", "primary_color", "secondary_color", "accent_color", "brand_name")


class Branding:
    """`looks`: account → the tokens that are not at their default."""

    def __init__(self) -> None:
        self.looks: dict[str, dict[str, str | None]] = {}

    def get(self, call: Call) -> dict[str, Any]:
        """Return the account's five tokens; None for one at its default."""
        look = self.looks.get(call.account.name, {})
        return {token: look.get(token) for token in TOKENS}

    def update(self, call: Call) -> dict[str, Any]:
        """Set the tokens given, leave the others, and return all five; emits no event.

        The contract has refused unknown tokens.
        """
        self.looks.setdefault(call.account.name, {}).update(call.fields)
        return self.get(call)
