"""Django: on the disk before it is answered. Gate has no CSRF token; its signature is the proof."""

import os

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from zerogate_store import Inbox, Store

store, secret = Store(os.environ["ZEROGATE_STORE"]), os.environ["ZEROGATE_WEBHOOK_SECRET"]
inbox = Inbox(store, secret, mode="test")


@csrf_exempt
@require_POST
def gate(request: HttpRequest) -> HttpResponse:
    receipt = inbox.receive(request.body, request.headers)
    return HttpResponse(status=receipt.status)


urlpatterns = [path("webhooks/gate", gate)]
