"""A shop whose workers make sessions for orders, in all weathers, and users who pay what they are given."""

from __future__ import annotations

import json
import logging
from typing import Any

import attrs
from zerogate import Gate, GateError, GateUsageError, Money, RetryPolicy, fresh_key
from zerogate.identity import marks_of
from zerogate_sandbox import Sandbox
from zerogate_sandbox.answers import Refused

from tests.simulation.stage import Died, Stage
from tests.simulation.weather import Disk, Mount, Process, Weather, Wire

KEY = "sk_test_simulated00000000000001"
AMOUNT = Money("100", "EUR")
BACK = "https://shop.example/done"


@attrs.define
class Shop:
    """
    handed: Per order, the sessions whose secret was given to a user.
    made: Per order, the sessions that a call has returned.
    wrong: What must not be, in words.
    """

    stage: Stage
    sandbox: Sandbox
    weather: Weather
    disk: Disk
    handed: dict[str, list[str]] = attrs.field(factory=dict)
    made: dict[str, set[str]] = attrs.field(factory=dict)
    attempts: dict[str, int] = attrs.field(factory=dict)
    wrong: list[str] = attrs.field(factory=list)
    quotes: dict[tuple[str, int], Any] = attrs.field(factory=dict)
    calls: int = 0

    def gate(self, process: Process | None = None) -> Gate:
        """A client in a process of its own."""
        process = process or Process(self.stage, self.weather)
        wire, store = Wire(self.sandbox, process), Mount(self.disk, process)
        gate = Gate(KEY, transport=wire, clock=self.stage, store=store)  # type: ignore[arg-type]
        settings = gate._calls.settings
        gate._calls.settings = attrs.evolve(settings, chance=self.stage.random.random)
        return gate

    # --- what workers do ---

    def create(self, order: str) -> None:
        self._given(order, lambda gate: gate.sessions.create(**self._terms(order)))

    def intend(self, order: str) -> None:
        """Written down with the order's own row, in one transaction; sent after its commit."""
        gate, disk = self.gate(), self.disk.connection
        disk.execute("BEGIN")
        try:
            intent = gate.sessions.intend(disk, **self._terms(order))
        except GateError:
            disk.execute("ROLLBACK")
            return
        disk.execute("COMMIT")
        self._given(order, lambda gate: gate.send(intent))

    def redeem(self, order: str, more: int = 0) -> None:
        """A pay-in, on a session of its own; a quote is locked once an attempt, in calm weather."""
        order = f"rail-{order}"
        attempt = self.attempts.get(order, 1) + more
        if (order, attempt) not in self.quotes:
            wire = Wire(self.sandbox, Process(self.stage, Weather(faults=0.0)))
            calm = Gate(KEY, transport=wire, clock=self.stage)
            session = calm.sessions.create(amount=AMOUNT, return_url=BACK, order=order)
            quote = calm.quotes.lock(
                amount=AMOUNT, asset="USDC", side="on_ramp", payment_method="bank_transfer"
            )
            self.quotes[order, attempt] = {"quote_id": quote.id, "gate_session_id": session.id}
        terms = self.quotes[order, attempt] | {"order": order, "attempt": attempt, "expect": AMOUNT}
        if self._tried(lambda gate: gate.pay_ins.create(**terms)):
            self.attempts[order] = attempt
            ends = self.stage.random.choice(["failed", "settled"])
            after = self.stage.random.uniform(0, 900)
            self.stage.later(after, lambda: self._move_rails(order, ends))

    def redeem_next(self, order: str) -> None:
        self.redeem(order, more=1)

    def _rails(self, order: str) -> list[dict[str, Any]]:
        return [r for r in self.sandbox.books()["pay_ins"] if r["reference"] == order]

    def _move_rails(self, order: str, status: str) -> None:
        for rail in self._rails(order):
            if rail["status"] == "pending":
                self.sandbox.move_rail(rail["id"], status)

    def create_next(self, order: str) -> None:
        """Another attempt, whether or not the one before is over."""

        def made(gate: Gate) -> Any:
            created = gate.sessions.create(**self._terms(order, more=1))
            self.attempts[order] = max(
                self.attempts.get(order, 1), self._terms(order)["attempt"] + 1
            )
            return created

        self._given(order, made)

    def create_other(self, order: str) -> None:
        """The same order for other money: never sent."""
        if order in self.made:
            terms = self._terms(order) | {"amount": Money("7", "EUR")}
            self._tried(lambda gate: gate.sessions.create(**terms))

    def reissue(self, order: str) -> None:
        self._given(order, lambda gate: gate.sessions.reissue(order=order))

    def cancel(self, order: str) -> None:
        """The shop gives up on what it knows of."""
        for id in sorted(self.made.get(order, ())):
            self._tried(lambda gate, id=id: gate.sessions.cancel(id))

    def recover(self, _: str = "") -> None:
        self._tried(lambda gate: gate.recover())

    def resolve(self, order: str) -> None:
        try:
            self.gate().sessions.create(**self._terms(order))
        except GateError as exc:
            error = exc
            if error.idempotency_key is not None:
                self._tried(lambda gate: gate.resolve(error))

    def _terms(self, order: str, more: int = 0) -> dict[str, Any]:
        attempt = self.attempts.get(order, 1) + more
        return {"amount": AMOUNT, "return_url": BACK, "order": order, "attempt": attempt}

    def _tried(self, call: Any) -> Any:
        self.calls += 1
        try:
            return call(self.gate())
        except GateError:
            return None

    def _given(self, order: str, call: Any) -> None:
        session = self._tried(call)
        if session is None:
            return
        self.made.setdefault(order, set()).add(session.id)
        attempt = int(marks_of(session).attempt or 1)
        self.attempts[order] = max(self.attempts.get(order, 1), attempt)
        if session.client_secret:
            self.hand_out(order, session.id)

    # --- what users do ---

    def hand_out(self, order: str, id: str) -> None:
        """A user gets the secret, and pays with it: at once or later, for a while or for days."""
        others = [one for one in self.handed.setdefault(order, []) if one != id]
        if self._open(id) and any(self._open(one) for one in others):
            self.wrong.append(f"{order}: two sessions open whose secrets were handed out")
        if id in self.handed[order]:
            return
        self.handed[order].append(id)
        draw = self.stage.random
        begins = draw.choice([draw.uniform(0, 60), draw.uniform(0, 2000)])
        self.stage.later(begins, lambda: self.pay(id))

    def pay(self, id: str) -> None:
        draw = self.stage.random
        try:
            refid = self.sandbox.start(id)["refid"]
        except Refused:
            return
        takes = draw.choice([draw.uniform(0, 60), draw.uniform(0, 5000), draw.uniform(0, 200_000)])
        ends = self.sandbox.settle if draw.random() < 0.8 else self.sandbox.fail_transaction
        self.stage.later(takes, lambda: ends(refid))

    def _open(self, id: str) -> bool:
        session = self.sandbox.world.sessions.shelf.records[id]
        return session.status == "open" and self.stage.now() < session.expires_at

    # --- what has to be true in the end ---

    def judged(self) -> list[str]:
        """Everything that is wrong once Gate is back, and recovery has run."""
        self._calm_down()
        books = self.sandbox.books()
        sessions = [
            one for one in books["sessions"] if not one["metadata"]["order_id"].startswith("rail-")
        ]
        known = set(self._column("object_id"))
        known.update(*map(json.loads, self._column("extras")))
        paid: dict[str, set[str]] = {}
        for row in books["transactions"]:
            if row["status"] == "completed":
                order = self.sandbox.world.sessions.shelf.records[row["session_id"]].metadata[
                    "order_id"
                ]
                paid.setdefault(order, set()).add(row["session_id"])
        wrong = [f"{order}: paid {len(ids)} times" for order, ids in paid.items() if len(ids) > 1]
        for session in sessions:
            if session["amount"] != "100.00":
                wrong.append(f"{session['metadata']['order_id']}: another amount was sent")
            if session["id"] not in known:
                wrong.append(f"{session['metadata']['order_id']}: {session['id']} is an orphan")
        wrong += self._open_twice(sessions)
        for order, ids in self.made.items():
            wrong += [f"{order}: {id} was acknowledged and is lost" for id in ids - known]
        return self.wrong + wrong + self._undecided() + self._rails_twice()

    def _rails_twice(self) -> list[str]:
        """More than one pay-in of an order that did not fail; or one that nobody could find again."""
        known = set(self._column("object_id"))
        doubtful = set(self._column("order_ref", "operation = 'createPayIn' AND state = 'sent'"))
        wrong = []
        for order in {order for order, _ in self.quotes}:
            rails = self._rails(order)
            if sum(rail["status"] != "failed" for rail in rails) > 1:
                wrong.append(f"{order}: paid in more than once")
            if order not in doubtful and any(rail["id"] not in known for rail in rails):
                wrong.append(f"{order}: a pay-in is lost")
        return wrong

    def _calm_down(self) -> None:
        self.weather = Weather(faults=0.0)
        gate = self.gate()
        self.stage.run(until=self.stage.time + 1000)
        for _ in range(100):
            if not self._column("count(*)", "due_at IS NOT NULL AND operation = 'createSession'")[
                0
            ]:
                break
            for one in gate.recover(limit=1000, timeout=600):
                if isinstance(one.error, GateUsageError):
                    self.wrong.append(f"{one.order}: {one.error}")
            self.stage.run(until=self.stage.time + 300)
        self.stage.run(until=self.stage.time + 300_000)

    def _column(self, what: str, where: str = "1 = 1") -> list[Any]:
        told = f"SELECT {what} FROM zerogate_intents WHERE {where}"
        return [value for (value,) in self.disk.connection.execute(told)]

    def _open_twice(self, sessions: list[Any]) -> list[str]:
        own = self._column("object_id")
        return [
            f"{one['metadata']['order_id']}: {one['id']} is open and nobody's"
            for one in sessions
            if one["id"] not in own and self._open(one["id"])
        ]

    def _undecided(self) -> list[str]:
        left = self._column(
            "order_ref",
            "operation = 'createSession' AND (state = 'sent' OR due_at IS NOT NULL)",
        )
        return [f"{order}: nobody knows what became of it" for order in left]


