# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import FLAG, TEXT, Record, misfit, nullable, other_kind, others

T = TypeVar("T", bound="DeletedCustomer")


KNOWN = frozenset("id object deleted deleted_at".split())


@_attrs_define
class DeletedCustomer(Record):
    """The marker a deleted customer leaves.

    Attributes:
        id (str): The customer.
        object_ (Literal['customer']): Always `customer`.
        deleted (bool): Always true.
        deleted_at (datetime.datetime | None): When it was deleted.
    """

    id: str
    object_: Literal["customer"]
    deleted: bool
    deleted_at: datetime.datetime | None
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]
            object_ = src_dict["object"]
            if object_ != "customer":
                raise ValueError(f"object must match const 'customer', got '{object_}'")
            deleted = src_dict["deleted"]
            deleted_at = nullable(datetime.datetime.fromisoformat, src_dict["deleted_at"])
            if not (type(id) in TEXT and type(deleted) in FLAG):
                raise other_kind(src_dict, text="id", flag="deleted")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("DeletedCustomer", wrong) from wrong
        record = cls(id, object_, deleted, deleted_at)
        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, KNOWN)
        return record
