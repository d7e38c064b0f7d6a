# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    FLAG,
    TEXT,
    misfit,
    other_kind,
    others,
)

T = TypeVar("T", bound="PaymentMethodList")


@_attrs_define
class PaymentMethodList:
    """The payment methods, in one page.

    Attributes:
        object_ (Literal['list']): Always `list`.
        data (list[PaymentMethod]): The rows.
        has_more (bool): Always false.
        url (str): The path that was read.
    """

    object_: Literal["list"]
    data: list[PaymentMethod]
    has_more: bool
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_ = self.object_

        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        has_more = self.has_more

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "object": object_,
                "data": data,
                "has_more": has_more,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            object_ = src_dict["object"]
            if object_ != "list":
                raise ValueError(f"object must match const 'list', got '{object_}'")

            data = []
            _data = src_dict["data"]
            for data_item_data in _data:
                data_item = PaymentMethod.from_dict(data_item_data)

                data.append(data_item)

            has_more = src_dict["has_more"]

            url = src_dict["url"]

            if not (type(has_more) in FLAG and type(url) in TEXT):
                raise other_kind(has_more=(has_more, FLAG), url=(url, TEXT))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("PaymentMethodList", wrong) from wrong
        record = cls(
            object_,
            data,
            has_more,
            url,
        )

        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, "object", "data", "has_more", "url")
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


from ..models.payment_method import PaymentMethod
