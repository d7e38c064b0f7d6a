# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.gate_session_list import GateSessionList
    from ...models.session_status import SessionStatus


def get_kwargs(
    *,
    limit: int | Unset = UNSET,
    starting_after: str | Unset = UNSET,
    status: SessionStatus | Unset = UNSET,
) -> dict[str, Any]:
    """List sessions

    Newest first, without `client_secret`. Page with `starting_after` until `has_more` is
    false.

    limit: How many rows at most. The server takes 10 when it is left out. A page may hold
    fewer although more follow.

    starting_after: The `id` of the last row of the page before.

    status: Only sessions that read this status. An overdue session may still read `open`.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["starting_after"] = starting_after

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {"method": "get", "url": "/gate_sessions", "params": params}

    return _kwargs


def parse_response(response: httpx.Response) -> Error | GateSessionList:
    from ...models.error import Error
    from ...models.gate_session_list import GateSessionList

    if response.status_code == 200:
        response_200 = GateSessionList.from_dict(response.json())

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
