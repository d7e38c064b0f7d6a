# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import path_segment

if TYPE_CHECKING:
    import httpx

    from ...models.customer import Customer
    from ...models.error import Error


def get_kwargs(id: str) -> dict[str, Any]:
    """Retrieve a customer

    One customer. A deleted one is 404.

    id: The customer's id. An id of another partner or environment is a 404.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/customers/{id}".format(id=path_segment(id)),
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Customer | Error:
    from ...models.customer import Customer
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = Customer.from_dict(response.json())

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
