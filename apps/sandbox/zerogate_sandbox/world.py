"""A whole Gate as a state machine: a request and a time go in, an answer and due effects come out.

No socket, no wall clock, no randomness but the seed's. Whoever owns a world says what time it is,
sends what `deliveries.take` hands out, and calls it from one thread at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

from zerogate_sandbox.branding import Branding
from zerogate_sandbox.calls import Call, Request
from zerogate_sandbox.capabilities import Capabilities
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.contract import Contract, without
from zerogate_sandbox.customers import Customers
from zerogate_sandbox.deliveries import Deliveries
from zerogate_sandbox.embed import Embed
from zerogate_sandbox.events import Event, envelope
from zerogate_sandbox.faults import Faults
from zerogate_sandbox.idempotency import Keys
from zerogate_sandbox.partners import Account, Partners
from zerogate_sandbox.profiles import Profile
from zerogate_sandbox.quotes import Quotes
from zerogate_sandbox.rails import Rails
from zerogate_sandbox.request_process import RequestProcess, Seen
from zerogate_sandbox.responses import Answer, Draft, Refused, dumps
from zerogate_sandbox.retention import forget
from zerogate_sandbox.routes import Operation
from zerogate_sandbox.scheduler import Scheduler
from zerogate_sandbox.seeds import Seeds
from zerogate_sandbox.sessions import Session, Sessions
from zerogate_sandbox.transactions import Transactions
from zerogate_sandbox.widget import Widget

REMEMBERED_REQUESTS = 10_000
LONGEST_KEY = 255


@attrs.define
class Listener:
    """Somebody who hears every event of every account, or only of some types."""

    url: str
    types: list[str]


class World:
    """All that one sandbox knows: accounts, objects, and what will happen by itself.

    keep: How many sessions are kept, and other things in proportion; None keeps everything.
    """

    def __init__(
        self,
        *,
        seed: int | str,
        profile: Profile,
        partners: Partners,
        contract: Contract,
        keep: int | None = None,
    ) -> None:
        self.profile = profile
        self.partners = partners
        self.contract = contract
        self.keep = keep
        self.now = 0.0
        self.forgotten = 0
        self.seeds = Seeds(seed)
        self.faults = Faults(self.seeds)
        self.keys = Keys()
        self.scheduler = Scheduler()
        self.events: deque[Event] = deque()
        self.listeners: list[Listener] = []
        self.seen: deque[Seen] = deque(maxlen=REMEMBERED_REQUESTS)
        self.sessions = Sessions(self)
        self.transactions = Transactions(self)
        self.deliveries = Deliveries(self)
        self.embed = Embed(self)
        self.capabilities = Capabilities()
        self.quotes = Quotes(self)
        self.rails = Rails(self)
        self.customers = Customers(self)
        self.branding = Branding()
        self.widget = Widget(self)
        self._operations = self._table()
        self._due: dict[str, Callable[[str], None]] = {
            "expire": self.sessions.expire_by_itself,
            "process_rail": self.rails.process_by_itself,
            "finish_rail": self.rails.finish_by_itself,
        }

    def _table(self) -> dict[str, Callable[[Call], dict[str, Any]]]:
        """Return the function that carries out each operation, by the operation's name."""
        return {
            "listSessions": self.sessions.list,
            "createSession": self.sessions.create,
            "retrieveSession": self.sessions.retrieve,
            "cancelSession": self.sessions.cancel,
            "listCountries": self.capabilities.countries,
            "listCurrencies": self.capabilities.currencies,
            "listAssets": self.capabilities.assets,
            "getAsset": self.capabilities.asset,
            "listPaymentMethods": self.capabilities.payment_methods,
            "listPayoutMethods": self.capabilities.payout_methods,
            "checkEligibility": self.capabilities.eligibility,
            "previewQuotes": self.quotes.preview,
            "listTransactions": self.transactions.list,
            "retrieveTransaction": self.transactions.retrieve,
            "createEmbedToken": self.embed.bootstrap,
            "getBranding": self.branding.get,
            "updateBranding": self.branding.update,
            "listPartnerWebhookDeliveries": self.deliveries.list,
            "replayWebhookDelivery": self.deliveries.replay,
            "sendTestWebhook": self.deliveries.send_test,
            "createCustomer": self.customers.create,
            "listCustomers": self.customers.list,
            "getCustomer": self.customers.get,
            "updateCustomer": self.customers.update,
            "deleteCustomer": self.customers.delete,
            "lockQuote": self.quotes.lock,
            "retrieveSignedQuote": self.quotes.retrieve,
            "createPayIn": self.rails.create_pay_in,
            "retrievePayIn": self.rails.retrieve_pay_in,
            "createPayOut": self.rails.create_pay_out,
            "retrievePayOut": self.rails.retrieve_pay_out,
        }

    # --- requests ---

    def answer(self, request: Request, now: float) -> Answer:
        """Do what is due by *now*, return Gate's answer, record the request, drop objects beyond `keep`."""
        self.tick(now)
        visit = RequestProcess(self, request, f"req_{self.seeds.hex('request', 24)}")
        answer = visit.answer()
        self.seen.append(visit.seen(answer.status))
        if self.keep is not None:
            forget(self, self.keep)
        return answer

    def perform(self, call: Call) -> tuple[Draft, Callable[[Draft], None]]:
        """Carry out an operation, once per key; return the answer and a function to remember it.

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
            """Keep the answer under its key: Gate's own, or a 5xx sent, by profile."""
            busy_until = call.now + sent.wire.wait
            if sent.status >= 500 and self.profile.remember_5xx:
                self.keys.remember(call, self.profile, sent.status, sent.payload, busy_until)
            else:
                self.keys.remember(call, self.profile, status, payload, busy_until)

        return draft, remember

    def _carry_out(self, call: Call) -> Draft:
        """Run the operation and return its answer, inferred fields left out by profile."""
        payload = self._operations[call.operation.name](call)
        status = self._success_status(call.operation)
        if not self.profile.inferred_fields:
            payload = without(payload, self.contract.inferred_fields(call.operation.name, status))
        return Draft(status, payload)

    def _success_status(self, operation: Operation) -> int:
        """Return the operation's status of success under this profile."""
        return self.profile.created_status if operation.creates else operation.success

    def listed_until(self, lag: float | None = None) -> float:
        """Return the Unix time as of which lists are: *lag* seconds ago, else the profile's."""
        return self.now - (self.profile.list_lag if lag is None else lag)

    def another(self, told: dict[str, Any], id: str | None = None) -> dict[str, Any] | None:
        """Return another record of this kind, that of *id* or the newest; None without one."""
        collections: dict[str, Collection[Any]] = {
            "gate_session": self.sessions.collection,
            "transaction": self.transactions.collection,
            "rail_pay_in": self.rails.collections["pay_in"],
            "rail_pay_out": self.rails.collections["pay_out"],
            "customer": self.customers.collection,
        }
        collection = collections.get(str(told.get("object")))
        own = (
            None
            if collection is None
            else collection.records.get(str(told.get("refid", told.get("id"))))
        )
        if collection is None or own is None:
            return None
        others = (one for one in collection.newest_first(own.account, None) if one.id != own.id)
        found = next(others, None) if id is None else collection.records.get(id)
        return None if found is None else dict(found.view())

    # --- time ---

    def tick(self, now: float) -> None:
        """Let everything happen that fell due by now, in order, each at its own time."""
        while (entry := self.scheduler.pop(now)) is not None:
            due, what, subject = entry
            self.now = max(self.now, due)
            self._due[what](subject)
        self.now = max(self.now, now)

    @property
    def next_due(self) -> float | None:
        """Return Unix time of the next thing on the scheduler or to be sent; None without one."""
        moments = (self.scheduler.next_due, self.deliveries.next_due)
        return min((moment for moment in moments if moment is not None), default=None)

    # --- events ---

    def emit(self, account: Account, type: str, data: dict[str, Any], lane: str | None) -> Event:
        """Keep a new event, queue it for the partner's URL and for listeners, and return it."""
        id = f"evt_{account.mode}_{self.seeds.hex('event', 24)}"
        said = envelope(id, type, self.now, data)
        if not self.profile.inferred_fields:
            said = without(said, self.contract.inferred_event_fields(type))
        event = Event(id, type, account.name, lane or id, self.now, dumps(said))
        self.events.append(event)
        if account.webhook_url is not None:
            self.deliveries.enqueue(event, account.webhook_url)
        for listener in self.listeners:
            if not listener.types or type in listener.types:
                self.deliveries.forward(event, listener.url)
        return event

    def emit_session(self, session: Session, type: str, **more: Any) -> Event:
        """Emit an event whose data are the session and *more*; return it."""
        account = self.partners.accounts[session.account]
        return self.emit(account, type, {**session.view(), **more}, session.id)


def _keyed(call: Call) -> bool:
    """Return True if the call's key counts; Refused (400) if it is required and missing, or too long."""
    if call.operation.keyed == "required" and not call.key:
        raise Refused(400, f"{call.operation.name} needs an Idempotency-Key header")
    if call.key is not None and len(call.key) > LONGEST_KEY:
        raise Refused(400, f"the Idempotency-Key is longer than {LONGEST_KEY} characters")
    return call.operation.keyed != "ignored" and bool(call.key)
