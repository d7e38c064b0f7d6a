"""The write protocol as a system to explore: callers and a recovery on their stores, one Gate, and users.

What runs is the real client with the real journal; only the wire, the clock, chance and the database's
file are not. Each transaction is a step, each read of Gate, and of a create the effect and its answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from typing import Any, Final
from unittest.mock import patch

from attrs import define, evolve, field, frozen
from zerogate import AttemptOpen, Gate, GateError, Money, OutcomeUnknown, RetryPolicy
from zerogate._credentials import Credentials
from zerogate._observers import CallObservers
from zerogate._sync.calls import Calls
from zerogate._transport.messages import Reply, Request, RequestNotSent
from zerogate._wire.operations import Operation
from zerogate_sandbox import Profile

from tests.exploration.fake_gate import FakeGate, with_other_amount
from tests.exploration.processes import WELL, Clock, Mount, Process, rows_of
from tests.simulation.weather import Disk

START: Final = 1_779_796_800.0
KEY: Final = "sk_test_explored000000000000001"
ORDER: Final = "o-1"
#: What may befall a request or its answer, and out of which allowance.
LOST, LATE, LOST_ANSWER, OTHER = "is lost", "comes late", "gets lost", "names other money"
_ALLOWANCE: Final = {LOST: "losses", LATE: "losses", LOST_ANSWER: "losses", OTHER: "strange"}
#: How far the clock may be put ahead at once: past a lease, and past the grace and the trust in a key.
STEPS_OF_TIME: Final = {"a lease ends": ("short", 40.0), "the grace ends": ("long", 700.0)}
_PARTS_OF_A_CLIENT: Final = (
    *(Operation, RetryPolicy, Credentials, CallObservers),
    *(type(one) for one in vars(Gate(KEY)).values() if not isinstance(one, Calls)),
)
_TABLES: Final = ("zerogate_intents", "zerogate_losses", "zerogate_echoes", "zerogate_vouched")


@frozen
class Part:
    """Who takes part: a process of a shop with a database, and what it does."""

    name: str
    does: Callable[[World, Process, Gate], None]
    namespace: str = ""
    disk: str = "disk"


@frozen
class Scenario:
    """
    parts: Of which processes. allowed: How often each kind of trouble may come.
    most: How many troubles may come, of all kinds together. settings: Of the stores.
    apart: Whether each database is another service's.
    """

    parts: Sequence[Part]
    allowed: Mapping[str, int]
    most: int = 2
    settings: Mapping[str, Any] = field(factory=dict)
    apart: bool = False


@frozen
class Handed:
    """A secret that a user has. asked: The amount that the shop had asked for."""

    by: str
    namespace: str
    session: str
    asked: str


@define(eq=False)
class Wire:
    """The way from one process to Gate and back."""

    world: World
    process: Process
    shop: str

    def send(self, request: Request, until: float) -> Any:
        world, process = self.world, self.process
        creates = (request.method, request.target) == ("POST", "/v1/gate_sessions")
        about = f"{request.method} {request.target.removeprefix('/v1/').partition('?')[0]}"
        fate = process.pause(about, *((LOST, LATE) if creates else (LOST,)))
        if process.time >= until:
            raise RequestNotSent("the time is up")
        if fate == LATE:
            world.late.append((request, self.shop))
            raise TimeoutError
        if fate == LOST:
            raise ConnectionResetError
        reply = world.gate.answer(request, self.shop, world.now)
        if creates:
            reply = self._answered(request, reply, until)
        return reply

    def _answered(self, request: Request, reply: Reply, until: float) -> Reply:
        """The answer to a create is a step of its own: meanwhile Gate is still at work on it."""
        made = reply.status in (200, 201)
        fate = self.process.pause("answer", LOST_ANSWER, *((OTHER,) if made else ()))
        self.world.gate.answered(dict(request.headers)["Idempotency-Key"])
        if fate == LOST_ANSWER:
            raise ConnectionResetError
        if self.process.time >= until:
            raise TimeoutError
        return with_other_amount(reply, "7.00") if fate == OTHER else reply

    def close(self) -> None:
        """Nothing to close."""


class World:
    """One state of everything, made by taking steps from the first one."""

    def __init__(self, scenario: Scenario, profile: Profile) -> None:
        self.scenario, self.now = scenario, START
        self.gate = FakeGate(profile)
        self.disks = {part.disk: Disk() for part in scenario.parts}
        self.late: list[tuple[Request, str]] = []
        self.handed: list[Handed] = []
        self.accused: list[str] = []
        self.left, self.troubles = dict(scenario.allowed), scenario.most
        self._patches = ExitStack()
        self._patches.enter_context(patch("secrets.token_hex", self._token))
        self.processes = [
            Process(part.name, lambda: self.now, besides=_CONSTANT) for part in scenario.parts
        ]
        self._acting: Process | None = None
        for part, process in zip(scenario.parts, self.processes, strict=True):
            self._acting = process
            gate = self.client(part, process)
            # Each has just compared the list with its store, as one that has stood for a while.
            gate._calls.durability.catch_up._looked_at = self.now
            process.start(
                lambda part=part, process=process, gate=gate: self._plays(part, process, gate)
            )

    def client(self, part: Part, process: Process) -> Gate:
        store = Mount(self.disks[part.disk], process, **self.scenario.settings)
        gate = Gate(
            KEY,
            transport=Wire(self, process, part.disk),  # type: ignore[arg-type]
            clock=Clock(process),  # type: ignore[arg-type]
            store=store,
            namespace=self.namespace_of(part),
            timeout=1.12,
            retries=RetryPolicy(attempts=2, first_wait=0.01),
        )
        gate._calls.settings = evolve(gate._calls.settings, chance=lambda: 0.5)
        return gate

    def namespace_of(self, part: Part) -> str:
        return part.namespace

    def _plays(self, part: Part, process: Process, gate: Gate) -> None:
        try:
            part.does(self, process, gate)
        except Exception as exc:
            self.accused.append(f"error: {part.name} met {exc!r}")

    def _token(self, size: int = 8) -> str:
        assert self._acting is not None
        return self._acting.token(size)

    def _part(self, process: Process) -> Part:
        return self.scenario.parts[self.processes.index(process)]

    # --- as a system ---

    def choices(self) -> Sequence[str]:
        found = []
        waiting = [one for one in self.processes if one.about is not None]
        for one in waiting:
            for fate in one.fates:
                if fate == WELL or self._may(_ALLOWANCE[fate]):
                    found.append(f"{one.name}: {one.about}" + (f" {fate}" if fate else ""))
            if self._may("deaths"):
                found.append(f"{one.name} dies")
            if self._may("cuts") and not one.cut:
                found.append(f"{one.name} loses its database")
        found += [f"late request {number} arrives" for number in range(len(self.late))]
        if waiting:
            found += [step for step, (kind, _) in STEPS_OF_TIME.items() if self._may(kind)]
            if self._may("forgets") and self.gate.keys:
                found.append("Gate forgets all keys")
        if self.left.get("payments"):
            ids = {one.session for one in self.handed}
            payable = [id for id in sorted(ids) if self.gate.is_payable(id, self.now)]
            found += [f"a user begins to pay {_short(id)}" for id in payable]
        under_way = [one.id for one in self.gate.payments.values() if not one.arrived]
        return found + [f"{id} arrives" for id in under_way]

    def _may(self, trouble: str) -> bool:
        return self.troubles > 0 and self.left.get(trouble, 0) > 0

    def _spend(self, trouble: str) -> None:
        self.troubles -= 1
        self.left[trouble] -= 1

    def take(self, choice: str) -> None:
        subject, _, rest = choice.partition(": ")
        if rest:
            process = next(one for one in self.processes if one.name == subject)
            fate = next(
                f for f in reversed(process.fates) if rest.endswith(f"{process.about} {f}".rstrip())
            )
            self._goes_on(process, fate)
        elif choice in STEPS_OF_TIME:
            kind, seconds = STEPS_OF_TIME[choice]
            self._spend(kind)
            self.now += seconds
        else:
            self._befalls(*choice.split(" "))

    def _goes_on(self, process: Process, fate: str) -> None:
        if fate != WELL:
            self._spend(_ALLOWANCE[fate])
        self._acting = process
        process.go_on(fate)

    def _befalls(self, *words: str) -> None:
        match words:
            case (name, "dies"):
                self._spend("deaths")
                next(one for one in self.processes if one.name == name).end()
            case (name, "loses", "its", "database"):
                self._spend("cuts")
                next(one for one in self.processes if one.name == name).cut = True
            case ("late", "request", number, "arrives"):
                request, shop = self.late.pop(int(number))
                self.gate.answer(request, shop, self.now)
                self.gate.answered(dict(request.headers)["Idempotency-Key"])
            case ("Gate", "forgets", *_):
                self._spend("forgets")
                self.gate.forget()
            case ("a", "user", *_, id):
                self.left["payments"] -= 1
                self.gate.begin(id.zfill(24), self.now)
            case (id, "arrives"):
                self.gate.arrive(id, self.now)

    def digest(self) -> bytes:
        facts = (
            self.now,
            self.gate.facts(),
            [rows_of(disk, _TABLES) for disk in self.disks.values()],
            [one.facts() for one in self.processes],
            [(request.body, name) for request, name in self.late],
            self.handed,
            self.accused,
            sorted(self.left.items()),
            self.troubles,
        )
        return blake2b(repr(facts).encode(), digest_size=16).digest()

    def close(self) -> None:
        for one in self.processes:
            one.end()
        self._patches.close()

    # --- what they do ---

    def hand(self, process: Process, session: Any, asked: str) -> None:
        """A user gets the secret of a session."""
        part = self._part(process)
        if session.client_secret:
            handed = Handed(part.disk, part.namespace, session.id, asked)
            if handed not in self.handed:
                self.handed.append(handed)

    # --- what must not be ---

    def wrong(self) -> Sequence[str]:
        return [
            *self.accused,
            *self._open_twice(),
            *self._paid_twice(),
            *self._strangers(),
            *self._terms(),
        ]

    def _ours(self) -> dict[tuple[str, str], list[str]]:
        """The sessions that were handed out, by shop and namespace."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.handed:
            found.setdefault((one.by, one.namespace), []).append(one.session)
        return found

    def _open_twice(self) -> list[str]:
        both = [
            [id for id in ids if self.gate.sessions[id].status == "open"]
            for ids in self._ours().values()
        ]
        return [
            f"open: {_named(ids)} can both be paid for one order"
            for ids in both
            if len(set(ids)) > 1
        ]

    def _paid_twice(self) -> list[str]:
        profile, found = self.gate.profile, []
        lag = profile.list_lag if profile.transaction_lag is None else profile.transaction_lag
        if lag > 600 or profile.widget_end == "token":
            # Nobody could have prevented it; that it is reported is the simulation's to see.
            return []
        arrived = {one.session for one in self.gate.payments.values() if one.arrived}
        for ids in self._ours().values():
            if len(arrived & set(ids)) > 1:
                found.append(f"twice: one order was paid on {_named(sorted(arrived & set(ids)))}")
        return found

    def _strangers(self) -> list[str]:
        spaces = {part.disk: part.namespace for part in self.scenario.parts}
        sessions = self.gate.sessions
        # Two services with the same keys are one to everybody; only their terms tell them apart.
        adopted = [
            f"adopted: {one.by} was handed {_named([one.session])} of {sessions[one.session].maker}"
            for one in self.handed
            if spaces[sessions[one.session].maker] != one.namespace
        ]
        return adopted + [
            f"cancelled: {who} cancelled {_named([id])} of {sessions[id].maker}"
            for id, who in self.gate.cancelled
            if spaces[sessions[id].maker] != spaces[who]
        ]

    def _terms(self) -> list[str]:
        return [
            f"terms: {one.by} handed out {_named([one.session])} for "
            f"{self.gate.sessions[one.session].terms['amount']} where {one.asked} was asked"
            for one in self.handed
            if self.gate.sessions[one.session].terms["amount"] != one.asked
        ]

    def wrong_at_the_end(self) -> Sequence[str]:
        """And once recovery has run in calm weather, until lists have caught up with everything."""
        parts = {part.disk: part for part in self.scenario.parts}
        for seconds in (0.0, 40.0, 700.0, 1300.0, 4000.0, 100_000.0):
            self.now += seconds
            for disk, part in parts.items():
                self._acting = calm = Process(f"calm {disk} {seconds}", lambda: self.now)
                self.client(evolve(part, name=calm.name), calm).recover()
        return [sentence for disk in parts for sentence in self._unsettled(disk)] + [*self.wrong()]

    def _unsettled(self, disk: str) -> list[str]:
        read = self.disks[disk].connection.execute
        rows = read("SELECT key, state, object_id, duplicates FROM zerogate_intents").fetchall()
        mine = [one for one in self.gate.sessions.values() if one.maker == disk]
        known = {id for _, _, id, duplicates in rows for id in (id, *json.loads(duplicates))}
        doubtful = {key for key, state, *_ in rows if state == "sent"}
        found = [
            f"lost: nobody knows {_named([one.id])}"
            for one in mine
            if one.id not in known and one.key not in doubtful
        ]
        if doubtful and self.gate.profile.list_metadata and not self.scenario.apart and mine:
            found.append("undecided: a write is in doubt for ever")
        for key in sorted({one.key for one in mine} - doubtful):
            still = [one.id for one in mine if one.key == key and one.status == "open"]
            if len(still) > 1 and self.gate.profile.list_metadata:
                found.append(f"extra: {_named(still)} of one attempt stay open")
        return found


