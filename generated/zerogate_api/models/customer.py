# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.mode import Mode
from ..types import OBJECT, TEXT, UNSET, Record, Unset, fitted, member, misfit, other_kind

T = TypeVar("T", bound="Customer")


@_attrs_define
class Customer(Record):
    """A customer record of yours.

    Attributes:
        id (str): The customer.
        object_ (Literal['customer']): Always `customer`.
        partner_id (str): The partner who owns it.
        mode (Mode): Which environment the object belongs to. The key decides.
        email (str): The address. Unique among your records.
        external_id (None | str): Your id for the person. Unique among your records.
        phone (None | str): The telephone number.
        first_name (None | str): The given name.
        last_name (None | str): The family name.
        country_code (None | str): ISO 3166-1 alpha-2.
        kyc_status (str): How far verification is. An open set.
        metadata (dict[str, Any]): Yours to fill; returned verbatim. Your order id belongs here, because it joins
            everything.
        created_at (datetime.datetime | None | Unset): When it was created.
        updated_at (datetime.datetime | None | Unset): When it last changed.
    """

    id: str
    object_: Literal["customer"]
    partner_id: str
    mode: Mode
    email: str = _attrs_field(repr=False)
    external_id: None | str
    phone: None | str = _attrs_field(repr=False)
    first_name: None | str = _attrs_field(repr=False)
    last_name: None | str = _attrs_field(repr=False)
    country_code: None | str
    kyc_status: str
    metadata: dict[str, Any] = _attrs_field(repr=False)
    created_at: datetime.datetime | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            id = d.pop("id")
            object_ = d.pop("object")
            if object_ != "customer":
                raise ValueError(f"object must match const 'customer', got '{object_}'")
            partner_id = d.pop("partner_id")
            mode = member(Mode, d.pop("mode"))
            email = d.pop("email")
            external_id: None | str = d.pop("external_id")
            phone: None | str = d.pop("phone")
            first_name: None | str = d.pop("first_name")
            last_name: None | str = d.pop("last_name")
            country_code: None | str = d.pop("country_code")
            kyc_status = d.pop("kyc_status")
            metadata = d.pop("metadata")
            created_at = fitted(d, "created_at", datetime.datetime.fromisoformat)
            updated_at = fitted(d, "updated_at", datetime.datetime.fromisoformat)
            if not (
                type(id) in TEXT
                and type(partner_id) in TEXT
                and type(email) in TEXT
                and type(kyc_status) in TEXT
                and type(metadata) in OBJECT
            ):
                raise other_kind(
                    src_dict, text="id partner_id email kyc_status", object_="metadata"
                )
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Customer", wrong) from wrong
        record = cls(
            id,
            object_,
            partner_id,
            mode,
            email,
            external_id,
            phone,
            first_name,
            last_name,
            country_code,
            kyc_status,
            metadata,
            created_at,
            updated_at,
        )
        if d:
            record.additional_properties = d
        return record
