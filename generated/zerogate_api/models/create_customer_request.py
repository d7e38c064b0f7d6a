# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    UNSET,
    Unset,
    misfit,
    others,
)

T = TypeVar("T", bound="CreateCustomerRequest")


@_attrs_define
class CreateCustomerRequest:
    """A new customer record.

    Attributes:
        email (str): The address. Unique among your records.
        external_id (str | Unset): Your id for the person. Unique among your records.
        phone (str | Unset): The telephone number.
        first_name (str | Unset): The given name.
        last_name (str | Unset): The family name.
        country_code (str | Unset): ISO 3166-1 alpha-2.
        metadata (dict[str, Any] | Unset): Yours to fill; returned verbatim. Your order id belongs here, because it
            joins everything.
    """

    email: str = _attrs_field(repr=False)
    external_id: str | Unset = UNSET
    phone: str | Unset = _attrs_field(default=UNSET, repr=False)
    first_name: str | Unset = _attrs_field(default=UNSET, repr=False)
    last_name: str | Unset = _attrs_field(default=UNSET, repr=False)
    country_code: str | Unset = UNSET
    metadata: dict[str, Any] | Unset = _attrs_field(default=UNSET, repr=False)
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        external_id = self.external_id

        phone = self.phone

        first_name = self.first_name

        last_name = self.last_name

        country_code = self.country_code

        metadata = self.metadata

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "email": email,
            }
        )
        if external_id is not UNSET:
            field_dict["external_id"] = external_id
        if phone is not UNSET:
            field_dict["phone"] = phone
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
            email = src_dict["email"]

            external_id = src_dict.get("external_id", UNSET)

            phone = src_dict.get("phone", UNSET)

            first_name = src_dict.get("first_name", UNSET)

            last_name = src_dict.get("last_name", UNSET)

            country_code = src_dict.get("country_code", UNSET)

            metadata = src_dict.get("metadata", UNSET)

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("CreateCustomerRequest", wrong) from wrong
        record = cls(
            email,
            external_id,
            phone,
            first_name,
            last_name,
            country_code,
            metadata,
        )

        if len(src_dict) != 1 + ("external_id" in src_dict) + ("phone" in src_dict) + (
            "first_name" in src_dict
        ) + ("last_name" in src_dict) + ("country_code" in src_dict) + ("metadata" in src_dict):
            record.additional_properties = others(
                src_dict,
                "email",
                "external_id",
                "phone",
                "first_name",
                "last_name",
                "country_code",
                "metadata",
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
