"""A shop with an inbox: a sandbox that signs, a client with a journal, orders in the same database."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from zerogate import Failed, Gate, Hold, Mismatch, Money, Pending, Settled, TransactionStatuses
from zerogate.webhooks import WebhookSecret
from zerogate_sandbox import Sandbox
from zerogate_store import EventContext, Inbox, Store
from zerogate_store._store import Statement, Step, sync_step_on

SECRET = "whsec_test_0123456789abcdef"
PRICE = Money("100.00", "EUR")
#: As this partner was told by Gate.
STATUSES = TransactionStatuses().extended(in_flight={"processing"}, failure={"failed"})
RETURN = "https://shop.example/done"
Mail = tuple[bytes, dict[str, str]]

_MAKE = (
    "CREATE TABLE shop_orders (id TEXT PRIMARY KEY, state TEXT NOT NULL, fulfilled BIGINT NOT NULL)",
    "CREATE TABLE shop_effects (event TEXT NOT NULL, order_id TEXT NOT NULL, state TEXT NOT NULL)",
)
_ORDER = Statement("INSERT INTO shop_orders (id, state, fulfilled) VALUES (:id, 'open', 0)")
_SET = Statement("UPDATE shop_orders SET state = :state WHERE id = :id")
#: As one should not: it counts, so a second time would show.
_FULFIL = Statement("UPDATE shop_orders SET fulfilled = fulfilled + 1 WHERE id = :id")
_FULFILLED = Statement("SELECT fulfilled FROM shop_orders WHERE id = :id")
_EFFECT = Statement("INSERT INTO shop_effects (event, order_id, state) VALUES (:e, :o, :s)")
ORDERS = Statement("SELECT id, state, fulfilled FROM shop_orders ORDER BY id")
EFFECTS = Statement("SELECT event, order_id, state FROM shop_effects ORDER BY event")


def tables() -> Step[None]:
    for text in _MAKE:
        yield Statement(text)()


def ordered(id: str) -> Step[None]:
    yield _ORDER(id=id)


def rows(statement: Statement) -> Step[list[tuple[Any, ...]]]:
    found = yield statement()
    return [tuple(row) for row in found]


def settled(received: EventContext, state: str) -> Step[None]:
    """The effect: goods leave once, and the order says how it stands."""
    assert received.order is not None
    yield _EFFECT(e=received.event.id, o=received.order, s=state)
    yield _SET(id=received.order, state=state)
    if state == "Settled" and (yield _FULFILLED(id=received.order))[0][0] == 0:
        yield _FULFIL(id=received.order)


def fulfil(received: EventContext) -> None:
    """A handler as the documentation says: what was read decides, not which event it was."""
    if not received.read:
        sync_step_on(received.connection, settled(received, received.standing))
        return
    outcome = received.outcome(expect=PRICE, order=received.order or "", statuses=STATUSES)
    match outcome:
        case Settled() | Pending() | Failed() | Mismatch() | Hold():
            sync_step_on(received.connection, settled(received, type(outcome).__name__))


class Shop:
    """Everything of one partner in one place; time is the sandbox's."""

    def __init__(self, store: Store, sandbox: Sandbox, mail: list[Mail]) -> None:
        self.store, self.sandbox, self.mail = store, sandbox, mail
        self.answering = 200
        self.clock: Any = sandbox.clock
        self.gate = Gate(
            "sk_test_shop", transport=sandbox.transport(), clock=self.clock, store=store
        )
        self.inbox = self.opened()
        store.run_in_transaction(tables)

    def opened(self, **options: Any) -> Inbox:
        """Another inbox on the same database: another worker."""
        given = {"gate": self.gate, "clock": self.clock, "mode": "test", **options}
        secrets = given.pop("secrets", SECRET)
        return Inbox(given.pop("store", self.store), secrets, **given)

    def order(self, id: str) -> Any:
        """An order, and the session to pay it on."""
        self.store.run_in_transaction(lambda: ordered(id))
        return self.gate.sessions.create(amount=PRICE, flow="on_ramp", return_url=RETURN, order=id)

    def deliver(self, *mail: Mail) -> list[str]:
        """Give the inbox these, or all that the sandbox has sent by now; the verdicts."""
        if not mail:
            self.sandbox.deliver()
            mail, self.mail[:] = tuple(self.mail), []
        return [self.inbox.receive(body, headers).verdict for body, headers in mail]

    def drain(self, handler: Callable[[EventContext], Any] = fulfil, **options: Any) -> int:
        return self.inbox.drain(handler, **options)

    @property
    def orders(self) -> dict[str, tuple[str, int]]:
        return {
            row[0]: (row[1], row[2]) for row in self.store.run_in_transaction(lambda: rows(ORDERS))
        }

    @property
    def effects(self) -> list[tuple[Any, ...]]:
        return self.store.run_in_transaction(lambda: rows(EFFECTS))

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.inbox.metrics().counts)


@contextmanager
def shop_on(store: Store, **options: Any) -> Iterator[Shop]:
    mail: list[Mail] = []

    def take(body: bytes, headers: dict[str, str]) -> int:
        mail.append((body, headers))
        return shop.answering

    shop = Shop(store, Sandbox(webhook=take, webhook_secret=SECRET, **options), mail)
    yield shop
    shop.gate.close()


def signed(body: bytes, at: float, secret: str = SECRET) -> dict[str, str]:
    """Headers as Gate signs them."""
    digest = hmac.digest(secret.encode(), b"%d." % at + body, "sha256").hex()
    return {"Gate-Signature": f"t={int(at)},v1={digest}"}


def event(id: str, type: str, at: float, /, **data: Any) -> bytes:
    """An event's body."""
    return json.dumps({"id": id, "type": type, "created_at": int(at), "data": data}).encode()


LIVE = WebhookSecret("whsec_live_0123456789abcdef", mode="live")
