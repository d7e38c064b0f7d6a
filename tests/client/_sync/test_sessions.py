# Written by facade/unasync.py from tests/client/_async/test_sessions.py; edit that file.
"""Sessions and transactions: read, cancel, list."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from zerogate import (
    AlreadyTerminal,
    Gate,
    GateUsageError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    ReadFailed,
)

from tests.client.scripts import (
    SECRET,
    Script,
    VirtualClock,
    answer,
    page,
    refusal,
    session,
    transaction,
)


def gate(script: Script) -> Gate:
    return Gate(SECRET, transport=script, clock=VirtualClock())


def test_a_session_is_read_with_exact_amounts_and_aware_times() -> None:
    with gate(Script(answer(200, session(amount="100.10")))) as client:
        found = client.sessions.retrieve("gs_test_0001")
    assert found.amount == Decimal("100.10")
    assert str(found.amount) == "100.10"
    assert found.expires_at.utcoffset() is not None
    assert found.status == "open"


def test_a_number_where_a_decimal_string_belongs_is_read_exactly_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = answer(200, session()).body.replace(b'"amount": "100.00"', b'"amount": 0.30')
    with gate(Script(answer(200, text), answer(200, text))) as client:
        for _ in range(2):
            assert str((client.sessions.retrieve("gs_test_0001")).amount) == "0.30"
    (record,) = caplog.records
    assert "GateSession.amount came as a JSON number" in record.message


def test_an_answer_of_the_other_mode_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    with gate(Script(answer(200, page(session(mode="live"))))) as client:
        client.sessions.list().first()
    (record,) = caplog.records
    assert "the key is of 'test'" in record.message


@pytest.mark.parametrize("id", ["", ".", "..", "a/b", "a%", "x" * 256, "a\u200b", "a\r\n", None, 7])
def test_an_id_that_reaches_another_url_is_refused(id: Any) -> None:
    script = Script()
    with gate(script) as client:
        for call in (client.sessions.retrieve, client.sessions.cancel):
            with pytest.raises(GateUsageError):
                call(id)
        with pytest.raises(GateUsageError):
            client.transactions.retrieve(id)
    assert not script.seen


def test_a_foreign_id_is_not_found() -> None:
    with gate(Script(refusal(404, "not_found"))) as client:
        with pytest.raises(NotFound):
            client.sessions.retrieve("gs_test_elsewhere")


@pytest.mark.parametrize(
    "fault",
    [
        TimeoutError(),
        answer(500, b""),
        answer(200, b"<html>"),
        answer(200, b"[1]"),
        answer(200, {}),
    ],
    ids=["time-out", "500", "HTML", "a list", "an empty object"],
)
def test_a_read_is_repeated_and_fails_as_a_read(fault: Any) -> None:
    script = Script(*[fault] * 4)
    with gate(script) as client:
        with pytest.raises(ReadFailed):
            client.sessions.retrieve("gs_test_0001")
    assert len(script.seen) == 4


def test_a_read_that_is_throttled_to_the_end_says_so() -> None:
    with gate(Script(*[answer(429, {})] * 4)) as client:
        with pytest.raises(RateLimited):
            client.sessions.retrieve("gs_test_0001")


def test_cancel_returns_the_cancelled_session() -> None:
    with gate(Script(answer(201, session(status="cancelled")))) as client:
        assert (client.sessions.cancel("gs_test_0001")).status == "cancelled"


def test_a_cancel_that_succeeded_behind_a_500_is_a_success() -> None:
    script = Script(answer(500, b""), answer(200, session(status="cancelled")))
    with gate(script) as client:
        assert (client.sessions.cancel("gs_test_0001")).status == "cancelled"
    assert [r.method for r in script.seen] == ["POST", "GET"]


def test_a_cancel_answered_409_for_a_cancelled_session_is_a_success() -> None:
    script = Script(refusal(409, "conflict"), answer(200, session(status="cancelled")))
    with gate(script) as client:
        assert (client.sessions.cancel("gs_test_0001")).status == "cancelled"


def test_a_cancel_that_did_not_happen_is_sent_again_after_a_read() -> None:
    script = Script(
        TimeoutError(), answer(200, session()), answer(201, session(status="cancelled"))
    )
    with gate(script) as client:
        client.sessions.cancel("gs_test_0001")
    assert [r.method for r in script.seen] == ["POST", "GET", "POST"]


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_a_session_that_is_over_is_carried_by_the_error(status: str) -> None:
    script = Script(refusal(409, "conflict"), answer(200, session(status=status)))
    with gate(script) as client:
        with pytest.raises(AlreadyTerminal) as caught:
            client.sessions.cancel("gs_test_0001")
    assert caught.value.session.status == status


def test_a_cancel_that_no_read_settles_is_unknown() -> None:
    script = Script(TimeoutError(), *[answer(500, b"")] * 4)
    with gate(script) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            client.sessions.cancel("gs_test_0001")
    assert isinstance(caught.value.last_error, ReadFailed)


def test_a_cancel_answered_with_an_open_session_is_not_believed() -> None:
    script = Script(
        answer(201, session()),
        answer(200, session()),
        answer(201, session(status="cancelled")),
    )
    with gate(script) as client:
        assert (client.sessions.cancel("gs_test_0001")).status == "cancelled"


def test_nothing_is_sent_before_a_list_is_asked() -> None:
    script = Script()
    with gate(script) as client:
        client.sessions.list(status="open")
        client.transactions.list(session_id="gs_test_0001")
    assert not script.seen


def test_a_list_is_walked_over_short_pages_and_can_be_walked_again() -> None:
    rows = [session(id=f"gs_{n}") for n in range(5)]
    steps = [
        answer(200, page(*rows[:2], has_more=True)),
        answer(200, page(rows[2], has_more=True)),
        answer(200, page(*rows[3:])),
    ]
    script = Script(*steps, *steps)
    with gate(script) as client:
        sessions = client.sessions.list(limit=2)
        for _ in range(2):
            assert [s.id for s in sessions] == [f"gs_{n}" for n in range(5)]
    assert [r.target.partition("?")[2] for r in script.seen[:3]] == [
        "limit=2",
        "limit=2&starting_after=gs_1",
        "limit=2&starting_after=gs_2",
    ]


def test_pages_give_the_cursor_to_go_on_from() -> None:
    script = Script(
        answer(200, page(transaction(refid="t1"), has_more=True)),
        answer(200, page(transaction(refid="t2"))),
    )
    with gate(script) as client:
        for found in client.transactions.list().pages():
            cursor = found.next_cursor
            break
        assert cursor == "t1"
        rest = client.transactions.list(starting_after=cursor)
        assert [t.refid for t in rest] == ["t2"]


def test_rows_of_the_page_before_are_dropped_when_a_new_one_pushes_them_down() -> None:
    first, second = session(id="gs_1"), session(id="gs_2")
    script = Script(
        answer(200, page(first, second, has_more=True)),
        answer(200, page(second, session(id="gs_3"))),
    )
    with gate(script) as client:
        assert [s.id for s in client.sessions.list()] == ["gs_1", "gs_2", "gs_3"]


def test_an_empty_page_that_promises_more_is_asked_once_again_then_read_failed() -> None:
    empty = answer(200, page(has_more=True))
    script = Script(answer(200, page(session(id="gs_1"), has_more=True)), empty, empty)
    with gate(script) as client:
        with pytest.raises(ReadFailed, match="gs_1"):
            [s for s in client.sessions.list()]
    assert len(script.seen) == 3


def test_first_is_the_newest_or_nothing() -> None:
    with gate(Script(answer(200, page(session(id="gs_9"), has_more=True)))) as client:
        found = client.sessions.list().first()
        assert found is not None
        assert found.id == "gs_9"
    with gate(Script(answer(200, page()))) as client:
        assert client.sessions.list().first() is None


@pytest.mark.parametrize("limit", [0, 101, True, "10"])
def test_a_limit_out_of_range_is_refused(limit: Any) -> None:
    with gate(Script()) as client:
        with pytest.raises(GateUsageError):
            client.sessions.list(limit=limit)


def test_a_long_walk_holds_one_page_at_a_time() -> None:
    def endless(request: Any) -> Any:
        rows = [session(id=f"gs_{len(script.seen)}_{number}") for number in range(100)]
        return answer(200, page(*rows, has_more=len(script.seen) < 40))

    script = Script()
    script.steps = [endless] * 40
    peaks, count = [], 0
    with Gate(SECRET, transport=script, clock=VirtualClock()) as gate:
        tracemalloc.start()
        try:
            for _ in gate.sessions.list():
                count += 1
                if count % 1_000 == 0:
                    peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert count == 4_000
    assert peaks[-1] < 1.2 * peaks[0]


def test_one_record_can_be_had_as_gate_wrote_it() -> None:
    ours, theirs = session(new_field=[1.10]), transaction(created_at="2026-06-01T12:01:00Z")
    odd = [answer(200, {"object": "transaction"})] * 4
    with gate(Script(answer(200, ours), answer(200, theirs), *odd)) as client:
        found = client.sessions.retrieve_raw("gs_test_0001")
        assert found == {**ours, "new_field": [Decimal("1.1")]}
        assert client.transactions.retrieve_raw("0g_txn_0001") == theirs
        with pytest.raises(ReadFailed, match="without 'refid'"):
            client.transactions.retrieve_raw("0g_txn_0001")


def test_rows_can_be_had_as_gate_wrote_them() -> None:
    rows = [transaction(refid="t1", new_field=[1.10]), transaction(refid="t2")]
    script = Script(
        answer(200, page(rows[0], has_more=True)),
        answer(200, page(*rows)),
        *[answer(200, {"data": {"refid": "t1"}, "has_more": False})] * 4,
    )
    with gate(script) as client:
        pages = [p for p in client.transactions.list().raw_pages()]
        assert [list(p.items) for p in pages] == [
            [{**rows[0], "new_field": [Decimal("1.1")]}],
            [rows[1]],
        ]
        assert pages[0].next_cursor == "t1"
        with pytest.raises(ReadFailed):
            [p for p in client.transactions.list().raw_pages()]
