# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    FLAG,
    TEXT,
    UNSET,
    Unset,
    exact,
    fitting,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="Asset")


@_attrs_define
class Asset:
    """A crypto asset.

    Attributes:
        symbol (str): As sent in `asset` and `target_token`.
        active (bool): Whether it can be used now.
        networks (list[AssetNetwork]): Where it can move.
        name (None | str | Unset): Its name.
        min_amount (Decimal | None | Unset): The least that can be asked for. Its unit is not documented.
        max_amount (Decimal | None | Unset): The most that can be asked for. Its unit is not documented.
    """

    symbol: str
    active: bool
    networks: list[AssetNetwork]
    name: None | str | Unset = UNSET
    min_amount: Decimal | None | Unset = UNSET
    max_amount: Decimal | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        symbol = self.symbol

        active = self.active

        networks = []
        for networks_item_data in self.networks:
            networks_item = networks_item_data.to_dict()
            networks.append(networks_item)

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        min_amount: None | str | Unset
        if isinstance(self.min_amount, Unset):
            min_amount = UNSET
        elif isinstance(self.min_amount, Decimal):
            min_amount = format(self.min_amount, "f")
        else:
            min_amount = self.min_amount

        max_amount: None | str | Unset
        if isinstance(self.max_amount, Unset):
            max_amount = UNSET
        elif isinstance(self.max_amount, Decimal):
            max_amount = format(self.max_amount, "f")
        else:
            max_amount = self.max_amount

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "symbol": symbol,
                "active": active,
                "networks": networks,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if min_amount is not UNSET:
            field_dict["min_amount"] = min_amount
        if max_amount is not UNSET:
            field_dict["max_amount"] = max_amount

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            symbol = d.pop("symbol")

            active = d.pop("active")

            networks = []
            _networks = d.pop("networks")
            for networks_item_data in _networks:
                networks_item = AssetNetwork.from_dict(networks_item_data)

                networks.append(networks_item)

            name = fitting(d, "name", str)

            _min_amount_given = d.pop("min_amount", UNSET)
            min_amount: Decimal | None | Unset
            try:
                if _min_amount_given is None or isinstance(_min_amount_given, Unset):
                    min_amount = _min_amount_given
                elif not isinstance(_min_amount_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    min_amount = exact(_min_amount_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                min_amount, d["min_amount"] = UNSET, _min_amount_given

            _max_amount_given = d.pop("max_amount", UNSET)
            max_amount: Decimal | None | Unset
            try:
                if _max_amount_given is None or isinstance(_max_amount_given, Unset):
                    max_amount = _max_amount_given
                elif not isinstance(_max_amount_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    max_amount = exact(_max_amount_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                max_amount, d["max_amount"] = UNSET, _max_amount_given

            if not (type(symbol) in TEXT and type(active) in FLAG):
                raise other_kind(symbol=(symbol, TEXT), active=(active, FLAG))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Asset", wrong) from wrong
        record = cls(
            symbol,
            active,
            networks,
            name,
            min_amount,
            max_amount,
        )

        if d:
            record.additional_properties = d
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


from ..models.asset_network import AssetNetwork
