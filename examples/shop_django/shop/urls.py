"""The pages of the shop, and the door for webhooks."""

import os

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from zerogate import for_browser

from .models import Order
from .payments import PRICE, gate, inbox


def page(title: str, body: str) -> HttpResponse:
    """The client secret is in no address that is sent or kept: only in a link's fragment."""
    whole = '<!doctype html><html lang="en"><title>{}</title><h1>{}</h1>{}</html>'
    response = HttpResponse(format_html(whole, title, title, body))
    response["cache-control"] = "no-store"
    return response


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    form = (
        '<p>{}</p><form method="post" action="{}"><input type="hidden" '
        'name="csrfmiddlewaretoken" value="{}"><button id="buy">Buy</button></form>'
    )
    return page("A book", format_html(form, str(PRICE), reverse("buy"), get_token(request)))


@require_POST
def buy(request: HttpRequest) -> HttpResponse:
    """The order and what is owed for it are committed together; only then is anything sent."""
    order, payments = Order(), gate()
    with transaction.atomic():
        order.save(force_insert=True)
        intent = payments.journal.intend(
            connection,
            amount=PRICE,
            order=order.id,
            flow="on_ramp",
            return_url=request.build_absolute_uri(reverse("show", args=[order.id])),
        )
    secret = for_browser(payments.journal.send(intent))["client_secret"]
    link = f"{os.environ['SHOP_CHECKOUT']}#{secret}"
    return page("Order", format_html('<a id="pay" href="{}">Pay</a>', link))


@require_safe
def show(request: HttpRequest, order: str) -> HttpResponse:
    """Where the person comes back to; that they came back proves nothing."""
    state = get_object_or_404(Order, id=order).state
    told = '<meta http-equiv="refresh" content="1"><p id="state">{}</p>'
    return page("Order", format_html(told, state))


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    receipt = inbox().receive(request.body, request.headers)
    return HttpResponse(status=receipt.status)


urlpatterns = [
    path("", basket),
    path("orders", buy, name="buy"),
    path("orders/<str:order>", show, name="show"),
    path("webhooks/gate", webhook),
]
