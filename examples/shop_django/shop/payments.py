"""The payments of this shop: the client, the inbox, and what an event means for its order."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from zerogate import Failed, Gate, Hold, Mismatch, Money, Pending, Settled, TransactionStatuses
from zerogate_store import EventContext, Inbox, Store

from .models import Order

PRICE = Money("100.00", "EUR")
#: What Gate told this shop of the statuses that its documentation leaves open.
STATUSES = TransactionStatuses().extended(in_flight={"processing"}, failure={"failed"})


@cache
def store() -> Store:
    """In the database that Django uses, so that both can be written in one transaction."""
    made = Store(f"sqlite:///{settings.DATABASES['default']['NAME']}")
    made.migrate()
    return made


@cache
def gate() -> Gate:
    return Gate.from_env(store=store())


@cache
def inbox() -> Inbox:
    return Inbox(store(), os.environ["ZEROGATE_WEBHOOK_SECRET"], gate=gate())


@contextmanager
def atomic() -> Iterator[Any]:
    """Django's transaction and its connection, for `inbox().drain(fulfil, transaction=atomic)`."""
    with transaction.atomic():
        yield connection


def fulfil(received: EventContext) -> None:
    """What an event means for its order, in one transaction with the mark that it was handled."""
    if received.kind != "session" or not received.read or received.order is None:
        return
    unshipped = Order.objects.filter(id=received.order, shipped=0)
    match received.outcome(expect=PRICE, order=received.order, statuses=STATUSES):
        case Settled():
            unshipped.update(state="shipped", shipped=1)
        case Failed():
            unshipped.update(state="cancelled")
        case Mismatch() | Hold():
            unshipped.update(state="on hold: a person looks at it")
        case Pending():
            pass
