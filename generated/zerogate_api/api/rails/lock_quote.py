# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.lock_quote_request import LockQuoteRequest
    from ...models.signed_quote import SignedQuote


def get_kwargs(*, body: LockQuoteRequest, idempotency_key: str | Unset = UNSET) -> dict[str, Any]:
    """Lock a quote

    A signed price that can be redeemed once, by a pay-in or a pay-out, until it expires.

    idempotency_key: As on the other writes, but optional; one page of the documentation lists
    it for this operation and another does not.
    """
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {"method": "post", "url": "/quotes"}

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def parse_response(response: httpx.Response) -> Error | SignedQuote:
    from ...models.error import Error
    from ...models.signed_quote import SignedQuote

    if response.status_code == 201:
        response_201 = SignedQuote.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 409:
        response_409 = Error.from_dict(response.json())

        return response_409

    if response.status_code == 422:
        response_422 = Error.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if response.status_code == 501:
        response_501 = Error.from_dict(response.json())

        return response_501

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
