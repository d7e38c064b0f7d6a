"""`manage.py gate_migrate`: make or change the store's tables, once a release."""

from typing import Any

from django.core.management.base import BaseCommand

from gate_payments.payments import store


class Command(BaseCommand):
    help = "Make the tables of the store, or bring them to this release."

    def handle(self, *args: Any, **options: Any) -> None:
        store().migrate()
        self.stdout.write("the store's tables are those of this release")
