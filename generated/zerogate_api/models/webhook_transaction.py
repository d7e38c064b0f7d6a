# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Record, Unset, exact, fitted, fitting, misfit

T = TypeVar("T", bound="WebhookTransaction")


@_attrs_define
class WebhookTransaction(Record):
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

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            refid = fitting(d, "refid", str)
            status = fitting(d, "status", str)
            crypto_amount = fitted(d, "crypto_amount", exact)
            total_paid_or_received = fitted(d, "total_paid_or_received", exact)
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("WebhookTransaction", wrong) from wrong
        record = cls(refid, status, crypto_amount, total_paid_or_received)
        if d:
            record.additional_properties = d
        return record
