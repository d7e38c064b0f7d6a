# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import FLAG, TEXT, UNSET, Record, Unset, exact, fitted, fitting, misfit, other_kind

T = TypeVar("T", bound="Asset")


@_attrs_define
class Asset(Record):
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

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            symbol = d.pop("symbol")
            active = d.pop("active")
            networks = [AssetNetwork.from_dict(one) for one in d.pop("networks")]
            name = fitting(d, "name", str)
            min_amount = fitted(d, "min_amount", exact)
            max_amount = fitted(d, "max_amount", exact)
            if not (type(symbol) in TEXT and type(active) in FLAG):
                raise other_kind(src_dict, text="symbol", flag="active")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Asset", wrong) from wrong
        record = cls(symbol, active, networks, name, min_amount, max_amount)
        if d:
            record.additional_properties = d
        return record


from ..models.asset_network import AssetNetwork
