# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.rail_status import RailStatus
from ..types import TEXT, UNSET, Record, Unset, exact, fitted, fitting, member, misfit, other_kind

T = TypeVar("T", bound="RailPayOut")


@_attrs_define
class RailPayOut(Record):
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
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

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
            amount = fitted(d, "amount", exact)
            currency = fitting(d, "currency", str)
            reference = fitting(d, "reference", str)
            created_at = fitted(d, "created_at", datetime.datetime.fromisoformat)
            account_blocked = fitting(d, "account_blocked", bool)
            if not (type(id) in TEXT):
                raise other_kind(src_dict, text="id")
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
