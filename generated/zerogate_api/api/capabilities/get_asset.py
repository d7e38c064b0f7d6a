# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset, path_segment

if TYPE_CHECKING:
    import httpx

    from ...models.asset import Asset
    from ...models.error import Error
    from ...models.side import Side


def get_kwargs(symbol: str, *, side: Side | Unset = UNSET) -> dict[str, Any]:
    """Retrieve a crypto asset

    One asset with its networks. 404 where it is unknown, inactive, not offered to the region,
    or not offered on that side.

    symbol: The asset's symbol.

    side: Which side of the market. The server takes `on_ramp` when it is left out.
    """

    params: dict[str, Any] = {}

    json_side: str | Unset = UNSET
    if not isinstance(side, Unset):
        json_side = side.value

    params["side"] = json_side

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/capabilities/assets/{symbol}".format(symbol=path_segment(symbol)),
        "params": params,
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Asset | Error:
    from ...models.asset import Asset
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = Asset.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

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
