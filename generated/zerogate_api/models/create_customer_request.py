# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Record, Unset, misfit, others

T = TypeVar("T", bound="CreateCustomerRequest")


KNOWN = frozenset("email external_id phone first_name last_name country_code metadata".split())


@_attrs_define
class CreateCustomerRequest(Record):
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
        record = cls(email, external_id, phone, first_name, last_name, country_code, metadata)
        if not src_dict.keys() <= KNOWN:
            record.additional_properties = others(src_dict, KNOWN)
        return record
