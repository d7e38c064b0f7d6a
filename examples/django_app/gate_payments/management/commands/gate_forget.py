"""`manage.py gate_forget --days 90`: erase the bodies of old events; their ids stay."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gate_payments.payments import inbox


class Command(BaseCommand):
    help = "Erase the bodies of events that are over and older than so many days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, required=True)

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < 1:
            raise CommandError(f"--days is 1 or more, not {days}")
        self.stdout.write(f"erased: {inbox().forget(timezone.now() - timedelta(days=days))}")
