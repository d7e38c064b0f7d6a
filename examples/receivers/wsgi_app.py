"""WSGI and nothing on top: on the disk before it is answered."""

import os
from http import HTTPStatus
from typing import Any

from zerogate_store import Inbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = Inbox(store, secret, mode="test", max_bytes=262_144)


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    size = min(int(environ.get("CONTENT_LENGTH") or 0), 262_145)
    receipt = inbox.receive(environ["wsgi.input"].read(size), environ)
    start_response(f"{receipt.status} {HTTPStatus(receipt.status).phrase}", [])
    return []
