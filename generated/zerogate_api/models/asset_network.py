# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import TEXT, UNSET, Record, Unset, fitting, misfit, other_kind

T = TypeVar("T", bound="AssetNetwork")


@_attrs_define
class AssetNetwork(Record):
    """A network on which an asset can move.

    Attributes:
        chain (str): The network. Letter case is not uniform.
        contract_address (None | str | Unset): The token's contract there.
    """

    chain: str
    contract_address: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            chain = d.pop("chain")
            contract_address = fitting(d, "contract_address", str)
            if not (type(chain) in TEXT):
                raise other_kind(src_dict, text="chain")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("AssetNetwork", wrong) from wrong
        record = cls(chain, contract_address)
        if d:
            record.additional_properties = d
        return record