def _short(id: str) -> str:
    return id.lstrip("0")


def _named(ids: Sequence[str]) -> str:
    return " and ".join(f"session {_short(id)}" for id in ids)


# --- parts ---------------------------------------------------------------------------------------


def creates(
    *attempts: int, amount: str = "100.00", times: int = 2, cancels: bool = False
) -> Callable[[World, Process, Gate], None]:
    """A caller: makes a session for each of these attempts; what is in doubt or busy is asked for again."""

    def does(world: World, process: Process, gate: Gate) -> None:
        for number, attempt in enumerate(attempts):
            session = _created(world, process, gate, attempt, amount, times)
            if session is None:
                return
            if cancels and number + 1 < len(attempts):
                try:
                    gate.sessions.cancel(session.id)
                except GateError:
                    return

    return does


def _created(
    world: World, process: Process, gate: Gate, attempt: int, amount: str, times: int
) -> Any:
    for time in range(times):
        if time:
            process.pause("calls again")
        try:
            session = gate.sessions.create(
                amount=Money(amount, "EUR"),
                return_url="https://shop.example/done",
                order=ORDER,
                attempt=attempt,
                flow="on_ramp",
            )
        except (OutcomeUnknown, AttemptOpen):
            continue
        except GateError:
            return None
        world.hand(process, session, amount)
        return session
    return None


