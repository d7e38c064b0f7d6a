# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    FLAG,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="WebhookTestData")


@_attrs_define
class WebhookTestData:
    """Otherwise free-form.

    Attributes:
        livemode (bool): False.
    """

    livemode: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        livemode = self.livemode

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "livemode": livemode,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            livemode = src_dict["livemode"]

            if not (type(livemode) in FLAG):
                raise other_kind(livemode=(livemode, FLAG))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("WebhookTestData", wrong) from wrong
        record = cls(
            livemode,
        )

        if len(src_dict) != 1:
            record.additional_properties = others(src_dict, "livemode")
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
