# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import path_segment

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.partner_transaction import PartnerTransaction


def get_kwargs(refid: str) -> dict[str, Any]:
    """Retrieve a transaction

    One transaction as it stands. Poll sparingly; webhooks say when to look.

    refid: The transaction's reference, as your ledger keeps it.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/transactions/{refid}".format(refid=path_segment(refid)),
    }

    return _kwargs


def parse_response(response: httpx.Response) -> Error | PartnerTransaction:
    from ...models.error import Error
    from ...models.partner_transaction import PartnerTransaction

    if response.status_code == 200:
        response_200 = PartnerTransaction.from_dict(response.json())

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
