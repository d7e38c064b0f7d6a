# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    UNSET,
    Unset,
    exact,
    fitting,
    misfit,
)

T = TypeVar("T", bound="QuotePreview")


@_attrs_define
class QuotePreview:
    """An indicative price for one method. Cannot be redeemed.

    Attributes:
        object_ (None | str | Unset): `quote_preview`.
        side (None | str | Unset): `on_ramp` or `off_ramp`.
        currency (None | str | Unset): The fiat currency, ISO 4217.
        asset (None | str | Unset): The crypto asset's symbol.
        payment_method (None | str | Unset): The method priced.
        fiat_amount (Decimal | None | Unset): The fiat side, in `currency`.
        crypto_amount (Decimal | None | Unset): The crypto side, in `asset`.
        exchange_rate (Decimal | None | Unset): The rate between the two.
        fees (Any | Decimal | None | Unset): The fees together.
    """

    object_: None | str | Unset = UNSET
    side: None | str | Unset = UNSET
    currency: None | str | Unset = UNSET
    asset: None | str | Unset = UNSET
    payment_method: None | str | Unset = UNSET
    fiat_amount: Decimal | None | Unset = UNSET
    crypto_amount: Decimal | None | Unset = UNSET
    exchange_rate: Decimal | None | Unset = UNSET
    fees: Any | Decimal | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_: None | str | Unset
        if isinstance(self.object_, Unset):
            object_ = UNSET
        else:
            object_ = self.object_

        side: None | str | Unset
        if isinstance(self.side, Unset):
            side = UNSET
        else:
            side = self.side

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        else:
            currency = self.currency

        asset: None | str | Unset
        if isinstance(self.asset, Unset):
            asset = UNSET
        else:
            asset = self.asset

        payment_method: None | str | Unset
        if isinstance(self.payment_method, Unset):
            payment_method = UNSET
        else:
            payment_method = self.payment_method

        fiat_amount: None | str | Unset
        if isinstance(self.fiat_amount, Unset):
            fiat_amount = UNSET
        elif isinstance(self.fiat_amount, Decimal):
            fiat_amount = format(self.fiat_amount, "f")
        else:
            fiat_amount = self.fiat_amount

        crypto_amount: None | str | Unset
        if isinstance(self.crypto_amount, Unset):
            crypto_amount = UNSET
        elif isinstance(self.crypto_amount, Decimal):
            crypto_amount = format(self.crypto_amount, "f")
        else:
            crypto_amount = self.crypto_amount

        exchange_rate: None | str | Unset
        if isinstance(self.exchange_rate, Unset):
            exchange_rate = UNSET
        elif isinstance(self.exchange_rate, Decimal):
            exchange_rate = format(self.exchange_rate, "f")
        else:
            exchange_rate = self.exchange_rate

        fees: Any | None | str | Unset
        if isinstance(self.fees, Unset):
            fees = UNSET
        elif isinstance(self.fees, Decimal):
            fees = format(self.fees, "f")
        else:
            fees = self.fees

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if object_ is not UNSET:
            field_dict["object"] = object_
        if side is not UNSET:
            field_dict["side"] = side
        if currency is not UNSET:
            field_dict["currency"] = currency
        if asset is not UNSET:
            field_dict["asset"] = asset
        if payment_method is not UNSET:
            field_dict["payment_method"] = payment_method
        if fiat_amount is not UNSET:
            field_dict["fiat_amount"] = fiat_amount
        if crypto_amount is not UNSET:
            field_dict["crypto_amount"] = crypto_amount
        if exchange_rate is not UNSET:
            field_dict["exchange_rate"] = exchange_rate
        if fees is not UNSET:
            field_dict["fees"] = fees

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            object_ = fitting(d, "object", str)

            side = fitting(d, "side", str)

            currency = fitting(d, "currency", str)

            asset = fitting(d, "asset", str)

            payment_method = fitting(d, "payment_method", str)

            _fiat_amount_given = d.pop("fiat_amount", UNSET)
            fiat_amount: Decimal | None | Unset
            try:
                if _fiat_amount_given is None or isinstance(_fiat_amount_given, Unset):
                    fiat_amount = _fiat_amount_given
                elif not isinstance(_fiat_amount_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    fiat_amount = exact(_fiat_amount_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                fiat_amount, d["fiat_amount"] = UNSET, _fiat_amount_given

            _crypto_amount_given = d.pop("crypto_amount", UNSET)
            crypto_amount: Decimal | None | Unset
            try:
                if _crypto_amount_given is None or isinstance(_crypto_amount_given, Unset):
                    crypto_amount = _crypto_amount_given
                elif not isinstance(_crypto_amount_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    crypto_amount = exact(_crypto_amount_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                crypto_amount, d["crypto_amount"] = UNSET, _crypto_amount_given

            _exchange_rate_given = d.pop("exchange_rate", UNSET)
            exchange_rate: Decimal | None | Unset
            try:
                if _exchange_rate_given is None or isinstance(_exchange_rate_given, Unset):
                    exchange_rate = _exchange_rate_given
                elif not isinstance(_exchange_rate_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    exchange_rate = exact(_exchange_rate_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                exchange_rate, d["exchange_rate"] = UNSET, _exchange_rate_given

            _fees_given = d.pop("fees", UNSET)
            fees: Any | Decimal | None | Unset
            try:

                def _parse_fees(data: object) -> Any | Decimal | None | Unset:
                    if data is None:
                        return data
                    if isinstance(data, Unset):
                        return data
                    try:
                        if not isinstance(data, (str, int, Decimal)):
                            raise TypeError()
                        fees_type_0_type_0 = exact(data)

                        return fees_type_0_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(Any | Decimal | None | Unset, data)

                fees = _parse_fees(_fees_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                fees, d["fees"] = UNSET, _fees_given

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("QuotePreview", wrong) from wrong
        record = cls(
            object_,
            side,
            currency,
            asset,
            payment_method,
            fiat_amount,
            crypto_amount,
            exchange_rate,
            fees,
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
