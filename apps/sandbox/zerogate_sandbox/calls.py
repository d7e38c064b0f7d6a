"""One request as the world sees it: parsed, addressed to an operation, from an account."""

from __future__ import annotations

import json
from typing import Any, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

import attrs

from zerogate_sandbox.partners import Account
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.routes import Match, Operation, find

BASE_PATH = "/v1"
NO_BODY: Any = object()
"""The body of a request without one; `None` is the JSON `null`."""
MAX_BODY = 1_000_000


class Request(Protocol):
    """A request as a transport hands it over; only read."""

    @property
    def method(self) -> str:
        """Return the HTTP method, in capitals."""

    @property
    def origin(self) -> str:
        """Return scheme, host and port that the request is for."""

    @property
    def target(self) -> str:
        """Return path and query, as they stand in the request line."""

    @property
    def headers(self) -> Any:
        """Return the headers: a mapping, or pairs of name and value."""

    @property
    def body(self) -> bytes:
        """Return the whole body; empty without one."""


@attrs.frozen
class PlainRequest:
    method: str
    origin: str
    target: str
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


@attrs.define
class Call:
    """One request to an operation, checked against the contract.

    body: The JSON body, parsed; `NO_BODY` without one.
    key: The Idempotency-Key.
    credential: A digest of the API key that was sent, for things that depend on the key itself.
    """

    operation: Operation
    account: Account
    params: dict[str, str]
    query: dict[str, Any]
    headers: dict[str, str] = attrs.field(repr=False)
    body: Any
    key: str | None
    credential: str
    path: str
    now: float

    @property
    def fields(self) -> dict[str, Any]:
        """Return the body; Refused (400) where it is no JSON object."""
        if not isinstance(self.body, dict):
            raise Refused(400, "the body must be a JSON object")
        return self.body


def route(method: str, target: str) -> tuple[Match, str]:
    """Return the operation, path parameters decoded, and the raw query; Refused (404 or 405)."""
    parts = urlsplit(target)
    path = parts.path
    if not path.startswith(BASE_PATH + "/"):
        raise Refused(404, f"nothing at {path}: the API is under {BASE_PATH}/")
    segments = [unquote(segment) for segment in path[len(BASE_PATH) + 1 :].split("/")]
    found = find(method, segments)
    if isinstance(found, Match):
        return found, parts.query
    if found:
        allowed = ", ".join(sorted(found))
        raise Refused(405, f"{method} is not possible at {path}; {allowed} is", allow=allowed)
    raise Refused(404, f"nothing at {path}")


def parse_json(body: bytes) -> Any:
    """Return the parsed body, `NO_BODY` of a blank one; Refused: 413 too large, 400 no JSON."""
    if len(body) > MAX_BODY:
        raise Refused(413, f"the body is larger than {MAX_BODY} bytes")
    if not body.strip():
        return NO_BODY
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except ValueError:
        raise Refused(400, "the body is not valid JSON in UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    """Raise ValueError: NaN and Infinity are no JSON."""
    raise ValueError(name)
