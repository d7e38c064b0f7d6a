# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import path_segment

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.rail_pay_in import RailPayIn


def get_kwargs(id: str) -> dict[str, Any]:
    """Retrieve a pay-in

    Branch on `status`, not on which fields are present. Poll with bounded backoff; webhooks
    come first.

    id: The pay-in's id.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/rails/pay_ins/{id}".format(id=path_segment(id)),
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Error | RailPayIn:
    from ...models.error import Error
    from ...models.rail_pay_in import RailPayIn

    if response.status_code == 200:
        response_200 = RailPayIn.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Error.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
