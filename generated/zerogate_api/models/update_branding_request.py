# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset, misfit

T = TypeVar("T", bound="UpdateBrandingRequest")


@_attrs_define
class UpdateBrandingRequest:
    """What to change. Null clears; what is left out stays.

    Attributes:
        logo_url (None | str | Unset): An https URL.
        primary_color (None | str | Unset): `#RRGGBB`.
        secondary_color (None | str | Unset): `#RRGGBB`.
        accent_color (None | str | Unset): `#RRGGBB`.
        brand_name (None | str | Unset): The name shown.
    """

    logo_url: None | str | Unset = UNSET
    primary_color: None | str | Unset = UNSET
    secondary_color: None | str | Unset = UNSET
    accent_color: None | str | Unset = UNSET
    brand_name: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        logo_url: None | str | Unset
        if isinstance(self.logo_url, Unset):
            logo_url = UNSET
        else:
            logo_url = self.logo_url

        primary_color: None | str | Unset
        if isinstance(self.primary_color, Unset):
            primary_color = UNSET
        else:
            primary_color = self.primary_color

        secondary_color: None | str | Unset
        if isinstance(self.secondary_color, Unset):
            secondary_color = UNSET
        else:
            secondary_color = self.secondary_color

        accent_color: None | str | Unset
        if isinstance(self.accent_color, Unset):
            accent_color = UNSET
        else:
            accent_color = self.accent_color

        brand_name: None | str | Unset
        if isinstance(self.brand_name, Unset):
            brand_name = UNSET
        else:
            brand_name = self.brand_name

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if logo_url is not UNSET:
            field_dict["logo_url"] = logo_url
        if primary_color is not UNSET:
            field_dict["primary_color"] = primary_color
        if secondary_color is not UNSET:
            field_dict["secondary_color"] = secondary_color
        if accent_color is not UNSET:
            field_dict["accent_color"] = accent_color
        if brand_name is not UNSET:
            field_dict["brand_name"] = brand_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            logo_url: None | str | Unset = d.pop("logo_url", UNSET)

            primary_color: None | str | Unset = d.pop("primary_color", UNSET)

            secondary_color: None | str | Unset = d.pop("secondary_color", UNSET)

            accent_color: None | str | Unset = d.pop("accent_color", UNSET)

            brand_name: None | str | Unset = d.pop("brand_name", UNSET)

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("UpdateBrandingRequest", wrong) from wrong
        record = cls(logo_url, primary_color, secondary_color, accent_color, brand_name)

        return record
