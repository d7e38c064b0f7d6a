"""ASGI and nothing on top: on the disk before it is answered."""

import os
from typing import Any

from zerogate_store import AsyncInbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = AsyncInbox(store, secret, mode="test", max_bytes=262_144)


async def app(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more and len(body) <= 262_144:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    receipt = await inbox.receive(body, scope["headers"])
    await send({"type": "http.response.start", "status": receipt.status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
