# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
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

T = TypeVar("T", bound="StatusCheckpoint")


@_attrs_define
class StatusCheckpoint:
    """A status and when it was reached.

    Attributes:
        status (str): As in the transaction's `status`, free-form.
        at (datetime.datetime): When.
    """

    status: str
    at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            status = src_dict["status"]

            at = datetime.datetime.fromisoformat(src_dict["at"])

            if not (type(status) in TEXT):
                raise other_kind(status=(status, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("StatusCheckpoint", wrong) from wrong
        record = cls(
            status,
            at,
        )

        if len(src_dict) != 2:
            record.additional_properties = others(src_dict, "status", "at")
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
