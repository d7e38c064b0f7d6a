"""What an event means for an order here: put your own models in place of the log."""

import logging

from zerogate import Money
from zerogate_store import EventContext

LOG = logging.getLogger("orders")
PRICE = Money("100.00", "EUR")


def fulfil(received: EventContext) -> None:
    if received.kind != "session" or not received.read or received.order is None:
        return
    outcome = received.outcome(expect=PRICE, order=received.order)
    LOG.warning("%s: %s", received.order, "ship it" if outcome.may_fulfil else outcome.next_step)
