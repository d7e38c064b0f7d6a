"""What to do with an intent as it stands, and who may record it: decisions and steps, on SQLite in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from zerogate import GateUsageError, NotSent, OutcomeUnknown, RequestRejected, UnexpectedAnswer
from zerogate._durability import Recovered
from zerogate._idempotency.keys import identify
from zerogate.errors import AttemptOpen, GateError, IdempotencyConflict
from zerogate_store._drivers import execute_on
from zerogate_store._journal.intents import AS_SOON_AS_FREE, fingerprint
from zerogate_store._journal.leases import LeaseClock
from zerogate_store._journal.moments import Moment
from zerogate_store._journal.recovery_steps import START, count_unreached, list_due
from zerogate_store._journal.statements import Step, run_step
from zerogate_store._journal.steps import (
    AlreadyCreated,
    Conflicting,
    InProgress,
    Intent,
    PreviousAttemptOpen,
    Replay,
    Scope,
    SearchFirst,
    Send,
    Superseded,
    apply_result,
    caller_error,
    claim_intent,
    decide,
    intents_under,
    let_go,
    new_intent,
    record,
    refusal,
    renew_lease,
    save_intent,
    take_over,
    terms_of,
    write_intent,
)
from zerogate_store._schema import MIGRATIONS, migrate_schema

NOW = 1_780_000_000.0
SCOPE = Scope("", "test", "")
BODY = b'{"amount":"100.00","currency":"EUR"}'


def asked(attempt: int = 1, body: bytes = BODY, terms: str = "t", **changed: Any) -> Intent:
    identity = identify("", "createSession", "order-1", attempt, None)
    intent = new_intent(SCOPE, "createSession", identity, body, NOW)
    return attrs.evolve(intent, terms=terms, **changed)


CLOCK = LeaseClock("test", NOW)
AT = Moment(NOW, NOW, NOW)
HELD = CLOCK.lasting(1.0)
KNOWN = asked().known("gs_1", "open", NOW)
SENT = asked(state="sent", first_sent_at=NOW - 5, trusted_from=NOW - 5)
CASES: list[Any] = [
    pytest.param(SENT, {}, SearchFirst, id="sent, nobody at work"),
    pytest.param(attrs.evolve(SENT, lease=HELD), {}, InProgress, id="sent, somebody at work"),
    pytest.param(attrs.evolve(SENT, lease=HELD, holder="me"), {}, Send, id="sent by us just now"),
    pytest.param(
        attrs.evolve(SENT, lease=HELD, holder="me", ambiguous=1),
        {},
        SearchFirst,
        id="in doubt, taken over by us just now",
    ),
    pytest.param(
        attrs.evolve(SENT, lease=HELD, holder="look-you"),
        {},
        SearchFirst,
        id="looked for by recovery",
    ),
    pytest.param(
        attrs.evolve(SENT, lease=HELD, holder="you"), {}, InProgress, id="being sent by recovery"
    ),
    pytest.param(
        attrs.evolve(SENT, lease=HELD, holder="look-you", operation="createPayIn"),
        {"operation": "createPayIn"},
        InProgress,
        id="a rail that recovery looks for",
    ),
    pytest.param(asked(), {}, Send, id="written down, never sent"),
    pytest.param(asked(state="rejected"), {}, Send, id="refused"),
    pytest.param(
        attrs.evolve(KNOWN, trusted_from=NOW - 599), {}, Replay, id="known, its key remembered"
    ),
    pytest.param(
        attrs.evolve(KNOWN, trusted_from=NOW - 601),
        {},
        AlreadyCreated,
        id="known, its key forgotten",
    ),
    pytest.param(
        attrs.evolve(KNOWN, trusted_from=NOW),
        {"body": b"{}"},
        AlreadyCreated,
        id="known, other bytes",
    ),
    pytest.param(
        attrs.evolve(KNOWN, trusted_from=NOW, object_status="cancelled"),
        {},
        AlreadyCreated,
        id="known, and over",
    ),
    pytest.param(
        attrs.evolve(KNOWN, closed_at=NOW, trusted_from=NOW), {}, AlreadyCreated, id="closed"
    ),
    pytest.param(asked(state="absent", closed_at=NOW), {}, Superseded, id="closed, never made"),
    pytest.param(KNOWN, {"terms": "other"}, Conflicting, id="other terms"),
    pytest.param(KNOWN, {"key": "other"}, Conflicting, id="another key for the same attempt"),
    pytest.param(KNOWN, {"order_ref": "order-2"}, Conflicting, id="the same key, another order"),
    pytest.param(
        KNOWN, {"attempt": 2, "key": "k2"}, PreviousAttemptOpen, id="another attempt is open"
    ),
]


@pytest.mark.parametrize(("row", "change", "decided"), CASES)
def test_what_is_done_about_an_intent_as_it_stands(
    row: Intent, change: dict[str, Any], decided: type
) -> None:
    change = dict(change)
    wanted = asked(**({"body": change.pop("body")} if "body" in change else {}))
    wanted = attrs.evolve(wanted, **change)
    decision = decide(wanted, [row], now=NOW, holder="me", trust=600)
    assert isinstance(decision, decided)


def test_a_step_that_is_run_again_by_its_holder_is_still_a_first_send() -> None:
    """After a loss the same step is tried twice: that the row is ours by then is no earlier send."""
    row = attrs.evolve(SENT, lease=HELD, holder="me", outcome="under way")
    decision = decide(asked(), [row], now=NOW, holder="me", trust=600)
    assert isinstance(decision, Send)
    was = decision.was
    assert (was.state, was.first_sent_at, was.outcome) == ("intended", None, None)


def test_whoever_takes_over_what_was_never_heard_of_counts_its_secret_as_out() -> None:
    row = attrs.evolve(SENT, holder="you", last_sent_at=NOW - 5, outcome="under way")
    assert row.secret_may_be_out
    assert row.taken("me", CLOCK.lasting(60)).secret_at == NOW - 5
    assert row.taken("you", CLOCK.lasting(60)).secret_at is None
    lost = row.doubtful(NOW, "OutcomeUnknown")
    assert not lost.secret_may_be_out
    assert lost.taken("me", CLOCK.lasting(60)).secret_at is None


def test_a_closed_attempt_stands_in_nobodys_way() -> None:
    closed = attrs.evolve(KNOWN, closed_at=NOW)
    wanted = asked(attempt=2)
    assert decide(wanted, [closed], now=NOW, holder="me", trust=600) is None


@pytest.mark.parametrize(
    ("decision", "error"),
    [
        (Conflicting(KNOWN), IdempotencyConflict),
        (PreviousAttemptOpen(KNOWN), AttemptOpen),
        (Superseded(KNOWN), GateUsageError),
        (InProgress(KNOWN), OutcomeUnknown),
    ],
)
def test_an_end_names_the_order_the_attempt_and_the_key(
    decision: Any, error: type[GateError]
) -> None:
    said = refusal(decision)
    assert type(said) is error
    assert (said.order, said.attempt, said.idempotency_key) == ("order-1", 1, KNOWN.key)


class Made:
    id, status, client_secret = "gs_1", "open", "gsec_canary"


AFTER: list[Any] = [
    pytest.param(None, False, 0, "known", None, id="answered"),
    pytest.param(None, True, 0, "known", NOW, id="answered after a doubt: swept"),
    pytest.param(UnexpectedAnswer("", id="gs_1"), False, 0, "known", None, id="misfit"),
    pytest.param(NotSent(""), False, 0, "intended", None, id="not sent"),
    pytest.param(NotSent(""), False, 1, "sent", AS_SOON_AS_FREE, id="not sent, in doubt before"),
    pytest.param(RequestRejected("", status=422), False, 0, "rejected", None, id="refused"),
    pytest.param(
        RequestRejected("", status=422), False, 1, "sent", AS_SOON_AS_FREE, id="refused, in doubt"
    ),
    pytest.param(RequestRejected("", status=409), False, 0, "sent", AS_SOON_AS_FREE, id="409"),
    pytest.param(OutcomeUnknown(""), True, 0, "sent", AS_SOON_AS_FREE, id="unknown"),
]


@pytest.mark.parametrize(("failure", "ambiguous", "before", "state", "due_at"), AFTER)
def test_how_an_intent_stands_after_a_call(
    failure: GateError | None, ambiguous: bool, before: int, state: str, due_at: float | None
) -> None:
    was = asked(ambiguous=before)
    sending = was.taken("me", CLOCK.lasting(60)).mark_sending(AT, anew=not before)
    stands = apply_result(
        sending,
        was,
        record=None if failure else Made(),
        failure=failure,
        ambiguous=ambiguous,
        definite=False,
        handed_out=True,
        request_ids=("req_1",),
        now=NOW,
    )
    assert (stands.state, stands.due_at, stands.lease) == (state, due_at, None)
    assert (stands.secret_at is not None) == (failure is None)
    assert (stands.body is None) == (state in ("known", "rejected"))
    if failure is not None and state == "sent":
        assert isinstance(caller_error(stands, failure), OutcomeUnknown)


def test_terms_are_what_makes_it_another_payment_and_nothing_else() -> None:
    body = {"amount": "1.00", "currency": "EUR", "return_url": "https://a.example"}
    assert terms_of("createSession", body) == terms_of(
        "createSession", body | {"return_url": "https://b.example", "metadata": {"a": "b"}}
    )
    assert terms_of("createSession", body) != terms_of("createSession", body | {"flow": "swap"})
    assert "1.00" not in terms_of("createSession", body)


def test_a_term_that_is_null_is_one_that_is_left_out() -> None:
    """Gate writes null where the body had nothing; what is written so far stays what it is."""
    told = {"quote_id": "q_1"}
    assert terms_of("createPayOut", told | {"gate_session_id": None}) == fingerprint(
        b'["q_1", null]'
    )
    assert terms_of("createPayOut", told) == fingerprint(b'["q_1", null]')
    with_one = told | {"gate_session_id": "gs_1"}
    assert terms_of("createPayOut", with_one) == fingerprint(b'["q_1", "gs_1"]')


def test_a_row_reads_back_as_it_was_written() -> None:
    whole = attrs.evolve(SENT, duplicates=("a", "b"), request_ids=("r",), ambiguous=1, due_at=NOW)
    apart = ("lease", "trusted_ago", "last_ago", "gate_known", "begins")
    names = [field.name for field in attrs.fields(Intent) if field.name not in apart]
    assert Intent.read([*(whole.row[name] for name in names), 0.0, 0.0, *3 * [None]]) == whole
    assert "canary" not in repr(attrs.evolve(SENT, body=b"canary"))


@pytest.mark.parametrize("field", attrs.fields(Intent), ids=lambda field: field.name)
def test_a_changed_copy_is_what_attrs_makes_of_it(field: Any) -> None:
    whole = attrs.evolve(SENT, duplicates=("a", "b"), body=b"canary", trusted_ago=1.0, begins=2)
    for change in ({}, {field.name: "another"}):
        copy = whole.evolved(**change)
        assert copy == attrs.evolve(whole, **change)
        assert copy is not whole
    assert getattr(whole, field.name) != "another"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(whole, field.name, "another")


def test_a_copy_has_no_field_that_an_intent_has_not() -> None:
    with pytest.raises(TypeError, match="no_field"):
        SENT.evolved(no_field=1)


# --- steps ---

Run = Callable[[Step[Any]], Any]


@pytest.fixture
def run() -> Run:
    connection = sqlite3.connect(":memory:")
    execute = execute_on(connection)
    run_step(migrate_schema("sqlite", MIGRATIONS), execute)
    return lambda step: run_step(step, execute)


def claim(intent: Intent, holder: str, now: float = NOW, lease: float = 60) -> Step[Any]:
    leased = LeaseClock("test", now).lasting(lease)
    return claim_intent(intent, at=Moment(now, now, now), lease=leased, holder=holder, trust=600)


def test_of_two_workers_one_sends_and_the_other_waits(run: Run) -> None:
    assert isinstance(run(claim(asked(), "a")), Send)
    assert isinstance(run(claim(asked(), "b")), InProgress)


def test_a_claim_that_was_committed_unseen_is_the_same_claim_again(run: Run) -> None:
    first, again = run(claim(asked(), "a")), run(claim(asked(), "a"))
    assert isinstance(again, Send)
    assert again.intent == first.intent
    taken = run(claim(asked(), "b", NOW + 61))
    assert isinstance(taken, SearchFirst)
    assert isinstance(run(claim(asked(), "b", NOW + 61)), SearchFirst)


def test_a_holder_whose_lease_ran_out_does_not_record_over_its_successor(run: Run) -> None:
    slow = run(claim(asked(), "slow")).intent
    quick = run(claim(asked(), "quick", NOW + 61)).intent
    assert run(record(slow.known("gs_slow", "open", NOW + 62), None)) == (False, None)
    assert run(record(quick.known("gs_quick", "open", NOW + 63), None)) == (True, None)
    assert run(save_intent(slow.known("gs_slow", "open", NOW + 64))) is False
    (row,) = run(intents_under(SCOPE, quick.key))
    assert row.object_id == "gs_quick"


def test_whoever_read_a_row_before_its_answer_was_recorded_does_not_take_it_back(run: Run) -> None:
    """Its holder may have let it go, and record the answer in a later call."""
    first = run(claim(asked(), "a")).intent
    run(let_go(first, now=NOW, sends=True))
    [read] = run(intents_under(SCOPE, first.key))
    run(save_intent(first.known("gs_1", "open", NOW)))
    assert run(take_over(read, lease=LeaseClock("test", NOW).lasting(60), holder="b")) is None
    [row] = run(intents_under(SCOPE, first.key))
    assert (row.state, row.object_id, row.holder) == ("known", "gs_1", "a")


@pytest.mark.parametrize("ambiguous", [0, 1])
def test_a_refusal_that_came_late_is_not_taken_back_by_whoever_read_the_row_before(
    run: Run, ambiguous: int
) -> None:
    """Its holder's lease was over; it records the answer in its own name all the same."""
    first = run(claim(asked(), "a")).intent
    clock = LeaseClock("test", NOW + 61)
    [read] = run(intents_under(SCOPE, first.key, clock))
    run(save_intent(first.rejected(NOW + 61, "InvalidRequest 422", ambiguous=ambiguous)))
    assert run(take_over(read, lease=clock.lasting(60), holder="b")) is None
    assert not run(save_intent(attrs.evolve(read, search_cursor="gs_9"), was=read.holder))
    [row] = run(intents_under(SCOPE, first.key))
    assert (row.state, row.outcome, row.body) == ("rejected", "InvalidRequest 422", None)
    again = run(claim(asked(), "c"))
    assert isinstance(again, Send)
    [row] = run(intents_under(SCOPE, first.key))
    assert (row.state, row.holder, row.body) == ("sent", "c", BODY)


