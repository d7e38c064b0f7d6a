# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import TEXT, UNSET, Record, Unset, fitting, misfit, other_kind

T = TypeVar("T", bound="Currency")


@_attrs_define
class Currency(Record):
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

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            code = d.pop("code")
            symbol = d.pop("symbol")
            name = fitting(d, "name", str)
            if not (type(code) in TEXT and type(symbol) in TEXT):
                raise other_kind(src_dict, text="code symbol")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Currency", wrong) from wrong
        record = cls(code, symbol, name)
        if d:
            record.additional_properties = d
        return record
