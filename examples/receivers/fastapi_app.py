"""FastAPI: on the disk before it is answered."""

import os

from fastapi import FastAPI, Request, Response
from zerogate_store import AsyncInbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = AsyncInbox(store, secret, mode="test")
app = FastAPI()


@app.post("/webhooks/gate")
async def gate(request: Request) -> Response:
    receipt = await inbox.receive(await request.body(), request.headers)
    return Response(status_code=receipt.status)
