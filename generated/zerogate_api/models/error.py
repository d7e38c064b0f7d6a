# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import COUNT, TEXT, Record, misfit, other_kind, others

T = TypeVar("T", bound="Error")


KNOWN = frozenset("type code message request_id doc_url statusCode".split())


@_attrs_define
class Error(Record):
    """Every answer other than 2xx. Flat. Branch on status, `type` and `code`.

    Attributes:
        type_ (str): The family of the error. Seen: `invalid_request`, `unauthorized`, `forbidden`, `not_found`,
            `conflict`, `rate_limited`, `server_error`. An open set.
        code (str): The exact error; often the same as `type`, unlike `customer_already_exists`. An open set.
        message (list[str] | str): For people. Its wording may change at any time.
        request_id (str): The same as the `X-Request-Id` header.
        doc_url (None | str): A page about the error, if there is one.
        status_code (int): The HTTP status again.
    """

    type_: str
    code: str
    message: list[str] | str
    request_id: str
    doc_url: None | str
    status_code: int
    _wire_names: ClassVar = {"type_": "type", "status_code": "statusCode"}
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            type_ = src_dict["type"]
            code = src_dict["code"]

            def _parse_message(data: object) -> list[str] | str:
                try:
                    if not isinstance(data, list):
                        raise TypeError()
                    message_type_1 = cast(list[str], data)
                    return message_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(list[str] | str, data)

            message = _parse_message(src_dict["message"])
            request_id = src_dict["request_id"]
            doc_url: None | str = src_dict["doc_url"]
            status_code = src_dict["statusCode"]
            if not (
                type(type_) in TEXT
                and type(code) in TEXT
                and type(request_id) in TEXT
                and type(status_code) in COUNT
            ):
                raise other_kind(src_dict, text="type code request_id", count="statusCode")
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("Error", wrong) from wrong
        record = cls(type_, code, message, request_id, doc_url, status_code)
        if len(src_dict) != 6:
            record.additional_properties = others(src_dict, KNOWN)
        return record
