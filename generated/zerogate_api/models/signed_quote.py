# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.quote_status import QuoteStatus
from ..models.side import Side
from ..types import TEXT, UNSET, Record, Unset, exact, fitted, member, misfit, other_kind

T = TypeVar("T", bound="SignedQuote")


@_attrs_define
class SignedQuote(Record):
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
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

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
            created_at = fitted(d, "created_at", datetime.datetime.fromisoformat)
            if not (
                type(id) in TEXT
                and type(currency) in TEXT
                and type(asset) in TEXT
                and type(payment_method) in TEXT
                and type(signature) in TEXT
            ):
                raise other_kind(src_dict, text="id currency asset payment_method signature")
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
