"""Attempts of one call: the history that they leave, and the error that it ends with."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from zerogate._idempotency.answers import Disputed
from zerogate._idempotency.attempts import Call, CallHistory, disputed
from zerogate._idempotency.keys import Identity
from zerogate._idempotency.retries import AttemptVerdict
from zerogate._idempotency.terms import Difference
from zerogate._wire.operations import OPERATIONS
from zerogate.errors import (
    GateError,
    NotSent,
    OutcomeUnknown,
    ReadFailed,
    RequestRejected,
    UnexpectedAnswer,
)

DONE, REFUSED = AttemptVerdict.DONE, AttemptVerdict.REFUSED
THROTTLED, UNCLEAR = AttemptVerdict.THROTTLED, AttemptVerdict.UNCLEAR
HELD, REDIRECTED, UNSENT = AttemptVerdict.HELD, AttemptVerdict.REDIRECTED, AttemptVerdict.UNSENT
KEYED = Identity("order-1", 2, "key-1")
NO_DRAFT: Any = None


def course(operation: str = "createSession", identity: Identity | None = KEYED) -> CallHistory[Any]:
    return CallHistory(Call(OPERATIONS[operation], NO_DRAFT, identity))


def lived(
    *meanings: AttemptVerdict, operation: str = "createSession", **said: Any
) -> CallHistory[Any]:
    history = course(operation, **said)
    for number, meaning in enumerate(meanings):
        history.note(meaning, RequestRejected("no", status=503), f"req_{number}")
    return history


@pytest.mark.parametrize("meaning", AttemptVerdict)
def test_an_attempt_that_may_have_taken_effect_leaves_a_write_in_doubt_and_no_read(
    meaning: AttemptVerdict,
) -> None:
    unclear = meaning in (UNCLEAR, HELD, REDIRECTED)
    assert lived(meaning).in_doubt is unclear
    assert lived(meaning, operation="retrieveSession", identity=None).in_doubt is False
    assert lived(meaning, UNSENT, REFUSED).in_doubt is unclear
    assert lived(meaning).attempts_sent == (meaning is not UNSENT)


def test_attempts_are_counted_with_their_requests_and_their_last_trouble() -> None:
    history = lived(UNSENT, UNCLEAR, THROTTLED)
    assert (history.attempts, history.attempts_sent) == (3, 2)
    assert history.request_ids == ("req_0", "req_1", "req_2")
    last = RequestRejected("no", status=400)
    history.note(REFUSED, last, None)
    assert (history.last, history.last_meaning) == (last, REFUSED)
    assert history.request_ids == ("req_0", "req_1", "req_2")


@pytest.mark.parametrize(
    ("before", "status", "operation", "meaning"),
    [
        (UNCLEAR, 409, "createSession", UNCLEAR),
        (UNCLEAR, 422, "createSession", REFUSED),
        (THROTTLED, 409, "createSession", REFUSED),
        (UNCLEAR, 409, "retrieveSession", REFUSED),
    ],
)
def test_a_conflict_after_a_doubt_may_only_say_that_the_write_is_in_hand(
    before: AttemptVerdict, status: int, operation: str, meaning: AttemptVerdict
) -> None:
    history = lived(before, operation=operation)
    history.note(REFUSED, RequestRejected("no", status=status), None)
    assert history.last_meaning is meaning
    history = lived(before, operation=operation)
    history.note(REFUSED, None, None)
    assert history.last_meaning is REFUSED


ENDS: dict[AttemptVerdict, type[GateError]] = {
    DONE: ReadFailed,
    REFUSED: RequestRejected,
    THROTTLED: RequestRejected,
    UNCLEAR: ReadFailed,
    HELD: ReadFailed,
    REDIRECTED: ReadFailed,
    UNSENT: NotSent,
}


@pytest.mark.parametrize(("meaning", "writes"), [*product(AttemptVerdict, (True, False))])
def test_a_call_ends_with_the_error_that_its_attempts_leave_true(
    meaning: AttemptVerdict, writes: bool
) -> None:
    operation = "createSession" if writes else "retrieveSession"
    history = lived(meaning, operation=operation, identity=KEYED if writes else None)
    error = history.ending(7.0)
    unknown = writes and meaning in (UNCLEAR, HELD, REDIRECTED)
    assert type(error) is (OutcomeUnknown if unknown else ENDS[meaning])
    assert (error.operation, error.request_ids) == (operation, ("req_0",))
    asked_to_wait = ENDS[meaning] is not NotSent and not unknown
    assert error.retry_after == (7.0 if asked_to_wait else None)
    assert error.idempotency_key == ("key-1" if writes else None)
    assert error.status == 503


def test_a_refusal_that_nobody_put_into_words_is_a_read_without_an_answer() -> None:
    history = course("retrieveSession", None)
    history.note(REFUSED, None, None)
    assert str(history.ending()) == (
        "retrieveSession got no usable answer in 1 attempt: safe to read again"
    )


@pytest.mark.parametrize(
    ("meanings", "identity", "said"),
    [
        (
            (UNCLEAR,),
            KEYED,
            "createSession may have happened: no answer to rely on in 1 attempt (last: no): "
            "keep the idempotency key and call again with it",
        ),
        (
            (UNCLEAR, THROTTLED),
            None,
            "createSession may have happened: no answer to rely on in 2 attempts (last: no): "
            "read the object before calling again",
        ),
        (
            (UNSENT, UNSENT),
            KEYED,
            "createSession was not sent: no byte left in 2 attempts (last: no): safe to call again",
        ),
        (
            (),
            KEYED,
            "createSession was not sent: no byte left in 0 attempts: safe to call again",
        ),
    ],
)
def test_an_end_says_how_often_it_was_tried_and_what_to_do(
    meanings: tuple[AttemptVerdict, ...], identity: Identity | None, said: str
) -> None:
    assert str(lived(*meanings, identity=identity).ending()) == said


def test_a_call_that_broke_off_is_unknown_where_an_attempt_is_in_doubt() -> None:
    closed = GateError("the client was closed")
    assert lived(THROTTLED).broken_off(closed) is closed
    told = lived(UNCLEAR).broken_off(closed)
    assert type(told) is OutcomeUnknown
    assert (told.last_error, told.order, told.attempt) == (closed, "order-1", 2)
    for known in (OutcomeUnknown("known"), UnexpectedAnswer("known", id="gs_1")):
        assert lived(UNCLEAR).broken_off(known) is known


def test_what_was_sent_stands_in_no_error_and_neither_does_our_key() -> None:
    history: CallHistory[Any] = CallHistory(
        Call(OPERATIONS["createSession"], NO_DRAFT, KEYED, asked={"email": "jane@partner.example"})
    )
    history.bearer = "Bearer sk_test_canary"
    text = "jane@partner.example with sk_test_canary"
    error = RequestRejected(text, type=text, code=text, request_ids=(text, "req_1"))
    shown = history.hidden(error)
    assert shown is error
    for said in (str(error), error.type, error.code, error.request_ids[0]):
        assert "jane" not in str(said)
        assert "canary" not in str(said)
    assert error.request_ids[1] == "req_1"
    empty = RequestRejected("no")
    assert (history.hidden(empty).type, history.hide("")) == (None, "")


def test_a_call_and_its_history_show_nothing_of_a_person_and_no_header() -> None:
    person = {"email": "canary@partner.example"}
    call = Call(OPERATIONS["createSession"], NO_DRAFT, KEYED, asked=person, named=person)
    history: CallHistory[Any] = CallHistory(call)
    history.bearer = "Bearer sk_test_canary"
    assert "order-1" in repr(history)
    assert "canary" not in repr(history) + repr(call)


def test_a_call_is_told_from_another_by_its_identity_and_can_be_counted() -> None:
    calls = [
        Call(OPERATIONS["createSession"], NO_DRAFT, identity, asked={"n": n}, named={"n": n})
        for identity in (KEYED, None)
        for n in (1, 2)
    ]
    assert len(set(calls)) == 2


def test_a_write_on_other_terms_withholds_its_secret_and_names_what_differs() -> None:
    verdict = Disputed(
        (Difference("amount", "100.00", "90.00"), Difference("currency", "EUR", "USD"))
    )
    raw = {"id": "gs_\u202e1", "client_secret": "gsec_canary", "amount": "90.00"}
    error = disputed(lived(THROTTLED), verdict, raw, 201)
    assert (error.id, error.differs, error.status) == ("gs_\u202e1", ("amount", "currency"), 201)
    assert error.raw == {"id": "gs_\u202e1", "amount": "90.00"}
    assert error.request_ids == ("req_0",)
    assert (error.order, error.attempt, error.idempotency_key) == ("order-1", 2, "key-1")
    assert str(error) == (
        "createSession made gs_\\u202e1 on other terms: amount was asked as 100.00 and answered as "
        "90.00; currency was asked as EUR and answered as USD: its secret is withheld; cancel it by "
        "its id before another attempt"
    )


def test_nothing_was_made_before_nothing_is_cancelled_and_nothing_is_disputed_unless_said() -> None:
    call = course().call
    assert (call.new_order, call.at_once, call.disputed) == (False, False, False)
    assert (course().paid, course().misled, course().ambiguous) == (0, False, False)
    assert (course().attempts, course().attempts_sent) == (0, 0)
    assert course("retrieveSession", None).call.context == {"operation": "retrieveSession"}
