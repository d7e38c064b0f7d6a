"""Describes the answer to one request: status, headers, body, and the way it goes over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import attrs

# What each status class is called in the envelope; a status not listed takes its class's name.
TYPES = {
    400: "invalid_request",
    401: "unauthorized",
    402: "payment_required",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    423: "locked",
    425: "too_early",
    429: "rate_limited",
}


def type_of(status: int) -> str:
    """Return the envelope's `type` for a status, by its class where it is not listed."""
    return TYPES.get(status, "server_error" if status >= 500 else "invalid_request")


class Refused(Exception):
    """The request is answered with the error envelope; nothing was changed."""

    def __init__(
        self, status: int, message: str, *, code: str | None = None, allow: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.allow = allow


Ending = Literal["whole", "reset", "refuse", "hang", "truncate", "drip"]


@attrs.frozen
class Wire:
    """Way in which an answer travels.

    ending: `whole`; `reset` (the connection dies without an answer); `refuse` (it was never
        accepted); `hang` (nothing ever comes); `truncate` (the connection dies in mid-body);
        `drip` (the body comes in small pieces).
    wait: Seconds before the first byte.
    pause: Seconds between the pieces of a drip.
    keep: Bytes of the body that arrive before a truncation.
    """

    ending: Ending = "whole"
    wait: float = 0.0
    pause: float = 0.0
    keep: int = 0


WHOLE = Wire()


@attrs.frozen
class Answer:
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    wire: Wire = WHOLE


@attrs.define
class Draft:
    """An answer that faults may still alter. `payload` is JSON data, or bytes sent as they are."""

    status: int
    payload: Any = attrs.field(repr=False)
    headers: dict[str, str] = attrs.field(factory=dict, repr=False)
    wire: Wire = WHOLE

    def final(self) -> Answer:
        """Return the answer to send: JSON data encoded, bytes as they are."""
        if isinstance(self.payload, bytes):
            return Answer(self.status, self.headers, self.payload, self.wire)
        return Answer(
            self.status,
            {"content-type": "application/json; charset=utf-8", **self.headers},
            dumps(self.payload),
            self.wire,
        )


def dumps(data: Any) -> bytes:
    """Return compact JSON in UTF-8; ValueError for NaN. Lone surrogates become escapes."""
    try:
        return _encode(data).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair, which JSON allows and UTF-8 does not: as an escape.
        return _escape(data).encode()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_escape = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def envelope(
    status: int, message: str, request_id: str, *, code: str | None = None, kind: str | None = None
) -> dict[str, Any]:
    """Return the documented error body; without *code* and *kind*, the status decides."""
    kind = kind or type_of(status)
    return {
        "type": kind,
        "code": code or kind,
        "message": message,
        "request_id": request_id,
        "doc_url": None,
        "statusCode": status,
    }
