"""Sending events to a partner: who is next, when to try again, when to give up. Sends nothing."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.calls import Call
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.events import Event, headers_for
from zerogate_sandbox.lists import limit_of, page
from zerogate_sandbox.partners import Account
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.times import millis

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

WAITS = (60.0, 300.0, 1_800.0, 7_200.0)
TIMEOUT = 10.0
TEST_DATA = {"livemode": False, "message": "A made-up event, to see whether it arrives."}
LISTENERS = "listeners"
"""The account of deliveries that are nobody's."""


@attrs.define
class Delivery:
    """One event on its way to one URL, with the attempts so far.

    due: When the next attempt is due; None when there is none.
    failures: Failed attempts since it was made or replayed; `attempts` counts them all.
    lane: Deliveries of one lane go out in order; a session's events to one URL are a lane.
    stray: Whether it left the order of its lane (a fault, or a replay).
    copies: How often a success is sent once more.
    """

    id: str
    account: str
    event: Event
    lane: str
    target_url: str
    created_at: float
    due: float | None
    status: str = "pending"
    attempts: int = 0
    failures: int = 0
    last_response_status: int | None = None
    last_error: str | None = None
    delivered_at: float | None = None
    stray: bool = False
    copies: int = 0
    copies_wait: float = 0.0

    @property
    def over(self) -> bool:
        """Return True once the delivery has succeeded or was given up."""
        return self.status in ("succeeded", "dead_lettered")

    def view(self) -> dict[str, Any]:
        """Return the delivery as the API shows it; its next attempt is None once it is over."""
        return {
            "object": "webhook_delivery",
            "id": self.id,
            "event_id": self.event.id,
            "event_type": self.event.type,
            "status": self.status,
            "target_url": self.target_url,
            "attempts": self.attempts,
            "last_response_status": self.last_response_status,
            "last_error": self.last_error,
            "next_attempt_at": None if self.due is None or self.over else millis(self.due),
            "delivered_at": None if self.delivered_at is None else millis(self.delivered_at),
            "created_at": millis(self.created_at),
        }


