# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.country_list import CountryList
    from ...models.error import Error


def get_kwargs(
    *, country_code: str | Unset = UNSET, supported: bool | Unset = UNSET
) -> dict[str, Any]:
    """List countries

    The countries this account can offer. Always one page. Not narrowed by where the request
    comes from.

    country_code: ISO 3166-1 alpha-2, in either case. Left out, the caller's address decides
    (except for countries).

    supported: Only countries that are supported (`true`) or are not (`false`).
    """

    params: dict[str, Any] = {}

    params["country_code"] = country_code

    params["supported"] = supported

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {"method": "get", "url": "/capabilities/countries", "params": params}

    return _kwargs


def parse_response(response: httpx.Response) -> CountryList | Error:
    from ...models.country_list import CountryList
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = CountryList.from_dict(response.json())

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
