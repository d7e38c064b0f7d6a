# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.customer_list import CustomerList
    from ...models.error import Error


def get_kwargs(
    *,
    limit: int | Unset = UNSET,
    starting_after: str | Unset = UNSET,
    external_id: str | Unset = UNSET,
    email: str | Unset = UNSET,
) -> dict[str, Any]:
    """List customers

    Newest first, without deleted ones.

    limit: How many rows at most. The server takes 10 when it is left out. A page may hold
    fewer although more follow.

    starting_after: The `id` of the last row of the page before.

    external_id: Only the customer with exactly this id of yours.

    email: Only the customer with exactly this address.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["starting_after"] = starting_after

    params["external_id"] = external_id

    params["email"] = email

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {"method": "get", "url": "/customers", "params": params}

    return _kwargs


def parse_response(response: httpx.Response) -> CustomerList | Error:
    from ...models.customer_list import CustomerList
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = CustomerList.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
