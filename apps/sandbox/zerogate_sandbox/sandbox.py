"""The sandbox as Python sees it: a world, its clock, and the ways in and out of it.

    sandbox = Sandbox(seed=7)
    gate = Gate("sk_test_shop", transport=sandbox.transport(), clock=sandbox.clock)

One lock guards the world, so a served sandbox can be steered from the test's own thread.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox import given, snapshots
from zerogate_sandbox.calls import PlainRequest, Request
from zerogate_sandbox.clock import Clock, VirtualClock
from zerogate_sandbox.contract import read_contract
from zerogate_sandbox.deliveries import LISTENERS, Attempt
from zerogate_sandbox.events import EVENT_TYPES
from zerogate_sandbox.fault_script import FaultScript
from zerogate_sandbox.interfaces.guard import Guard
from zerogate_sandbox.interfaces.targets import Targets
from zerogate_sandbox.partners import PARTNER_URL, Account, Mode, Partners
from zerogate_sandbox.profiles import Profile, profile_named
from zerogate_sandbox.responses import Answer, Draft, Refused, dumps, envelope
from zerogate_sandbox.scenarios import Scenarios
from zerogate_sandbox.sessions import Session
from zerogate_sandbox.sinks import Sent, Sink, call_sink
from zerogate_sandbox.state_export import books
from zerogate_sandbox.transactions import Transaction
from zerogate_sandbox.widget import Choice, Widget
from zerogate_sandbox.world import Listener, World

if TYPE_CHECKING:
    from zerogate_sandbox.interfaces.asgi import App
    from zerogate_sandbox.interfaces.server import Served
    from zerogate_sandbox.interfaces.transport import Transport

_LOG = logging.getLogger(__name__)


class Sandbox:
    """A whole Gate in this process, steered by a test: its users, its clock, its faults.

    seed: Decides every id, secret and chance; the same seed and requests give the same books.
    clock: By default a `VirtualClock`, which stands still until it is advanced.
    profile: A name, a `Profile`, or switches such as `{"base": "hostile", "list_lag": 5}`.
    mode: What keys the sandbox takes where the host does not say.
    webhook: A URL, or a function of body and headers; every account's events go there.
    webhook_secret: What they are signed with; without it each account has one of its own.
    keep: How many sessions are kept, other things in proportion; by default all of them.
    """

    def __init__(
        self,
        seed: int | str = 0,
        clock: Clock | None = None,
        profile: str | Profile | Mapping[str, Any] = "documented",
        *,
        mode: Mode = "test",
        webhook: str | Sink | None = None,
        webhook_secret: str | None = None,
        keep: int | None = None,
    ) -> None:
        given.check(clock, profile, mode, webhook, webhook_secret, keep)
        self.clock: Clock = clock or VirtualClock()
        self.lock = threading.RLock()
        self.sink = webhook if callable(webhook) else None
        self.webhook_url = webhook if isinstance(webhook, str) else None
        url = PARTNER_URL if self.sink else self.webhook_url
        self._partners = Partners(mode, url, webhook_secret)
        self._keep = keep
        self.world = self._new_world(seed, profile_named(profile))
        self.faults = FaultScript(self)
        self.watchers: list[Callable[[], None]] = []

    def _new_world(self, seed: int | str, profile: Profile) -> World:
        """Return an empty world at the clock's time, with this sandbox's settings."""
        world = World(
            seed=seed,
            profile=profile,
            partners=attrs.evolve(self._partners, accounts={}, aliases={}, revoked=set()),
            contract=read_contract(),
            keep=self._keep,
        )
        world.tick(self.clock.now())
        return world

    # --- doors ---

    def answer(self, request: Request) -> Answer:
        """Return Gate's answer and the way it would travel; a mistake of the sandbox is a 500."""
        try:
            with self.lock:
                answer = self.world.answer(request, self.clock.now())
        except Exception:
            _LOG.exception("the sandbox broke down on %s", request.method)
            answer = _broken_answer()
        self._call_watchers()
        return answer

    def transport(self, monotonic: Callable[[], float] | None = None) -> Transport:
        """Return a client's transport in this process. monotonic: Its clock, if not ours."""
        from zerogate_sandbox.interfaces.transport import Transport

        return Transport(self, monotonic)

    def serve(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        deliver: bool = True,
        allowed_hosts: Collection[str] = (),
        allowed_targets: Collection[str] = (),
        token: str | None = None,
    ) -> AbstractContextManager[Served]:
        """Return a context: `with sandbox.serve() as served:` serves over HTTP, in a thread, until it ends.

        deliver: Whether events are sent as they fall due, or only by `deliver()` and `advance()`.
        allowed_hosts: By which names clients come here, beside loopback and *host*.
        allowed_targets: Hosts that events may go to, beside loopback and that of `webhook=`.
        token: For `/_sandbox`; one is made where *host* is not loopback: `served.token`.
        """
        from zerogate_sandbox.interfaces.server import serve

        guard = Guard.listening_on(host, allowed_hosts, token)
        targets = Targets.allowing(allowed_targets, self.webhook_url)
        return serve(self, host, port, deliver, guard, targets)

    def asgi(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        allowed_targets: Collection[str] = (),
        token: str | None = None,
    ) -> App:
        """Return an ASGI app with `serve()`'s options; without a token, only loopback steers."""
        from zerogate_sandbox.interfaces.asgi import App

        guard = Guard.listening_on("127.0.0.1", allowed_hosts, token)
        return App(self, guard=guard, targets=Targets.allowing(allowed_targets, self.webhook_url))

    # --- what users do in the widget ---

    def open(self, session_id: str) -> dict[str, Any]:
        """Open the widget for an hour; return the session, its status unchanged; Refused: 404, or 409."""
        return self._act_in_widget(lambda widget: widget.open(session_id))

    def start(self, session_id: str, *, late: bool = False, **choice: Any) -> dict[str, Any]:
        """Confirm a payment as the user and return its transaction under way; *late*: also after the end."""
        chosen = Choice.from_options(choice)
        return self._act_in_widget(lambda widget: widget.start(session_id, chosen, late=late))

    def settle(self, refid: str) -> dict[str, Any]:
        """Complete a transaction and its session (an ended one by profile); return the former. Refused."""
        return self._act_in_widget(lambda widget: widget.settle(refid))

    def fail_transaction(self, refid: str) -> dict[str, Any]:
        """Fail a transaction and return it; its session stays open. Refused: 404 unknown, 409 over."""
        return self._act_in_widget(lambda widget: widget.fail(refid))

    def pay(self, session_id: str, *, late: bool = False, **choice: Any) -> dict[str, Any]:
        """Start a payment and settle it, *late* also after its session's end; return its transaction.

        `fiat_amount=` less than asked for underpays, `token_amount=` is for a SWAP.
        """
        return self.settle(self.start(session_id, late=late, **choice)["refid"])

    def pay_twice(self, session_id: str, **choice: Any) -> list[dict[str, Any]]:
        """Start two payments while the session is open, settle both, and return both."""
        begun = [self.start(session_id, **choice) for _ in range(2)]
        return [self.settle(one["refid"]) for one in begun]

    def fail(self, session_id: str, **choice: Any) -> dict[str, Any]:
        """Start a payment and let it fail; return its transaction. The session stays open."""
        return self.fail_transaction(self.start(session_id, **choice)["refid"])

    def cancel(self, session_id: str) -> dict[str, Any]:
        """Cancel the user's open payments, by profile the session too; return the session."""
        return self._act_in_widget(lambda widget: widget.cancel(session_id))

    def run_out(self, session_id: str) -> dict[str, Any]:
        """Make a session overdue and return it; by the documentation it still reads `open`."""
        return self._act_in_widget(lambda widget: widget.run_out(session_id))

    def expire(self, session_id: str) -> dict[str, Any]:
        """Make a session overdue and let it expire; return it."""
        return self._act_in_widget(lambda widget: widget.expire(session_id))

    def end(self, session_id: str, status: str) -> dict[str, Any]:
        """End a session as *status*, with its event; return it. ValueError: bad status; Refused: not open."""
        return self._act_in_widget(lambda widget: widget.end(session_id, status))

    def require_kyc(self, session_id: str) -> dict[str, Any]:
        """Require verification before paying, with its event; return the session. Refused unless open."""
        return self._act_in_widget(lambda widget: widget.require_kyc(session_id))

    def pass_kyc(self, session_id: str) -> dict[str, Any]:
        """Mark the session's user as verified; return the session. Refused unless open."""
        return self._act_in_widget(lambda widget: widget.pass_kyc(session_id))

    def _act_in_widget(self, act: Callable[[Widget], Session | Transaction]) -> dict[str, Any]:
        """Do the act at the widget, after what is due; return what it made, plain data, or raise Refused."""
        with self._happening():
            return act(self.world.widget).view()

    def bootstrap(
        self, client_secret: str, *, origin: str = "https://partner.example"
    ) -> dict[str, Any]:
        """Return what a browser gets from the bootstrap for its client secret, or raise `Refused`."""
        with self.lock:
            session = self.world.sessions.by_secret(client_secret)
            if session is None:
                raise Refused(401, "no session has this client secret")
            account = self.world.partners.accounts[session.account]
        return _answer_data(self.answer(_browser_request(account, client_secret, origin)))

    # --- what happens at Gate ---

    def move_rail(self, id: str, status: str) -> dict[str, Any]:
        """Move a pay-in or pay-out on, `settled` completes its session; return it. Refused, ValueError."""
        with self._happening():
            return self.world.rails.move(id, status).view()

    def verify_customer(self, id: str, status: str = "verified") -> dict[str, Any]:
        """Set a customer's KYC status, with its event, and return the customer; Refused (404) if unknown."""
        with self._happening():
            return self.world.customers.verify(id, status).view()

    def withdraw(self, entry: str, key: str | None = None) -> None:
        """Hide `country:DE` or such from the key's account, for None from all; ValueError if malformed."""
        with self._happening():
            self.world.capabilities.withdraw(entry, self._account_name(key))

    def offer(self, entry: str, key: str | None = None) -> None:
        """Undo a `withdraw` with the same arguments, if there was one; ValueError for a malformed entry."""
        with self._happening():
            self.world.capabilities.restore(entry, self._account_name(key))

    def send_test(self, key: str) -> dict[str, Any]:
        """Emit a `webhook.test` event, to the account and to listeners, and return it."""
        with self._happening():
            return self.world.deliveries.test(self.world.partners.account(key)).view()

    def trigger(self, event_type: str, key: str = "sk_test_sandbox") -> dict[str, Any]:
        """Let the shortest story happen that ends in this event; return the event. ValueError if unknown."""
        with self.lock:
            return Scenarios(self, key).play(event_type)

    def _account_name(self, key: str | None) -> str:
        """Return the name of the key's account, made if new; "" (all accounts) for None. Or ValueError."""
        return "" if key is None else self.world.partners.account(key).name

    @contextmanager
    def _happening(self) -> Iterator[None]:
        """Let what is due happen, then the block, under the lock; then call the watchers, whatever failed."""
        try:
            with self.lock:
                self.world.tick(self.clock.now())
                yield
        finally:
            self._call_watchers()

    # --- accounts ---

    def account(self, key: str, **settings: Any) -> Account:
        """Return an API key's account, made if new, these settings set; ValueError if one is wrong."""
        with self.lock:
            return self.world.partners.configure(key, settings)

    def origins(self) -> set[str]:
        """Return all origins that accounts list as allowed to bootstrap the widget."""
        with self.lock:
            known = self.world.partners.accounts.values()
            return {origin for account in known for origin in account.origins or ()}

    def revoke(self, key: str) -> None:
        """Have this API key refused from now on."""
        with self.lock:
            self.world.partners.revoked.add(key)

    def rotate(self, old: str, new: str) -> None:
        """Make `new` another key of the partner of `old`; ValueError where either is no usable key."""
        with self.lock:
            self.world.partners.rotate(old, new)

    # --- time and webhooks ---

    def advance(self, seconds: float) -> list[Sent]:
        """Advance the clock; return the attempts, each event sent when it fell due on the way."""
        sent = self.deliver()
        until = self.clock.now() + seconds
        while (due := self.next_due) is not None and due <= until:
            self.clock.advance(max(0.0, due - self.clock.now()))
            sent += self.deliver()
        self.clock.advance(max(0.0, until - self.clock.now()))
        return sent

    def deliver(self) -> list[Sent]:
        """Send every event that is due by now, one after the other; return the attempts."""
        sent = []
        while (attempt := self.take()) is not None:
            status, error = self._send(attempt)
            sent.append(self.record_attempt(attempt, status, error))
        return sent

    @property
    def next_due(self) -> float | None:
        """Return Unix time of the next thing that happens by itself; None where nothing will."""
        with self.lock:
            return self.world.next_due

    def take(self) -> Attempt | None:
        """Let what is due happen; return the next attempt to send, now in flight, or None."""
        with self.lock:
            now = self.clock.now()
            self.world.tick(now)
            return self.world.deliveries.take(now)

    def record_attempt(self, attempt: Attempt, status: int | None, error: str | None) -> Sent:
        """Record the receiver's status, or the error without one; return the attempt."""
        with self.lock:
            self.world.deliveries.record_attempt(attempt, status, error, self.clock.now())
        return Sent(
            attempt.headers["x-0bit-event-type"],
            attempt.headers["x-0bit-event-id"],
            attempt.url,
            attempt.headers,
            attempt.body,
            status,
            error,
        )

    def _send(self, attempt: Attempt) -> tuple[int | None, str | None]:
        """Call the sink, else POST to the URL; return (status, None) or (None, error)."""
        if self.sink is not None and attempt.url == PARTNER_URL:
            return call_sink(self.sink, attempt)
        from zerogate_sandbox.interfaces.webhook_sender import post

        return post(attempt)

    def _call_watchers(self) -> None:
        """Call each of `watchers`, for something may be due now."""
        for watcher in self.watchers:
            watcher()

    def forward(self, url: str, types: Sequence[str] = ()) -> None:
        """Send every event, or these types, to this URL as well; ValueError for a wrong one."""
        if not re.match(r"https?://[^/]", url):
            raise ValueError(f"{url!r} is no URL that begins with https:// or http://")
        if unknown := [type for type in types if type not in EVENT_TYPES]:
            raise ValueError(f"no event {unknown[0]!r}; there are {', '.join(EVENT_TYPES)}")
        with self.lock:
            self.world.listeners.append(Listener(url, list(types)))

    def forwarded(self) -> list[dict[str, Any]]:
        """Return the events that were forwarded, oldest first, with the answers they got."""
        with self.lock:
            rows = self.world.deliveries.collection.newest_first(LISTENERS, None)
            return [row.view() for row in rows][::-1]

    def stop_forwarding(self, url: str) -> None:
        """Queue no more events for this URL; those queued before are still sent, and retried."""
        with self.lock:
            self.world.listeners = [one for one in self.world.listeners if one.url != url]

    # --- keeping it ---

    def snapshot(self) -> dict[str, Any]:
        """Let what is due happen; return the whole state, secrets included, as JSON data for `restore`."""
        with self.lock:
            self.world.tick(self.clock.now())
            return snapshots.taken(self.world)

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Replace the world by a snapshot's, a virtual clock turned to its time; or ValueError."""
        with self.lock:
            world = self._new_world(0, self.world.profile)
            snapshots.put_back(world, snapshot)
            if isinstance(self.clock, VirtualClock):
                self.clock.turn_to(world.now)
            self.world = world
        self._call_watchers()

    def reset(self, seed: int | str = 0) -> None:
        """Replace the world by an empty one: no objects, accounts, faults; the profile stays."""
        with self.lock:
            self.world = self._new_world(seed, self.world.profile)
        self._call_watchers()

    # --- what has been ---

    def books(self) -> dict[str, Any]:
        """Let what is due happen; return all kept objects by kind, as plain data, client secrets included."""
        with self.lock:
            self.world.tick(self.clock.now())
            return books(self.world)

    def requests(self) -> list[dict[str, Any]]:
        """Return the latest requests, oldest first: operation, status, key, faults and more."""
        with self.lock:
            return [attrs.asdict(seen) for seen in self.world.seen]


def _broken_answer() -> Answer:
    """Return the 500 that answers for a mistake of the sandbox itself."""
    id = "req_broken"
    return Draft(500, envelope(500, "The sandbox broke down.", id), {"x-request-id": id}).final()


def _browser_request(account: Account, client_secret: str, origin: str) -> PlainRequest:
    """Return a bootstrap request as a browser on a page of *origin* sends it."""
    return PlainRequest(
        "POST",
        "https://gate-api.0bit.app" if account.mode == "live" else "http://127.0.0.1",
        "/v1/embed/bootstrap",
        (
            ("authorization", f"Bearer pk_{account.mode}_{account.suffix}"),
            ("content-type", "application/json"),
            ("origin", origin),
        ),
        dumps({"clientSecret": client_secret}),
    )


def _answer_data(answer: Answer) -> dict[str, Any]:
    """Return the answer's JSON; raise Refused where it is an error."""
    data: dict[str, Any] = json.loads(answer.body)
    if answer.status >= 300:
        raise Refused(answer.status, data["message"], code=data["code"])
    return data
