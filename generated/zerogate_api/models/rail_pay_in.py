# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.rail_status import RailStatus
from ..types import TEXT, UNSET, Record, Unset, exact, member, misfit, other_kind, others

T = TypeVar("T", bound="RailPayIn")


KNOWN = frozenset(
    (
        "object id kind status gate_session_id quote_id method amount currency reference "
        "created_at account_blocked"
    ).split()
)


@_attrs_define
class RailPayIn(Record):
    """Money collected from a user by the server.

    Attributes:
        object_ (Literal['rail_pay_in']): Always `rail_pay_in`.
        id (str): The pay-in.
        kind (Literal['pay_in']): Always `pay_in`.
        status (RailStatus): `pending` and `processing` are under way. `settled` is success. `failed` and `cancelled`
            are failure. The last three are final.
        gate_session_id (str): The session it belongs to.
        quote_id (str): The quote it redeemed.
        method (str): The method, from the quote.
        amount (Decimal): What the user pays, fees included, in `currency`.
        currency (str): ISO 4217.
        reference (None | str): Your reference.
        created_at (datetime.datetime): When it was created.
        account_blocked (bool | Unset): Only there when true: with this rail the user passed the cumulative volume cap
            and is blocked from future rails until reviewed. It changes nothing about this one.
    """

    object_: Literal["rail_pay_in"]
    id: str
    kind: Literal["pay_in"]
    status: RailStatus
    gate_session_id: str
    quote_id: str
    method: str
    amount: Decimal
    currency: str
    reference: None | str
    created_at: datetime.datetime
    account_blocked: bool | Unset = UNSET
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            object_ = src_dict["object"]
            if object_ != "rail_pay_in":
                raise ValueError(f"object must match const 'rail_pay_in', got '{object_}'")
            id = src_dict["id"]
            kind = src_dict["kind"]
            if kind != "pay_in":
                raise ValueError(f"kind must match const 'pay_in', got '{kind}'")
            status = member(RailStatus, src_dict["status"])
            gate_session_id = src_dict["gate_session_id"]
            quote_id = src_dict["quote_id"]
            method = src_dict["method"]
            amount = exact(src_dict["amount"])
            currency = src_dict["currency"]
            reference: None | str = src_dict["reference"]
            created_at = datetime.datetime.fromisoformat(src_dict["created_at"])
            account_blocked = src_dict.get("account_blocked", UNSET)
            if not (
                type(id) in TEXT
                and type(gate_session_id) in TEXT
                and type(quote_id) in TEXT
                and type(method) in TEXT
                and type(currency) in TEXT
            ):
                raise other_kind(src_dict, text="id gate_session_id quote_id method currency")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("RailPayIn", wrong) from wrong
        record = cls(
            object_,
            id,
            kind,
            status,
            gate_session_id,
            quote_id,
            method,
            amount,
            currency,
            reference,
            created_at,
            account_blocked,
        )
        if len(src_dict) != 11 + (account_blocked is not UNSET):
            record.additional_properties = others(src_dict, KNOWN)
        return record
