# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    UNSET,
    Unset,
    misfit,
    others,
)

T = TypeVar("T", bound="CreateEmbedTokenRequest")


@_attrs_define
class CreateEmbedTokenRequest:
    """May be left out altogether.

    Attributes:
        client_secret (str | Unset): Binds the widget to one session. Spelt in camel case.
        requested_scopes (list[str] | Unset): What the token should allow.
    """

    client_secret: str | Unset = _attrs_field(default=UNSET, repr=False)
    requested_scopes: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_secret = self.client_secret

        requested_scopes: list[str] | Unset = UNSET
        if not isinstance(self.requested_scopes, Unset):
            requested_scopes = self.requested_scopes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if client_secret is not UNSET:
            field_dict["clientSecret"] = client_secret
        if requested_scopes is not UNSET:
            field_dict["requested_scopes"] = requested_scopes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            client_secret = src_dict.get("clientSecret", UNSET)

            requested_scopes = src_dict.get("requested_scopes", UNSET)

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("CreateEmbedTokenRequest", wrong) from wrong
        record = cls(
            client_secret,
            requested_scopes,
        )

        if len(src_dict) != 0 + ("clientSecret" in src_dict) + ("requested_scopes" in src_dict):
            record.additional_properties = others(src_dict, "clientSecret", "requested_scopes")
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
