# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import (
    UNSET,
    Unset,
    fitting,
    misfit,
)

T = TypeVar("T", bound="QuotePreviewList")


@_attrs_define
class QuotePreviewList:
    """Indicative quotes, one for each method that applies.

    Attributes:
        object_ (None | str | Unset): `list`.
        data (list[QuotePreview] | None | Unset): The rows.
        has_more (bool | None | Unset): Whether another page follows.
        url (None | str | Unset): The path that was read.
    """

    object_: None | str | Unset = UNSET
    data: list[QuotePreview] | None | Unset = UNSET
    has_more: bool | None | Unset = UNSET
    url: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_: None | str | Unset
        if isinstance(self.object_, Unset):
            object_ = UNSET
        else:
            object_ = self.object_

        data: list[dict[str, Any]] | None | Unset
        if isinstance(self.data, Unset):
            data = UNSET
        elif isinstance(self.data, list):
            data = []
            for data_type_0_item_data in self.data:
                data_type_0_item = data_type_0_item_data.to_dict()
                data.append(data_type_0_item)

        else:
            data = self.data

        has_more: bool | None | Unset
        if isinstance(self.has_more, Unset):
            has_more = UNSET
        else:
            has_more = self.has_more

        url: None | str | Unset
        if isinstance(self.url, Unset):
            url = UNSET
        else:
            url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if object_ is not UNSET:
            field_dict["object"] = object_
        if data is not UNSET:
            field_dict["data"] = data
        if has_more is not UNSET:
            field_dict["has_more"] = has_more
        if url is not UNSET:
            field_dict["url"] = url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            d = {**src_dict}
            object_ = fitting(d, "object", str)

            _data_given = d.pop("data", UNSET)
            data: list[QuotePreview] | None | Unset
            try:
                if _data_given is None or isinstance(_data_given, Unset):
                    data = _data_given
                elif not isinstance(_data_given, list):
                    raise TypeError
                else:
                    data = []
                    _data = _data_given
                    for data_type_0_item_data in _data:
                        data_type_0_item = QuotePreview.from_dict(data_type_0_item_data)

                        data.append(data_type_0_item)

            except (AttributeError, KeyError, TypeError, ValueError):
                data, d["data"] = UNSET, _data_given

            has_more = fitting(d, "has_more", bool)

            url = fitting(d, "url", str)

        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("QuotePreviewList", wrong) from wrong
        record = cls(
            object_,
            data,
            has_more,
            url,
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


from ..models.quote_preview import QuotePreview