@pytest.mark.parametrize("change", [{"state": "intended", "lease": None}, {"closed_at": NOW + 61}])
def test_what_was_written_since_it_was_read_is_not_taken_over(
    run: Run, change: dict[str, Any]
) -> None:
    """No byte of it had left, or a walk found the attempt that came after it."""
    first = run(claim(asked(), "a")).intent
    clock = LeaseClock("test", NOW + 61)
    [read] = run(intents_under(SCOPE, first.key, clock))
    run(save_intent(read.evolved(**change), was=read.holder))
    [before] = run(intents_under(SCOPE, first.key, clock))
    assert run(take_over(read, lease=clock.lasting(60), holder="b")) is None
    assert run(intents_under(SCOPE, first.key, clock)) == [before]
    taken = run(take_over(before, lease=clock.lasting(60), holder="b"))
    assert (taken.holder, taken.closed_at) == ("b", before.closed_at)


def test_what_a_walk_has_closed_stays_closed_when_its_holder_records_the_answer(run: Run) -> None:
    """Another attempt of the order is open since: recording would never get to the disk."""
    slow = run(claim(asked(), "slow")).intent
    [read] = run(intents_under(SCOPE, slow.key))
    run(save_intent(attrs.evolve(read, closed_at=NOW)))
    assert isinstance(run(claim(asked(attempt=2), "b")), Send)
    assert run(record(slow.known("gs_1", "open", NOW + 1), None)) == (True, None)
    [row] = run(intents_under(SCOPE, slow.key))
    assert (row.state, row.closed_at) == ("known", NOW)


