# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Record, Unset, misfit, others

T = TypeVar("T", bound="CreateEmbedTokenRequest")


KNOWN = frozenset("clientSecret requested_scopes".split())


@_attrs_define
class CreateEmbedTokenRequest(Record):
    """May be left out altogether.

    Attributes:
        client_secret (str | Unset): Binds the widget to one session. Spelt in camel case.
        requested_scopes (list[str] | Unset): What the token should allow.
    """

    client_secret: str | Unset = _attrs_field(default=UNSET, repr=False)
    requested_scopes: list[str] | Unset = UNSET
    _wire_names: ClassVar = {"client_secret": "clientSecret"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            client_secret = src_dict.get("clientSecret", UNSET)
            requested_scopes = src_dict.get("requested_scopes", UNSET)
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("CreateEmbedTokenRequest", wrong) from wrong
        record = cls(client_secret, requested_scopes)
        if len(src_dict) != (client_secret is not UNSET) + (requested_scopes is not UNSET):
            record.additional_properties = others(src_dict, KNOWN)
        return record
