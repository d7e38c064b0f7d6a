"""Lists what an account can offer now: by region, side, method, compliance and withdrawals.

A withdrawal is named `country:DE`, `currency:EUR`, `asset:USDC`, `network:USDC/base`,
`method:card` or `payout:bank_transfer`; it hides the entry from one moment to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerogate_sandbox import catalogue
from zerogate_sandbox.calls import Call
from zerogate_sandbox.lists import page
from zerogate_sandbox.partners import Account
from zerogate_sandbox.responses import Refused

if TYPE_CHECKING:
    from zerogate_sandbox.catalogue import Asset, Country

_KINDS = ("country", "currency", "asset", "network", "method", "payout")
_LIMITS = {"min_amount": "1.00", "max_amount": "50000.00"}


class Capabilities:
    """`withdrawn`: what is missing for everybody, or for one account (by its name)."""

    def __init__(self) -> None:
        self.withdrawn: dict[str, set[str]] = {}

    # --- changing it ---

    def withdraw(self, entry: str, account: str = "") -> None:
        """Hide an entry from one account, from all where it is ""; ValueError if malformed."""
        self.withdrawn.setdefault(account, set()).add(_checked_entry(entry))

    def restore(self, entry: str, account: str = "") -> None:
        """Undo `withdraw` with the same arguments; do nothing where there was none. ValueError: malformed."""
        self.withdrawn.get(account, set()).discard(_checked_entry(entry))

    def _has(self, account: Account, kind: str, name: str) -> bool:
        """Return True unless the entry is withdrawn for all or for this account."""
        entry = f"{kind}:{name}"
        return not any(entry in self.withdrawn.get(one, ()) for one in ("", account.name))

    # --- operations ---

    def countries(self, call: Call) -> dict[str, Any]:
        """Return the list of countries, unsupported ones too, filtered by the query."""
        wanted, supported = call.query.get("country_code"), call.query.get("supported")
        rows = [
            {
                "country_code": country.code,
                "supported": self.serves(call.account, country.code),
                "name": country.name,
                "default_currency": country.currency,
            }
            for country in catalogue.countries().values()
            if wanted is None or country.code == wanted.upper()
        ]
        rows = [row for row in rows if supported is None or row["supported"] == supported]
        return _one_page(call, rows)

    def currencies(self, call: Call) -> dict[str, Any]:
        """Return the list of currencies that trade, of one country where the query says."""
        codes = (
            [self._fiat_of(call.account, call.query["country_code"])]
            if ("country_code" in call.query)
            else list(catalogue.currencies())
        )
        rows = [
            {"code": code, "symbol": fiat.symbol, "name": fiat.name}
            for code, fiat in catalogue.currencies().items()
            if code in codes and self.trades(call.account, code)
        ]
        return _one_page(call, rows)

    def assets(self, call: Call) -> dict[str, Any]:
        """Return the list of assets of a side (default on_ramp); empty for a closed region."""
        side = call.query.get("side", "on_ramp")
        if not self._region_serves(call, side):
            return _one_page(call, [])
        rows = [
            self._asset(call.account, asset)
            for asset in catalogue.ASSETS.values()
            if self.offers(call.account, asset.symbol, side)
        ]
        return _one_page(call, rows)

    def asset(self, call: Call) -> dict[str, Any]:
        """Return one asset by symbol; Refused (404) where it is not offered on this side."""
        symbol = call.params["symbol"].upper()
        if not self.offers(call.account, symbol, call.query.get("side", "on_ramp")):
            raise Refused(404, "no such asset on this side")
        return self._asset(call.account, catalogue.ASSETS[symbol])

    def payment_methods(self, call: Call) -> dict[str, Any]:
        """Return the list of ways to pay, by the query's currency or country."""
        return self._methods(call, "on_ramp")

    def payout_methods(self, call: Call) -> dict[str, Any]:
        """Return the list of ways to be paid, by the query's currency or country."""
        return self._methods(call, "off_ramp")

    def eligibility(self, call: Call) -> dict[str, Any]:
        """Return whether the query's terms can be served, and the first reason if not."""
        reason = self._obstacle(call)
        return {
            "eligible": reason is None,
            "unavailable_reason": reason,
            "geo_source": "query" if "country_code" in call.query else "ip",
        }

    # --- what others ask ---

    def serves(self, account: Account, country: str) -> bool:
        """Return True for a supported country, not withdrawn, and an account not blocked."""
        known = catalogue.countries().get(country.upper())
        return (
            known is not None
            and known.supported
            and account.compliance != "blocked"
            and self._has(account, "country", known.code)
        )

    def trades(self, account: Account, currency: str) -> bool:
        """Return True for a supported currency, not withdrawn, and an account not blocked."""
        code = currency.upper()
        return (
            code in catalogue.currencies()
            and account.compliance != "blocked"
            and self._has(account, "currency", code)
        )

    def offers(self, account: Account, symbol: str, side: str) -> bool:
        """Return True for an active asset of this side, not withdrawn, the side being open."""
        asset = catalogue.ASSETS.get(symbol.upper())
        return (
            asset is not None
            and asset.active
            and side in asset.sides
            and _side_is_open(account, side)
            and self._has(account, "asset", asset.symbol)
        )

    def networks(self, account: Account, symbol: str) -> list[str]:
        """Return an asset's chains that are not withdrawn; KeyError for an unknown asset."""
        asset = catalogue.ASSETS[symbol.upper()]
        return [
            chain
            for chain, _ in asset.networks
            if self._has(account, "network", f"{asset.symbol}/{chain}")
        ]

    def methods(self, account: Account, currency: str, side: str) -> list[str]:
        """Return ids of ways to pay (on_ramp) or be paid (off_ramp); [] if the currency is not traded so."""
        if not self.trades(account, currency) or not _side_is_open(account, side):
            return []
        fiat = catalogue.currencies()[currency.upper()]
        kind, ids = ("method", fiat.pay_in) if side == "on_ramp" else ("payout", fiat.pay_out)
        return [id for id in ids if self._has(account, kind, id)]

    # --- inside ---

    def _region_serves(self, call: Call, side: str) -> bool:
        """Return True where region and currency of the query can be served on this side."""
        currency = call.query.get("currency")
        region = call.query.get("country_code", call.account.region)
        return (
            self.serves(call.account, region)
            and _side_is_open(call.account, side)
            and (currency is None or self.trades(call.account, currency))
        )

    def _methods(self, call: Call, side: str) -> dict[str, Any]:
        """Return the list of methods by currency, else by the country asked for or the caller's."""
        country = call.query.get("country_code", call.account.region)
        currency = call.query.get("currency") or self._fiat_of(call.account, country)
        ids = self.methods(call.account, currency, side) if currency else []
        return _one_page(call, [{"id": id, "name": catalogue.METHODS[id]} for id in ids])

    def _fiat_of(self, account: Account, country: str) -> str | None:
        """Return the currency of a country that is served; None for any other."""
        known: Country | None = catalogue.countries().get(country.upper())
        return known.currency if known and self.serves(account, known.code) else None

    def _asset(self, account: Account, asset: Asset) -> dict[str, Any]:
        """Return the asset as answers show it; inactive where no network of it is left."""
        chains = self.networks(account, asset.symbol)
        return {
            "symbol": asset.symbol,
            "active": bool(chains),
            "networks": [
                {"chain": chain, "contract_address": contract}
                for chain, contract in asset.networks
                if chain in chains
            ],
            "name": asset.name,
            **_LIMITS,
        }

    def _obstacle(self, call: Call) -> str | None:
        """Return the code of the first reason against the query's terms; None without one."""
        region = call.query.get("country_code", call.account.region)
        currency, asset = call.query.get("currency"), call.query.get("asset")
        if call.account.compliance == "blocked":
            return "account_under_review"
        if not self.serves(call.account, region):
            return "region_not_supported"
        if currency is not None and not self.trades(call.account, currency):
            return "currency_not_supported"
        sides = ("on_ramp", "off_ramp")
        if asset is not None and not any(self.offers(call.account, asset, one) for one in sides):
            return "asset_not_supported"
        return None


def _side_is_open(account: Account, side: str) -> bool:
    """Return True unless the account's compliance closes this side."""
    closed = {"clear": (), "limited": ("off_ramp",), "blocked": ("on_ramp", "off_ramp")}
    return side not in closed[account.compliance]


def _checked_entry(entry: str) -> str:
    """Return the entry as it is; ValueError for an unknown kind or no name."""
    kind, _, name = entry.partition(":")
    if kind not in _KINDS or not name:
        kinds = ", ".join(f"{one}:…" for one in _KINDS)
        raise ValueError(f"{entry!r} cannot be withdrawn; there are {kinds}")
    return entry


def _one_page(call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the list envelope with all rows in one page."""
    return page(call.path, rows, max(1, len(rows)))
