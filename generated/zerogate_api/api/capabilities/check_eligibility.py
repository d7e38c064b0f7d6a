# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.eligibility import Eligibility
    from ...models.error import Error


def get_kwargs(
    *, country_code: str | Unset = UNSET, currency: str | Unset = UNSET, asset: str | Unset = UNSET
) -> dict[str, Any]:
    """Check a region, currency and asset

    Ask before creating a session. An unsupported region is `eligible` false, not an error.

    country_code: ISO 3166-1 alpha-2, in either case. Left out, the caller's address decides
    (except for countries).

    currency: A fiat currency, ISO 4217.

    asset: A crypto asset's symbol.
    """

    params: dict[str, Any] = {}

    params["country_code"] = country_code

    params["currency"] = currency

    params["asset"] = asset

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/capabilities/eligibility",
        "params": params,
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Eligibility | Error:
    from ...models.eligibility import Eligibility
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = Eligibility.from_dict(response.json())

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
