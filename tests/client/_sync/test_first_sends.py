# Written by facade/unasync.py from tests/client/_async/test_first_sends.py; edit that file.
"""What is older than a key's first send is not adopted, whatever tells of it and whose clock is wrong."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import AttemptOpen, Gate, GateError, Money, OutcomeUnknown, RetryPolicy
from zerogate._idempotency.identity import marks_for
from zerogate._idempotency.keys import identify
from zerogate.transports import Reply, Request
from zerogate_store import Inbox, Store
from zerogate_store._store import Statement, sync_run_in_transaction

from tests.client.fake import Answer
from tests.client.hosts import DatedGate, HostClock
from tests.client.scripts import KEY, SECRET, VirtualClock

WEBHOOK = "whsec_test_of_first_sends"
EUR = Money("100.00", "EUR")
BACK = "https://shop.example/done"
ROWS = Statement("SELECT object_id, outcome, state FROM zerogate_intents WHERE key = :key")
HOUR = 3600.0


class Service:
    """One service on one store: hosts with clocks of their own, and a Gate that has another one."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.gate = DatedGate(self.clock)
        self.store = Store(f"sqlite:///{folder / 'gate.db'}")
        self.processes: list[Gate] = []

    def process(self, off: float | HostClock = 0.0, **options: Any) -> Gate:
        """A client that has just started, on a host whose clock is so far ahead."""
        clock = off if isinstance(off, HostClock) else self.gate.host(off)
        options = {"store": self.store, "retries": RetryPolicy(attempts=1)} | options
        return Gate(SECRET, transport=self.gate, clock=clock, **options)

    def create(self, gate: Gate, **terms: Any) -> Any:
        terms = {"amount": EUR, "return_url": BACK, "order": "order-1"} | terms
        return gate.sessions.create(**terms)

    def create_lost(self, gate: Gate, fate: str) -> None:
        """No answer came: the request never arrived, or what it made did not come back."""
        self.gate.lost["create"] = fate
        with pytest.raises(OutcomeUnknown):
            self.create(gate)
        del self.gate.lost["create"]

    def theirs(self, age: float, **changed: Any) -> Answer:
        """The session that another service on this namespace made for an order of the same number."""
        marks = marks_for(identify("", "createSession", "order-1", 1, None), "")
        asked = {"amount": "100.00", "currency": "EUR", "return_url": BACK, "metadata": marks}
        return self.gate.made_by(asked | changed, age=age, key=KEY)

    def row(self) -> tuple[Any, ...]:
        (found,) = sync_run_in_transaction(self.store, self._read)
        return tuple(found)

    def _read(self) -> Any:
        return (yield ROWS(key=KEY))

    def told(self, session: Answer, gate: Gate | None = None, off: float = 0.0) -> None:
        """Gate tells of a session, and the inbox handles it."""
        clock = self.gate.host(off)
        inbox = Inbox(self.store, WEBHOOK, mode="test", gate=gate, clock=clock)
        data = {name: value for name, value in session.items() if name != "client_secret"}
        now = int(self.clock.now())
        event = {"id": "evt_1", "type": "gate_session.processing", "created_at": now, "data": data}
        body = json.dumps(event).encode()
        at = int(clock.now())
        signed = f"{at}.".encode() + body
        mac = hmac.new(WEBHOOK.encode(), signed, "sha256").hexdigest()
        inbox.receive(body, {"Gate-Signature": f"t={at},v1={mac}"})
        inbox.drain(handled, external_effect=True)


def handled(received: Any) -> None:
    """As a shop that only looks."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.store.close()


def assert_held(service: Service) -> None:
    """Nothing of the order is handed out, adopted, followed or cancelled, also after the walks."""
    gate = service.process()
    for _ in range(4):
        gate.recover()
        service.clock.advance(700)
    terms: list[dict[str, Any]] = [{}, {"attempt": 2}]
    for more in terms:
        with pytest.raises(OutcomeUnknown, match="is held") as caught:
            service.create(service.process(), **more)
        assert "gsec_" not in str(caught.value)
    assert service.row()[0] is None
    assert len(service.gate.open()) == len(service.gate.sessions) == 1


# --- an answer is slow ---


def test_a_slow_answer_hides_no_older_session(service: Service) -> None:
    """Nothing else has told Gate's clock, and the Date of this answer is late by what it was under way."""
    service.theirs(age=8)
    service.gate.lost["list"], service.gate.slow["create"] = "before", 12.0
    gate = service.process()
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="may have happened") as caught:
            service.create(gate)
        assert "gsec_" not in str(caught.value)
    service.gate.lost.clear()
    with pytest.raises(OutcomeUnknown, match="8 s older"):
        service.create(gate)
    assert_held(service)


