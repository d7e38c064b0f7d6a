# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import FLAG, TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="Eligibility")


KNOWN = frozenset("eligible unavailable_reason geo_source".split())


@_attrs_define
class Eligibility(Record):
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

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            eligible = src_dict["eligible"]
            unavailable_reason: None | str = src_dict["unavailable_reason"]
            geo_source = src_dict["geo_source"]
            if not (type(eligible) in FLAG and type(geo_source) in TEXT):
                raise other_kind(src_dict, flag="eligible", text="geo_source")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Eligibility", wrong) from wrong
        record = cls(eligible, unavailable_reason, geo_source)
        if len(src_dict) != 3:
            record.additional_properties = others(src_dict, KNOWN)
        return record