def test_two_attempts_of_an_order_are_never_open_at_once(run: Run) -> None:
    first = run(claim(asked(), "a")).intent
    assert isinstance(run(claim(asked(attempt=2), "b")), PreviousAttemptOpen)
    run(save_intent(first.known("gs_1", "open", NOW)))
    assert isinstance(run(claim(asked(attempt=2), "b")), PreviousAttemptOpen)
    (row,) = run(intents_under(SCOPE, first.key))
    run(save_intent(attrs.evolve(row, closed_at=NOW)))
    assert isinstance(run(claim(asked(attempt=2), "b")), Send)
    assert isinstance(run(claim(asked(attempt=3), "c")), PreviousAttemptOpen)


def test_an_attempt_that_nothing_came_of_makes_way_by_itself(run: Run) -> None:
    first = run(claim(asked(), "a")).intent
    run(save_intent(first.rejected(NOW, "422")))
    assert isinstance(run(claim(asked(attempt=2), "b")), Send)
    assert isinstance(run(claim(asked(), "c")), Superseded)


def test_recovery_takes_what_is_due_and_no_one_works_on(run: Run) -> None:
    run(claim(asked(), "dead"))

    def take(now: float) -> Any:
        clock = LeaseClock("test", now)
        listed = run(list_due(SCOPE, now=now, clock=clock, after=START, most=10))
        return [run(take_over(row, lease=clock.lasting(60), holder="r")) for row in listed]

    assert take(NOW + 59) == []
    (row,) = take(NOW + 61)
    assert (row.state, row.holder) == ("sent", "r")
    assert take(NOW + 62) == []


