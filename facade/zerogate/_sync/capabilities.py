# Written by facade/unasync.py from facade/zerogate/_async/capabilities.py; edit that file.
"""The offer of this account by region: countries, currencies, assets, methods, eligibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _validation as validation
from .._frames import discreet_class
from .._mistakes.misuse import explained
from .._validation import Somewhere
from .._wire import bodies, operations
from .calls import Calls

if TYPE_CHECKING:
    from .._literals import SideName
    from ..types import (
        Asset,
        Country,
        Currency,
        Eligibility,
        PaymentMethod,
        PayoutMethod,
        Side,
    )


@explained
@discreet_class
class Capabilities:
    """`gate.capabilities`: what may be shown to a user now; it changes, so don't keep it for long.

    Where Gate answers for a country it takes the caller's address when none is named, which from a
    server is the data centre's. So a country is required; `BY_CALLER_IP` is the explicit way out.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def countries(
        self,
        *,
        country_code: str | None = None,
        supported: bool | None = None,
        timeout: float | None = None,
    ) -> list[Country]:
        """List all countries, or the one named; *supported* keeps the supported, or the others."""
        found = self._calls.ask(
            operations.LIST_COUNTRIES,
            timeout=timeout,
            country_code=None if country_code is None else validation.checked_country(country_code),
            supported=supported,
        )
        return found.data

    def currencies(
        self, *, country_code: str | Somewhere, timeout: float | None = None
    ) -> list[Currency]:
        """Return a country's fiat currencies; [] for a region that Gate does not know."""
        found = self._calls.ask(
            operations.LIST_CURRENCIES,
            timeout=timeout,
            country_code=validation.named_country(country_code),
        )
        return found.data

    def assets(
        self,
        *,
        country_code: str | Somewhere,
        side: Side | SideName = "on_ramp",
        currency: str | None = None,
        timeout: float | None = None,
    ) -> list[Asset]:
        """List the assets of one side, `on_ramp` or `off_ramp`, with their networks."""
        found = self._calls.ask(
            operations.LIST_ASSETS,
            timeout=timeout,
            country_code=validation.named_country(country_code),
            side=bodies.sided(side),
            currency=currency,
        )
        return found.data

    def asset(
        self, symbol: str, *, side: Side | SideName = "on_ramp", timeout: float | None = None
    ) -> Asset:
        """Read one asset, for the region of our IP address; NotFound if unknown or not offered there.

        Raises:
            NotFound: unknown, inactive, or not offered there or on that side: hide it, try later.
        """
        return self._calls.ask(
            operations.GET_ASSET,
            timeout=timeout,
            symbol=validation.checked_id(symbol, "symbol"),
            side=bodies.sided(side),
        )

    def payment_methods(
        self,
        *,
        country_code: str | Somewhere | None = None,
        currency: str | None = None,
        timeout: float | None = None,
    ) -> list[PaymentMethod]:
        """List the ways to pay in, by currency, else by country; GateUsageError if neither is given."""
        return (
            self._calls.ask(
                operations.LIST_PAYMENT_METHODS,
                timeout=timeout,
                **bodies.region(country_code, currency),
            )
        ).data

    def payout_methods(
        self,
        *,
        country_code: str | Somewhere | None = None,
        currency: str | None = None,
        timeout: float | None = None,
    ) -> list[PayoutMethod]:
        """List the ways to be paid out, by currency, else by country; GateUsageError if neither is given."""
        return (
            self._calls.ask(
                operations.LIST_PAYOUT_METHODS,
                timeout=timeout,
                **bodies.region(country_code, currency),
            )
        ).data

    def eligibility(
        self,
        *,
        country_code: str | Somewhere,
        currency: str | None = None,
        asset: str | None = None,
        timeout: float | None = None,
    ) -> Eligibility:
        """Read if a flow can be offered; an unsupported region is `eligible=False`, no error."""
        return self._calls.ask(
            operations.CHECK_ELIGIBILITY,
            timeout=timeout,
            country_code=validation.named_country(country_code),
            currency=currency,
            asset=asset,
        )
