# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Record, Unset, fitting, misfit

T = TypeVar("T", bound="QuotePreviewList")


@_attrs_define
class QuotePreviewList(Record):
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
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

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
        record = cls(object_, data, has_more, url)
        if d:
            record.additional_properties = d
        return record


from ..models.quote_preview import QuotePreview
