"""Starlette: on the disk before it is answered."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from zerogate_store import AsyncInbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = AsyncInbox(store, secret, mode="test")


async def gate(request: Request) -> Response:
    receipt = await inbox.receive(await request.body(), request.headers)
    return Response(status_code=receipt.status)


app = Starlette(routes=[Route("/webhooks/gate", gate, methods=["POST"])])
