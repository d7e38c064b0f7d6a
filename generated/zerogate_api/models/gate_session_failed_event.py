# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    COUNT,
    TEXT,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="GateSessionFailedEvent")


@_attrs_define
class GateSessionFailedEvent:
    """The envelope of `gate_session.failed`.

    Attributes:
        id (str): The event. Retries and replays keep it: skip an id you have handled.
        type_ (Literal['gate_session.failed']): Always `gate_session.failed`.
        created_at (int): Unix seconds.
        data (SessionEventData): The session at the time of the event, with what some events add.
    """

    id: str
    type_: Literal["gate_session.failed"]
    created_at: int
    data: SessionEventData
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        type_ = self.type_

        created_at = self.created_at

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "created_at": created_at,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]

            type_ = src_dict["type"]
            if type_ != "gate_session.failed":
                raise ValueError(f"type must match const 'gate_session.failed', got '{type_}'")

            created_at = src_dict["created_at"]

            data = SessionEventData.from_dict(src_dict["data"])

            if not (type(id) in TEXT and type(created_at) in COUNT):
                raise other_kind(id=(id, TEXT), created_at=(created_at, COUNT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("GateSessionFailedEvent", wrong) from wrong
        record = cls(
            id,
            type_,
            created_at,
            data,
        )

        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, "id", "type", "created_at", "data")
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


from ..models.session_event_data import SessionEventData
