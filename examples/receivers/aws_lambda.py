"""AWS Lambda behind an API gateway or a function URL: on the disk before it is answered."""

import base64
import os
from typing import Any

from zerogate_store import Inbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = Inbox(store, secret, mode="test")


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    receipt = inbox.receive(raw, event["headers"])
    return {"statusCode": receipt.status}