def test_after_a_slow_answer_gates_clock_is_read_once_more(service: Service) -> None:
    service.theirs(age=8)
    service.gate.lost["list"], service.gate.slow["create"] = "before", 12.0
    service.gate.once.add("list")
    with pytest.raises(OutcomeUnknown, match="8 s older"):
        service.create(service.process())
    assert_held(service)


@pytest.mark.parametrize("off", [0.0, 3 * HOUR, -3 * HOUR])
def test_a_slow_answer_about_our_own_session_is_handed_out(service: Service, off: float) -> None:
    service.gate.lost["list"], service.gate.slow["create"] = "before", 12.0
    session = service.create(service.process(off))
    assert session.client_secret is not None


# --- an event tells of it ---


def test_an_event_of_an_older_session_gives_its_id_to_no_new_intent(service: Service) -> None:
    theirs = service.theirs(age=60)
    service.gate.hidden.add(theirs["id"])
    gate = service.process()
    service.create_lost(gate, "before")
    service.told(theirs, gate)
    assert service.row()[0] is None
    with pytest.raises(OutcomeUnknown, match="60 s older"):
        service.create(service.process())
    assert_held(service)


@pytest.mark.parametrize(("age", "is_ours"), [(0, True), (4, True), (7, False), (299, False)])
def test_an_event_gives_an_id_within_the_leeway_of_a_first_send(
    service: Service, age: float, is_ours: bool
) -> None:
    theirs = service.theirs(age=age)
    service.gate.hidden.add(theirs["id"])
    gate = service.process()
    service.create_lost(gate, "before")
    service.told(theirs, gate)
    assert service.row()[0] == (theirs["id"] if is_ours else None)


@pytest.mark.parametrize("with_gate", [True, False])
def test_an_event_of_our_own_session_is_believed_where_every_date_is_ahead(
    service: Service, with_gate: bool
) -> None:
    service.gate.date_off = 60
    gate = service.process()
    service.create_lost(gate, "after")
    (ours,) = service.gate.sessions.values()
    service.told(ours, gate if with_gate else None)
    assert service.row()[0] == ours["id"]


@pytest.mark.parametrize("off", [-HOUR, -20, 20, HOUR])
def test_an_event_of_our_own_session_is_believed_whatever_clock_its_sender_had(
    service: Service, off: float
) -> None:
    service.gate.lost["list"] = "before"
    service.create_lost(service.process(off), "after")
    (ours,) = service.gate.sessions.values()
    gate = service.process()
    gate.sessions.retrieve(ours["id"])
    service.told(ours, gate)
    assert service.row()[0] == ours["id"]


# --- an answer tells of it ---


def test_a_session_whose_age_a_replay_tells_is_held(service: Service) -> None:
    """The first answer said neither its secret nor when it was made; the second one says both."""
    theirs = service.theirs(age=60)
    service.gate.hidden.add(theirs["id"])
    service.gate.tamper = _bare
    gate = service.process()
    first = service.create(gate)
    assert not first.client_secret
    service.gate.tamper = lambda operation, told: told
    with pytest.raises(OutcomeUnknown, match="60 s older") as caught:
        service.create(gate)
    assert "gsec_" not in str(caught.value)
    with pytest.raises(OutcomeUnknown, match="is held"):
        service.create(service.process())
    with pytest.raises(OutcomeUnknown, match="is held"):
        gate.resolve(caught.value)
    assert service.gate.open() == [theirs["id"]]


def _bare(operation: str, told: Answer) -> Answer:
    if operation != "create":
        return told
    return {**told, "created_at": None, "client_secret": None}


@pytest.mark.parametrize(
    "changed",
    [{"amount": "7.00"}, {"currency": "USD"}, {"amount": None}, {"expires_at": None, "amount": []}],
    ids=["another amount", "another currency", "no amount", "unreadable"],
)
def test_a_disputed_answer_that_is_older_than_the_first_send_is_nobodys(
    service: Service, changed: dict[str, Any]
) -> None:
    """Another service's order has our number and another price: it is not ours to cancel."""
    theirs = service.theirs(age=60, **changed)
    service.gate.hidden.add(theirs["id"])
    gate = service.process()
    with pytest.raises(OutcomeUnknown, match="60 s older") as caught:
        service.create(gate)
    assert theirs["id"] in str(caught.value)
    assert "gsec_" not in str(caught.value)
    assert_held(service)


