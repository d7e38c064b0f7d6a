# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.create_embed_token_request import CreateEmbedTokenRequest
    from ...models.embed_token import EmbedToken
    from ...models.error import Error


def get_kwargs(*, body: CreateEmbedTokenRequest | Unset = UNSET) -> dict[str, Any]:
    """Bootstrap the widget

    For browsers: takes a publishable key and gives a token that lives for an hour. `Origin`
    or `Referer` must match an allowed domain exactly. An overdue session turns `expired`
    here. When it fails, go back to the server and create or recover the session; a secret key
    never belongs in a browser.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/embed/bootstrap"}

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def parse_response(response: httpx.Response) -> EmbedToken | Error:
    from ...models.embed_token import EmbedToken
    from ...models.error import Error

    if response.status_code == 201:
        response_201 = EmbedToken.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 422:
        response_422 = Error.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 200 <= response.status_code <= 299:
        response_2xx = EmbedToken.from_dict(response.json())

        return response_2xx

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
