# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    COUNT,
    TEXT,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="QuoteConsumedEvent")


@_attrs_define
class QuoteConsumedEvent:
    """The envelope of `quote.consumed`.

    Attributes:
        id (str): The event. Retries and replays keep it: skip an id you have handled.
        type_ (Literal['quote.consumed']): Always `quote.consumed`.
        created_at (int): Unix seconds.
        data (dict[str, Any] | SignedQuote):
    """

    id: str
    type_: Literal["quote.consumed"]
    created_at: int
    data: dict[str, Any] | SignedQuote
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        type_ = self.type_

        created_at = self.created_at

        data: dict[str, Any]
        if isinstance(self.data, SignedQuote):
            data = self.data.to_dict()
        else:
            data = self.data

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "created_at": created_at,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            id = src_dict["id"]

            type_ = src_dict["type"]
            if type_ != "quote.consumed":
                raise ValueError(f"type must match const 'quote.consumed', got '{type_}'")

            created_at = src_dict["created_at"]

            def _parse_data(data: object) -> dict[str, Any] | SignedQuote:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    data_type_0 = SignedQuote.from_dict(data)

                    return data_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(dict[str, Any] | SignedQuote, data)

            data = _parse_data(src_dict["data"])

            if not (type(id) in TEXT and type(created_at) in COUNT):
                raise other_kind(id=(id, TEXT), created_at=(created_at, COUNT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("QuoteConsumedEvent", wrong) from wrong
        record = cls(
            id,
            type_,
            created_at,
            data,
        )

        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, "id", "type", "created_at", "data")
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


from ..models.signed_quote import SignedQuote
