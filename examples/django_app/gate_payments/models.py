"""The store's tables as models, to be read: writes in doubt, events that wait or were parked.

Unmanaged: `manage.py gate_migrate` makes and changes the tables, Django never does. Write to none of them:
what a row means for the others is known to the store.
"""

from datetime import UTC, datetime

from django.db import models


def moment(seconds: float | None) -> datetime | None:
    """Return a time of the tables, which are seconds since 1970, as Django has times."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


class Intent(models.Model):
    """A write as the journal knows it. object_id: Of the session or rail, once its answer is known."""

    pk = models.CompositePrimaryKey("account", "mode", "namespace", "operation", "key")
    account = models.TextField()
    mode = models.TextField()
    namespace = models.TextField()
    operation = models.TextField()
    key = models.TextField()
    order_ref = models.TextField(null=True)
    attempt = models.BigIntegerField(null=True)
    state = models.TextField()
    object_id = models.TextField(null=True)
    object_status = models.TextField(null=True)
    made_at = models.FloatField()
    first_sent_at = models.FloatField(null=True)
    answered_at = models.FloatField(null=True)
    closed_at = models.FloatField(null=True)

    class Meta:
        managed = False
        db_table = "zerogate_intents"
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.operation} of {self.order_ref or self.key}: {self.state}"


class Event(models.Model):
    """A webhook as the inbox keeps it. state: pending, done, parked, unmatched, refused, …"""

    pk = models.CompositePrimaryKey("account", "mode", "namespace", "signed", "id")
    account = models.TextField()
    mode = models.TextField()
    namespace = models.TextField()
    signed = models.TextField()
    id = models.TextField()
    type = models.TextField()
    subject = models.TextField()
    order_ref = models.TextField(null=True)
    state = models.TextField()
    attempts = models.BigIntegerField()
    reason = models.TextField(null=True)
    happened_at = models.FloatField()
    received_at = models.FloatField()
    done_at = models.FloatField(null=True)

    class Meta:
        managed = False
        db_table = "zerogate_events"
        ordering = ("-happened_at",)

    def __str__(self) -> str:
        return f"{self.type} of {self.order_ref or self.subject}: {self.state}"
