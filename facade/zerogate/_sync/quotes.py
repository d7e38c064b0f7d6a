# Written by facade/unasync.py from facade/zerogate/_async/quotes.py; edit that file.
"""Prices: indicative ones, and signed ones that are redeemed once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import _validation as validation
from .._frames import discreet_class
from .._idempotency.keys import Identity, checked_key, fresh_key
from .._mistakes.misuse import explained
from .._wire import bodies, operations
from ..errors import GateUsageError
from ..money import Money
from .calls import Calls

if TYPE_CHECKING:
    from .._literals import SideName
    from ..types import QuotePreview, Side, SignedQuote


@explained
@discreet_class
class Quotes:
    """`gate.quotes`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def preview(
        self,
        *,
        amount: Money,
        asset: str,
        side: Side | SideName,
        country_code: str | None = None,
        timeout: float | None = None,
    ) -> list[QuotePreview]:
        """Return one indicative price per method that applies. Nothing is locked."""
        found = self._calls.ask(
            operations.PREVIEW_QUOTES,
            timeout=timeout,
            body=bodies.price(amount=amount, asset=asset, side=side, country_code=country_code),
        )
        return found.data

    def lock(
        self,
        *,
        amount: Money,
        asset: str,
        side: Side | SideName,
        payment_method: str,
        country_code: str | None = None,
        network: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> SignedQuote:
        """Lock a price for one payment; return its signed quote. GateUsageError for an ill-formed asset.

        idempotency_key: Left out, a fresh one serves the attempts of this call: a quote that nobody
            redeems costs nothing, so a second one does no harm.
        """
        if not validation.fits(re.compile("[A-Za-z0-9]{2,12}"), asset):
            raise GateUsageError(f"asset is 2 to 12 letters and digits, not {str(asset)[:40]!r}")
        return self._calls.ask(
            operations.LOCK_QUOTE,
            timeout=timeout,
            identity=Identity(
                None, None, fresh_key() if idempotency_key is None else checked_key(idempotency_key)
            ),
            body=bodies.price(
                amount=amount,
                asset=asset,
                side=side,
                country_code=country_code,
                payment_method=bodies.at_most(64, "payment_method", payment_method),
                network=network,
            ),
        )

    def retrieve(self, id: str, *, timeout: float | None = None) -> SignedQuote:
        """Read a signed quote, which redeems nothing; `expired` after its time, NotFound if there is none."""
        return self._calls.ask(
            operations.RETRIEVE_SIGNED_QUOTE, timeout=timeout, id=validation.checked_id(id)
        )