@attrs.frozen
class Attempt:
    """One sending of one event. `copy`: it repeats what has already succeeded."""

    delivery: str
    url: str
    headers: dict[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    due: float
    copy: bool = False


class Deliveries:
    """`lanes` holds what waits per lane, the first of which is on its way or due."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.collection: Collection[Delivery] = Collection("delivery")
        self.lanes: dict[str, deque[str]] = {}
        self.held: dict[str, list[str]] = {}
        self.heap: list[tuple[float, int, str, bool]] = []
        self.added = 0

    # --- what the partner asks ---

    def list(self, call: Call) -> dict[str, Any]:
        """Return a page of the account's deliveries, newest first, by `status` and `skip`."""
        status = call.query.get("status")
        limit, skip = limit_of(call.query, 50), call.query.get("skip", 0)
        records = (
            one
            for one in self.collection.newest_first(call.account.name, None)
            if status is None or one.status == status
        )
        rows = (one.view() for index, one in enumerate(records) if index >= skip)
        return page(call.path, rows, limit)

    def replay(self, call: Call) -> dict[str, Any]:
        """Schedule a dead-lettered delivery for now and return it; Refused (400) for others."""
        delivery = self.collection.find(call.account.name, call.params["id"])
        if delivery.status != "dead_lettered":
            raise Refused(400, "only a dead-lettered delivery is replayed")
        delivery.status = "pending"
        delivery.failures = 0
        delivery.stray = True
        self._schedule(delivery, call.now)
        return delivery.view()

    def send_test(self, call: Call) -> dict[str, Any]:
        """Emit `webhook.test` and return its delivery; Refused (400) without a webhook_url."""
        if call.account.webhook_url is None:
            raise Refused(400, "no webhook_url is configured")
        event = self.test(call.account)
        return self.collection.find(call.account.name, self._delivery_id(event)).view()

    def test(self, account: Account) -> Event:
        """Emit a `webhook.test` event, to listeners as well, and return it."""
        return self.world.emit(account, "webhook.test", dict(TEST_DATA), None)

    # --- what falls due ---

    def enqueue(self, event: Event, target_url: str) -> None:
        """Add the event's delivery to its lane, due at once if it is the first; a fault may lose it."""
        self._enqueue(self._delivery_id(event), event.account, event, event.lane, target_url)

    def forward(self, event: Event, target_url: str) -> None:
        """Add a delivery of the event to a listener's URL; no account's log shows it."""
        id = f"fwd_{self.world.seeds.hex('forward', 16)}"
        self._enqueue(id, LISTENERS, event, f"{event.lane} {target_url}", target_url)

    def _enqueue(self, id: str, account: str, event: Event, lane: str, url: str) -> None:
        """Add a delivery to its lane, or beside it where a fault says so; none if it is lost."""
        made = event.created_at
        delivery = Delivery(id, account, event, lane, url, made, due=made)
        if self._apply_faults(delivery):
            return
        self.collection.add(delivery)
        if delivery.stray:
            self._push(delivery)
            return
        waiting = self.lanes.setdefault(lane, deque())
        waiting.append(delivery.id)
        if len(waiting) == 1:
            self._push(delivery)

    @staticmethod
    def _delivery_id(event: Event) -> str:
        """Return the id of the event's own delivery."""
        return event.id.replace("evt_", "whd_", 1)

    def _apply_faults(self, delivery: Delivery) -> bool:
        """Apply the faults that strike this event; return True where one of them loses it."""
        event, now = delivery.event, self.world.now
        for fault in self.world.faults.strike_event(event.type, event.body.decode(), now):
            match fault.name:
                case "lost":
                    return True
                case "duplicate":
                    delivery.copies += fault.options["copies"]
                    delivery.copies_wait = fault.options["wait"]
                case "late":
                    delivery.stray = True
                    delivery.due = now + fault.options["wait"]
                case "reorder":
                    delivery.stray = True
                    delivery.due = now + fault.options["wait"]
                    self.held.setdefault(delivery.lane, []).append(delivery.id)
        return False

    @property
    def next_due(self) -> float | None:
        """Return Unix time of the next sending; None where nothing waits."""
        self._drop_stale()
        return self.heap[0][0] if self.heap else None

    def take(self, now: float) -> Attempt | None:
        """Return the attempt that is due first, now in flight; None where none is due."""
        self._drop_stale()
        if not self.heap or self.heap[0][0] > now:
            return None
        due, _, id, copy = heapq.heappop(self.heap)
        delivery = self.collection.records[id]
        if not copy:
            delivery.status = "in_flight"
        account = self.world.partners.accounts[delivery.event.account]
        profile = self.world.profile
        moment = now if profile.signature_time == "attempt" else delivery.event.created_at
        secrets = account.webhook_secrets[: profile.signatures]
        headers = headers_for(delivery.event, secrets, int(moment))
        return Attempt(id, delivery.target_url, headers, delivery.event.body, due, copy)

    def record_attempt(
        self, attempt: Attempt, status: int | None, error: str | None, now: float
    ) -> None:
        """Set the delivery succeeded, due again, or dead-lettered; nothing for a copy.

        status, error: The receiver's status, or what kept it from answering.
        """
        delivery = self.collection.records.get(attempt.delivery)
        if attempt.copy or delivery is None:
            return
        delivery.attempts += 1
        delivery.last_response_status = status
        delivery.last_error = error or (None if _ok(status) else f"HTTP {status}")
        if _ok(status):
            self._succeed(delivery, now)
        elif delivery.failures < len(WAITS):
            delivery.status = "pending"
            self._schedule(delivery, now + WAITS[delivery.failures])
            delivery.failures += 1
        else:
            delivery.status = "dead_lettered"
            delivery.due = None
            self._next_in_lane(delivery, now)

    def forget(self, delivery: Delivery) -> None:
        """Remove the delivery, whatever its status; the next of its lane falls due."""
        self._next_in_lane(delivery, self.world.now)
        self.collection.forget(delivery.id)

    def _succeed(self, delivery: Delivery, now: float) -> None:
        """Mark the delivery succeeded; schedule its copies and what waited for it."""
        delivery.status = "succeeded"
        delivery.delivered_at = now
        delivery.due = None
        for copy in range(delivery.copies):
            self._push_entry(now + delivery.copies_wait * (copy + 1), delivery.id, copy=True)
        delivery.copies = 0
        if not delivery.stray:
            self._release_held(delivery, now)
        self._next_in_lane(delivery, now)

    def _release_held(self, delivery: Delivery, now: float) -> None:
        """Schedule the deliveries held back until a later one arrived, as this one has."""
        lane = delivery.lane
        held = self.held.pop(lane, [])
        waiting = [
            id for id in held if self.collection.place(id) > self.collection.place(delivery.id)
        ]
        for id in held:
            if id not in waiting:
                self._schedule(self.collection.records[id], now)
        if waiting:
            self.held[lane] = waiting

    def _next_in_lane(self, delivery: Delivery, now: float) -> None:
        """Drop the delivery from its lane's head and schedule the next; else nothing."""
        lane = self.lanes.get(delivery.lane)
        if lane is None or delivery.stray or lane[0] != delivery.id:
            return
        lane.popleft()
        if lane:
            following = self.collection.records[lane[0]]
            self._schedule(following, max(now, following.due or now))
        else:
            del self.lanes[delivery.lane]

    def _schedule(self, delivery: Delivery, due: float) -> None:
        """Set when a pending delivery is due and queue it; nothing for another."""
        if delivery.status == "pending":
            delivery.due = due
            self._push(delivery)

    def _push(self, delivery: Delivery) -> None:
        """Queue the delivery for the time at which it is due."""
        assert delivery.due is not None
        self._push_entry(delivery.due, delivery.id, copy=False)

    def _push_entry(self, due: float, id: str, *, copy: bool) -> None:
        """Push an entry on the heap; entries of equal time keep their order."""
        self.added += 1
        heapq.heappush(self.heap, (due, self.added, id, copy))

    def _drop_stale(self) -> None:
        """Drop the heap's first entries whose delivery was moved, is over, or is gone."""
        while self.heap:
            due, _, id, copy = self.heap[0]
            delivery = self.collection.records.get(id)
            if delivery is not None and (copy or _waits_for(delivery, due)):
                return
            heapq.heappop(self.heap)


def _waits_for(delivery: Delivery, due: float) -> bool:
    """Return True where the delivery is pending and due at exactly this time."""
    return delivery.status == "pending" and delivery.due == due


def _ok(status: int | None) -> bool:
    """Return True for a 2xx status; None, which is no answer, is not one."""
    return status is not None and 200 <= status < 300
