# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, misfit

T = TypeVar("T", bound="UpdateCustomerRequest")


@_attrs_define
class UpdateCustomerRequest:
    """What to change. Null clears; what is left out stays.

    Attributes:
        first_name (None | str | Unset): The given name.
        last_name (None | str | Unset): The family name.
        country_code (None | str | Unset): ISO 3166-1 alpha-2.
        metadata (dict[str, Any] | None | Unset): Replaces what was there.
    """

    first_name: None | str | Unset = _attrs_field(default=UNSET, repr=False)
    last_name: None | str | Unset = _attrs_field(default=UNSET, repr=False)
    country_code: None | str | Unset = UNSET
    metadata: dict[str, Any] | None | Unset = _attrs_field(default=UNSET, repr=False)

    def to_dict(self) -> dict[str, Any]:
        first_name: None | str | Unset
        if isinstance(self.first_name, Unset):
            first_name = UNSET
        else:
            first_name = self.first_name

        last_name: None | str | Unset
        if isinstance(self.last_name, Unset):
            last_name = UNSET
        else:
            last_name = self.last_name

        country_code: None | str | Unset
        if isinstance(self.country_code, Unset):
            country_code = UNSET
        else:
            country_code = self.country_code

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        else:
            metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if first_name is not UNSET:
            field_dict["first_name"] = first_name
        if last_name is not UNSET:
            field_dict["last_name"] = last_name
        if country_code is not UNSET:
            field_dict["country_code"] = country_code
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            first_name: None | str | Unset = d.pop("first_name", UNSET)

            last_name: None | str | Unset = d.pop("last_name", UNSET)

            country_code: None | str | Unset = d.pop("country_code", UNSET)

            metadata: dict[str, Any] | None | Unset = d.pop("metadata", UNSET)

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("UpdateCustomerRequest", wrong) from wrong
        record = cls(first_name, last_name, country_code, metadata)

        return record