#: How often each happens.
DEEDS = (
    (Shop.create, 12),
    (Shop.intend, 3),
    (Shop.reissue, 3),
    (Shop.create_next, 2),
    (Shop.redeem, 3),
    (Shop.redeem_next, 1),
    (Shop.recover, 3),
    (Shop.resolve, 1),
    (Shop.cancel, 1),
    (Shop.create_other, 1),
)


def lived(seed: int | str, profile: Any) -> Shop:
    """A few orders from their first call to long after their last."""
    stage = Stage(seed)
    draw = stage.random
    sandbox = Sandbox(seed=draw.random(), clock=stage, profile=profile)
    shop = Shop(stage, sandbox, Weather.drawn(stage), Disk(stage))
    for number in range(draw.choice([1, 1, 2])):
        order = f"order-{number}"
        spread = draw.choice([2, 60, 3000])
        first = draw.choice([shop.create, shop.create, shop.intend])
        stage.act(draw.uniform(0, spread), lambda deed=first, order=order: deed(order))
        for _ in range(draw.choice([1, 2, 4, 6])):
            (deed,) = draw.choices([d for d, _ in DEEDS], [w for _, w in DEEDS])
            stage.act(draw.uniform(0, spread), lambda d=deed, o=order: d(shop, o))
    stage.run(until=8000)
    return shop


