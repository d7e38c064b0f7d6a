# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import path_segment

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.signed_quote import SignedQuote


def get_kwargs(id: str) -> dict[str, Any]:
    """Retrieve a locked quote

    Reading redeems nothing. An elapsed quote reads `expired`; it is not a 404.

    id: The quote's id.
    """

    _kwargs: dict[str, Any] = {"method": "get", "url": "/quotes/{id}".format(id=path_segment(id))}

    return _kwargs


def parse_response(response: httpx.Response) -> Error | SignedQuote:
    from ...models.error import Error
    from ...models.signed_quote import SignedQuote

    if response.status_code == 200:
        response_200 = SignedQuote.from_dict(response.json())

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