def test_a_disputed_answer_to_a_first_send_that_is_over_already_is_a_loss(
    service: Service,
) -> None:
    theirs = service.theirs(age=60, amount="7.00")
    theirs["status"], theirs["created_at"] = "completed", None
    service.gate.hidden.add(theirs["id"])
    gate = service.process()
    with pytest.raises(GateError) as caught:
        service.create(gate)
    assert "gsec_" not in str(caught.value)
    assert gate.journal.store_loss() is not None


# --- a clock is wrong ---


@pytest.mark.parametrize("memory", [86_400.0, 0.0], ids=["keys remembered", "keys forgotten"])
@pytest.mark.parametrize("off", [-HOUR, -20.0, 20.0, HOUR])
def test_what_a_host_with_a_wrong_clock_sent_is_found_by_one_with_a_right_clock(
    service: Service, off: float, memory: float
) -> None:
    """No answer had told the first host that its clock is wrong; it may be dead by now."""
    service.gate.memory, service.gate.rows = memory, 2
    service.gate.lost["list"] = "before"
    service.create_lost(service.process(off), "after")
    (ours,) = service.gate.open()
    del service.gate.lost["list"]
    service.clock.advance(30)
    other = service.process(store=None, namespace="pos")
    for number in range(5):
        service.create(other, order=f"other-{number}")
        service.clock.advance(1)
    found = service.create(service.process())
    assert found.id == ours
    assert bool(found.client_secret) is (memory > 0)
    assert len(service.gate.open()) == 6


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("off", [-HOUR, 0.0, HOUR])
def test_recovery_goes_on_with_what_nobody_could_date(
    service: Service, off: float, fate: str
) -> None:
    """Each time that it is read it is dated anew, to the second that a Date is exact to."""
    service.gate.lost["list"] = "before"
    service.create_lost(service.process(off), fate)
    del service.gate.lost["list"]
    service.clock.advance(0.7)
    [told] = service.process().recover()
    assert (told.error, told.id) == (None, service.gate.open()[0])
    assert len(service.gate.sessions) == 1


@pytest.mark.parametrize("off", [-HOUR, -20.0, 20.0, HOUR])
def test_what_is_older_than_a_send_by_a_wrong_clock_is_held(service: Service, off: float) -> None:
    theirs = service.theirs(age=60)
    service.gate.lost["list"] = "before"
    service.create_lost(service.process(off), "before")
    del service.gate.lost["list"]
    service.clock.advance(30)
    with pytest.raises(OutcomeUnknown, match="60 s older"):
        service.create(service.process())
    assert service.gate.open() == [theirs["id"]]
    assert_held(service)


@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_what_is_older_than_a_send_is_held_where_the_clock_was_set_since(
    service: Service, step: float
) -> None:
    theirs = service.theirs(age=60)
    host = service.gate.host()
    gate = service.process(host)
    service.gate.lost["list"] = "before"
    service.create_lost(gate, "before")
    host.off += step
    del service.gate.lost["list"]
    service.clock.advance(30)
    with pytest.raises(OutcomeUnknown, match="60 s older"):
        service.create(gate)
    assert service.gate.open() == [theirs["id"]]


@pytest.mark.parametrize("dated", [True, False], ids=["after an answer", "before any"])
@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_what_was_sent_is_ours_where_the_clock_was_set_since(
    service: Service, step: float, dated: bool
) -> None:
    host = service.gate.host()
    gate = service.process(host)
    service.gate.lost["list"] = "refused" if dated else "before"
    service.create_lost(gate, "after")
    host.off += step
    del service.gate.lost["list"]
    service.clock.advance(30)
    found = service.create(gate)
    assert found.id == service.gate.open()[0]
    assert found.client_secret
    assert gate.journal.store_loss() is None


