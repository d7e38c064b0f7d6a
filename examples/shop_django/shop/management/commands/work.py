"""`manage.py work`: handles what came in, and what is due again, until it is stopped."""

import time
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand
from zerogate import StoreFailed

from shop.payments import atomic, fulfil, gate, inbox


class Command(BaseCommand):
    """Run as many as you like, on as many machines."""

    help = "Handle webhook events; finish what a crash left open."

    def handle(self, *args: Any, **options: Any) -> None:
        gate().recover()
        while True:
            with suppress(StoreFailed):
                inbox().drain(fulfil, transaction=atomic)
            time.sleep(0.2)
