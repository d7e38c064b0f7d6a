# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    FLAG,
    TEXT,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="Eligibility")


@_attrs_define
class Eligibility:
    """Whether a region, currency and asset can be served.

    Attributes:
        eligible (bool): The verdict.
        unavailable_reason (None | str): Why not. An open set.
        geo_source (str): Where the region was taken from. An open set.
    """

    eligible: bool
    unavailable_reason: None | str
    geo_source: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        eligible = self.eligible

        unavailable_reason: None | str
        unavailable_reason = self.unavailable_reason

        geo_source = self.geo_source

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "eligible": eligible,
                "unavailable_reason": unavailable_reason,
                "geo_source": geo_source,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            eligible = src_dict["eligible"]

            unavailable_reason: None | str = src_dict["unavailable_reason"]

            geo_source = src_dict["geo_source"]

            if not (type(eligible) in FLAG and type(geo_source) in TEXT):
                raise other_kind(eligible=(eligible, FLAG), geo_source=(geo_source, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Eligibility", wrong) from wrong
        record = cls(
            eligible,
            unavailable_reason,
            geo_source,
        )

        if len(src_dict) != 3:
            record.additional_properties = others(
                src_dict, "eligible", "unavailable_reason", "geo_source"
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
