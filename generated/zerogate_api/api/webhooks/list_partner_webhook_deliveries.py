# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import UNSET, Unset

if TYPE_CHECKING:
    import httpx

    from ...models.delivery_status import DeliveryStatus
    from ...models.error import Error
    from ...models.webhook_delivery_list import WebhookDeliveryList


def get_kwargs(
    *, status: DeliveryStatus | Unset = UNSET, limit: int | Unset = UNSET, skip: int | Unset = UNSET
) -> dict[str, Any]:
    """List webhook deliveries

    Newest first, without payloads. Paged by `skip`, unlike the other lists.

    status: Only deliveries in this state.

    limit: How many rows at most. The server takes 50 when it is left out.

    skip: How many rows to pass over. The server takes 0 when it is left out.
    """

    params: dict[str, Any] = {}

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    params["limit"] = limit

    params["skip"] = skip

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {"method": "get", "url": "/webhooks/deliveries", "params": params}

    return _kwargs


def parse_response(response: httpx.Response) -> Error | WebhookDeliveryList:
    from ...models.error import Error
    from ...models.webhook_delivery_list import WebhookDeliveryList

    if response.status_code == 200:
        response_200 = WebhookDeliveryList.from_dict(response.json())

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
