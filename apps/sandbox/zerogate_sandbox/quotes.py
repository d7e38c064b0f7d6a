"""Prices: indicative ones for every method, and locked ones that can be redeemed once."""

from __future__ import annotations

import hmac
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.calls import Call
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.prices import (
    FEE_RATE,
    LONGEST_AMOUNT,
    exactly,
    plain,
    rate,
    round_fiat,
    round_token,
)
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.times import seconds

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

# Preview rows differ by method, as an answer with options should.
_METHOD_FEES = {"card": Decimal("0.029"), "cash_voucher": Decimal("0.04")}


@attrs.frozen
class Priced:
    """Terms of a trade: assets, method, and the figures."""

    side: str
    currency: str
    asset: str
    payment_method: str
    fiat_amount: str
    crypto_amount: str
    exchange_rate: str
    fees: str


@attrs.define
class Quote:
    id: str
    account: str
    priced: Priced
    network: str | None
    created_at: float
    expires_at: float
    signature: str
    consumed: bool = False

    def status(self, now: float) -> str:
        """Return `consumed`, else `active` or `expired` at this Unix time."""
        if self.consumed:
            return "consumed"
        return "active" if now < self.expires_at else "expired"

    def view(self, now: float) -> dict[str, Any]:
        """Return the quote as the API shows it, with its status at this Unix time."""
        return {
            "object": "signed_quote",
            "id": self.id,
            "status": self.status(now),
            **attrs.asdict(self.priced),
            "signature": self.signature,
            "expires_at": seconds(self.expires_at),
            "created_at": seconds(self.created_at),
        }


class Quotes:
    def __init__(self, world: World) -> None:
        self.world = world
        self.collection: Collection[Quote] = Collection("quote")

    def preview(self, call: Call) -> dict[str, Any]:
        """Return a list with one price for each method that applies; nothing is kept."""
        wanted = call.fields
        rows = [
            {"object": "quote_preview", **attrs.asdict(_priced(wanted, method))}
            for method in self._methods(call)
        ]
        return {"object": "list", "data": rows, "has_more": False, "url": call.path}

    def lock(self, call: Call) -> dict[str, Any]:
        """Add a quote for one method and return it; Refused (422) where it is not on offer."""
        wanted = call.fields
        if wanted["payment_method"] not in self._methods(call):
            raise Refused(422, "this asset, currency, side and payment_method are not on offer")
        self._check_network(call)
        quote = self._new(call, _priced(wanted, wanted["payment_method"]))
        self.collection.add(quote)
        return quote.view(call.now)

    def retrieve(self, call: Call) -> dict[str, Any]:
        """Return the account's quote with its status now; Refused (404) if unknown."""
        return self.collection.find(call.account.name, call.params["id"]).view(call.now)

    def redeemable(self, call: Call, side: str) -> Quote:
        """Return the body's quote, unspent; Refused: 422 unknown or other side, 409 not active."""
        quote = self.collection.named("quote_id", call.account.name, call.fields["quote_id"])
        status = quote.status(call.now)
        if status != "active":
            raise Refused(409, f"the quote is {status}")
        if quote.priced.side != side:
            raise Refused(422, f"the quote is for {quote.priced.side}, not {side}")
        return quote

    def consume(self, quote: Quote, session_id: str) -> None:
        """Mark the quote consumed and emit `quote.consumed`, in the session's lane."""
        quote.consumed = True
        account = self.world.partners.accounts[quote.account]
        self.world.emit(account, "quote.consumed", quote.view(self.world.now), session_id)

    def _methods(self, call: Call) -> list[str]:
        """Return ids of methods for the body's terms, [] if not offered; Refused (422) if amount too long."""
        if len(call.fields["amount"]) > LONGEST_AMOUNT:
            raise Refused(422, "amount: more digits than anybody has money")
        wanted, capabilities = call.fields, self.world.capabilities
        region = wanted.get("country_code", call.account.region)
        offered = capabilities.serves(call.account, region) and capabilities.offers(
            call.account, wanted["asset"], wanted["side"]
        )
        if not offered:
            return []
        return capabilities.methods(call.account, wanted["currency"], wanted["side"])

    def _check_network(self, call: Call) -> None:
        """Raise Refused (422) if the body names a network that the asset is not on; no network passes."""
        network = call.fields.get("network")
        known = self.world.capabilities.networks(call.account, call.fields["asset"])
        if network is not None and network not in known:
            raise Refused(422, f"the asset does not move there; it does on {', '.join(known)}")

    def _new(self, call: Call, priced: Priced) -> Quote:
        """Return a signed quote that is not added yet; it lives as long as the profile says."""
        id = f"qt_{call.account.mode}_{self.world.seeds.hex('quote', 16)}"
        signed = "|".join((id, *attrs.astuple(priced))).encode()
        key = f"quotes/{self.world.seeds.seed}".encode()
        return Quote(
            id=id,
            account=call.account.name,
            network=call.fields.get("network"),
            created_at=call.now,
            expires_at=call.now + self.world.profile.quote_life,
            signature=hmac.new(key, signed, sha256).hexdigest(),
            priced=priced,
        )


@exactly
def _priced(wanted: dict[str, Any], method: str) -> Priced:
    """Return the fake figures for `amount` in fiat; its fees stand beside, not taken off."""
    currency, asset = wanted["currency"].upper(), wanted["asset"].upper()
    fiat, price = Decimal(wanted["amount"]), rate(asset, currency)
    share = _METHOD_FEES.get(method, FEE_RATE)
    return Priced(
        side=wanted["side"],
        currency=currency,
        asset=asset,
        payment_method=method,
        fiat_amount=wanted["amount"],
        crypto_amount=plain(round_token(fiat / price, asset)),
        exchange_rate=plain(price),
        fees=plain(round_fiat(fiat * share, currency, up=True)),
    )
