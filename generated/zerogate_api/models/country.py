# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import FLAG, TEXT, UNSET, Record, Unset, fitting, misfit, other_kind

T = TypeVar("T", bound="Country")


@_attrs_define
class Country(Record):
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

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            country_code = d.pop("country_code")
            supported = d.pop("supported")
            name = fitting(d, "name", str)
            default_currency = fitting(d, "default_currency", str)
            if not (type(country_code) in TEXT and type(supported) in FLAG):
                raise other_kind(src_dict, text="country_code", flag="supported")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Country", wrong) from wrong
        record = cls(country_code, supported, name, default_currency)
        if d:
            record.additional_properties = d
        return record
