# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_status import DeliveryStatus
from ..types import TEXT, UNSET, Record, Unset, fitted, fitting, member, misfit, other_kind

T = TypeVar("T", bound="WebhookDelivery")


@_attrs_define
class WebhookDelivery(Record):
    """How one event fares on its way to your webhook URL. Never the payload.

    Attributes:
        object_ (Literal['webhook_delivery']): Always `webhook_delivery`.
        id (str): The delivery.
        event_id (str): The event. A replay keeps it.
        event_type (str): The event's type.
        status (DeliveryStatus): `pending`: waits for its next attempt. `in_flight`: being attempted. `succeeded`: a 2xx
            within 10 seconds. `dead_lettered`: given up after 5 attempts (waits of 1 m, 5 m, 30 m and 2 h); replay it.
        target_url (None | str | Unset): Where it is sent.
        attempts (int | None | Unset): How often it was attempted.
        last_response_status (int | None | Unset): The HTTP status of your last answer.
        last_error (None | str | Unset): What went wrong last.
        next_attempt_at (datetime.datetime | None | Unset): When it is attempted next.
        delivered_at (datetime.datetime | None | Unset): When it succeeded.
        created_at (datetime.datetime | None | Unset): When it was queued.
    """

    object_: Literal["webhook_delivery"]
    id: str
    event_id: str
    event_type: str
    status: DeliveryStatus
    target_url: None | str | Unset = UNSET
    attempts: int | None | Unset = UNSET
    last_response_status: int | None | Unset = UNSET
    last_error: None | str | Unset = UNSET
    next_attempt_at: datetime.datetime | None | Unset = UNSET
    delivered_at: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            object_ = d.pop("object")
            if object_ != "webhook_delivery":
                raise ValueError(f"object must match const 'webhook_delivery', got '{object_}'")
            id = d.pop("id")
            event_id = d.pop("event_id")
            event_type = d.pop("event_type")
            status = member(DeliveryStatus, d.pop("status"))
            target_url = fitting(d, "target_url", str)
            attempts = fitting(d, "attempts", int)
            last_response_status = fitting(d, "last_response_status", int)
            last_error = fitting(d, "last_error", str)
            next_attempt_at = fitted(d, "next_attempt_at", datetime.datetime.fromisoformat)
            delivered_at = fitted(d, "delivered_at", datetime.datetime.fromisoformat)
            created_at = fitted(d, "created_at", datetime.datetime.fromisoformat)
            if not (type(id) in TEXT and type(event_id) in TEXT and type(event_type) in TEXT):
                raise other_kind(src_dict, text="id event_id event_type")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("WebhookDelivery", wrong) from wrong
        record = cls(
            object_,
            id,
            event_id,
            event_type,
            status,
            target_url,
            attempts,
            last_response_status,
            last_error,
            next_attempt_at,
            delivered_at,
            created_at,
        )
        if d:
            record.additional_properties = d
        return record
