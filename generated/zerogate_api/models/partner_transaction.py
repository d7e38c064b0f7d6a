# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.transaction_action import TransactionAction
from ..types import (
    TEXT,
    UNSET,
    Unset,
    exact,
    member,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="PartnerTransaction")


@_attrs_define
class PartnerTransaction:
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
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_ = self.object_

        refid = self.refid

        session_id: None | str
        session_id = self.session_id

        action = self.action.value

        status = self.status

        token = self.token

        network = self.network

        currency = self.currency

        payment_method = self.payment_method

        fiat_amount = format(self.fiat_amount, "f")

        token_amount = format(self.token_amount, "f")

        total_pay_or_receive = format(self.total_pay_or_receive, "f")

        exchange_rate: None | str
        if isinstance(self.exchange_rate, Decimal):
            exchange_rate = format(self.exchange_rate, "f")
        else:
            exchange_rate = self.exchange_rate

        total_fees: None | str
        if isinstance(self.total_fees, Decimal):
            total_fees = format(self.total_fees, "f")
        else:
            total_fees = self.total_fees

        created_at: None | str
        if isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        status_timeline = []
        for status_timeline_item_data in self.status_timeline:
            status_timeline_item = status_timeline_item_data.to_dict()
            status_timeline.append(status_timeline_item)

        local_rail_transaction_id: None | str | Unset
        if isinstance(self.local_rail_transaction_id, Unset):
            local_rail_transaction_id = UNSET
        else:
            local_rail_transaction_id = self.local_rail_transaction_id

        facilita_transaction_id: None | str | Unset
        if isinstance(self.facilita_transaction_id, Unset):
            facilita_transaction_id = UNSET
        else:
            facilita_transaction_id = self.facilita_transaction_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "object": object_,
                "refid": refid,
                "session_id": session_id,
                "action": action,
                "status": status,
                "token": token,
                "network": network,
                "currency": currency,
                "payment_method": payment_method,
                "fiat_amount": fiat_amount,
                "token_amount": token_amount,
                "total_pay_or_receive": total_pay_or_receive,
                "exchange_rate": exchange_rate,
                "total_fees": total_fees,
                "created_at": created_at,
                "updated_at": updated_at,
                "status_timeline": status_timeline,
            }
        )
        if local_rail_transaction_id is not UNSET:
            field_dict["local_rail_transaction_id"] = local_rail_transaction_id
        if facilita_transaction_id is not UNSET:
            field_dict["facilita_transaction_id"] = facilita_transaction_id

        return field_dict

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

            _exchange_rate_or_null = src_dict["exchange_rate"]
            exchange_rate: Decimal | None
            if _exchange_rate_or_null is None:
                exchange_rate = _exchange_rate_or_null
            else:
                exchange_rate = exact(_exchange_rate_or_null)

            _total_fees_or_null = src_dict["total_fees"]
            total_fees: Decimal | None
            if _total_fees_or_null is None:
                total_fees = _total_fees_or_null
            else:
                total_fees = exact(_total_fees_or_null)

            _created_at_or_null = src_dict["created_at"]
            created_at: datetime.datetime | None
            if _created_at_or_null is None:
                created_at = _created_at_or_null
            else:
                created_at = datetime.datetime.fromisoformat(_created_at_or_null)

            _updated_at_or_null = src_dict["updated_at"]
            updated_at: datetime.datetime | None
            if _updated_at_or_null is None:
                updated_at = _updated_at_or_null
            else:
                updated_at = datetime.datetime.fromisoformat(_updated_at_or_null)

            status_timeline = []
            _status_timeline = src_dict["status_timeline"]
            for status_timeline_item_data in _status_timeline:
                status_timeline_item = StatusCheckpoint.from_dict(status_timeline_item_data)

                status_timeline.append(status_timeline_item)

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
                    refid=(refid, TEXT),
                    status=(status, TEXT),
                    token=(token, TEXT),
                    network=(network, TEXT),
                    currency=(currency, TEXT),
                    payment_method=(payment_method, TEXT),
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

        if len(src_dict) != 17 + ("local_rail_transaction_id" in src_dict) + (
            "facilita_transaction_id" in src_dict
        ):
            record.additional_properties = others(
                src_dict,
                "object",
                "refid",
                "session_id",
                "action",
                "status",
                "token",
                "network",
                "currency",
                "payment_method",
                "fiat_amount",
                "token_amount",
                "total_pay_or_receive",
                "exchange_rate",
                "total_fees",
                "created_at",
                "updated_at",
                "status_timeline",
                "local_rail_transaction_id",
                "facilita_transaction_id",
            )
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


from ..models.status_checkpoint import StatusCheckpoint