def judged(life: tuple[str, int]) -> tuple[str, int, list[str]]:
    """A life by profile and seed, and what was wrong with it; for processes of a pool."""
    logging.disable(logging.CRITICAL)
    profile, seed = life
    return profile, seed, lived(seed, profile).judged()


def lived_without(seed: int | str, profile: Any) -> tuple[int, int]:
    """The same weather for a client with a new key per attempt: orders, and those made twice."""
    stage = Stage(seed)
    sandbox = Sandbox(seed=stage.random.random(), clock=stage, profile=profile)
    weather = Weather.drawn(stage)

    def tried(order: str) -> bool:
        wire = Wire(sandbox, Process(stage, weather))
        once = RetryPolicy(attempts=1)
        gate = Gate(KEY, transport=wire, clock=stage, retries=once, timeout=10)
        order_id = {"order_id": order}
        try:
            gate.sessions.create(
                amount=AMOUNT, return_url=BACK, idempotency_key=fresh_key(), metadata=order_id
            )
        except (GateError, Died):
            return False
        return True

    def ordered(order: str) -> None:
        for _ in range(6):
            if tried(order):
                return
            stage.sleep(stage.random.uniform(0, 60))

    for number in range(2):
        stage.act(stage.random.uniform(0, 60), lambda n=number: ordered(f"order-{n}"))
    stage.run(until=8000)
    made = [one.metadata["order_id"] for one in sandbox.world.sessions.shelf.records.values()]
    return 2, sum(made.count(order) > 1 for order in set(made))