def test_what_was_listed_and_has_gone_on_since_is_not_taken_over(run: Run) -> None:
    run(claim(asked(), "dead"))
    clock = LeaseClock("test", NOW + 61)
    (row,) = run(list_due(SCOPE, now=NOW + 61, clock=clock, after=START, most=10))
    assert isinstance(run(claim(asked(), "quick", NOW + 61)), SearchFirst)
    assert run(take_over(row, lease=clock.lasting(60), holder="r")) is None


def test_of_what_was_tried_in_vain_only_what_is_still_due_and_free_counts_as_reached(
    run: Run,
) -> None:
    now, clock = NOW + 3600, LeaseClock("test", NOW + 3600)
    stands = {
        "due": {"due_at": AS_SOON_AS_FREE},
        "put off": {"due_at": now + 60},
        "rejected": {"state": "rejected", "due_at": None},
        "held": {"due_at": AS_SOON_AS_FREE, "holder": "b", "lease": clock.lasting(60)},
        "not reached": {"due_at": AS_SOON_AS_FREE},
    }
    done = []
    for name, change in stands.items():
        identity = identify("", "createSession", name, 1, None)
        row = new_intent(SCOPE, "createSession", identity, BODY, NOW).evolved(**change)
        run(write_intent(row))
        error = None if name == "not reached" else OutcomeUnknown("in doubt")
        done.append(
            Recovered(
                operation=row.operation, order=name, attempt=1, idempotency_key=row.key, error=error
            )
        )
    counted = [run(count_unreached(SCOPE, some, now=now, clock=clock)) for some in ([], done)]
    assert counted == [2, 1]


