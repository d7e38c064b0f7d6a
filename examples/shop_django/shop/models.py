"""What the shop remembers of an order."""

from secrets import token_hex

from django.db import models


def fresh_id() -> str:
    return token_hex(8)


class Order(models.Model):
    """shipped: How many parcels left; never more than one."""

    id = models.CharField(primary_key=True, max_length=16, default=fresh_id)
    state = models.CharField(max_length=40, default="not paid yet")
    shipped = models.IntegerField(default=0)

    class Meta:
        app_label = "shop"