def test_a_clock_that_was_set_back_by_as_much_as_a_session_is_old_excuses_nothing(
    service: Service,
) -> None:
    """By the clock as it reads then, the other's session would be made at the moment of our send."""
    theirs = service.theirs(age=HOUR)
    service.gate.hidden.add(theirs["id"])
    host = service.gate.host()
    gate = service.process(host)
    service.create_lost(gate, "before")
    host.off -= HOUR
    service.gate.hidden.clear()
    with pytest.raises(OutcomeUnknown, match="3600 s older"):
        service.create(gate)
    assert service.gate.open() == [theirs["id"]]


@pytest.mark.parametrize("off", [-8.0, -10.0, -13.0])
def test_a_host_that_is_as_slow_as_a_session_is_old_has_seen_that_dates_are_right(
    service: Service, off: float
) -> None:
    """Our own clock sees their session's moment pass; one of ours, as young as its Date, tells better."""
    gate = service.process(off)
    service.create(gate, order="another")
    theirs = service.theirs(age=10)
    service.gate.hidden.add(theirs["id"])
    with pytest.raises(OutcomeUnknown, match=r"1[01] s older") as caught:
        service.create(gate)
    assert "gsec_" not in str(caught.value)


def test_a_host_that_is_slow_and_repeats_a_send_believes_dates_alone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = service.theirs(age=10)
    service.gate.hidden.add(theirs["id"])
    inner, lost = service.gate.send, [14.0]

    def send(request: Request, until: float) -> Reply:
        if request.method == "POST" and lost:
            service.clock.advance(lost.pop())
            raise ConnectionResetError
        return inner(request, until)

    monkeypatch.setattr(service.gate, "send", send)
    with pytest.raises(OutcomeUnknown, match=r"1[01] s older"):
        service.create(service.process(-12, retries=RetryPolicy(attempts=2)), timeout=60)


@pytest.mark.parametrize("date_off", [6, 60, HOUR])
def test_a_date_that_is_ahead_of_what_it_stamps_withholds_no_secret(
    service: Service, date_off: float
) -> None:
    service.gate.date_off = date_off
    gate = service.process()
    for number in range(3):
        made = service.create(gate, order=f"order-{number}")
        assert made.client_secret
        service.clock.advance(30)


def test_a_key_is_not_trusted_longer_because_its_sender_was_ahead(service: Service) -> None:
    """Eleven minutes after a send whose fate is unknown, by a list that gives no marks back."""
    service.gate.echoing, service.gate.memory = False, 60
    service.gate.lost["list"] = "before"
    service.create_lost(service.process(HOUR), "after")
    del service.gate.lost["list"]
    service.gate.hidden = set(service.gate.sessions)
    service.clock.advance(660)
    with pytest.raises(OutcomeUnknown):
        service.create(service.process())
    assert len(service.gate.sessions) == 1


@pytest.mark.parametrize("ahead", [0.0, -HOUR, HOUR])
def test_a_date_out_of_a_cache_makes_no_haste(service: Service, ahead: float) -> None:
    """Eleven minutes have passed by everybody's own count, and none by the Date of the list that is read."""
    service.gate.echoing, service.gate.memory = False, 60
    gate = service.process()
    service.create_lost(gate, "after")
    service.gate.hidden = set(service.gate.sessions)
    service.gate.date_at = service.clock.now() + ahead
    service.clock.advance(660)
    for process in (gate, service.process()):
        with pytest.raises(OutcomeUnknown):
            service.create(process)
    assert len(service.gate.sessions) == 1


def test_a_date_that_jumps_ahead_proves_no_absence(service: Service) -> None:
    """A send may still be on its way for minutes, and by the Date of another proxy that is long over."""
    service.create(service.process(), order="order-0")
    service.create_lost(service.process(), "before")
    service.gate.date_off = HOUR
    service.clock.advance(30)
    sent = service.gate.asked.count("create")
    with pytest.raises(AttemptOpen):
        service.create(service.process(), attempt=2)
    assert service.gate.asked.count("create") == sent


def test_absence_is_not_proven_sooner_because_the_sender_was_behind(service: Service) -> None:
    """Half a minute after a send that may still be on its way, an attempt is not over."""
    service.create(service.process(), order="order-0")
    service.gate.lost["list"] = "before"
    service.create_lost(service.process(-HOUR), "before")
    del service.gate.lost["list"]
    service.clock.advance(30)
    sent = service.gate.asked.count("create")
    with pytest.raises(AttemptOpen):
        service.create(service.process(), attempt=2)
    assert service.gate.asked.count("create") == sent
