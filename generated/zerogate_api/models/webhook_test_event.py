# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import COUNT, TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="WebhookTestEvent")


KNOWN = frozenset("id type created_at data".split())


@_attrs_define
class WebhookTestEvent(Record):
    """The envelope of `webhook.test`.

    Attributes:
        id (str): The event. Retries and replays keep it: skip an id you have handled.
        type_ (Literal['webhook.test']): Always `webhook.test`.
        created_at (int): Unix seconds.
        data (WebhookTestData): Otherwise free-form.
    """

    id: str
    type_: Literal["webhook.test"]
    created_at: int
    data: WebhookTestData
    _wire_names: ClassVar = {"type_": "type"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]
            type_ = src_dict["type"]
            if type_ != "webhook.test":
                raise ValueError(f"type must match const 'webhook.test', got '{type_}'")
            created_at = src_dict["created_at"]
            data = WebhookTestData.from_dict(src_dict["data"])
            if not (type(id) in TEXT and type(created_at) in COUNT):
                raise other_kind(src_dict, text="id", count="created_at")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("WebhookTestEvent", wrong) from wrong
        record = cls(id, type_, created_at, data)
        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, KNOWN)
        return record


from ..models.webhook_test_data import WebhookTestData
