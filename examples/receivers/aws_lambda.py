"""AWS Lambda behind an API gateway, an ALB or a function URL: on the disk before it is answered."""

import base64
import os
from typing import Any

from zerogate_store import Inbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = Inbox(store, secret, mode="test")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    # The whole event: headers, or what an ALB has as multiValueHeaders, are found in it.
    receipt = inbox.receive(raw, event)
    return {"statusCode": receipt.status, "headers": {}, "body": "", "isBase64Encoded": False}
