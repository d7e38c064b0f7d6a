# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.mode import Mode
from ..types import (
    OBJECT,
    TEXT,
    UNSET,
    Unset,
    member,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="Customer")


@_attrs_define
class Customer:
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
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        object_ = self.object_

        partner_id = self.partner_id

        mode = self.mode.value

        email = self.email

        external_id: None | str
        external_id = self.external_id

        phone: None | str
        phone = self.phone

        first_name: None | str
        first_name = self.first_name

        last_name: None | str
        last_name = self.last_name

        country_code: None | str
        country_code = self.country_code

        kyc_status = self.kyc_status

        metadata = self.metadata

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        elif isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "object": object_,
                "partner_id": partner_id,
                "mode": mode,
                "email": email,
                "external_id": external_id,
                "phone": phone,
                "first_name": first_name,
                "last_name": last_name,
                "country_code": country_code,
                "kyc_status": kyc_status,
                "metadata": metadata,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at

        return field_dict

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

            _created_at_given = d.pop("created_at", UNSET)
            created_at: datetime.datetime | None | Unset
            try:
                if _created_at_given is None or isinstance(_created_at_given, Unset):
                    created_at = _created_at_given
                elif not isinstance(_created_at_given, str):
                    raise TypeError
                else:
                    created_at = datetime.datetime.fromisoformat(_created_at_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                created_at, d["created_at"] = UNSET, _created_at_given

            _updated_at_given = d.pop("updated_at", UNSET)
            updated_at: datetime.datetime | None | Unset
            try:
                if _updated_at_given is None or isinstance(_updated_at_given, Unset):
                    updated_at = _updated_at_given
                elif not isinstance(_updated_at_given, str):
                    raise TypeError
                else:
                    updated_at = datetime.datetime.fromisoformat(_updated_at_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                updated_at, d["updated_at"] = UNSET, _updated_at_given

            if not (
                type(id) in TEXT
                and type(partner_id) in TEXT
                and type(email) in TEXT
                and type(kyc_status) in TEXT
                and type(metadata) in OBJECT
            ):
                raise other_kind(
                    id=(id, TEXT),
                    partner_id=(partner_id, TEXT),
                    email=(email, TEXT),
                    kyc_status=(kyc_status, TEXT),
                    metadata=(metadata, OBJECT),
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
