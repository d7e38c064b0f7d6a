# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    UNSET,
    Unset,
    exact,
    fitting,
    misfit,
)

T = TypeVar("T", bound="WebhookTransaction")


@_attrs_define
class WebhookTransaction:
    """A transaction inside a session event. Its names are not those of `PartnerTransaction`; do not map one onto the
    other.

        Attributes:
            refid (None | str | Unset): Its reference.
            status (None | str | Unset): Free-form.
            crypto_amount (Decimal | None | Unset): The crypto side.
            total_paid_or_received (Decimal | None | Unset): Fees included: what the user paid or received.
    """

    refid: None | str | Unset = UNSET
    status: None | str | Unset = UNSET
    crypto_amount: Decimal | None | Unset = UNSET
    total_paid_or_received: Decimal | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        refid: None | str | Unset
        if isinstance(self.refid, Unset):
            refid = UNSET
        else:
            refid = self.refid

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        crypto_amount: None | str | Unset
        if isinstance(self.crypto_amount, Unset):
            crypto_amount = UNSET
        elif isinstance(self.crypto_amount, Decimal):
            crypto_amount = format(self.crypto_amount, "f")
        else:
            crypto_amount = self.crypto_amount

        total_paid_or_received: None | str | Unset
        if isinstance(self.total_paid_or_received, Unset):
            total_paid_or_received = UNSET
        elif isinstance(self.total_paid_or_received, Decimal):
            total_paid_or_received = format(self.total_paid_or_received, "f")
        else:
            total_paid_or_received = self.total_paid_or_received

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if refid is not UNSET:
            field_dict["refid"] = refid
        if status is not UNSET:
            field_dict["status"] = status
        if crypto_amount is not UNSET:
            field_dict["crypto_amount"] = crypto_amount
        if total_paid_or_received is not UNSET:
            field_dict["total_paid_or_received"] = total_paid_or_received

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            refid = fitting(d, "refid", str)

            status = fitting(d, "status", str)

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

            _total_paid_or_received_given = d.pop("total_paid_or_received", UNSET)
            total_paid_or_received: Decimal | None | Unset
            try:
                if _total_paid_or_received_given is None or isinstance(
                    _total_paid_or_received_given, Unset
                ):
                    total_paid_or_received = _total_paid_or_received_given
                elif not isinstance(_total_paid_or_received_given, (str, int, Decimal)):
                    raise TypeError
                else:
                    total_paid_or_received = exact(_total_paid_or_received_given)

            except (AttributeError, KeyError, TypeError, ValueError):
                total_paid_or_received, d["total_paid_or_received"] = (
                    UNSET,
                    _total_paid_or_received_given,
                )

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("WebhookTransaction", wrong) from wrong
        record = cls(
            refid,
            status,
            crypto_amount,
            total_paid_or_received,
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
