"""Flask: on the disk before it is answered."""

import os

from flask import Flask, request
from zerogate_store import Inbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = Inbox(store, secret, mode="test")
app = Flask(__name__)


@app.post("/webhooks/gate")
def gate() -> tuple[str, int]:
    receipt = inbox.receive(request.get_data(), request.headers)
    return "", receipt.status
