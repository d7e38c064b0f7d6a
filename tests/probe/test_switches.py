"""The probe finds out how a sandbox behaves that it knows only over HTTP: every switch, in every profile."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import attrs
import pytest
from zerogate import Gate
from zerogate_probe.facts import SWITCHES, Facts, load, write
from zerogate_probe.findings import NOT_ASKABLE, QUESTIONS
from zerogate_probe.questions import INFERRED
from zerogate_probe.run import Asked, ask
from zerogate_sandbox import PROFILES, Profile, Sandbox, VirtualClock
from zerogate_sandbox.calls import PlainRequest
from zerogate_sandbox.contract import Contract, find_contract
from zerogate_sandbox.interfaces.server import Served
from zerogate_sandbox.responses import Answer
from zerogate_store import Store

from tests.thorough import divided

KEY, SECOND = "sk_test_probing", "sk_test_probing_second"
HOUR = 3_600.0
TERMS = {"amount": "25.00", "currency": "EUR", "return_url": "https://example.com/done"}
#: Seconds that a create takes of which another one is to meet with.
SLOW = 0.4


class Met(Sandbox):
    """A sandbox in which two creates under one key meet, however busy the machine is.

    Its time stands still, so the second always comes while the first is under way; each of them takes
    half of what the first takes.
    """

    def answer(self, request: PlainRequest) -> Answer:
        answer = super().answer(request)
        if request.method == "POST" and b"same_key_in_flight" in request.body:
            self.clock.advance(SLOW / 2)
        return answer


class Ahead:
    """The sandbox's own time; to sleep is to move it on, over HTTP, and what falls due happens."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def now(self) -> float:
        return self.served.sandbox.clock.now()

    def monotonic(self) -> float:
        return self.served.sandbox.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        steer(self.served, "clock", {"advance": seconds})


def steer(served: Served, path: str, body: Any) -> Any:
    request = urllib.request.Request(
        f"{served.control_url}/{path}",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def probed(profile: Any, *, wait: float = 26 * HOUR) -> tuple[Asked, Sandbox]:
    """A run against a served sandbox that does as this profile says."""
    sandbox = Met(clock=VirtualClock(), profile=profile)
    with sandbox.serve() as served:
        steer(served, "accounts/rotate", {"old": KEY, "new": SECOND})
        # A create that takes its time, so that another one meets with it.
        slow = {"fault": "slow", "wait": SLOW, "contains": "same_key_in_flight", "times": 1}
        steer(served, "faults", slow)
        secrets = ["whsec_one", "whsec_two"]

        def ready(receiver: Any) -> None:
            url = f"http://127.0.0.1:{receiver.port}/hooks"
            steer(served, "accounts", {"key": KEY, "webhook_url": url, "webhook_secrets": secrets})

        options = {"base_url": served.base_url}
        with Gate(KEY, **options) as gate, Gate(SECOND, **options) as second:
            asked = ask(
                gate,
                base_url=served.base_url,
                clock=Ahead(served),
                terms=TERMS,
                second=second,
                wait=wait,
                port=0,
                ready=ready,
            )
        return asked, sandbox


#: A contract of the vendor's own hand guesses nothing: then no profile leaves a guess out.
GUESSES = bool(Contract(find_contract()).inferred_fields("listCountries", 200))
TURNED = [switch for switch in SWITCHES if GUESSES or switch != "inferred_fields"]


def disagreements(facts: Facts, profile: Profile) -> dict[str, Any]:
    """Switches that were found to be otherwise, or not found though they could be."""
    remembers = profile.key_memory > 0
    needs_memory = {"replay_secret", "same_key_other_body", "key_scope", "key_space"}
    found = {}
    for name in SWITCHES:
        if name in needs_memory and not remembers:
            agrees = facts[name].value is None
        elif name == "key_memory":
            figures = facts[name].figures
            below = figures.get("below", float("inf"))
            agrees = figures["at_least"] <= profile.key_memory <= below
        elif name == "list_lag":
            # Looked for now and again: no earlier than it shows, and not much later.
            value = facts[name].value
            agrees = isinstance(value, float) and profile.list_lag <= value <= (
                1.5 * profile.list_lag + 1 if profile.list_lag else 0
            )
        elif name == "quote_life":
            # Without created_at only the Date header says when it began, in whole seconds.
            value = facts[name].value
            agrees = isinstance(value, float) and abs(value - profile.quote_life) <= 1
        elif name == "inferred_fields":
            agrees = facts[name].value == (profile.inferred_fields or not GUESSES)
        else:
            agrees = facts[name].value == getattr(profile, name)
        if not agrees:
            found[name] = facts[name]
    return found


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[Asked, Sandbox]]:
    return {}


@pytest.fixture
def asked_of(answers: dict[str, tuple[Asked, Sandbox]]) -> Any:
    """What a run found of a profile; each is asked once."""

    def asked(name: str) -> tuple[Asked, Sandbox]:
        if name not in answers:
            answers[name] = probed(name)
        return answers[name]

    return asked


@pytest.mark.parametrize("name", PROFILES)
def test_every_switch_is_found(asked_of: Any, name: str) -> None:
    asked, _ = asked_of(name)
    assert (asked.stopped, asked.left) == (None, ())
    assert disagreements(asked.facts, PROFILES[name]) == {}


