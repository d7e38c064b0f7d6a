"""Two days of a shop: sessions are opened, customers act, a night passes, everything is reconciled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import attrs
from zerogate import AlreadyTerminal, AsyncGate, Failed, Gate, Money, Outcome, Pending, for_browser
from zerogate.types import CreatedSession

from zerogate_cli.demo.books import charged_twice, lost
from zerogate_cli.demo.clock import SandboxClock
from zerogate_cli.demo.control import Control, sandbox
from zerogate_cli.demo.customer_scripts import User
from zerogate_cli.demo.fault_plan import arm, forge, mishap_of, replay
from zerogate_cli.demo.ledger import Order
from zerogate_cli.demo.receiver import Inbox, receiver
from zerogate_cli.demo.shop import STATUSES, Shop
from zerogate_cli.demo.statement import Line, Statement, Traffic, received_on, totals_of

SECRET_KEY: Final = "sk_test_corner-shop"  # noqa: S105 - of a sandbox, made up
PUBLISHABLE_KEY: Final = "pk_test_corner-shop"
WEBHOOK_SECRET: Final = "whsec_test_corner-shop"  # noqa: S105 - made up as well
#: An order comes in every ten minutes; the customers act once all are there.
BETWEEN: Final = 600.0
#: A session lives for a day, so by then every one of today is past its time.
NIGHT: Final = 25 * 3600.0
#: What was cancelled on the second day has failed only when nothing can show on it any more.
GRACE: Final = 660.0


@attrs.frozen
class Stage:
    """Sandbox, receiver and clients of one story. gate, widget_gate: The shop's client, and the widget's own.

    url: Of the shop's receiver. options: What every client of the shop is made with.
    """

    control: Control
    clock: SandboxClock
    inbox: Inbox
    url: str
    traffic: Traffic
    options: dict[str, Any]
    gate: Gate
    widget_gate: Gate

    def another_gate(self) -> Gate:
        """Return a new client of the shop, as in another process; the caller closes it."""
        return Gate(SECRET_KEY, **self.options)

    def reading_gate(self) -> Gate:
        """Return a new client that only reads, and whose requests are not counted."""
        return Gate(SECRET_KEY, read_only=True, **{**self.options, "observer": None})

    def async_gate(self) -> AsyncGate:
        """Return a new async client of the shop; the caller closes it."""
        return AsyncGate(SECRET_KEY, **self.options)


@contextmanager
def staged(shop: Shop) -> Iterator[Stage]:
    """Yield a sandbox, the shop's receiver and clients; all of it ends with the block."""
    with ExitStack() as stack:
        control = stack.enter_context(sandbox())
        clock, traffic = SandboxClock(control), Traffic()
        inbox = Inbox(WEBHOOK_SECRET, clock.read)
        url = stack.enter_context(receiver(inbox))
        account = {"webhook_url": url, "webhook_secrets": [WEBHOOK_SECRET]}
        control.post("accounts", {"key": SECRET_KEY, **account})
        where: dict[str, Any] = {"base_url": control.base_url, "clock": clock}
        options: dict[str, Any] = {**where, "observer": traffic, "retries": shop.retries}
        gate = stack.enter_context(Gate(SECRET_KEY, **options))
        widget_gate = stack.enter_context(Gate(publishable_key=PUBLISHABLE_KEY, **where))
        yield Stage(control, clock, inbox, url, traffic, options, gate, widget_gate)


@attrs.define
class File:
    """Record that the shop keeps of one order.

    ordered_at: Unix seconds.
    sessions: Oldest first, one for each attempt. told: What it came to, as last read after a webhook.
    ends: When this shop cancelled a session.
    """

    order: Order
    user: User
    ordered_at: int = 0
    sessions: list[str] = attrs.field(factory=list)
    ends: dict[str, datetime] = attrs.field(factory=dict)
    told: Outcome | None = None


def _ignore(text: str) -> None:
    """Do nothing with the text."""


def play(ledger: Sequence[Order], shop: Shop | None = None) -> Statement:
    """Take every order through two days against a sandbox; return the statement."""
    with played(ledger, shop) as (_, statement):
        return statement


