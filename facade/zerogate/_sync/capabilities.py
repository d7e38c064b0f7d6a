# Written by facade/unasync.py from facade/zerogate/_async/capabilities.py; edit that file.
"""The offer of this account by region: countries, currencies, assets, methods, eligibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _validation as validation
from .._frames import discreet_class
from .._misuse import explained
from .._validation import Somewhere
from .._wire import bodies
from .calls import Calls

if TYPE_CHECKING:
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
        """Every country, or one; *supported* keeps those that are, or those that are not."""
        found = self._calls.ask(
            "listCountries",
            timeout=timeout,
            country_code=None if country_code is None else validation.checked_country(country_code),
            supported=supported,
        )
        rows: list[Country] = found.data
        return rows

    def currencies(
        self, *, country_code: str | Somewhere, timeout: float | None = None
    ) -> list[Currency]:
        """Fiat currencies for a country; none for a region that Gate does not know."""
        found = self._calls.ask(
            "listCurrencies", timeout=timeout, country_code=validation.named_country(country_code)
        )
        rows: list[Currency] = found.data
        return rows

    def assets(
        self,
        *,
        country_code: str | Somewhere,
        side: Side | str = "on_ramp",
        currency: str | None = None,
        timeout: float | None = None,
    ) -> list[Asset]:
        """Assets on one side, `on_ramp` or `off_ramp`, with their networks."""
        found = self._calls.ask(
            "listAssets",
            timeout=timeout,
            country_code=validation.named_country(country_code),
            side=bodies.sided(side),
            currency=currency,
        )
        rows: list[Asset] = found.data
        return rows

    def asset(
        self, symbol: str, *, side: Side | str = "on_ramp", timeout: float | None = None
    ) -> Asset:
        """One asset and its networks, for the region of the caller's address: Gate takes no country here.

        Raises:
            NotFound: unknown, inactive, or not offered there or on that side: hide it, try later.
        """
        found: Asset = self._calls.ask(
            "getAsset",
            timeout=timeout,
            symbol=validation.checked_id(symbol, "symbol"),
            side=bodies.sided(side),
        )
        return found

    def payment_methods(
        self,
        *,
        country_code: str | Somewhere | None = None,
        currency: str | None = None,
        timeout: float | None = None,
    ) -> list[PaymentMethod]:
        """List the ways to pay in. Needs a currency or a country; the currency wins."""
        found = self._calls.ask(
            "listPaymentMethods", timeout=timeout, **bodies.region(country_code, currency)
        )
        rows: list[PaymentMethod] = found.data
        return rows

    def payout_methods(
        self,
        *,
        country_code: str | Somewhere | None = None,
        currency: str | None = None,
        timeout: float | None = None,
    ) -> list[PayoutMethod]:
        """List the ways to be paid out. Needs a currency or a country; the currency wins."""
        found = self._calls.ask(
            "listPayoutMethods", timeout=timeout, **bodies.region(country_code, currency)
        )
        rows: list[PayoutMethod] = found.data
        return rows

    def eligibility(
        self,
        *,
        country_code: str | Somewhere,
        currency: str | None = None,
        asset: str | None = None,
        timeout: float | None = None,
    ) -> Eligibility:
        """Ask whether a flow can be offered; an unsupported region is `eligible=False`."""
        found: Eligibility = self._calls.ask(
            "checkEligibility",
            timeout=timeout,
            country_code=validation.named_country(country_code),
            currency=currency,
            asset=asset,
        )
        return found