OTHERWISE = {
    "key_memory": 1_800.0,
    "key_scope": "key",
    "key_space": "account",
    "same_key_in_flight": "409",
    "same_key_other_body": "422",
    "replay_secret": False,
    "created_status": 200,
    "inferred_fields": False,
    "signature_time": "event",
    "signatures": 2,
    "list_lag": 45.0,
    "list_metadata": False,
    "short_pages": True,
    "session_ids": "prefixed",
    "expiry": "timer",
    "quote_life": 15.0,
    "message_list": True,
    "network_names": "own",
}


@pytest.mark.parametrize("switch", TURNED)
def test_control_an_expectation_that_is_wrong_in_one_switch_is_red(
    asked_of: Any, switch: str
) -> None:
    asked, _ = asked_of("documented")
    wrong = attrs.evolve(PROFILES["documented"], **{switch: OTHERWISE[switch]})
    assert set(disagreements(asked.facts, wrong)) == {switch}


@pytest.mark.parametrize("switch", divided(TURNED, lambda switch: switch in list(TURNED)[::3]))
def test_one_switch_turned_alone_is_found(switch: str) -> None:
    profile = attrs.evolve(PROFILES["documented"], **{switch: OTHERWISE[switch]})
    asked, _ = probed(profile)
    assert disagreements(asked.facts, profile) == {}


@pytest.mark.parametrize("name", PROFILES)
def test_no_session_is_left_open(asked_of: Any, name: str) -> None:
    asked, sandbox = asked_of(name)
    sessions = sandbox.books()["sessions"]
    assert asked.made == len(sessions) > 5
    assert {one["status"] for one in sessions} <= {"cancelled", "expired"}


def test_every_question_has_its_row_with_the_requests_it_rests_on(asked_of: Any) -> None:
    asked, sandbox = asked_of("hostile")
    assert [one.about for one in asked.facts.findings] == list(QUESTIONS)
    seen = {one["request_id"] for one in sandbox.requests()}
    for one in asked.facts.findings:
        assert set(one.requests) <= seen, one.about
        assert one.requests or one.about in {*NOT_ASKABLE, "clock_skew"}, one.about


def test_every_switch_of_a_profile_can_be_asked_or_has_a_reason_why_not() -> None:
    switches = {field.name for field in attrs.fields(Profile)}
    assert {*SWITCHES, *NOT_ASKABLE} == switches
    assert switches <= QUESTIONS.keys()
    assert {one for one in OTHERWISE if OTHERWISE[one] == getattr(Profile(), one)} == set()


@pytest.mark.skipif(not GUESSES, reason="the contract guesses nothing")
def test_the_fields_that_are_looked_for_are_those_that_the_contract_infers() -> None:
    contract = Contract(find_contract())
    for operation, _, names in INFERRED:
        places = contract.inferred_fields(operation, 200)
        assert {place[-1] for place in places if len(place) == 3} == set(names), operation


# --- what follows from it ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROFILES)
def test_a_sandbox_made_of_the_facts_does_the_same(
    asked_of: Any, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "gate-facts.toml"
    write(asked_of(name)[0].facts, path)
    made = Sandbox(profile=load(path).profile).world.profile
    # What was not found out is as documented; of time only bounds were found.
    for switch in set(SWITCHES) - {"key_memory", "list_lag"}:
        value = asked_of(name)[0].facts[switch].value
        wanted = getattr(Profile(), switch) if value is None else value
        if switch == "network_names" and value == "own":
            wanted = {sent: told[0] for sent, told in asked_of(name)[0].facts[switch].names.items()}
        assert getattr(made, switch) == wanted, switch
    assert made.key_memory <= PROFILES[name].key_memory
    assert made.list_lag >= PROFILES[name].list_lag


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("documented", {"idempotency_window": 82_800}),
        ("hourly", {"idempotency_window": 3_300, "tolerance": 9_660}),
        ("forgetful", {"idempotency_window": 0}),
        ("hostile", {"idempotency_window": 540, "tolerance": 9_660}),
    ],
)
def test_settings_believe_no_more_than_was_seen(
    asked_of: Any, name: str, settings: dict[str, float], tmp_path: Path
) -> None:
    path = tmp_path / "gate-facts.toml"
    write(asked_of(name)[0].facts, path)
    facts = load(path)
    found = {**facts.store, **facts.verify}
    assert found.keys() == settings.keys()
    assert all(settings[one] <= found[one] <= settings[one] + 5 for one in found), found
    store = Store(f"sqlite:///{tmp_path}/gate.db", **facts.store)
    assert (
        store.idempotency_window == facts.store["idempotency_window"] <= PROFILES[name].key_memory
    )
    store.close()


def test_without_time_nothing_is_said_that_takes_time() -> None:
    asked, _ = probed("hostile", wait=0)
    assert not asked.facts.store
    assert asked.facts["key_memory"].value is None
    assert asked.facts["list_lag"].value is None
    assert "--wait" in asked.facts["signature_time"].answer
    assert "--wait" in asked.facts["expiry"].answer
    assert asked.facts["same_key_other_body"].value == "422"
