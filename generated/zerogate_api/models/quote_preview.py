# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Record, Unset, exact, fitted, fitting, misfit

T = TypeVar("T", bound="QuotePreview")


@_attrs_define
class QuotePreview(Record):
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
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            object_ = fitting(d, "object", str)
            side = fitting(d, "side", str)
            currency = fitting(d, "currency", str)
            asset = fitting(d, "asset", str)
            payment_method = fitting(d, "payment_method", str)
            fiat_amount = fitted(d, "fiat_amount", exact)
            crypto_amount = fitted(d, "crypto_amount", exact)
            exchange_rate = fitted(d, "exchange_rate", exact)
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
