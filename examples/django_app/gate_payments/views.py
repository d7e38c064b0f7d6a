"""The door for webhooks. Gate has no CSRF token; its signature is the proof."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .payments import inbox


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Keep the event; on the disk before it is answered. `gate_drain` handles it."""
    receipt = inbox().receive(request.body, request.headers)
    return HttpResponse(status=receipt.status)
