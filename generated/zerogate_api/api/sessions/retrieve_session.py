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
    """Retrieve a session

    The session as it stands, never with `client_secret`. Reading expires nothing: past
    `expires_at` an open session still reads `open`, until the widget is next bootstrapped.
    `amount` is what you asked for, not what was paid: read the session's transactions for
    that.

    id: The session's id. An id of another partner or environment is a 404.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/gate_sessions/{id}".format(id=path_segment(id)),
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Error | GateSession:
    from ...models.error import Error
    from ...models.gate_session import GateSession

    if response.status_code == 200:
        response_200 = GateSession.from_dict(response.json())

        return response_200

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
