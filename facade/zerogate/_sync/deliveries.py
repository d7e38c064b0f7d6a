# Written by facade/unasync.py from facade/zerogate/_async/deliveries.py; edit that file.
"""The log of webhook deliveries: list, replay, test."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .. import _validation as validation
from .._frames import discreet_class
from .._mistakes.misuse import explained
from .._pagination import OffsetPaginator
from .._wire import bodies, operations
from .calls import Calls
from .pages import AutoPager

if TYPE_CHECKING:
    from .._literals import DeliveryStatusName
    from ..types import Delivery, DeliveryStatus


@explained
@discreet_class
class Deliveries:
    """`gate.deliveries`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def replay(self, id: str, *, timeout: float | None = None) -> Delivery:
        """Have a dead-lettered delivery sent again, same event id; InvalidRequest if it is not dead-lettered.

        Raises:
            InvalidRequest: it is not dead-lettered; so is the answer to doing it twice.
            OutcomeUnknown: it may be on its way: look at the log before asking again.
        """
        return self._calls.ask(
            operations.REPLAY_WEBHOOK_DELIVERY, timeout=timeout, id=validation.checked_id(id)
        )

    def send_test(self, *, timeout: float | None = None) -> Delivery:
        """Have a new `webhook.test` event sent to the account's URL; InvalidRequest if the account has none.

        Raises:
            InvalidRequest: the account has no webhook URL.
        """
        return self._calls.ask(operations.SEND_TEST_WEBHOOK, timeout=timeout)

    # Last in the class: a method of this name hides the built-in from what follows.
    def list(
        self,
        *,
        status: DeliveryStatus | DeliveryStatusName | None = None,
        limit: int = 100,
        skip: int = 0,
        timeout: float | None = None,
    ) -> AutoPager[Delivery]:
        """Return a pager over deliveries, newest first, no payloads; sends when iterated.

        status: Rows that leave the list while you walk it, since you replay them, hide none of the others.
        limit: Rows a page, 1 to 200. skip: Rows to leave out, `page.next_skip` to go on another day.
        """
        if status is not None:
            validation.checked_choice("status", status, bodies.DELIVERY_STATUSES)
        validation.checked_limit(limit, 200)
        validation.checked_skip(skip)
        validation.checked_timeout(timeout)

        def fetch(skip: Any, raw: bool) -> Any:
            """Read the page after *skip* rows; with *status*, one row more than is shown."""
            return self._calls.page(
                operations.LIST_PARTNER_WEBHOOK_DELIVERIES,
                raw=raw,
                timeout=timeout,
                status=status,
                # One more than is wanted: the row that shows whether others have left.
                limit=limit if status is None else min(200, limit + 1),
                skip=skip,
            )

        walk = partial(OffsetPaginator, attrgetter("id"), filtered=status is not None, skip=skip)

        return AutoPager(fetch, walk)
