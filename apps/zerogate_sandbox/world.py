"""A whole Gate as a state machine: a request and a time go in, an answer and due effects come out.

No socket, no wall clock, no randomness but the seed's. Whoever owns a world says what time it is,
sends what `deliveries.take` hands out, and calls it from one thread at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

from zerogate_sandbox.agenda import Agenda
from zerogate_sandbox.answers import Answer, Draft, Refused, dumps, envelope
from zerogate_sandbox.calls import Call, Request, parse_json, route
from zerogate_sandbox.deliveries import Deliveries
from zerogate_sandbox.embed import Embed
from zerogate_sandbox.events import Event, body_of
from zerogate_sandbox.faults import Faults, alter
from zerogate_sandbox.idempotency import Keys
from zerogate_sandbox.partners import Account, Partners
from zerogate_sandbox.profiles import Profile
from zerogate_sandbox.routes import Operation
from zerogate_sandbox.seeds import Seeds
from zerogate_sandbox.sessions import Session, Sessions
from zerogate_sandbox.transactions import Transactions
from zerogate_sandbox.widget import Widget

REMEMBERED_REQUESTS = 10_000
LONGEST_KEY = 255


@attrs.frozen
class Seen:
    """One request as it arrived, for tests that count them."""

    at: float
    operation: str | None
    method: str
    target: str
    status: int
    request_id: str
    idempotency_key: str | None
    faults: tuple[str, ...]


class World:
    def __init__(self, *, seed: int | str, profile: Profile, partners: Partners) -> None:
        self.profile = profile
        self.partners = partners
        self.now = 0.0
        self.seeds = Seeds(seed)
        self.faults = Faults(self.seeds)
        self.keys = Keys()
        self.agenda = Agenda()
        self.events: list[Event] = []
        self.seen: deque[Seen] = deque(maxlen=REMEMBERED_REQUESTS)
        self.sessions = Sessions(self)
        self.transactions = Transactions(self)
        self.deliveries = Deliveries(self)
        self.embed = Embed(self)
        self.widget = Widget(self)
        self._operations: dict[str, Callable[[Call], dict[str, Any]]] = {
            "listSessions": self.sessions.list,
            "createSession": self.sessions.create,
            "retrieveSession": self.sessions.retrieve,
            "cancelSession": self.sessions.cancel,
            "listTransactions": self.transactions.list,
            "retrieveTransaction": self.transactions.retrieve,
            "createEmbedToken": self.embed.bootstrap,
            "listPartnerWebhookDeliveries": self.deliveries.list,
            "replayWebhookDelivery": self.deliveries.replay,
            "sendTestWebhook": self.deliveries.send_test,
        }
        self._due = {"expire": self._expire}

    # --- requests ---

    def answer(self, request: Request, now: float) -> Answer:
        """What Gate says to this request at this time."""
        self.tick(now)
        request_id = f"req_{self.seeds.hex('request', 24)}"
        visit = _Visit(self, request, request_id)
        try:
            draft = visit.draft()
        except Refused as refused:
            draft = _refusal(refused)
        _stamp(draft, request_id)
        self.seen.append(visit.seen(draft.status))
        return draft.final()

    def perform(self, call: Call) -> tuple[Draft, Callable[[Draft], None]]:
        """What an operation answers, carried out once per key, and how to note what was sent.

        The second is called with the answer after faults had their way with it.
        """
        if not _keyed(call):
            return self._carry_out(call), lambda sent: None
        known = self.keys.recall(call, self.profile)
        if known is not None:
            return known, lambda sent: None
        draft = self._carry_out(call)
        status, payload = draft.status, draft.payload

        def remember(sent: Draft) -> None:
            busy_until = call.now + sent.wire.wait
            if sent.status >= 500 and self.profile.remember_5xx:
                self.keys.remember(call, self.profile, sent.status, sent.payload, busy_until)
            else:
                self.keys.remember(call, self.profile, status, payload, busy_until)

        return draft, remember

    def _carry_out(self, call: Call) -> Draft:
        operation = self._operations.get(call.operation.name)
        if operation is None:
            raise Refused(501, f"{call.operation.name} is not enabled")
        payload = operation(call)
        return Draft(self._success(call.operation), payload)

    def _success(self, operation: Operation) -> int:
        return self.profile.created_status if operation.creates else operation.success

    def listed_until(self) -> float:
        """Lists show what was made by then."""
        return self.now - self.profile.list_lag

    # --- time ---

    def tick(self, now: float) -> None:
        """Let everything happen that fell due by now, in order, each at its own time."""
        while (entry := self.agenda.pop(now)) is not None:
            due, what, subject = entry
            self.now = max(self.now, due)
            self._due[what](subject)
        self.now = max(self.now, now)

    @property
    def next_due(self) -> float | None:
        """When the next thing falls due, on the agenda or to be sent."""
        moments = (self.agenda.next_due, self.deliveries.next_due)
        return min((moment for moment in moments if moment is not None), default=None)

    def _expire(self, session_id: str) -> None:
        self.sessions.expire(self.sessions.shelf.records[session_id])

    # --- events ---

    def emit(self, account: Account, type: str, data: dict[str, Any], lane: str | None) -> Event:
        """Something happened: write it down, and send it where the partner wants to hear it."""
        id = f"evt_{account.mode}_{self.seeds.hex('event', 24)}"
        body = body_of(id, type, self.now, data)
        event = Event(id, type, account.name, lane or id, self.now, body)
        self.events.append(event)
        if account.webhook_url is not None:
            self.deliveries.enqueue(event, account.webhook_url)
        return event

    def emit_session(self, session: Session, type: str, **more: Any) -> Event:
        account = self.partners.accounts[session.account]
        return self.emit(account, type, {**session.view(), **more}, session.id)


def _keyed(call: Call) -> bool:
    """Whether this request has a key that counts; 400 when it lacks one it needs."""
    if call.operation.keyed == "required" and not call.key:
        raise Refused(400, f"{call.operation.name} needs an Idempotency-Key header")
    if call.key is not None and len(call.key) > LONGEST_KEY:
        raise Refused(400, f"the Idempotency-Key is longer than {LONGEST_KEY} characters")
    return call.operation.keyed != "ignored" and call.key is not None


class _Visit:
    """One request on its way through the world, and what is known of it so far."""

    def __init__(self, world: World, request: Request, request_id: str) -> None:
        self.world = world
        self.request = request
        self.request_id = request_id
        self.headers = {name.lower(): value for name, value in request.headers}
        self.operation: Operation | None = None
        self.struck: list[str] = []

    def draft(self) -> Draft:
        match, query = route(self.request.method, self.request.target)
        self.operation = match.operation
        world, now = self.world, self.world.now
        early = Draft(200, {})
        if world.faults.rules and self._strike(early, "before"):
            return early
        account, credential = world.partners.authenticate(
            match.operation, self.request.origin, self.headers
        )
        call = Call(
            operation=match.operation,
            account=account,
            params=match.params,
            query=query,
            headers=self.headers,
            body=parse_json(self.request.body),
            key=self.headers.get("idempotency-key"),
            credential=credential,
            path=self.request.target.partition("?")[0],
            now=now,
        )
        return self._performed(call)

    def _performed(self, call: Call) -> Draft:
        draft, remember = self.world.perform(call)
        draft.headers["x-request-id"] = self.request_id
        if self.world.faults.rules:
            self._strike(draft, "after")
        remember(draft)
        return draft

    def _strike(self, draft: Draft, when: Any) -> bool:
        assert self.operation is not None
        faults = self.world.faults.strike(when, self.operation.name, self._text(), self.world.now)
        for fault in faults:
            alter(draft, fault, self.world.now)
            self.struck.append(fault.name)
        return bool(faults)

    def _text(self) -> str:
        return self.request.target + "\n" + self.request.body.decode(errors="replace")

    def seen(self, status: int) -> Seen:
        return Seen(
            at=self.world.now,
            operation=self.operation.name if self.operation else None,
            method=self.request.method,
            target=self.request.target,
            status=status,
            request_id=self.request_id,
            idempotency_key=self.headers.get("idempotency-key"),
            faults=tuple(self.struck),
        )


def _refusal(refused: Refused) -> Draft:
    headers = {} if refused.allow is None else {"allow": refused.allow}
    return Draft(
        refused.status, envelope(refused.status, refused.message, "", code=refused.code), headers
    )


def _stamp(draft: Draft, request_id: str) -> None:
    """X-Request-Id on what Gate itself says; a page of somebody else's proxy has none."""
    if isinstance(draft.payload, bytes):
        return
    draft.headers = {**draft.headers, "x-request-id": request_id}
    if draft.status >= 300 and isinstance(draft.payload, dict):
        draft.payload = {**draft.payload, "request_id": request_id}


def books(world: World) -> dict[str, Any]:
    """Every object ever committed, with what only the sandbox knows of it."""
    return {
        "sessions": [
            {
                **one.view(),
                "client_secret": one.client_secret,
                "idempotency_key": one.idempotency_key,
            }
            for one in world.sessions.shelf.records.values()
        ],
        "transactions": [one.view() for one in world.transactions.shelf.records.values()],
        "events": [one.view() for one in world.events],
        "deliveries": [one.view() for one in world.deliveries.shelf.records.values()],
    }


def books_bytes(world: World) -> bytes:
    """The books as bytes: the same seed and the same requests give the same ones."""
    return dumps(books(world))
