"""An intent after a call: its state, its caller's error, and when it may be sent again. No database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from zerogate import GateError, NotSent, OutcomeUnknown, RequestRejected, UnexpectedAnswer
from zerogate._idempotency.keys import identify
from zerogate._reconciliation.list_search import SearchResult
from zerogate.errors import KeyReused
from zerogate_store._journal.decisions import (
    TAKEN_IN,
    TAKEN_IN_OVER,
    AlreadyCreated,
    Conflicting,
    Held,
    InProgress,
    PreviousAttemptOpen,
    Replay,
    SearchFirst,
    Send,
    Superseded,
    answered_before,
    apply_result,
    caller_error,
    decide,
    is_first_send,
    is_unjudged,
    not_usable,
    refusal,
    why_made_before,
    why_not_absent,
    why_not_again,
)
from zerogate_store._journal.intents import ANOTHER, OLDER, TERMS_UNKNOWN, Intent, new_intent
from zerogate_store._journal.leases import LeaseClock
from zerogate_store._journal.moments import Moment
from zerogate_store._scope import Scope

NOW = 1_780_000_000.0
CLOCK = LeaseClock("test", NOW)
ORDER = identify("", "createSession", "order-1", 1, None)
MARKED = b'{"amount":"100.00","metadata":{"zerogate_key":"k"}}'


def intent(**changed: Any) -> Intent:
    made = new_intent(Scope("", "test", ""), "createSession", ORDER, MARKED, NOW)
    return attrs.evolve(made, **changed)


SENT = intent(state="sent", holder="you", first_sent_at=NOW - 5, last_sent_at=NOW - 5)
KNOWN = intent(state="known", object_id="gs_1", trusted_from=NOW)


def decided(row: Intent, asked: Intent | None = None, **said: Any) -> Any:
    known: dict[str, Any] = {"now": NOW, "holder": "me", "trust": 600.0}
    return decide(asked or intent(), [row], **(known | said))


# --- what to do with it ---


def test_the_row_of_the_attempt_decides_and_an_open_one_beside_it_only_where_there_is_none() -> (
    None
):
    other = intent(key="k0", attempt=7)
    both = decide(intent(), [other, KNOWN], now=NOW, holder="me", trust=600.0)
    assert isinstance(both, Replay)
    assert isinstance(decided(other), PreviousAttemptOpen)
    assert decided(attrs.evolve(other, closed_at=NOW)) is None
    assert decide(intent(), [], now=NOW, holder="me", trust=600.0) is None


def test_terms_that_are_not_known_contradict_nothing_and_any_other_mark_does() -> None:
    assert isinstance(decided(attrs.evolve(KNOWN, terms=TERMS_UNKNOWN)), Replay)
    assert isinstance(decided(attrs.evolve(KNOWN, terms="another")), Conflicting)
    for name, value in (("order_ref", "order-2"), ("attempt", 2), ("key", "k9")):
        row = attrs.evolve(KNOWN, terms=TERMS_UNKNOWN, **{name: value})
        asked = intent(attempt=2) if name == "key" else intent()
        asked = attrs.evolve(asked, attempt=row.attempt) if name == "key" else asked
        assert isinstance(decided(row, asked), Conflicting), name


def test_a_row_is_known_by_what_it_says_not_by_who_read_it() -> None:
    def read(text: str) -> str:
        return "".join(list(text))

    asked = intent(attempt=1000, key="key-1000")
    row = attrs.evolve(KNOWN, attempt=int("1000"), key="another")
    assert isinstance(decided(row, asked), Conflicting)
    assert isinstance(decided(attrs.evolve(row, key=read("key-1000")), asked), Replay)
    other = attrs.evolve(row, key=read("key-1000"), attempt=2)
    assert isinstance(decided(other, asked), Conflicting)
    assert isinstance(decided(attrs.evolve(SENT, outcome=read(OLDER))), Held)


def test_what_something_older_answered_is_held_whatever_else_stands_in_its_row() -> None:
    for row in (SENT, KNOWN, attrs.evolve(KNOWN, closed_at=NOW)):
        assert isinstance(decided(attrs.evolve(row, outcome=OLDER)), Held)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, Replay),
        ({"trusted_from": None}, AlreadyCreated),
        ({"trusted_from": NOW - 599.5}, Replay),
        ({"trusted_from": NOW - 600}, AlreadyCreated),
        ({"trusted_ago": 601.0}, AlreadyCreated),
        ({"fingerprint": "other bytes"}, AlreadyCreated),
        ({"fingerprint": "0"}, AlreadyCreated),
        ({"object_status": "open"}, Replay),
        ({"object_status": "expired"}, AlreadyCreated),
        ({"operation": "createPayIn"}, AlreadyCreated),
    ],
)
def test_a_secret_is_asked_for_again_only_while_its_key_can_bring_it_back(
    change: dict[str, Any], found: type
) -> None:
    assert isinstance(decided(attrs.evolve(KNOWN, **change)), found)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, SearchFirst),
        ({"holder": "me"}, Send),
        ({"holder": "me", "ambiguous": 1}, SearchFirst),
        ({"holder": "me", "outcome": "KeyReused 409"}, SearchFirst),
        ({"lease": CLOCK.lasting(1.0)}, InProgress),
        ({"lease": CLOCK.lasting(0.0)}, SearchFirst),
        ({"lease": CLOCK.lasting(1.0), "holder": "me"}, Send),
        ({"state": "intended", "holder": "you"}, Send),
        ({"state": "absent"}, Send),
    ],
)
def test_what_may_exist_is_searched_for_first(change: dict[str, Any], found: type) -> None:
    assert type(decided(attrs.evolve(SENT, **change))) is found


def test_of_a_send_the_row_before_it_is_kept_for_the_case_that_no_byte_leaves() -> None:
    rejected = intent(state="rejected", outcome="RequestRejected 422")
    assert decided(rejected) == Send(rejected, rejected)
    mine = attrs.evolve(SENT, holder="me", outcome="under way", trusted_from=NOW - 5)
    found = decided(mine)
    assert found.intent == mine
    assert found.was == attrs.evolve(
        intent(), holder="me"
    )  # nothing of it was sent before our own step


@pytest.mark.parametrize(
    ("decision", "named", "retry_after"),
    [
        (PreviousAttemptOpen(SENT), "order 'order-1', attempt 1 is not over", None),
        (PreviousAttemptOpen(attrs.evolve(SENT, lease=CLOCK.lasting(3.0))), "is not over", 3.0),
        (PreviousAttemptOpen(attrs.evolve(SENT, lease=CLOCK.lasting(0.0))), "is not over", None),
        (InProgress(SENT), "in progress in another worker", None),
        (InProgress(attrs.evolve(SENT, lease=CLOCK.lasting(3.0))), "in progress", 3.0),
        (InProgress(attrs.evolve(SENT, lease=CLOCK.lasting(-3.0))), "in progress", 0.0),
        (Held(SENT), "is held: its first send was answered by an object older than it", None),
        (Superseded(SENT), "came to nothing, and a later attempt was made", None),
        (Conflicting(SENT), "a change needs attempt= counted up", None),
        (Conflicting(attrs.evolve(SENT, order_ref=None)), "this key stands for another", None),
    ],
)
def test_a_refusal_says_what_is_in_the_way_and_for_how_long(
    decision: Any, named: str, retry_after: float | None
) -> None:
    said = refusal(decision)
    assert named in str(said)
    assert said.retry_after == retry_after
    assert said.operation == "createSession"


# --- how it stands after a call ---


def after(failure: GateError | None, row: Intent | None = None, **said: Any) -> Intent:
    was = row or intent()
    sending = was.taken("me", CLOCK.lasting(60)).mark_sending(Moment(NOW, NOW, NOW), anew=True)
    known: dict[str, Any] = {
        "record": None,
        "failure": failure,
        "ambiguous": False,
        "definite": False,
        "handed_out": True,
        "request_ids": ("req",),
        "now": NOW + 1,
    }
    return apply_result(sending, was, **(known | said))


@pytest.mark.parametrize(
    ("secret", "handed_out", "secret_at"),
    [("gsec_1", True, NOW + 1), ("gsec_1", False, None), (None, True, None), ("", True, None)],
)
def test_a_secret_is_out_where_the_caller_gets_one(
    secret: str | None, handed_out: bool, secret_at: float | None
) -> None:
    made = SimpleNamespace(id="gs_1", status="open", client_secret=secret)
    stands = after(None, record=made, handed_out=handed_out)
    assert (stands.state, stands.object_id, stands.object_status) == ("known", "gs_1", "open")
    assert (stands.secret_at, stands.outcome) == (secret_at, None)
    misfit = UnexpectedAnswer("", id="gs_1", raw={"client_secret": secret})
    stands = after(misfit, handed_out=handed_out)
    assert (stands.state, stands.secret_at) == ("known", secret_at)
    assert stands.outcome == "UnexpectedAnswer"


def test_what_has_no_status_and_no_readable_answer_is_known_by_its_id() -> None:
    assert after(None, record=SimpleNamespace(id="pi_1")).object_status is None
    assert after(UnexpectedAnswer("", id="gs_1", raw=["odd"])).secret_at is None


def test_an_answer_on_other_terms_is_disputed_from_then_on_unless_its_secret_is_out() -> None:
    other = UnexpectedAnswer("", id="gs_1", differs=("amount",), raw={})
    assert after(other).disputed_at == NOW + 1
    assert after(other, intent(disputed_at=NOW - 9)).disputed_at == NOW - 9
    assert after(other, intent(secret_at=NOW - 9)).disputed_at is None
    assert after(UnexpectedAnswer("", id="gs_1", raw={})).disputed_at is None


@pytest.mark.parametrize(
    ("failure", "said", "state", "ambiguous", "outcome"),
    [
        (RequestRejected("", status=422, code="bad"), {}, "rejected", 0, "RequestRejected 422 bad"),
        (RequestRejected(""), {}, "rejected", 0, "RequestRejected"),
        (RequestRejected("", status=422), {"ambiguous": True}, "sent", 1, "RequestRejected 422"),
        # Something is there under the key, whatever the status: no other attempt may be made for it.
        (KeyReused("", status=422, code="bad"), {}, "sent", 0, "KeyReused 422 bad"),
        (RequestRejected("", status=409), {}, "sent", 1, "RequestRejected 409"),
        (RequestRejected("", status=409), {"definite": True}, "rejected", 0, "RequestRejected 409"),
        (KeyReused("", status=409), {}, "sent", 0, "KeyReused 409"),
        (KeyReused("", status=409), {"ambiguous": True}, "sent", 1, "KeyReused 409"),
        (OutcomeUnknown("", status=503), {}, "sent", 1, "OutcomeUnknown 503"),
        (NotSent(""), {"ambiguous": True}, "sent", 1, "NotSent"),
        (UnexpectedAnswer(""), {}, "sent", 1, "UnexpectedAnswer"),
    ],
)
def test_only_a_definite_no_without_a_doubt_ends_a_write(
    failure: GateError, said: dict[str, Any], state: str, ambiguous: int, outcome: str
) -> None:
    stands = after(failure, **said)
    assert (stands.state, stands.ambiguous, stands.outcome) == (state, ambiguous, outcome)
    # A doubt of before stays, whatever came since.
    doubted = after(failure, intent(ambiguous=1), **said)
    assert (doubted.state, doubted.ambiguous) == ("sent", 1)


def test_the_last_twenty_request_ids_are_kept() -> None:
    before = tuple(f"old_{n}" for n in range(19))
    stands = after(OutcomeUnknown(""), intent(request_ids=before), request_ids=("a", "b"))
    assert stands.request_ids == (*before[1:], "a", "b")


def test_what_a_walk_closed_and_nobody_judged_is_in_the_way_before_what_is_open() -> None:
    taken_in = "".join([*TAKEN_IN])  # as it comes from a database
    closed = intent(key="k2", attempt=2, closed_at=NOW, outcome=taken_in)
    still_open = intent(key="k3", attempt=3)
    for row, unjudged in (
        (closed, True),
        (attrs.evolve(closed, closed_at=None), False),
        (attrs.evolve(closed, outcome=TAKEN_IN_OVER), False),
        (attrs.evolve(closed, outcome=f"{ANOTHER}gs_2"), True),
        (attrs.evolve(closed, outcome=f"{ANOTHER}gs_2", closed_at=None), False),
        (attrs.evolve(closed, outcome=None), False),
    ):
        assert is_unjudged(row) is unjudged
    for rows in ([closed], [closed, still_open], [still_open, closed]):
        decision = decide(intent(), rows, now=NOW, holder="me", trust=600.0)
        assert decision == PreviousAttemptOpen(closed)
    over = attrs.evolve(closed, outcome=TAKEN_IN_OVER)
    assert decide(intent(), [over], now=NOW, holder="me", trust=600.0) is None


def test_a_write_that_did_not_leave_stands_as_before() -> None:
    was = intent(state="rejected", outcome="RequestRejected 422")
    assert after(NotSent(""), was) == attrs.evolve(was, holder="me")


# --- what something older may have answered ---


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({}, True),
        ({"state": "rejected"}, True),
        ({"ambiguous": 1}, False),
        ({"state": "sent"}, False),
        ({"state": "known"}, False),
    ],
)
def test_a_first_send_is_one_before_which_nothing_may_have_taken_effect(
    change: dict[str, Any], first: bool
) -> None:
    assert is_first_send(intent(**change)) is first


@pytest.mark.parametrize(
    ("change", "told", "sends", "why"),
    [
        ({}, {"status": "completed"}, 1, "it is completed already"),
        ({}, SimpleNamespace(status="cancelled"), 1, "it is cancelled already"),
        ({}, {}, 1, None),
        ({}, {"status": None}, 1, None),
        ({}, {"status": ["completed"]}, 1, None),
        ({}, {"status": "processing"}, 1, "it is processing already"),
        ({}, {"status": "open"}, 1, None),
        ({}, None, 1, None),
        ({}, {"status": "completed"}, 2, None),
        ({}, {"status": "completed"}, 0, None),
        ({"first_sent_at": NOW}, {"status": "completed"}, 1, None),
        ({"ambiguous": 1}, {"status": "completed"}, 1, None),
        ({"operation": "createPayIn"}, {"status": "completed"}, 1, None),
    ],
)
def test_a_session_that_is_past_its_start_was_not_made_by_a_first_send(
    change: dict[str, Any], told: Any, sends: int, why: str | None
) -> None:
    course: Any = SimpleNamespace(attempts_sent=sends)
    assert why_made_before(intent(**change), told, course) == why


def test_an_answer_from_before_names_the_object_and_both_ways_that_lead_to_it() -> None:
    failure = UnexpectedAnswer("", differs=("amount",))
    said = answered_before(intent(), "gs_\u202e1", "it is open already", failure)
    assert ", and gs_\\u202e1 was made before that: it is open already" in str(said)
    assert "give each a namespace=" in str(said)
    assert (said.id, said.differs, said.order) == ("gs_\u202e1", ("amount",), "order-1")
    assert answered_before(intent(), "gs_1", "…").differs == ()


# --- what its caller is told ---


def test_a_definite_no_is_told_as_one_only_where_nothing_can_exist() -> None:
    no, reused = RequestRejected("no", status=422), KeyReused("reused", status=409)
    unknown = OutcomeUnknown("lost")
    assert caller_error(intent(state="rejected"), no) is no
    assert caller_error(SENT, unknown) is unknown
    assert caller_error(SENT, reused) is reused
    doubted = attrs.evolve(SENT, ambiguous=1)
    for stands, failure in ((SENT, no), (doubted, reused)):
        said = caller_error(stands, failure)
        assert type(said) is OutcomeUnknown
        assert said.last_error is failure
        assert "createSession may have happened: " in str(said)
        assert said.idempotency_key == ORDER.idempotency_key


def test_what_cannot_be_sent_was_not_sent_only_where_nothing_was_before() -> None:
    assert type(not_usable(intent(), "its bytes are gone")) is NotSent
    assert type(not_usable(intent(ambiguous=1), "its bytes are gone")) is OutcomeUnknown
    for state in ("absent", "sent"):
        assert type(not_usable(intent(state=state), "its bytes are gone")) is OutcomeUnknown
    assert "its bytes are gone" in str(not_usable(SENT, "its bytes are gone"))


# --- when it may be sent again ---

OLD = attrs.evolve(SENT, last_sent_at=NOW - 1000, trusted_from=NOW - 1000)
LOOKED = SearchResult(complete=True, began=NOW)


@pytest.mark.parametrize(
    ("change", "looked", "echoing", "why"),
    [
        ({}, {}, True, None),
        ({}, {}, False, "has never been seen to give back the marks"),
        ({}, {"unread": 2}, True, "2 rows of the list could not be read"),
        ({"marks": ()}, {}, True, "carry no mark of its key"),
        ({"last_sent_at": NOW - 400}, {}, True, "on its way for 200 s"),
        ({"last_sent_at": NOW - 600}, {}, True, None),
        ({"last_sent_at": NOW - 599}, {}, True, "on its way for 1 s"),
        ({"last_sent_at": None}, {}, True, None),
        ({"last_ago": 400.0}, {}, True, "on its way for 200 s"),
        ({"last_ago": 2000.0}, {}, True, None),
        ({"last_sent_at": NOW - 400, "last_ago": 2000.0}, {}, True, "on its way for 200 s"),
        ({"operation": "createPayIn"}, {}, False, None),
    ],
)
def test_a_search_proves_absence_only_where_it_could_have_found_it(
    change: dict[str, Any], looked: dict[str, Any], echoing: bool, why: str | None
) -> None:
    found = why_not_absent(
        attrs.evolve(OLD, **change), attrs.evolve(LOOKED, **looked), 600.0, echoing
    )
    assert found is None if why is None else why in (found or "")


@pytest.mark.parametrize(
    ("row", "looked", "echoing", "why"),
    [
        (OLD, {}, True, ""),
        (OLD, {"hold": "another's session"}, True, "another's session"),
        (OLD, {}, False, "that it does not exist is not proven: this account's list"),
        (OLD, {"complete": False}, True, "not found so far, and its key is not trusted any more"),
        # While Gate remembers the key, the same key is the same write.
        (attrs.evolve(OLD, trusted_from=NOW - 599), {"complete": False}, False, ""),
        (attrs.evolve(OLD, trusted_from=NOW - 599), {"hold": "wait"}, False, "wait"),
        (attrs.evolve(OLD, trusted_from=NOW - 600), {"complete": False}, False, "not found so far"),
    ],
)
def test_what_was_not_found_is_sent_again_only_where_it_cannot_be_a_second_one(
    row: Intent, looked: dict[str, Any], echoing: bool, why: str
) -> None:
    said = why_not_again(row, attrs.evolve(LOOKED, **looked), NOW, 600.0, echoing)
    assert said == "" if why == "" else why in said
