# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    TEXT,
    UNSET,
    Unset,
    fitting,
    misfit,
    other_kind,
)

T = TypeVar("T", bound="AssetNetwork")


@_attrs_define
class AssetNetwork:
    """A network on which an asset can move.

    Attributes:
        chain (str): The network. Letter case is not uniform.
        contract_address (None | str | Unset): The token's contract there.
    """

    chain: str
    contract_address: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        chain = self.chain

        contract_address: None | str | Unset
        if isinstance(self.contract_address, Unset):
            contract_address = UNSET
        else:
            contract_address = self.contract_address

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "chain": chain,
            }
        )
        if contract_address is not UNSET:
            field_dict["contract_address"] = contract_address

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            chain = d.pop("chain")

            contract_address = fitting(d, "contract_address", str)

            if not (type(chain) in TEXT):
                raise other_kind(chain=(chain, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("AssetNetwork", wrong) from wrong
        record = cls(
            chain,
            contract_address,
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