def recovers(times: int = 1) -> Callable[[World, Process, Gate], None]:
    """A worker that finishes what others left."""

    def does(world: World, process: Process, gate: Gate) -> None:
        for time in range(times):
            if time:
                process.pause("recovers again")
            try:
                gate.recover()
            except GateError:
                return

    return does


#: What never changes once it is made, or is the world's: no part of where a process stands.
_CONSTANT: Final = (World, FakeGate, Wire, Clock, Mount, Part, Scenario, *_PARTS_OF_A_CLIENT)

_ORDINARY: Final = {"deaths": 1, "losses": 1, "cuts": 1, "short": 1, "forgets": 1}
SCENARIOS: Final[Mapping[str, Scenario]] = {
    # Two workers make the same session, and a third recovers.
    "one order": Scenario(
        (Part("A", creates(1)), Part("B", creates(1)), Part("R", recovers())), _ORDINARY
    ),
    # One makes it, cancels it and makes another; one makes another as soon as it may.
    "another attempt": Scenario(
        (Part("A", creates(1, 2, cancels=True, times=1)), Part("B", creates(2, times=1))),
        {"long": 2, "payments": 2},
    ),
    # Two services number their orders alike.
    "two namespaces": Scenario(
        (
            Part("A", creates(1), "north", "north"),
            Part("B", creates(1), "south", "south"),
            Part("R", recovers(), "north", "north"),
        ),
        {"deaths": 1, "losses": 1, "short": 1, "forgets": 1},
        apart=True,
    ),
    # And even have one namespace, and want other money.
    "other terms": Scenario(
        (
            Part("A", creates(1)),
            Part("B", creates(1, amount="80.00"), disk="other"),
            Part("R", recovers()),
        ),
        {"deaths": 1, "losses": 1, "strange": 1},
        apart=True,
    ),
}
