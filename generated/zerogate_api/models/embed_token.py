# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.flow import Flow
from ..types import (
    UNSET,
    Unset,
    exact,
    fitting,
    member,
    misfit,
)

T = TypeVar("T", bound="EmbedToken")


@_attrs_define
class EmbedToken:
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

    def to_dict(self) -> dict[str, Any]:
        embed_token: None | str | Unset
        if isinstance(self.embed_token, Unset):
            embed_token = UNSET
        else:
            embed_token = self.embed_token

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        partner_id: None | str | Unset
        if isinstance(self.partner_id, Unset):
            partner_id = UNSET
        else:
            partner_id = self.partner_id

        mode: None | str | Unset
        if isinstance(self.mode, Unset):
            mode = UNSET
        else:
            mode = self.mode

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

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

        target_token: None | str | Unset
        if isinstance(self.target_token, Unset):
            target_token = UNSET
        else:
            target_token = self.target_token

        target_network: None | str | Unset
        if isinstance(self.target_network, Unset):
            target_network = UNSET
        else:
            target_network = self.target_network

        return_url: None | str | Unset
        if isinstance(self.return_url, Unset):
            return_url = UNSET
        else:
            return_url = self.return_url

        flow: None | str | Unset
        if isinstance(self.flow, Unset):
            flow = UNSET
        elif isinstance(self.flow, Flow):
            flow = self.flow.value
        else:
            flow = self.flow

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if embed_token is not UNSET:
            field_dict["embed_token"] = embed_token
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if partner_id is not UNSET:
            field_dict["partner_id"] = partner_id
        if mode is not UNSET:
            field_dict["mode"] = mode
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if amount is not UNSET:
            field_dict["amount"] = amount
        if currency is not UNSET:
            field_dict["currency"] = currency
        if target_token is not UNSET:
            field_dict["target_token"] = target_token
        if target_network is not UNSET:
            field_dict["target_network"] = target_network
        if return_url is not UNSET:
            field_dict["return_url"] = return_url
        if flow is not UNSET:
            field_dict["flow"] = flow

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            embed_token: None | str | Unset = d.pop("embed_token", UNSET)

            _expires_at_given = d.pop("expires_at", UNSET)
            expires_at: datetime.datetime | None | Unset
            try:
                if _expires_at_given is None or isinstance(_expires_at_given, Unset):
                    expires_at = _expires_at_given
                elif not isinstance(_expires_at_given, str):
                    raise TypeError
                else:
                    expires_at = datetime.datetime.fromisoformat(_expires_at_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                expires_at, d["expires_at"] = UNSET, _expires_at_given

            partner_id = fitting(d, "partner_id", str)

            mode = fitting(d, "mode", str)

            session_id = fitting(d, "session_id", str)

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

            target_token = fitting(d, "target_token", str)

            target_network = fitting(d, "target_network", str)

            return_url = fitting(d, "return_url", str)

            _flow_or_null = d.pop("flow", UNSET)
            flow: Flow | None | Unset
            if _flow_or_null is None or isinstance(_flow_or_null, Unset):
                flow = _flow_or_null
            else:
                flow = member(Flow, _flow_or_null)

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