def test_a_lease_is_renewed_by_its_holder_alone_and_only_until_it_is_let_go(run: Run) -> None:
    mine = run(claim(asked(), "mine")).intent
    longer = LeaseClock("test", NOW + 50).lasting(60)
    assert run(renew_lease(mine, longer))
    assert isinstance(run(claim(asked(), "b", NOW + 100)), InProgress)
    assert not run(renew_lease(attrs.evolve(mine, holder="other"), longer))
    run(let_go(mine, now=NOW + 51, sends=True))
    assert not run(renew_lease(mine, longer))
    assert isinstance(run(claim(asked(), "b", NOW + 52)), SearchFirst)


def test_a_lease_by_another_clock_is_over(run: Run) -> None:
    run(claim(asked(), "a"))
    elsewhere = LeaseClock("another boot", 3.0).lasting(8)
    decision = run(claim_intent(asked(), at=AT, lease=elsewhere, holder="b", trust=600))
    assert isinstance(decision, SearchFirst)


def test_an_intent_of_the_partners_is_written_once_and_told_apart(run: Run) -> None:
    assert isinstance(run(write_intent(asked())), AlreadyCreated)
    assert isinstance(run(write_intent(asked())), AlreadyCreated)
    assert isinstance(run(write_intent(asked(terms="other"))), Conflicting)
    assert isinstance(run(write_intent(asked(attempt=2))), PreviousAttemptOpen)
    decision = run(claim(asked(), "a"))
    assert isinstance(decision, Send)
    assert decision.was.state == "intended"


def test_an_intent_is_written_though_the_attempt_before_it_closes_while_it_is_asked_about(
    run: Run,
) -> None:
    """As PostgreSQL may show it: each of the two statements sees what is committed by then."""
    run(claim(asked(), "a"))

    def interrupted() -> Step[Any]:
        step = write_intent(asked(attempt=2))
        rows = yield next(step)
        [first] = yield from intents_under(SCOPE, asked().key)
        yield from save_intent(attrs.evolve(first, closed_at=NOW))
        while True:
            try:
                said = step.send(rows)
            except StopIteration as end:
                return end.value
            rows = yield said

    written = run(interrupted())
    assert isinstance(written, AlreadyCreated)
    [row] = run(intents_under(SCOPE, written.intent.key))
    assert (row.attempt, row.state) == (2, "intended")


def test_a_label_is_pinned_to_the_first_partner_that_is_recorded(run: Run) -> None:
    first = run(claim(asked(), "a")).intent
    assert run(record(first, "partner_1")) == (True, "partner_1")
    assert run(record(first, "partner_2")) == (True, "partner_1")


def test_a_replay_that_nobody_came_back_from_is_a_doubt(run: Run) -> None:
    first = run(claim(asked(), "a")).intent
    run(save_intent(first.known("gs_1", "open", NOW)))
    assert isinstance(run(claim(asked(), "dead", NOW + 1)), Replay)
    again = run(claim(asked(), "b", NOW + 62))
    assert isinstance(again, Replay)
    stands = again.intent.known("gs_1", "open", NOW + 63)
    assert (stands.ambiguous, stands.due_at) == (1, NOW + 63)
