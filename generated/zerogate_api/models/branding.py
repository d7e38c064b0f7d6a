# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import Record, misfit, others

T = TypeVar("T", bound="Branding")


KNOWN = frozenset("logo_url primary_color secondary_color accent_color brand_name".split())


@_attrs_define
class Branding(Record):
    """The widget's look. All null is the default look.

    Attributes:
        logo_url (None | str): An https URL.
        primary_color (None | str): `#RRGGBB`.
        secondary_color (None | str): `#RRGGBB`.
        accent_color (None | str): `#RRGGBB`.
        brand_name (None | str): The name shown.
    """

    logo_url: None | str
    primary_color: None | str
    secondary_color: None | str
    accent_color: None | str
    brand_name: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            logo_url: None | str = src_dict["logo_url"]
            primary_color: None | str = src_dict["primary_color"]
            secondary_color: None | str = src_dict["secondary_color"]
            accent_color: None | str = src_dict["accent_color"]
            brand_name: None | str = src_dict["brand_name"]
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Branding", wrong) from wrong
        record = cls(logo_url, primary_color, secondary_color, accent_color, brand_name)
        if len(src_dict) != 5:
            record.additional_properties = others(src_dict, KNOWN)
        return record
