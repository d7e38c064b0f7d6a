# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import path_segment

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.gate_session import GateSession


def get_kwargs(id: str) -> dict[str, Any]:
    """Cancel an open session

    Stops the widget; nothing says that it stops a bank transfer under way. Works from `open`
    only. From any other status it is a 409, which is harmless: read the session and take its
    status as final. So a repeat is a 409, too.

    id: The session's id. An id of another partner or environment is a 404.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/gate_sessions/{id}/cancel".format(id=path_segment(id)),
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Error | GateSession:
    from ...models.error import Error
    from ...models.gate_session import GateSession

    if response.status_code == 201:
        response_201 = GateSession.from_dict(response.json())

        return response_201

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = Error.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Error.from_dict(response.json())

        return response_409

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
