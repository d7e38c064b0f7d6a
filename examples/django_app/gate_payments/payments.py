"""The client and the inbox of this project, over the database that Django uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from sqlalchemy import URL
from zerogate import Gate
from zerogate_store import Inbox, Store


def store_url() -> str:
    """Return the store's URL: in Django's database, so that both can be written in one transaction."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    port = int(told["PORT"]) if told["PORT"] else None
    where = (
        told["USER"] or None,
        told["PASSWORD"] or None,
        told["HOST"] or None,
        port,
        told["NAME"],
    )
    made = URL.create("postgresql", *where)
    return made.render_as_string(hide_password=False)


@cache
def store() -> Store:
    return Store(store_url())


@cache
def gate() -> Gate:
    return Gate.from_env(store=store(), **settings.GATE_OPTIONS)


@cache
def inbox() -> Inbox:
    """The inbox of the client: its account and namespace are the inbox's too."""
    shared = {
        name: settings.GATE_OPTIONS[name]
        for name in ("account", "namespace", "clock")
        if name in settings.GATE_OPTIONS
    }
    return Inbox(store(), settings.GATE_WEBHOOK_SECRET, gate=gate(), **shared)


@contextmanager
def atomic() -> Iterator[Any]:
    """Django's transaction and its connection: the handler's rows and the event's mark, or neither."""
    with transaction.atomic():
        yield connection


def drain() -> int:
    """Handle what is due; how many events were done."""
    return inbox().drain(import_string(settings.GATE_HANDLER), transaction=atomic)
