# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="PayoutMethod")


KNOWN = frozenset("id name".split())


@_attrs_define
class PayoutMethod(Record):
    """A way to be paid out.

    Attributes:
        id (str): As sent in `payment_method`.
        name (str): For people.
    """

    id: str
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]
            name = src_dict["name"]
            if not (type(id) in TEXT and type(name) in TEXT):
                raise other_kind(src_dict, text="id name")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("PayoutMethod", wrong) from wrong
        record = cls(id, name)
        if len(src_dict) != 2:
            record.additional_properties = others(src_dict, KNOWN)
        return record
