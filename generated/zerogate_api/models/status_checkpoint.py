# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="StatusCheckpoint")


KNOWN = frozenset("status at".split())


@_attrs_define
class StatusCheckpoint(Record):
    """A status and when it was reached.

    Attributes:
        status (str): As in the transaction's `status`, free-form.
        at (datetime.datetime): When.
    """

    status: str
    at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            status = src_dict["status"]
            at = datetime.datetime.fromisoformat(src_dict["at"])
            if not (type(status) in TEXT):
                raise other_kind(src_dict, text="status")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("StatusCheckpoint", wrong) from wrong
        record = cls(status, at)
        if len(src_dict) != 2:
            record.additional_properties = others(src_dict, KNOWN)
        return record
