# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import FLAG, Record, misfit, other_kind, others

T = TypeVar("T", bound="WebhookTestData")


KNOWN = frozenset("livemode".split())


@_attrs_define
class WebhookTestData(Record):
    """Otherwise free-form.

    Attributes:
        livemode (bool): False.
    """

    livemode: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            livemode = src_dict["livemode"]
            if not (type(livemode) in FLAG):
                raise other_kind(src_dict, flag="livemode")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("WebhookTestData", wrong) from wrong
        record = cls(livemode)
        if len(src_dict) != 1:
            record.additional_properties = others(src_dict, KNOWN)
        return record
