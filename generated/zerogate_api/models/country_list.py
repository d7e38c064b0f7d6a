# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import FLAG, TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="CountryList")


KNOWN = frozenset("object data has_more url".split())


@_attrs_define
class CountryList(Record):
    """The countries, in one page.

    Attributes:
        object_ (Literal['list']): Always `list`.
        data (list[Country]): The rows.
        has_more (bool): Always false.
        url (str): The path that was read.
    """

    object_: Literal["list"]
    data: list[Country]
    has_more: bool
    url: str
    _wire_names: ClassVar = {"object_": "object"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            object_ = src_dict["object"]
            if object_ != "list":
                raise ValueError(f"object must match const 'list', got '{object_}'")
            data = [Country.from_dict(one) for one in src_dict["data"]]
            has_more = src_dict["has_more"]
            url = src_dict["url"]
            if not (type(has_more) in FLAG and type(url) in TEXT):
                raise other_kind(src_dict, flag="has_more", text="url")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("CountryList", wrong) from wrong
        record = cls(object_, data, has_more, url)
        if len(src_dict) != 4:
            record.additional_properties = others(src_dict, KNOWN)
        return record


from ..models.country import Country
