# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.quote_status import QuoteStatus
from ..models.side import Side
from ..types import (
    TEXT,
    UNSET,
    Unset,
    exact,
    member,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="SignedQuote")


@_attrs_define
class SignedQuote:
    """A locked price. Redeemed once.

    Attributes:
        object_ (Literal['signed_quote']): Always `signed_quote`.
        id (str): The quote.
        status (QuoteStatus): `active`: can be redeemed. `consumed`: was redeemed. `expired`: too late.
        side (Side): `on_ramp`: fiat to crypto. `off_ramp`: crypto to fiat.
        currency (str): The fiat currency, ISO 4217.
        asset (str): The crypto asset's symbol.
        payment_method (str): The method it is for.
        fiat_amount (Decimal): The fiat side, in `currency`.
        crypto_amount (Decimal): The crypto side, in `asset`.
        exchange_rate (Decimal): The rate between the two.
        fees (Any | Decimal): The fees together.
        signature (str): Over the quote's terms.
        expires_at (datetime.datetime): Until when it can be redeemed.
        created_at (datetime.datetime | None | Unset): When it was locked.
    """

    object_: Literal["signed_quote"]
    id: str
    status: QuoteStatus
    side: Side
    currency: str
    asset: str
    payment_method: str
    fiat_amount: Decimal
    crypto_amount: Decimal
    exchange_rate: Decimal
    fees: Any | Decimal
    signature: str
    expires_at: datetime.datetime
    created_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_ = self.object_

        id = self.id

        status = self.status.value

        side = self.side.value

        currency = self.currency

        asset = self.asset

        payment_method = self.payment_method

        fiat_amount = format(self.fiat_amount, "f")

        crypto_amount = format(self.crypto_amount, "f")

        exchange_rate = format(self.exchange_rate, "f")

        fees: Any | str
        if isinstance(self.fees, Decimal):
            fees = format(self.fees, "f")
        else:
            fees = self.fees

        signature = self.signature

        expires_at = self.expires_at.isoformat()

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
                "status": status,
                "side": side,
                "currency": currency,
                "asset": asset,
                "payment_method": payment_method,
                "fiat_amount": fiat_amount,
                "crypto_amount": crypto_amount,
                "exchange_rate": exchange_rate,
                "fees": fees,
                "signature": signature,
                "expires_at": expires_at,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            object_ = d.pop("object")
            if object_ != "signed_quote":
                raise ValueError(f"object must match const 'signed_quote', got '{object_}'")

            id = d.pop("id")

            status = member(QuoteStatus, d.pop("status"))

            side = member(Side, d.pop("side"))

            currency = d.pop("currency")

            asset = d.pop("asset")

            payment_method = d.pop("payment_method")

            fiat_amount = exact(d.pop("fiat_amount"))

            crypto_amount = exact(d.pop("crypto_amount"))

            exchange_rate = exact(d.pop("exchange_rate"))

            def _parse_fees(data: object) -> Any | Decimal:
                try:
                    if not isinstance(data, (str, int, Decimal)):
                        raise TypeError()
                    fees_type_0 = exact(data)

                    return fees_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(Any | Decimal, data)

            fees = _parse_fees(d.pop("fees"))

            signature = d.pop("signature")

            expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

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

            if not (
                type(id) in TEXT
                and type(currency) in TEXT
                and type(asset) in TEXT
                and type(payment_method) in TEXT
                and type(signature) in TEXT
            ):
                raise other_kind(
                    id=(id, TEXT),
                    currency=(currency, TEXT),
                    asset=(asset, TEXT),
                    payment_method=(payment_method, TEXT),
                    signature=(signature, TEXT),
                )
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("SignedQuote", wrong) from wrong
        record = cls(
            object_,
            id,
            status,
            side,
            currency,
            asset,
            payment_method,
            fiat_amount,
            crypto_amount,
            exchange_rate,
            fees,
            signature,
            expires_at,
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
