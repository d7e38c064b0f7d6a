# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.side import Side
from ..types import (
    UNSET,
    Unset,
    exact,
    member,
    misfit,
    only_decimal,
    others,
)

T = TypeVar("T", bound="LockQuoteRequest")


@_attrs_define
class LockQuoteRequest:
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

    def to_dict(self) -> dict[str, Any]:
        currency = self.currency

        asset = self.asset

        amount = format(self.amount, "f")

        side = self.side.value

        payment_method = self.payment_method

        country_code = self.country_code

        network = self.network

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "currency": currency,
                "asset": asset,
                "amount": amount,
                "side": side,
                "payment_method": payment_method,
            }
        )
        if country_code is not UNSET:
            field_dict["country_code"] = country_code
        if network is not UNSET:
            field_dict["network"] = network

        return field_dict

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
        record = cls(
            currency,
            asset,
            amount,
            side,
            payment_method,
            country_code,
            network,
        )

        if len(src_dict) != 5 + ("country_code" in src_dict) + ("network" in src_dict):
            record.additional_properties = others(
                src_dict,
                "currency",
                "asset",
                "amount",
                "side",
                "payment_method",
                "country_code",
                "network",
            )
        return record

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
