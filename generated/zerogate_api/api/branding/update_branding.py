# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors

if TYPE_CHECKING:
    import httpx

    from ...models.branding import Branding
    from ...models.error import Error
    from ...models.update_branding_request import UpdateBrandingRequest


def get_kwargs(*, body: UpdateBrandingRequest) -> dict[str, Any]:
    """Update the branding

    Changes what is sent and leaves the rest; null clears. An unknown key is refused with 400.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "patch", "url": "/branding"}

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def parse_response(response: httpx.Response) -> Branding | Error:
    from ...models.branding import Branding
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = Branding.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 422:
        response_422 = Error.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
