# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors

if TYPE_CHECKING:
    import httpx

    from ...models.create_pay_out_request import CreatePayOutRequest
    from ...models.error import Error
    from ...models.rail_pay_out import RailPayOut


def get_kwargs(*, body: CreatePayOutRequest, idempotency_key: str) -> dict[str, Any]:
    """Create a pay-out

    Redeems a locked quote into a payment to the user. Amount, currency, method and bank
    details come from the quote and the verified user; sending them is a 400. A quote redeemed
    before is a 409. Rails cannot be listed, so keep the id.

    idempotency_key: Makes repeats of one write one write: derive it from your order and
    attempt, or use a UUID, and send the same on every try. Never use it for another user
    action.
    """
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {"method": "post", "url": "/rails/pay_outs"}

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def parse_response(response: httpx.Response) -> Error | RailPayOut:
    from ...models.error import Error
    from ...models.rail_pay_out import RailPayOut

    if response.status_code == 201:
        response_201 = RailPayOut.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 402:
        response_402 = Error.from_dict(response.json())

        return response_402

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

    if 200 <= response.status_code <= 299:
        response_2xx = RailPayOut.from_dict(response.json())

        return response_2xx

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
