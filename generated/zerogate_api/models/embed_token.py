# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.flow import Flow
from ..types import UNSET, Record, Unset, exact, fitted, fitting, listed, misfit, optional

T = TypeVar("T", bound="EmbedToken")


@_attrs_define
class EmbedToken(Record):
    """What the widget needs to start. The token is no authorisation for a server.

    Attributes:
        embed_token (None | str | Unset): A token for the widget, sent as `X-Embed-Token`.
        expires_at (datetime.datetime | None | Unset): When the token ends; an hour from now.
        partner_id (None | str | Unset): The partner.
        mode (None | str | Unset): `test` or `live`.
        session_id (None | str | Unset): The session, where a client secret was sent.
        amount (Decimal | None | Unset): The session's amount, in `currency`.
        currency (None | str | Unset): The session's currency.
        target_token (None | str | Unset): The session's token.
        target_network (None | str | Unset): The session's network.
        return_url (None | str | Unset): The session's return URL.
        flow (Flow | None | Unset): The session's flow.
    """

    embed_token: None | str | Unset = _attrs_field(default=UNSET, repr=False)
    expires_at: datetime.datetime | None | Unset = UNSET
    partner_id: None | str | Unset = UNSET
    mode: None | str | Unset = UNSET
    session_id: None | str | Unset = UNSET
    amount: Decimal | None | Unset = UNSET
    currency: None | str | Unset = UNSET
    target_token: None | str | Unset = UNSET
    target_network: None | str | Unset = UNSET
    return_url: None | str | Unset = UNSET
    flow: Flow | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            embed_token: None | str | Unset = d.pop("embed_token", UNSET)
            expires_at = fitted(d, "expires_at", datetime.datetime.fromisoformat)
            partner_id = fitting(d, "partner_id", str)
            mode = fitting(d, "mode", str)
            session_id = fitting(d, "session_id", str)
            amount = fitted(d, "amount", exact)
            currency = fitting(d, "currency", str)
            target_token = fitting(d, "target_token", str)
            target_network = fitting(d, "target_network", str)
            return_url = fitting(d, "return_url", str)
            flow = optional(listed(Flow), d.pop("flow", UNSET))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("EmbedToken", wrong) from wrong
        record = cls(
            embed_token,
            expires_at,
            partner_id,
            mode,
            session_id,
            amount,
            currency,
            target_token,
            target_network,
            return_url,
            flow,
        )
        if d:
            record.additional_properties = d
        return record
