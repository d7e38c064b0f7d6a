"""The app with Django's test client, against the sandbox in memory: `python manage.py test`."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import Client, TransactionTestCase, override_settings
from django.urls import reverse
from zerogate import Money, OutcomeUnknown, RetryPolicy
from zerogate_sandbox import Sandbox

from gate_payments import payments
from gate_payments.models import Event, Intent, moment

KEY, SECRET = "sk_test_django", "whsec_test_django_0123"
PRICE = Money("100.00", "EUR")
SHIPPED: list[str] = []


def fulfil(received: Any) -> None:
    """Ship once an order is paid."""
    if received.kind != "session" or not received.read:
        return
    if received.outcome(expect=PRICE, order=received.order).may_fulfil:
        SHIPPED.append(received.order)


class AppTest(TransactionTestCase):
    """A sandbox whose webhooks go through Django's test client. Each test is a service of its own."""

    def setUp(self) -> None:
        self.namespace = self._testMethodName[-40:]
        SHIPPED.clear()
        self.browser = Client(enforce_csrf_checks=True)
        self.statuses: list[int] = []
        self.sandbox = Sandbox(seed=7, webhook=self.deliver)
        self.sandbox.account(KEY, webhook_secrets=[SECRET])
        options = {
            "transport": self.sandbox.transport(),
            "clock": self.sandbox.clock,
            "retries": RetryPolicy(attempts=1),
            "namespace": self.namespace,
        }
        settings = override_settings(
            GATE_OPTIONS=options,
            GATE_HANDLER="gate_payments.tests.fulfil",
            GATE_WEBHOOK_SECRET=SECRET,
        )
        settings.enable()
        self.addCleanup(settings.disable)
        environ = mock.patch.dict(os.environ, {"ZEROGATE_SECRET_KEY": KEY})
        environ.start()
        self.addCleanup(environ.stop)
        for made in (payments.store, payments.gate, payments.inbox):
            made.cache_clear()
        self.run_command("gate_migrate")

    def deliver(self, body: bytes, headers: Mapping[str, str]) -> int:
        answer = self.browser.post(
            reverse("gate_payments:webhooks"), body, "application/json", headers=dict(headers)
        )
        self.statuses.append(answer.status_code)
        return answer.status_code

    def run_command(self, *words: str) -> str:
        said = StringIO()
        call_command(*words, stdout=said)
        return said.getvalue()

    def create(self, order: str) -> Any:
        return payments.gate().sessions.create(
            amount=PRICE, order=order, flow="on_ramp", return_url="https://shop.example/done"
        )

    def test_a_webhook_is_kept_by_the_view_and_handled_once_by_the_command(self) -> None:
        session = self.create("order-1")
        self.sandbox.pay(session.id)
        self.sandbox.deliver()
        self.assertEqual(set(self.statuses), {200})
        waiting = Event.objects.filter(subject=session.id, namespace=self.namespace)
        self.assertEqual({event.state for event in waiting}, {"pending"})
        self.assertEqual({event.order_ref for event in waiting}, {"order-1"})
        self.assertIn("handled: ", self.run_command("gate_drain"))
        self.assertEqual(set(SHIPPED), {"order-1"})
        shipped = len(SHIPPED)
        self.sandbox.deliver()
        self.assertEqual(self.run_command("gate_drain"), "handled: 0\n")
        self.assertEqual(len(SHIPPED), shipped)
        self.assertEqual({event.state for event in waiting.all()}, {"done"})

    def test_a_forged_webhook_is_400_and_no_event(self) -> None:
        path = reverse("gate_payments:webhooks")
        forged = {"Gate-Signature": "t=1,v1=" + "0" * 64}
        answer = self.browser.post(path, b"{}", "application/json", headers=forged)
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.browser.get(path).status_code, 405)
        self.assertFalse(Event.objects.filter(namespace=self.namespace).exists())

    def test_a_write_whose_answer_was_lost_is_in_doubt_until_it_is_recovered(self) -> None:
        self.sandbox.faults.add("reset", operations="createSession", when="after", times=1)
        with self.assertRaises(OutcomeUnknown):
            self.create("order-2")
        (intent,) = Intent.objects.filter(order_ref="order-2", namespace=self.namespace)
        self.assertIsNone(intent.object_id)
        self.assertIsNotNone(moment(intent.first_sent_at))
        self.sandbox.clock.advance(120)
        self.assertIn("recovered: 1", self.run_command("gate_recover"))
        self.assertEqual(self.run_command("gate_recover"), "recovered: 0\n")
        (intent,) = Intent.objects.filter(order_ref="order-2", namespace=self.namespace)
        self.assertEqual(intent.object_id, self.create("order-2").id)

    def test_a_recovery_that_leaves_doubt_ends_with_3(self) -> None:
        self.sandbox.faults.add("reset", operations="createSession", when="after", times=1)
        with self.assertRaises(OutcomeUnknown):
            self.create("order-3")
        self.sandbox.clock.advance(120)
        self.sandbox.faults.add("error", status=503)
        with self.assertRaises(CommandError) as raised:
            self.run_command("gate_recover")
        self.assertEqual(raised.exception.returncode, 3)
        self.assertIn("still in doubt: 1 of 1", str(raised.exception))

    def test_old_bodies_are_erased_and_a_replay_stays_a_duplicate(self) -> None:
        session = self.create("order-4")
        self.sandbox.pay(session.id)
        self.sandbox.deliver()
        self.run_command("gate_drain")
        with self.assertRaises(CommandError):
            self.run_command("gate_forget", "--days", "0")
        events = Event.objects.filter(namespace=self.namespace)
        kept = events.count()
        for days, erased in ((0, 0), (100, kept), (100, 0)):
            now = datetime.fromtimestamp(self.sandbox.clock.now(), UTC) + timedelta(days=days)
            with mock.patch("django.utils.timezone.now", return_value=now):
                said = self.run_command("gate_forget", "--days", "90")
            self.assertEqual(said, f"erased: {erased}\n")
        self.assertEqual((events.count(), kept), (3, 3))
