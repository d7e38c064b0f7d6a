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
    listed,
    member,
    misfit,
    nullable,
    other_kind,
    others,
)

T = TypeVar("T", bound="CreatedGateSession")


KNOWN = frozenset(
    (
        "id object partner_id mode amount currency return_url cancel_url status expires_at "
        "created_at flow target_token target_network wallet_address user_reference "
        "kyc_pre_verified metadata client_secret"
    ).split()
)


@_attrs_define
class CreatedGateSession(Record):
    """A session as its creation answers it, with the client secret.

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
        client_secret (str | Unset): For the widget in one user's browser, for this session; shown once. Whether a
            replayed creation carries it again is not documented.
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
    client_secret: str | Unset = _attrs_field(default=UNSET, repr=False)
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]
            object_ = src_dict["object"]
            if object_ != "gate_session":
                raise ValueError(f"object must match const 'gate_session', got '{object_}'")
            partner_id = src_dict["partner_id"]
            mode = member(Mode, src_dict["mode"])
            amount = exact(src_dict["amount"])
            currency = src_dict["currency"]
            return_url = src_dict["return_url"]
            cancel_url: None | str = src_dict["cancel_url"]
            status = member(SessionStatus, src_dict["status"])
            expires_at = datetime.datetime.fromisoformat(src_dict["expires_at"])
            created_at = nullable(datetime.datetime.fromisoformat, src_dict["created_at"])
            flow = nullable(listed(Flow), src_dict["flow"])
            target_token: None | str = src_dict["target_token"]
            target_network: None | str = src_dict["target_network"]
            wallet_address: None | str = src_dict["wallet_address"]
            user_reference: None | str = src_dict["user_reference"]
            kyc_pre_verified = src_dict["kyc_pre_verified"]
            metadata = src_dict["metadata"]
            client_secret = src_dict.get("client_secret", UNSET)
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
            raise misfit("CreatedGateSession", wrong) from wrong
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
            client_secret,
        )
        if len(src_dict) != 18 + (client_secret is not UNSET):
            record.additional_properties = others(src_dict, KNOWN)
        return record
