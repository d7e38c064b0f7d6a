# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    TEXT,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="PayoutMethod")


@_attrs_define
class PayoutMethod:
    """A way to be paid out.

    Attributes:
        id (str): As sent in `payment_method`.
        name (str): For people.
    """

    id: str
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]

            name = src_dict["name"]

            if not (type(id) in TEXT and type(name) in TEXT):
                raise other_kind(id=(id, TEXT), name=(name, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("PayoutMethod", wrong) from wrong
        record = cls(
            id,
            name,
        )

        if len(src_dict) != 2:
            record.additional_properties = others(src_dict, "id", "name")
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
