# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset, misfit

T = TypeVar("T", bound="CreatePayOutRequest")


@_attrs_define
class CreatePayOutRequest:
    """Which quote to redeem. Anything else is refused with 400.

    Attributes:
        quote_id (str): The locked quote.
        gate_session_id (str | Unset): The session it belongs to.
        reference (str | Unset): Your reference; comes back in the answer.
    """

    quote_id: str
    gate_session_id: str | Unset = UNSET
    reference: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        quote_id = self.quote_id

        gate_session_id = self.gate_session_id

        reference = self.reference

        field_dict: dict[str, Any] = {}

        field_dict.update({"quote_id": quote_id})
        if gate_session_id is not UNSET:
            field_dict["gate_session_id"] = gate_session_id
        if reference is not UNSET:
            field_dict["reference"] = reference

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            quote_id = d.pop("quote_id")

            gate_session_id = d.pop("gate_session_id", UNSET)

            reference = d.pop("reference", UNSET)

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("CreatePayOutRequest", wrong) from wrong
        record = cls(quote_id, gate_session_id, reference)

        return record
