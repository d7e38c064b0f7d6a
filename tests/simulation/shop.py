"""A shop whose workers make sessions for orders, ask what became of them, and act on what they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from zerogate import Failed, Gate, GateError, Money, Settled
from zerogate._idempotency.identity import marks_of

from tests.simulation.diary import Diary
from tests.simulation.office import Office
from tests.simulation.plans import Plan
from tests.simulation.stage import HostClock, Stage
from tests.simulation.users import Users
from tests.simulation.weather import STATUSES, Disk, Mount, Process, Weather, Wire

KEY = "sk_test_simulated00000000000001"
AMOUNT, OTHER = Money("100", "EUR"), Money("80", "EUR")
BACK = "https://shop.example/done"


@attrs.define
class Shop:
    """
    name: Who it is; two shops may have the same namespace.
    settings: Of its store. ahead: By how much its clock is. made: Per order the sessions it was given.
    """

    name: str
    namespace: str
    stage: Stage
    office: Office
    users: Users
    diary: Diary
    plan: Plan
    weather: Weather
    disk: Disk = attrs.field(factory=Disk)
    settings: dict[str, Any] = attrs.field(factory=dict)
    made: dict[str, set[str]] = attrs.field(factory=dict)
    attempts: dict[str, int] = attrs.field(factory=dict)
    amounts: dict[tuple[str, int], Money] = attrs.field(factory=dict)
    quotes: dict[tuple[str, int], Any] = attrs.field(factory=dict)
    standing: Gate | None = None
    busy: bool = False
    ahead: float = 0.0

    @property
    def clock(self) -> HostClock:
        return HostClock(self.stage, self.ahead)

    def gate(self, process: Process | None = None) -> Gate:
        """A client in a process of its own."""
        process = process or Process(self.stage, self.weather, self.name)
        wire, store = Wire(self.office, process), Mount(self.disk, process, **self.settings)
        gate = Gate(KEY, transport=wire, clock=self.clock, store=store, namespace=self.namespace)  # type: ignore[arg-type]
        settings = gate._calls.settings
        gate._calls.settings = attrs.evolve(settings, chance=self.stage.random.random)
        return gate

    # --- what workers do ---

    def create(self, order: str) -> None:
        terms = self._terms(order)
        self._given(order, terms, lambda gate: gate.sessions.create(**terms))

    def intend(self, order: str) -> None:
        """Written down with the order's own row, in one transaction; sent after its commit."""
        gate, disk, terms = self.gate(), self.disk.connection, self._terms(order)
        disk.execute("BEGIN")
        try:
            intent = gate.journal.intend(disk, **terms)
        except GateError:
            disk.execute("ROLLBACK")
            return
        disk.execute("COMMIT")
        self._given(order, terms, lambda gate: gate.journal.send(intent))

    def create_next(self, order: str) -> None:
        """Another attempt, whether or not the one before is over."""
        terms = self._terms(order, more=1)
        self._given(order, terms, lambda gate: gate.sessions.create(**terms))

    def change(self, order: str) -> None:
        """The basket changed: the attempt before is cancelled and another made, at once."""
        terms = self._terms(order, more=1) | {"amount": OTHER, "at_once": True}
        self.diary.note("at once", shop=self.name, order=order)
        self._given(order, terms, lambda gate: gate.sessions.create(**terms))

    def create_other(self, order: str) -> None:
        """The same order for other money: never sent."""
        if order in self.made:
            terms = self._terms(order) | {"amount": Money("7", "EUR")}
            self._tried(lambda gate: gate.sessions.create(**terms))

    def reissue(self, order: str) -> None:
        self._given(order, None, lambda gate: gate.journal.reissue(order=order))

    def cancel(self, order: str) -> None:
        """The shop gives up on what it knows of."""
        for id in sorted(self.made.get(order, ())):
            self.diary.note("gave up", shop=self.name, order=order, session=id)
            self._tried(lambda gate, id=id: gate.sessions.cancel(id))

    def recover(self, _: str = "") -> None:
        for one in self._tried(lambda gate: gate.recover()) or ():
            if one.id is not None and one.operation == "createSession":
                self.diary.note("recovered", shop=self.name, order=one.order, session=one.id)

    def resolve(self, order: str) -> None:
        terms = self._terms(order)
        self._asked(order, terms)
        try:
            self.gate().sessions.create(**terms)
        except GateError as exc:
            error = exc
            if error.idempotency_key is not None:
                found = self._tried(lambda gate: gate.resolve(error))
                if found is not None:
                    self.diary.note("resolved", shop=self.name, order=order, session=found.id)

    # --- what they ask, and do about it ---

    def ask(self, order: str) -> None:
        """What became of an order; where it may be tried again, it is."""
        outcome = self._tried(lambda gate: gate.reconcile.order(order, **self._expected(order)))
        self._noted(order, outcome)
        if isinstance(outcome, Failed) and outcome.may_retry:
            self.create_next(order)

    def hear(self, id: str, order: str) -> None:
        """An event names a session, and an order in its metadata: everybody's, for there is one URL."""
        asked = self._expected(order)
        outcome = self._tried(lambda gate: gate.reconcile.session(id, order=order, **asked))
        self._noted(order, outcome)

    def judge(self, order: str, word: str, **more: Any) -> None:
        """The last word on an order, in calm weather."""
        try:
            outcome = self.gate().reconcile.order(order, **self._expected(order), **more)
        except GateError as exc:
            self.diary.note("no verdict", shop=self.name, order=order, why=repr(exc))
            return
        self._noted(order, outcome)
        told = [(one.kind, one.id, one.status) for one in outcome.evidence]
        self.diary.note(
            word,
            shop=self.name,
            order=order,
            verdict=type(outcome).__name__,
            reason=outcome.reason,
            known=[id for kind, id, _ in told if kind in ("gate_session", "rail")],
            in_doubt=[id for kind, id, state in told if (kind, state) == ("intent", "sent")],
        )

    def _expected(self, order: str) -> dict[str, Any]:
        attempt = self.attempts.get(order, 1)
        named = self.plan.flow == "reconcile"
        flow = {"flow": "on_ramp"} if named else {}
        return {"expect": self.amounts.get((order, attempt), AMOUNT), "statuses": STATUSES} | flow

    def _noted(self, order: str, outcome: Any) -> None:
        if outcome is not None:
            settled = isinstance(outcome, Settled) or outcome.may_fulfil
            self.diary.note(
                "verdict",
                shop=self.name,
                order=order,
                verdict="Settled" if settled else type(outcome).__name__,
                reason=outcome.reason,
            )

    # --- rails ---

    def redeem(self, order: str, more: int = 0, *, out: bool = False) -> None:
        """A pay-in or a pay-out, on a session of its own; its quote is locked in calm weather."""
        order = f"rail-out-{order}" if out else f"rail-{order}"
        attempt = self.attempts.get(order, 1) + more
        if (order, attempt) not in self.quotes:
            calm = Process(self.stage, Weather(faults=0.0), self.name)
            wire = Wire(self.office, calm)
            gate = Gate(KEY, transport=wire, clock=self.clock, namespace=self.namespace)
            session = gate.sessions.create(amount=AMOUNT, return_url=BACK, order=order)
            quote = gate.quotes.lock(
                amount=AMOUNT,
                asset="USDC",
                side="off_ramp" if out else "on_ramp",
                payment_method="bank_transfer",
            )
            self.quotes[order, attempt] = {"quote_id": quote.id, "gate_session_id": session.id}
        terms = self.quotes[order, attempt] | {"order": order, "attempt": attempt, "expect": AMOUNT}
        if self._tried(lambda gate: (gate.pay_outs if out else gate.pay_ins).create(**terms)):
            self.attempts[order] = attempt
            ends = self.stage.random.choice(["failed", "settled"])
            after = self.stage.random.uniform(0, 900)
            self.stage.later(after, lambda: self._move_rails(order, ends))

    def redeem_next(self, order: str) -> None:
        self.redeem(order, more=1)

    def pay_out(self, order: str) -> None:
        self.redeem(order, out=True)

    def pay_out_next(self, order: str) -> None:
        self.redeem(order, more=1, out=True)

    # --- customers ---

    def register(self, order: str) -> None:
        """A record of the person who ordered; of one the shop may ask again and again."""
        id = f"{self.name}-{order}"
        self.diary.note("registers", shop=self.name, person=id)
        found = self._tried(
            lambda gate: gate.customers.create(external_id=id, email=f"{id}@people.example")
        )
        if found is not None:
            self.diary.note("registered", shop=self.name, person=id, customer=found.id)

    def customers_left(self) -> None:
        """The last look at customers in doubt, in calm weather."""
        for one in self._tried(lambda gate: gate.recover()) or ():
            if one.operation == "createCustomer":
                self.diary.note("customer left", shop=self.name, why=repr(one.error))

    def _move_rails(self, order: str, status: str) -> None:
        own = {terms["quote_id"] for terms in self.quotes.values()}
        books = self.office.sandbox.books()
        for rail in (*books["pay_ins"], *books["pay_outs"]):
            mine = rail["quote_id"] in own and rail["reference"] == order
            if mine and rail["status"] == "pending":
                self.office.sandbox.move_rail(rail["id"], status)

    # --- how ---

    def _terms(self, order: str, more: int = 0) -> dict[str, Any]:
        attempt = self.attempts.get(order, 1) + more
        amount = self.amounts.get((order, attempt), AMOUNT)
        flow = {"flow": "on_ramp"} if self.plan.flow == "create" else {}
        return {
            "amount": amount,
            "return_url": BACK,
            "order": order,
            "attempt": attempt,
            **(self.plan.terms or {}),
            **flow,
        }

    def _asked(self, order: str, terms: dict[str, Any] | None) -> None:
        if terms is not None:
            names = ("flow", "target_token", "target_network")
            self.diary.note(
                "asked",
                shop=self.name,
                order=order,
                amount=f"{terms['amount'].amount:.2f}",
                currency=terms["amount"].code,
                **{name: terms[name] for name in names if name in terms},
            )

    def _tried(self, call: Callable[[Gate], Any]) -> Any:
        """By a process that has just begun, or by one that has stood here for long."""
        standing = not self.busy and not self.plan.clear and self.stage.chance(0.5)
        if standing and self.standing is None:
            self.standing = self.gate()
        gate = self.standing if standing and self.standing is not None else self.gate()
        self.busy = self.busy or standing
        try:
            return call(gate)
        except GateError as exc:
            self.diary.note("refused", shop=self.name, why=f"{type(exc).__name__}: {exc}")
            return None
        except BaseException:
            self.standing = None if standing else self.standing
            raise
        finally:
            self.busy = self.busy and not standing

    def _given(self, order: str, terms: dict[str, Any] | None, call: Callable[[Gate], Any]) -> None:
        self._asked(order, terms)
        session = self._tried(call)
        if session is None:
            return
        self.diary.note("returned", shop=self.name, order=order, session=session.id)
        self.made.setdefault(order, set()).add(session.id)
        attempt = terms["attempt"] if terms else int(marks_of(session).attempt or 1)
        self.attempts[order] = max(self.attempts.get(order, 1), attempt)
        if terms:
            self.amounts[order, attempt] = terms["amount"]
        if session.client_secret:
            self.users.given(self.name, order, session.id)
            self._presses(order, session.id)

    def _presses(self, order: str, id: str) -> None:
        """A shop that wants its money: it gives up on a session, and tries anew, too soon and later."""
        draw = self.stage.random
        if draw.random() < 0.4:
            return
        after = draw.choice([draw.uniform(20, 300), draw.uniform(20, 3000)])
        if self.plan.late and draw.random() < 0.5:
            after = self.users.left(id)
        else:
            self.stage.act(after, lambda: self.cancel(order))
        if draw.random() < 0.6:
            self.stage.later(after - draw.uniform(0, 20), lambda: self.users.pays(id))
        for _ in range(draw.choice([1, 2, 3])):
            low, high = draw.choice([(0, 30), (100, 700), (550, 900), (900, 2500), (3500, 5000)])
            deed = draw.choice([self.create_next, self.ask, self.reissue])
            again = after + draw.uniform(low, high)
            self.stage.act(again, lambda deed=deed: deed(order))


#: How often each happens.
DEEDS = (
    (Shop.create, 12),
    (Shop.intend, 3),
    (Shop.reissue, 3),
    (Shop.create_next, 2),
    (Shop.change, 2),
    (Shop.ask, 5),
    (Shop.redeem, 2),
    (Shop.redeem_next, 1),
    (Shop.recover, 3),
    (Shop.resolve, 1),
    (Shop.cancel, 1),
    (Shop.create_other, 1),
)
