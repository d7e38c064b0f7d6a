# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.transaction_action import TransactionAction
from ..types import TEXT, UNSET, Record, Unset, exact, member, misfit, nullable, other_kind, others

T = TypeVar("T", bound="PartnerTransaction")


KNOWN = frozenset(
    (
        "object refid session_id action status token network currency payment_method "
        "fiat_amount token_amount total_pay_or_receive exchange_rate total_fees created_at "
        "updated_at status_timeline local_rail_transaction_id facilita_transaction_id"
    ).split()
)


@_attrs_define
class PartnerTransaction(Record):
    """What moved, or is moving. Not the transaction inside a webhook: field names differ, and one must not be mapped onto
    the other.

        Attributes:
            object_ (Literal['transaction']): Always `transaction`.
            refid (str): Its reference; the key in your ledger.
            session_id (None | str): The session it belongs to, if it belongs to one.
            action (TransactionAction): `BUY`: fiat to crypto. `SELL`: crypto to fiat. `SWAP`: crypto to crypto; real,
                though not always listed. May grow.
            status (str): Free-form, letter case mixed. Compare exactly.
            token (str): The crypto asset.
            network (str): The network it settles on. Letter case is not uniform.
            currency (str): The fiat currency, ISO 4217.
            payment_method (str): The method of the fiat side.
            fiat_amount (Decimal): The fiat side, in `currency`.
            token_amount (Decimal): The crypto side, in `token`.
            total_pay_or_receive (Decimal): Fees included: what the user pays on a buy, or receives on a sell, in
                `currency`. On a swap its unit is not documented.
            exchange_rate (Decimal | None): The rate, once known.
            total_fees (Decimal | None): The fees together, once known, in `currency`. On a swap their unit is not
                documented.
            created_at (datetime.datetime | None): When it was created.
            updated_at (datetime.datetime | None): When it last changed.
            status_timeline (list[StatusCheckpoint]): Its statuses so far, in order.
            local_rail_transaction_id (None | str | Unset): The local rail's reference; use it to reconcile with the rail.
            facilita_transaction_id (None | str | Unset): Deprecated by the contract. An older name of
                `local_rail_transaction_id`.
    """

    object_: Literal["transaction"]
    refid: str
    session_id: None | str
    action: TransactionAction
    status: str
    token: str
    network: str
    currency: str
    payment_method: str
    fiat_amount: Decimal
    token_amount: Decimal
    total_pay_or_receive: Decimal
    exchange_rate: Decimal | None
    total_fees: Decimal | None
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    status_timeline: list[StatusCheckpoint]
    local_rail_transaction_id: None | str | Unset = UNSET
    facilita_transaction_id: None | str | Unset = UNSET
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            object_ = src_dict["object"]
            if object_ != "transaction":
                raise ValueError(f"object must match const 'transaction', got '{object_}'")
            refid = src_dict["refid"]
            session_id: None | str = src_dict["session_id"]
            action = member(TransactionAction, src_dict["action"])
            status = src_dict["status"]
            token = src_dict["token"]
            network = src_dict["network"]
            currency = src_dict["currency"]
            payment_method = src_dict["payment_method"]
            fiat_amount = exact(src_dict["fiat_amount"])
            token_amount = exact(src_dict["token_amount"])
            total_pay_or_receive = exact(src_dict["total_pay_or_receive"])
            exchange_rate = nullable(exact, src_dict["exchange_rate"])
            total_fees = nullable(exact, src_dict["total_fees"])
            created_at = nullable(datetime.datetime.fromisoformat, src_dict["created_at"])
            updated_at = nullable(datetime.datetime.fromisoformat, src_dict["updated_at"])
            status_timeline = [
                StatusCheckpoint.from_dict(one) for one in src_dict["status_timeline"]
            ]
            local_rail_transaction_id: None | str | Unset = src_dict.get(
                "local_rail_transaction_id", UNSET
            )
            facilita_transaction_id: None | str | Unset = src_dict.get(
                "facilita_transaction_id", UNSET
            )
            if not (
                type(refid) in TEXT
                and type(status) in TEXT
                and type(token) in TEXT
                and type(network) in TEXT
                and type(currency) in TEXT
                and type(payment_method) in TEXT
            ):
                raise other_kind(
                    src_dict, text="refid status token network currency payment_method"
                )
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("PartnerTransaction", wrong) from wrong
        record = cls(
            object_,
            refid,
            session_id,
            action,
            status,
            token,
            network,
            currency,
            payment_method,
            fiat_amount,
            token_amount,
            total_pay_or_receive,
            exchange_rate,
            total_fees,
            created_at,
            updated_at,
            status_timeline,
            local_rail_transaction_id,
            facilita_transaction_id,
        )
        if len(src_dict) != 17 + (local_rail_transaction_id is not UNSET) + (
            facilita_transaction_id is not UNSET
        ):
            record.additional_properties = others(src_dict, KNOWN)
        return record


from ..models.status_checkpoint import StatusCheckpoint
