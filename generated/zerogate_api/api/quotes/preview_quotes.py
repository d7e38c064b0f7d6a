# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.preview_quotes_request import PreviewQuotesRequest
    from ...models.quote_preview_list import QuotePreviewList


def get_kwargs(*, body: PreviewQuotesRequest) -> dict[str, Any]:
    """Preview quotes

    Indicative prices, one for each method that applies. Nothing is locked, so it can be
    repeated freely.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/quotes/preview"}

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def parse_response(response: httpx.Response) -> Error | QuotePreviewList:
    from ...models.error import Error
    from ...models.quote_preview_list import QuotePreviewList

    if response.status_code == 201:
        response_201 = QuotePreviewList.from_dict(response.json())

        return response_201

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

    if 200 <= response.status_code <= 299:
        response_2xx = QuotePreviewList.from_dict(response.json())

        return response_2xx

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
