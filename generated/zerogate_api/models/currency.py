# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    TEXT,
    UNSET,
    Unset,
    fitting,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="Currency")


@_attrs_define
class Currency:
    """A fiat currency.

    Attributes:
        code (str): ISO 4217.
        symbol (str): As printed beside an amount.
        name (None | str | Unset): Its name.
    """

    code: str
    symbol: str
    name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        symbol = self.symbol

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "symbol": symbol,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            code = d.pop("code")

            symbol = d.pop("symbol")

            name = fitting(d, "name", str)

            if not (type(code) in TEXT and type(symbol) in TEXT):
                raise other_kind(code=(code, TEXT), symbol=(symbol, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Currency", wrong) from wrong
        record = cls(
            code,
            symbol,
            name,
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
