# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_status import DeliveryStatus
from ..types import (
    TEXT,
    UNSET,
    Unset,
    fitting,
    member,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="WebhookDelivery")


@_attrs_define
class WebhookDelivery:
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
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_ = self.object_

        id = self.id

        event_id = self.event_id

        event_type = self.event_type

        status = self.status.value

        target_url: None | str | Unset
        if isinstance(self.target_url, Unset):
            target_url = UNSET
        else:
            target_url = self.target_url

        attempts: int | None | Unset
        if isinstance(self.attempts, Unset):
            attempts = UNSET
        else:
            attempts = self.attempts

        last_response_status: int | None | Unset
        if isinstance(self.last_response_status, Unset):
            last_response_status = UNSET
        else:
            last_response_status = self.last_response_status

        last_error: None | str | Unset
        if isinstance(self.last_error, Unset):
            last_error = UNSET
        else:
            last_error = self.last_error

        next_attempt_at: None | str | Unset
        if isinstance(self.next_attempt_at, Unset):
            next_attempt_at = UNSET
        elif isinstance(self.next_attempt_at, datetime.datetime):
            next_attempt_at = self.next_attempt_at.isoformat()
        else:
            next_attempt_at = self.next_attempt_at

        delivered_at: None | str | Unset
        if isinstance(self.delivered_at, Unset):
            delivered_at = UNSET
        elif isinstance(self.delivered_at, datetime.datetime):
            delivered_at = self.delivered_at.isoformat()
        else:
            delivered_at = self.delivered_at

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "object": object_,
                "id": id,
                "event_id": event_id,
                "event_type": event_type,
                "status": status,
            }
        )
        if target_url is not UNSET:
            field_dict["target_url"] = target_url
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if last_response_status is not UNSET:
            field_dict["last_response_status"] = last_response_status
        if last_error is not UNSET:
            field_dict["last_error"] = last_error
        if next_attempt_at is not UNSET:
            field_dict["next_attempt_at"] = next_attempt_at
        if delivered_at is not UNSET:
            field_dict["delivered_at"] = delivered_at
        if created_at is not UNSET:
            field_dict["created_at"] = created_at

        return field_dict

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

            _next_attempt_at_given = d.pop("next_attempt_at", UNSET)
            next_attempt_at: datetime.datetime | None | Unset
            try:
                if _next_attempt_at_given is None or isinstance(_next_attempt_at_given, Unset):
                    next_attempt_at = _next_attempt_at_given
                elif not isinstance(_next_attempt_at_given, str):
                    raise TypeError
                else:
                    next_attempt_at = datetime.datetime.fromisoformat(_next_attempt_at_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                next_attempt_at, d["next_attempt_at"] = UNSET, _next_attempt_at_given

            _delivered_at_given = d.pop("delivered_at", UNSET)
            delivered_at: datetime.datetime | None | Unset
            try:
                if _delivered_at_given is None or isinstance(_delivered_at_given, Unset):
                    delivered_at = _delivered_at_given
                elif not isinstance(_delivered_at_given, str):
                    raise TypeError
                else:
                    delivered_at = datetime.datetime.fromisoformat(_delivered_at_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                delivered_at, d["delivered_at"] = UNSET, _delivered_at_given

            _created_at_given = d.pop("created_at", UNSET)
            created_at: datetime.datetime | None | Unset
            try:
                if _created_at_given is None or isinstance(_created_at_given, Unset):
                    created_at = _created_at_given
                elif not isinstance(_created_at_given, str):
                    raise TypeError
                else:
                    created_at = datetime.datetime.fromisoformat(_created_at_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                created_at, d["created_at"] = UNSET, _created_at_given

            if not (type(id) in TEXT and type(event_id) in TEXT and type(event_type) in TEXT):
                raise other_kind(
                    id=(id, TEXT), event_id=(event_id, TEXT), event_type=(event_type, TEXT)
                )
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
