# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors

if TYPE_CHECKING:
    import httpx

    from ...models.branding import Branding
    from ...models.error import Error


def get_kwargs() -> dict[str, Any]:
    """Retrieve the branding

    The widget's look. All null is the default look.
    """

    _kwargs: dict[str, Any] = {"method": "get", "url": "/branding"}

    return _kwargs


def parse_response(response: httpx.Response) -> Branding | Error:
    from ...models.branding import Branding
    from ...models.error import Error

    if response.status_code == 200:
        response_200 = Branding.from_dict(response.json())

        return response_200

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
