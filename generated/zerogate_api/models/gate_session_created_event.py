# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import COUNT, TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="GateSessionCreatedEvent")


KNOWN = frozenset("id type created_at data".split())


@_attrs_define
class GateSessionCreatedEvent(Record):
    """The envelope of `gate_session.created`.

    Attributes:
        id (str): The event. Retries and replays keep it: skip an id you have handled.
        type_ (Literal['gate_session.created']): Always `gate_session.created`.
        created_at (int): Unix seconds.
        data (SessionEventData): The session at the time of the event, with what some events add.
    """

    id: str
    type_: Literal["gate_session.created"]
    created_at: int
    data: SessionEventData
    _wire_names: ClassVar = {"type_": "type"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]
            type_ = src_dict["type"]
            if type_ != "gate_session.created":
                raise ValueError(f"type must match const 'gate_session.created', got '{type_}'")
            created_at = src_dict["created_at"]
            data = SessionEventData.from_dict(src_dict["data"])
            if not (type(id) in TEXT and type(created_at) in COUNT):
                raise other_kind(src_dict, text="id", count="created_at")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("GateSessionCreatedEvent", wrong) from wrong
        record = cls(id, type_, created_at, data)
        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, KNOWN)
        return record


from ..models.session_event_data import SessionEventData
