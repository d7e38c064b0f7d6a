# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.asset_list import AssetList
    from ...models.error import Error
    from ...models.side import Side


def get_kwargs(
    *, side: Side | Unset = UNSET, country_code: str | Unset = UNSET, currency: str | Unset = UNSET
) -> dict[str, Any]:
    """List crypto assets

    The assets this account can offer on one side of the market. Always one page.

    side: Which side of the market. The server takes `on_ramp` when it is left out.

    country_code: ISO 3166-1 alpha-2, in either case. Left out, the caller's address decides
    (except for countries).

    currency: A fiat currency, ISO 4217.
    """

    params: dict[str, Any] = {}

    json_side: str | Unset = UNSET
    if not isinstance(side, Unset):
        json_side = side.value

    params["side"] = json_side

    params["country_code"] = country_code

    params["currency"] = currency

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {"method": "get", "url": "/capabilities/assets", "params": params}

    return _kwargs


def parse_response(response: httpx.Response) -> AssetList | Error:
    from ...models.asset_list import AssetList
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = AssetList.from_dict(response.json())

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
