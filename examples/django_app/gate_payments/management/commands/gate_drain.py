"""`manage.py gate_drain`: handle the events that are due."""

from typing import Any

from django.core.management.base import BaseCommand

from gate_payments.payments import drain


class Command(BaseCommand):
    help = "Handle what came in, and what is due again. Run as many as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"handled: {drain()}")
