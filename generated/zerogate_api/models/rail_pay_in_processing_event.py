# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import COUNT, TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="RailPayInProcessingEvent")


KNOWN = frozenset("id type created_at data".split())


@_attrs_define
class RailPayInProcessingEvent(Record):
    """The envelope of `rail.pay_in.processing`.

    Attributes:
        id (str): The event. Retries and replays keep it: skip an id you have handled.
        type_ (Literal['rail.pay_in.processing']): Always `rail.pay_in.processing`.
        created_at (int): Unix seconds.
        data (dict[str, Any] | RailPayIn):
    """

    id: str
    type_: Literal["rail.pay_in.processing"]
    created_at: int
    data: dict[str, Any] | RailPayIn
    _wire_names: ClassVar = {"type_": "type"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]
            type_ = src_dict["type"]
            if type_ != "rail.pay_in.processing":
                raise ValueError(f"type must match const 'rail.pay_in.processing', got '{type_}'")
            created_at = src_dict["created_at"]

            def _parse_data(data: object) -> dict[str, Any] | RailPayIn:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    data_type_0 = RailPayIn.from_dict(data)
                    return data_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(dict[str, Any] | RailPayIn, data)

            data = _parse_data(src_dict["data"])
            if not (type(id) in TEXT and type(created_at) in COUNT):
                raise other_kind(src_dict, text="id", count="created_at")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("RailPayInProcessingEvent", wrong) from wrong
        record = cls(id, type_, created_at, data)
        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, KNOWN)
        return record


from ..models.rail_pay_in import RailPayIn