@contextmanager
def played(
    ledger: Sequence[Order], shop: Shop | None = None, tell: Callable[[str], None] = _ignore
) -> Iterator[tuple[Stage, Statement]]:
    """Play as `play` does; yield the stage, still there, and the statement. *tell*: progress."""
    shop = shop or Shop()
    tell("starting a sandbox …")
    with staged(shop) as stage:
        story = Story(stage, shop, ledger, tell)
        story.open_sessions()
        story.first_day()
        story.listen()
        tell("a night passes …")
        stage.clock.advance(NIGHT)
        story.second_day()
        stage.clock.advance(GRACE)
        story.listen()
        tell("every order is read once more …")
        yield stage, story.close()


class Story:
    """Two days of one shop, each step with its faults and its customers."""

    def __init__(
        self,
        stage: Stage,
        shop: Shop,
        ledger: Sequence[Order],
        tell: Callable[[str], None] = _ignore,
    ) -> None:
        self.stage, self.shop, self._tell = stage, shop, tell
        self.files = [
            File(order, User(order, stage.widget_gate, stage.control)) for order in ledger
        ]
        # Every second order goes through the async half; what it comes to may not depend on that.
        self.sync_files, self.async_files = self.files[::2], self.files[1::2]

    # --- the first day ---

    def open_sessions(self) -> None:
        """Open a session for each order, its faults armed; run some jobs a second time."""
        for file in self.files:
            mishap = mishap_of(file.order)
            arm(self.stage.control, mishap.faults, file.order.reference)
            if mishap.down:
                self.stage.inbox.down_for.add(file.order.reference)
        asyncio.run(self._open_each())
        with self.stage.another_gate() as other:
            for file in self.files:
                if mishap_of(file.order).twice:
                    self._hand_over(file, self.shop.open(other, file.order))
        for file in self.files:
            mishap = mishap_of(file.order)
            arm(self.stage.control, mishap.read_faults, file.sessions[-1])
            arm(self.stage.control, mishap.said, file.sessions[-1], by="record")

    async def _open_each(self) -> None:
        """Open the sessions one after the other, for their order decides the ids.

        Every second one goes through the async client.
        """
        async with self.stage.async_gate() as async_gate:
            for place, file in enumerate(self.files):
                self._tell(f"session {place + 1} of {len(self.files)} is opened …")
                self.stage.clock.advance(BETWEEN)
                file.ordered_at = int(self.stage.clock.now())
                if place % 2:
                    session = await self.shop.open_async(async_gate, file.order)
                else:
                    session = self.shop.open(self.stage.gate, file.order)
                self._hand_over(file, session)

    def _hand_over(self, file: File, session: CreatedSession) -> None:
        """Note the session's id, and open its widget for the customer."""
        if session.id not in file.sessions:
            file.sessions.append(session.id)
        file.user.take(for_browser(session)["client_secret"])

    def first_day(self) -> None:
        """Let each customer act; cancel the sessions of those who give up."""
        for place, file in enumerate(self.files):
            self._tell(f"customer {place + 1} of {len(self.files)} acts …")
            file.user.today()
            if file.user.habit.gives_up:
                self._cancel(file)

    # --- the second day ---

    def second_day(self) -> None:
        """Let each customer act again, strangers forge events, and the shop follow up."""
        for place, file in enumerate(self.files):
            self._tell(f"the second day of order {place + 1} of {len(self.files)} …")
            file.user.tomorrow()
            self._send_strangers_events(file)
            self._follow_up(file)

    def _send_strangers_events(self, file: File) -> None:
        """Send the receiver a forged or a replayed event where the order's mishap says so."""
        stage, mishap = self.stage, mishap_of(file.order)
        if mishap.forged:
            forge(stage.url, file.sessions[-1], stage.clock.now())
        if mishap.replayed:
            replay(stage.url, stage.inbox, file.sessions[-1])

    def _follow_up(self, file: File) -> None:
        """Judge the order; cancel an overdue session, or open another for a failed one."""
        match self._judge(file), file.user.habit.again:
            case Pending(reason="overdue"), _:
                self._cancel(file)
            case Failed(), again if again is not None:
                attempt = len(file.sessions) + 1
                session = self.shop.open(self.stage.gate, file.order, attempt)
                self._hand_over(file, session)
                again(file.user.take(for_browser(session)["client_secret"]))

    def _cancel(self, file: File) -> None:
        """Cancel the order's latest session and note when; do nothing where it is over already."""
        id = file.sessions[-1]
        try:
            self.stage.gate.sessions.cancel(id)
            file.ends.setdefault(id, datetime.fromtimestamp(self.stage.clock.now(), UTC))
        except AlreadyTerminal:
            # It ended by itself meanwhile; what that means, reconciling says.
            return

    # --- what came of it ---

    def listen(self) -> None:
        """Let due webhooks arrive, and judge again the orders whose sessions they name."""
        self.stage.control.post("deliver")
        files = {session_id: file for file in self.files for session_id in file.sessions}
        for session_id in self.stage.inbox.take_session_ids():
            if session_id in files:
                files[session_id].told = self._judge(files[session_id])

    def close(self) -> Statement:
        """Judge every order once more; return the statement, with what the books add to it."""
        outcomes = [self._judge(file) for file in self.sync_files]
        outcomes_async = asyncio.run(self._judge_async())
        by_order = {
            file.order.reference: outcome
            for file, outcome in zip(
                self.sync_files + self.async_files, outcomes + outcomes_async, strict=True
            )
        }
        received = self._payments_by_session()
        lines = [self._line(file, by_order[file.order.reference], received) for file in self.files]
        return self._statement(lines, received)

    def _judge(self, file: File) -> Outcome:
        """Read all sessions of an order; return the outcome that decides."""
        gate = self.stage.gate
        judge, ends = self.shop.judge, file.ends
        return _deciding_outcome(
            [judge(gate, file.order, one, ends.get(one)) for one in file.sessions]
        )

    async def _judge_async(self) -> list[Outcome]:
        """Return the outcomes of the async half's orders, in their order, read at once."""
        async with self.stage.async_gate() as gate:

            async def judge_one(file: File) -> Outcome:
                """Read all sessions of an order at once; return the outcome that decides."""
                judge, ends = self.shop.judge_async, file.ends
                judging = (judge(gate, file.order, one, ends.get(one)) for one in file.sessions)
                return _deciding_outcome(await asyncio.gather(*judging))

            return await asyncio.gather(*map(judge_one, self.async_files))

    def _payments_by_session(self) -> dict[str | None, list[Money]]:
        """Return what was paid on each session, by its id, from the list of all payments."""
        received: dict[str | None, list[Money]] = {}
        for payment in self.stage.gate.transactions.list(limit=20):
            if payment.status in STATUSES.success:
                received.setdefault(payment.session_id, []).append(received_on(payment))
        return received

    def _line(self, file: File, outcome: Outcome, received: dict[str | None, list[Money]]) -> Line:
        """Return the order's line; takes what its sessions received out of *received*."""
        heard = [type for one in file.sessions for type in self.stage.inbox.heard_of(one)]
        paid = [money for one in file.sessions for money in received.pop(one, [])]
        rang = file.told is not None and file.told.reason == outcome.reason
        return Line(
            order=file.order,
            ordered_at=file.ordered_at,
            outcome=outcome,
            sessions=tuple(file.sessions),
            received=tuple(paid),
            heard=tuple(heard),
            rang=rang,
        )

    def _statement(self, lines: list[Line], strays: dict[str | None, list[Money]]) -> Statement:
        """Return the statement; *strays* are payments on sessions of no line."""
        books, inbox = self.stage.control.get("books"), self.stage.inbox
        delivered = {_digest(secret) for file in self.files for secret in file.user.widgets}
        known = {file.order.reference: file.sessions for file in self.files}
        return Statement(
            lines=tuple(lines),
            totals=totals_of(lines, [money for each in strays.values() for money in each]),
            charged_twice=tuple(charged_twice(books, delivered)),
            lost=tuple(lost(books, known)),
            traffic=self.stage.traffic,
            events=len(inbox.events),
            repeats=inbox.repeats,
            refused=dict(inbox.refused),
        )


def _digest(secret: str) -> str:
    """Return the SHA-256 of the secret, in hexadecimal digits."""
    return sha256(secret.encode()).hexdigest()


def _deciding_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the last outcome that has not failed, of attempts oldest first; else the last."""
    return next((one for one in reversed(outcomes) if not isinstance(one, Failed)), outcomes[-1])
