# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.payout_method_list import PayoutMethodList


def get_kwargs(
    *, currency: str | Unset = UNSET, country_code: str | Unset = UNSET
) -> dict[str, Any]:
    """List payout methods

    How a user can be paid out. Always one page. `currency` wins over `country_code`; where
    neither resolves the list is empty, not an error.

    currency: A fiat currency, ISO 4217.

    country_code: ISO 3166-1 alpha-2, in either case. Left out, the caller's address decides
    (except for countries).
    """

    params: dict[str, Any] = {}

    params["currency"] = currency

    params["country_code"] = country_code

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/capabilities/payout-methods",
        "params": params,
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Error | PayoutMethodList:
    from ...models.error import Error
    from ...models.payout_method_list import PayoutMethodList

    if response.status_code == 200:
        response_200 = PayoutMethodList.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
