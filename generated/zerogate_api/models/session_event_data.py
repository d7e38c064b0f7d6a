# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.flow import Flow
from ..models.mode import Mode
from ..models.session_status import SessionStatus
from ..types import (
    FLAG,
    OBJECT,
    TEXT,
    UNSET,
    Record,
    Unset,
    exact,
    fitted,
    fitting,
    listed,
    member,
    misfit,
    nullable,
    other_kind,
)

T = TypeVar("T", bound="SessionEventData")


@_attrs_define
class SessionEventData(Record):
    """The session at the time of the event, with what some events add.

    Attributes:
        id (str): Opaque; 24 hex characters and `gs_test_…` have both been seen.
        object_ (Literal['gate_session']): Always `gate_session`.
        partner_id (str): The partner who owns it.
        mode (Mode): Which environment the object belongs to. The key decides.
        amount (Decimal): What you asked for, in `currency`. Not what was paid.
        currency (str): ISO 4217, upper case.
        return_url (str): Where the user goes afterwards. Arriving there proves nothing.
        cancel_url (None | str): Where the user goes after giving up.
        status (SessionStatus): `open`: accepts actions. `completed`: at least one payment for it succeeded, and there
            may be more. `expired`: `expires_at` passed without one. `cancelled`: by you. All but `open` are final.
        expires_at (datetime.datetime): When it stops accepting actions; 24 hours after creation in the one example.
        created_at (datetime.datetime | None): When it was created.
        flow (Flow | None): The flow it is bound to; null leaves it to the user.
        target_token (None | str): The token it is bound to.
        target_network (None | str): The network it is bound to. Letter case is not uniform.
        wallet_address (None | str): The wallet filled in beforehand.
        user_reference (None | str): A correlation id of yours.
        kyc_pre_verified (bool): True only where an accepted `kyc_package` came with the session.
        metadata (dict[str, Any]): Yours to fill; returned verbatim. Your order id belongs here, because it joins
            everything.
        tx_refid (None | str | Unset): The `refid` of the transaction that completed the session.
        transaction (None | Unset | WebhookTransaction): The transaction behind the event.
    """

    id: str
    object_: Literal["gate_session"]
    partner_id: str
    mode: Mode
    amount: Decimal
    currency: str
    return_url: str
    cancel_url: None | str
    status: SessionStatus
    expires_at: datetime.datetime
    created_at: datetime.datetime | None
    flow: Flow | None
    target_token: None | str
    target_network: None | str
    wallet_address: None | str = _attrs_field(repr=False)
    user_reference: None | str = _attrs_field(repr=False)
    kyc_pre_verified: bool
    metadata: dict[str, Any] = _attrs_field(repr=False)
    tx_refid: None | str | Unset = UNSET
    transaction: None | Unset | WebhookTransaction = UNSET
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            id = d.pop("id")
            object_ = d.pop("object")
            if object_ != "gate_session":
                raise ValueError(f"object must match const 'gate_session', got '{object_}'")
            partner_id = d.pop("partner_id")
            mode = member(Mode, d.pop("mode"))
            amount = exact(d.pop("amount"))
            currency = d.pop("currency")
            return_url = d.pop("return_url")
            cancel_url: None | str = d.pop("cancel_url")
            status = member(SessionStatus, d.pop("status"))
            expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))
            created_at = nullable(datetime.datetime.fromisoformat, d.pop("created_at"))
            flow = nullable(listed(Flow), d.pop("flow"))
            target_token: None | str = d.pop("target_token")
            target_network: None | str = d.pop("target_network")
            wallet_address: None | str = d.pop("wallet_address")
            user_reference: None | str = d.pop("user_reference")
            kyc_pre_verified = d.pop("kyc_pre_verified")
            metadata = d.pop("metadata")
            tx_refid = fitting(d, "tx_refid", str)
            transaction = fitted(d, "transaction", WebhookTransaction.from_dict)
            if not (
                type(id) in TEXT
                and type(partner_id) in TEXT
                and type(currency) in TEXT
                and type(return_url) in TEXT
                and type(kyc_pre_verified) in FLAG
                and type(metadata) in OBJECT
            ):
                raise other_kind(
                    src_dict,
                    text="id partner_id currency return_url",
                    flag="kyc_pre_verified",
                    object_="metadata",
                )
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("SessionEventData", wrong) from wrong
        record = cls(
            id,
            object_,
            partner_id,
            mode,
            amount,
            currency,
            return_url,
            cancel_url,
            status,
            expires_at,
            created_at,
            flow,
            target_token,
            target_network,
            wallet_address,
            user_reference,
            kyc_pre_verified,
            metadata,
            tx_refid,
            transaction,
        )
        if d:
            record.additional_properties = d
        return record


from ..models.webhook_transaction import WebhookTransaction
