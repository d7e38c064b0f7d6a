"""The app, as INSTALLED_APPS has it."""

from django.apps import AppConfig


class GatePayments(AppConfig):
    name = "gate_payments"
    verbose_name = "0Gate payments"
