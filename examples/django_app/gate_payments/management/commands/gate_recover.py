"""`manage.py gate_recover`: go on with writes that nobody knows the outcome of."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gate_payments.payments import gate


class Command(BaseCommand):
    help = "Finish what a crash or a lost answer left open. It may run beside the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="writes at most")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        done = list(gate().recover(limit=limit))
        for one in done:
            self.stdout.write(f"{one.operation} of {one.order}: {one.id or one.error}")
        doubtful = sum(one.error is not None for one in done)
        if doubtful:
            raise CommandError(
                f"still in doubt: {doubtful} of {len(done)}; run it again", returncode=3
            )
        self.stdout.write(f"recovered: {len(done)}")
