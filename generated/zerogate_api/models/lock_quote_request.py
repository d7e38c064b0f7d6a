# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.side import Side
from ..types import UNSET, Record, Unset, exact, member, misfit, only_decimal, others

T = TypeVar("T", bound="LockQuoteRequest")


KNOWN = frozenset("currency asset amount side payment_method country_code network".split())


@_attrs_define
class LockQuoteRequest(Record):
    """What to lock a price for.

    Attributes:
        currency (str): ISO 4217.
        asset (str): The crypto asset's symbol.
        amount (Decimal): More than 0, with at most 8 decimals.
        side (Side): `on_ramp`: fiat to crypto. `off_ramp`: crypto to fiat.
        payment_method (str): The method's id.
        country_code (str | Unset): ISO 3166-1 alpha-2.
        network (str | Unset): The network to settle on.
    """

    currency: str
    asset: str
    amount: Decimal = _attrs_field(validator=only_decimal())
    side: Side
    payment_method: str
    country_code: str | Unset = UNSET
    network: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            currency = src_dict["currency"]
            asset = src_dict["asset"]
            amount = exact(src_dict["amount"])
            side = member(Side, src_dict["side"])
            payment_method = src_dict["payment_method"]
            country_code = src_dict.get("country_code", UNSET)
            network = src_dict.get("network", UNSET)
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("LockQuoteRequest", wrong) from wrong
        record = cls(currency, asset, amount, side, payment_method, country_code, network)
        if len(src_dict) != 5 + (country_code is not UNSET) + (network is not UNSET):
            record.additional_properties = others(src_dict, KNOWN)
        return record
