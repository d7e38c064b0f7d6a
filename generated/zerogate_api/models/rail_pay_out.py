# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.rail_status import RailStatus
from ..types import (
    TEXT,
    UNSET,
    Unset,
    exact,
    fitting,
    member,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="RailPayOut")


@_attrs_define
class RailPayOut:
    """Money paid to a user by the server. Documented as the counterpart of a pay-in.

    Attributes:
        id (str): The pay-out.
        status (RailStatus): `pending` and `processing` are under way. `settled` is success. `failed` and `cancelled`
            are failure. The last three are final.
        object_ (None | str | Unset): `rail_pay_out`.
        kind (None | str | Unset): `pay_out`.
        gate_session_id (None | str | Unset): The session it belongs to.
        quote_id (None | str | Unset): The quote it redeemed.
        method (None | str | Unset): The method, from the quote.
        amount (Decimal | None | Unset): In `currency`. Whether fees are in it is not documented.
        currency (None | str | Unset): ISO 4217.
        reference (None | str | Unset): Your reference.
        created_at (datetime.datetime | None | Unset): When it was created.
        account_blocked (bool | None | Unset): As on a pay-in.
    """

    id: str
    status: RailStatus
    object_: None | str | Unset = UNSET
    kind: None | str | Unset = UNSET
    gate_session_id: None | str | Unset = UNSET
    quote_id: None | str | Unset = UNSET
    method: None | str | Unset = UNSET
    amount: Decimal | None | Unset = UNSET
    currency: None | str | Unset = UNSET
    reference: None | str | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    account_blocked: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        status = self.status.value

        object_: None | str | Unset
        if isinstance(self.object_, Unset):
            object_ = UNSET
        else:
            object_ = self.object_

        kind: None | str | Unset
        if isinstance(self.kind, Unset):
            kind = UNSET
        else:
            kind = self.kind

        gate_session_id: None | str | Unset
        if isinstance(self.gate_session_id, Unset):
            gate_session_id = UNSET
        else:
            gate_session_id = self.gate_session_id

        quote_id: None | str | Unset
        if isinstance(self.quote_id, Unset):
            quote_id = UNSET
        else:
            quote_id = self.quote_id

        method: None | str | Unset
        if isinstance(self.method, Unset):
            method = UNSET
        else:
            method = self.method

        amount: None | str | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        elif isinstance(self.amount, Decimal):
            amount = format(self.amount, "f")
        else:
            amount = self.amount

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        else:
            currency = self.currency

        reference: None | str | Unset
        if isinstance(self.reference, Unset):
            reference = UNSET
        else:
            reference = self.reference

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        account_blocked: bool | None | Unset
        if isinstance(self.account_blocked, Unset):
            account_blocked = UNSET
        else:
            account_blocked = self.account_blocked

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
            }
        )
        if object_ is not UNSET:
            field_dict["object"] = object_
        if kind is not UNSET:
            field_dict["kind"] = kind
        if gate_session_id is not UNSET:
            field_dict["gate_session_id"] = gate_session_id
        if quote_id is not UNSET:
            field_dict["quote_id"] = quote_id
        if method is not UNSET:
            field_dict["method"] = method
        if amount is not UNSET:
            field_dict["amount"] = amount
        if currency is not UNSET:
            field_dict["currency"] = currency
        if reference is not UNSET:
            field_dict["reference"] = reference
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if account_blocked is not UNSET:
            field_dict["account_blocked"] = account_blocked

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            id = d.pop("id")

            status = member(RailStatus, d.pop("status"))

            object_ = fitting(d, "object", str)

            kind = fitting(d, "kind", str)

            gate_session_id = fitting(d, "gate_session_id", str)

            quote_id = fitting(d, "quote_id", str)

            method = fitting(d, "method", str)

            _amount_given = d.pop("amount", UNSET)
            amount: Decimal | None | Unset
            try:
                if _amount_given is None or isinstance(_amount_given, Unset):
                    amount = _amount_given
                elif not isinstance(_amount_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    amount = exact(_amount_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                amount, d["amount"] = UNSET, _amount_given

            currency = fitting(d, "currency", str)

            reference = fitting(d, "reference", str)

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

            account_blocked = fitting(d, "account_blocked", bool)

            if not (type(id) in TEXT):
                raise other_kind(id=(id, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("RailPayOut", wrong) from wrong
        record = cls(
            id,
            status,
            object_,
            kind,
            gate_session_id,
            quote_id,
            method,
            amount,
            currency,
            reference,
            created_at,
            account_blocked,
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
