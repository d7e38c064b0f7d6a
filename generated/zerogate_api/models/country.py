# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    FLAG,
    TEXT,
    UNSET,
    Unset,
    fitting,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="Country")


@_attrs_define
class Country:
    """A country.

    Attributes:
        country_code (str): ISO 3166-1 alpha-2.
        supported (bool): Whether this account can serve it.
        name (None | str | Unset): Its name.
        default_currency (None | str | Unset): Its usual fiat currency, ISO 4217.
    """

    country_code: str
    supported: bool
    name: None | str | Unset = UNSET
    default_currency: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        country_code = self.country_code

        supported = self.supported

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        default_currency: None | str | Unset
        if isinstance(self.default_currency, Unset):
            default_currency = UNSET
        else:
            default_currency = self.default_currency

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "country_code": country_code,
                "supported": supported,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if default_currency is not UNSET:
            field_dict["default_currency"] = default_currency

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            country_code = d.pop("country_code")

            supported = d.pop("supported")

            name = fitting(d, "name", str)

            default_currency = fitting(d, "default_currency", str)

            if not (type(country_code) in TEXT and type(supported) in FLAG):
                raise other_kind(country_code=(country_code, TEXT), supported=(supported, FLAG))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Country", wrong) from wrong
        record = cls(
            country_code,
            supported,
            name,
            default_currency,
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
