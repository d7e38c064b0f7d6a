# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    FLAG,
    TEXT,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="DeletedCustomer")


@_attrs_define
class DeletedCustomer:
    """The marker a deleted customer leaves.

    Attributes:
        id (str): The customer.
        object_ (Literal['customer']): Always `customer`.
        deleted (bool): Always true.
        deleted_at (datetime.datetime | None): When it was deleted.
    """

    id: str
    object_: Literal["customer"]
    deleted: bool
    deleted_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        object_ = self.object_

        deleted = self.deleted

        deleted_at: None | str
        if isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "object": object_,
                "deleted": deleted,
                "deleted_at": deleted_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]

            object_ = src_dict["object"]
            if object_ != "customer":
                raise ValueError(f"object must match const 'customer', got '{object_}'")

            deleted = src_dict["deleted"]

            _deleted_at_or_null = src_dict["deleted_at"]
            deleted_at: datetime.datetime | None
            if _deleted_at_or_null is None:
                deleted_at = _deleted_at_or_null
            else:
                deleted_at = datetime.datetime.fromisoformat(_deleted_at_or_null)

            if not (type(id) in TEXT and type(deleted) in FLAG):
                raise other_kind(id=(id, TEXT), deleted=(deleted, FLAG))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("DeletedCustomer", wrong) from wrong
        record = cls(
            id,
            object_,
            deleted,
            deleted_at,
        )

        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, "id", "object", "deleted", "deleted_at")
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
