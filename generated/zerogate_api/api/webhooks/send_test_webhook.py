# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors

if TYPE_CHECKING:
    import httpx

    from ...models.error import Error
    from ...models.webhook_delivery import WebhookDelivery


def get_kwargs() -> dict[str, Any]:
    """Send a test webhook

    Queues a `webhook.test` event for your webhook URL; 400 where none is configured. Every
    call is a new event. Not idempotent.
    """

    _kwargs: dict[str, Any] = {"method": "post", "url": "/webhooks/test"}

    return _kwargs


def parse_response(response: httpx.Response) -> Error | WebhookDelivery:
    from ...models.error import Error
    from ...models.webhook_delivery import WebhookDelivery

    if response.status_code == 201:
        response_201 = WebhookDelivery.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if 200 <= response.status_code <= 299:
        response_2xx = WebhookDelivery.from_dict(response.json())

        return response_2xx

    if 500 <= response.status_code <= 599:
        response_5xx = Error.from_dict(response.json())

        return response_5xx

    raise errors.UnexpectedStatus(response.status_code, response.content)
