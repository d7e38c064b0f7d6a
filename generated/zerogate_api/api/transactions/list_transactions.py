# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.partner_transaction_list import PartnerTransactionList


def get_kwargs(
    *,
    limit: int | Unset = UNSET,
    starting_after: str | Unset = UNSET,
    status: str | Unset = UNSET,
    session_id: str | Unset = UNSET,
) -> dict[str, Any]:
    """List transactions

    Newest first. With `session_id`, what moved for one session, which may be more than one
    payment.

    limit: How many rows at most. The server takes 10 when it is left out. A page may hold
    fewer although more follow.

    starting_after: The `refid` of the last transaction of the page before.

    status: Only transactions with exactly this status, letter case included.

    session_id: Only transactions of this session.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["starting_after"] = starting_after

    params["status"] = status

    params["session_id"] = session_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {"method": "get", "url": "/transactions", "params": params}

    return _kwargs


def parse_response(response: httpx.Response) -> Error | PartnerTransactionList:
    from ...models.error import Error
    from ...models.partner_transaction_list import PartnerTransactionList

    if response.status_code == 200:
        response_200 = PartnerTransactionList.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
