# Written by facade/unasync.py from tests/client/_async/test_sockets.py; edit that file.
"""Faults on real sockets, through the client: what its caller gets, and by when."""

from __future__ import annotations

import json
import ssl
import time
from decimal import Decimal
from email.utils import formatdate
from typing import Any

import pytest
from zerogate import (
    AlreadyTerminal,
    Conflict,
    Gate,
    GateError,
    InvalidRequest,
    Money,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    ReadFailed,
    RequestRejected,
    RetryPolicy,
    UnexpectedAnswer,
)
from zerogate._transport import waiting

from tests.client.moves import (
    AMBIGUOUS,
    QUICK,
    Books,
    Move,
    base_url,
    breaks,
    in_turn,
    refuses,
    says,
)
from tests.client.scripts import SECRET, created, session
from tests.timing import ends_within, without_waiting
from tests.transport.scripted import STALLS, Scripted, deaf, full_backlog

DEADLINE = 0.3
EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"
INSIDE_TLS = ["a dripping header", "interim answers without end", "a dripping body"]


def gate_at(server: Scripted, **options: Any) -> Gate:
    return Gate(SECRET, base_url=base_url(server), **{"retries": QUICK, **options})


def create(gate: Gate, order: str = "order-1", **options: Any) -> Any:
    return gate.sessions.create(amount=EUR, return_url=SHOP, order=order, **options)


def late(kind: type[GateError], gate: Gate, ask: Any) -> GateError:
    """The error of a call that has to end by its deadline."""
    with gate:
        with ends_within(DEADLINE), pytest.raises(kind) as caught:
            ask(gate)
    return caught.value


# 1 to 4, 12, 13, 35: an answer that says nothing to rely on


@pytest.mark.parametrize("fault", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_create_is_one_object_whatever_becomes_of_its_first_answer(fault: Move) -> None:
    books = Books()
    with Scripted(in_turn(books.commits(fault), books.commits())) as server:
        with gate_at(server) as gate:
            made = create(gate)
    assert [made.id] == [row["id"] for row in books.sessions.values()]
    assert len(books.asked) == 2
    assert len({(seen.headers["idempotency-key"], seen.body) for seen in books.asked}) == 1


@pytest.mark.parametrize("fault", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_create_that_gets_no_answer_is_unknown_and_a_read_has_failed(fault: Move) -> None:
    books = Books()
    with Scripted(in_turn(books.commits(fault), fault)) as server:
        with gate_at(server, retries=RetryPolicy(attempts=1)) as gate:
            with pytest.raises(OutcomeUnknown) as caught:
                create(gate)
            with pytest.raises(ReadFailed):
                gate.sessions.retrieve("gs_test_0001")
    assert [caught.value.idempotency_key] == list(books.sessions)
    assert (caught.value.order, caught.value.attempt) == ("order-1", 1)


def test_a_create_that_was_lost_before_it_was_written_down_is_made_once() -> None:
    books = Books()
    with Scripted(in_turn(breaks, breaks, books.commits())) as server:
        with gate_at(server) as gate:
            made = create(gate)
    assert made.metadata["order_id"] == "order-1"
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1
    assert len(server.seen) == 3


def test_calling_again_with_the_same_order_finds_out_what_became_of_an_unknown_write() -> None:
    books = Books()
    with Scripted(in_turn(books.commits(breaks), books.commits())) as server:
        with gate_at(server, retries=RetryPolicy(attempts=1)) as gate:
            with pytest.raises(OutcomeUnknown):
                create(gate)
            made = create(gate)
    assert [made.id] == [row["id"] for row in books.sessions.values()]


# 5, 6: outages, and what Retry-After may say


def test_an_outage_is_not_met_with_a_multiple_of_the_load() -> None:
    policy = RetryPolicy(first_wait=0.001, longest_wait=0.001)
    calls = 150
    for status in ("503 Service Unavailable", "429 Too Many Requests"):
        with Scripted(in_turn(refuses(status, "busy"))) as server:
            with gate_at(server, retries=policy) as gate:
                for _ in range(calls):
                    with pytest.raises(GateError):
                        gate.sessions.retrieve("gs_test_0001")
        # A repetition after a 429 costs five tokens of 500, one after a 503 fourteen.
        assert len(server.seen) <= calls + (100 if status.startswith("429") else 50)


def at(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    "asked",
    ["-5", "nan", "inf", "1e3", "soon", "", "0", "Wed, 01 Jan 1997 00:00:00 GMT", "9" * 30, "٣"],
)
def test_nonsense_in_retry_after_does_not_hold_a_call_up(status: str, asked: str) -> None:
    # As bytes in UTF-8, whatever it is: a server writes what it likes.
    busy = refuses(status, "busy", f"Retry-After: {asked}")
    with Scripted(in_turn(busy, says(session()))) as server:
        with gate_at(server, timeout=DEADLINE) as gate:
            assert (gate.sessions.retrieve("gs_test_0001")).id == "gs_test_0001"
    assert len(server.seen) == 2


@pytest.mark.parametrize(("form", "least"), [("seconds", 3600), ("date", 3590)])
def test_a_wait_longer_than_the_time_left_ends_the_call_at_once_and_is_told(
    form: str, least: int
) -> None:
    asked = "3600" if form == "seconds" else at(3600)
    for status, kind in (("429 Slow Down", RateLimited), ("503 Unavailable", ReadFailed)):
        with Scripted(in_turn(refuses(status, "busy", f"Retry-After: {asked}"))) as server:
            error = late(
                kind,
                gate_at(server, timeout=DEADLINE),
                lambda gate: gate.sessions.retrieve("gs_test_0001"),
            )
        assert error.retry_after is not None
        assert least <= error.retry_after <= 3600
        assert len(server.seen) == 1


def test_a_short_wait_is_waited_out() -> None:
    busy = refuses("429 Too Many Requests", "busy", "Retry-After: 1")
    with Scripted(in_turn(busy, says(session()))) as server:
        with gate_at(server, timeout=5) as gate:
            begun = time.monotonic()
            gate.sessions.retrieve("gs_test_0001")
    assert time.monotonic() - begun >= 1


# 22a: a definite answer after one that was lost


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "409 Conflict"])
def test_a_definite_no_after_a_lost_answer_is_still_unknown(status: str) -> None:
    books = Books()
    with Scripted(in_turn(books.commits(breaks), refuses(status, "made_up"))) as server:
        with gate_at(server) as gate:
            with pytest.raises(OutcomeUnknown) as caught:
                create(gate)
    assert caught.value.last_error is not None
    assert caught.value.last_error.status == int(status[:3])
    assert len(books.sessions) == 1


QUOTE = {
    "object": "signed_quote",
    "id": "qt_test_1",
    "side": "off_ramp",
    "currency": "EUR",
    "asset": "USDC",
    "payment_method": "bank_transfer",
    "fiat_amount": "100.00",
    "crypto_amount": "107.50",
    "exchange_rate": "1.075",
    "fees": "1.00",
    "signature": "signed",
    "expires_at": "2999-01-01T00:00:00Z",
    "created_at": "2026-06-01T00:00:00Z",
}


def test_a_409_for_a_pay_out_whose_quote_is_consumed_is_unknown_not_refused() -> None:
    active, consumed = ({**QUOTE, "status": status} for status in ("active", "consumed"))
    conflict = refuses("409 Conflict", "quote_consumed")
    with Scripted(in_turn(says(active), conflict, says(consumed))) as server:
        with gate_at(server) as gate:
            with pytest.raises(OutcomeUnknown, match="consumed") as caught:
                gate.pay_outs.create(quote_id="qt_test_1", expect=EUR, order="order-1")
    assert isinstance(caught.value.last_error, Conflict)
    assert caught.value.idempotency_key == server.seen[1].headers["idempotency-key"]


# 14, 15, 38: an answer that is not quite what was documented


def test_a_number_where_a_decimal_string_belongs_is_read_exactly_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = b'{"object": "list", "has_more": false, "url": "/v1/x", "data": [%s]}'
    row = says(session())
    exact = session(amount="AMOUNT")
    with Scripted(in_turn(row)) as server:
        with gate_at(server) as gate:
            gate.sessions.retrieve("gs_test_0001")
    assert caplog.text == ""
    content = json.dumps(exact).encode().replace(b'"AMOUNT"', b"0.10000000000000000000001")
    with Scripted(in_turn(says(content), says(body % content))) as server:
        with gate_at(server) as gate:
            read = gate.sessions.retrieve("gs_test_0001")
            listed = gate.sessions.list().first()
            gate.sessions.list().first()
    assert listed is not None
    assert read.amount == listed.amount == Decimal("0.10000000000000000000001")
    assert caplog.text.count("JSON number") == 2  # one for each operation


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(created(), "200 OK"), id="200 for 201"),
        pytest.param(says(created(), "207 Multi-Status"), id="207 for 201"),
        pytest.param(says(session(), "201 Created"), id="no client_secret on a replay"),
        pytest.param(says(created(status="paused", flow="sideways")), id="values nobody knows"),
        pytest.param(says(created(brand_new={"a": 1})), id="a field nobody knows"),
    ],
)
def test_a_success_that_differs_in_what_was_only_inferred_is_known(answer: Move) -> None:
    with Scripted(in_turn(answer)) as server:
        with gate_at(server) as gate:
            made = create(gate)
    assert made.id == "gs_test_0001"
    assert len(server.seen) == 1
    assert str(made.status) in ("open", "paused")


def test_a_created_object_that_does_not_fit_is_known_by_its_id() -> None:
    body = created(amount={"value": 1})
    with Scripted(in_turn(says(body, "201 Created"))) as server:
        with gate_at(server) as gate:
            with pytest.raises(UnexpectedAnswer) as caught:
                create(gate)
    assert (caught.value.id, caught.value.differs) == ("gs_test_0001", ("amount",))
    # An amount that nobody can read is not the one that was asked: the secret is withheld.
    assert caught.value.raw == {n: v for n, v in body.items() if n != "client_secret"}
    assert caught.value.request_ids == ("req_wire_1",)
    assert len(server.seen) == 1


def test_an_error_of_a_type_nobody_knows_keeps_its_words() -> None:
    with Scripted(in_turn(refuses("418 Teapot", "brand_new_type"))) as server:
        with gate_at(server) as gate:
            with pytest.raises(RequestRejected) as caught:
                create(gate)
    assert (caught.value.type, caught.value.status) == ("brand_new_type", 418)


# 23, 31, 33: what other clients do by themselves


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_a_redirect_is_never_followed(status: str) -> None:
    with Scripted(in_turn(says(created()))) as elsewhere:
        away = f"Location: {elsewhere.origin.replace('127.0.0.1', 'localhost')}/v1/gate_sessions"
        with Scripted(in_turn(says(b"", status, away))) as server:
            with gate_at(server) as gate:
                with pytest.raises(OutcomeUnknown, match="localhost"):
                    create(gate)
                with pytest.raises(ReadFailed, match="localhost"):
                    gate.sessions.retrieve("gs_test_0001")
    assert len(server.seen) == 2
    assert not elsewhere.seen


def test_no_cookie_is_kept_and_netrc_is_not_read(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    baked = says(session(), "200 OK", "Set-Cookie: a=b; Path=/", "Set-Cookie: c=d")
    with Scripted(in_turn(baked)) as server:
        with gate_at(server) as gate:
            for _ in range(2):
                gate.sessions.retrieve("gs_test_0001")
    assert all("cookie" not in seen.headers for seen in server.seen)
    assert {seen.headers["authorization"] for seen in server.seen} == {f"Bearer {SECRET}"}


# 32: a deadline that travels


@pytest.mark.parametrize("stall", STALLS.values(), ids=STALLS.keys())
def test_a_create_ends_by_its_deadline_whatever_the_other_side_does(stall: Any) -> None:
    with Scripted(stall) as server:
        error = late(OutcomeUnknown, gate_at(server, timeout=DEADLINE), create)
    assert error.idempotency_key


@pytest.mark.parametrize("stall", ["no answer", "interim answers without end"])
def test_a_read_ends_by_the_time_out_of_its_call(stall: str) -> None:
    with Scripted(STALLS[stall]) as server:
        late(
            ReadFailed,
            gate_at(server),
            lambda gate: gate.sessions.retrieve("gs_test_0001", timeout=DEADLINE),
        )


@pytest.mark.parametrize("stall", INSIDE_TLS)
def test_a_create_ends_by_its_deadline_inside_tls(
    stall: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with Scripted(STALLS[stall], tls=server_tls) as server:
        gate = gate_at(server, timeout=DEADLINE, ssl_context=client_tls)
        late(OutcomeUnknown, gate, create)


def test_a_handshake_that_does_not_end_has_sent_nothing(client_tls: ssl.SSLContext) -> None:
    with Scripted(deaf) as server:
        gate = Gate(
            SECRET,
            base_url=base_url(server).replace("http:", "https:"),
            timeout=DEADLINE,
            ssl_context=client_tls,
        )
        late(NotSent, gate, create)


def test_a_full_backlog_has_sent_nothing() -> None:
    with full_backlog() as origin:
        gate = Gate(SECRET, base_url=f"{origin}/v1", timeout=DEADLINE, retries=QUICK)
        late(NotSent, gate, create)


def test_a_peer_that_reads_nothing_does_not_hold_a_write_up() -> None:
    def much(gate: Gate) -> Any:
        return create(gate, metadata={"much": "x" * 20_000_000})

    with Scripted(deaf) as server:
        gate = gate_at(server, timeout=DEADLINE, retries=RetryPolicy(attempts=1))
        # Its deadline begins once so large a body is written down, which takes time of its own.
        with gate:
            with without_waiting(), pytest.raises(OutcomeUnknown):
                much(gate)


def test_a_name_that_never_resolves_has_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "look_up", lambda *_: None)
    gate = Gate(SECRET, base_url="https://gate.test/v1", allow_host="gate.test", timeout=DEADLINE)
    late(NotSent, gate, create)


# 34, 35: answers that need a second look


def test_a_cancel_that_succeeded_behind_a_500_is_a_success() -> None:
    cancelled = session(status="cancelled")
    lost = refuses("500 Internal Server Error", "internal_error")
    with Scripted(in_turn(lost, says(cancelled))) as server:
        with gate_at(server) as gate:
            assert (gate.sessions.cancel("gs_test_0001")).status == "cancelled"
    assert [seen.method for seen in server.seen] == ["POST", "GET"]


def test_a_cancel_whose_answer_was_lost_and_whose_repeat_is_409_is_a_success() -> None:
    moves = (breaks, says(session()), refuses("409 Conflict", "conflict"))
    with Scripted(in_turn(*moves, says(session(status="cancelled")))) as server:
        with gate_at(server) as gate:
            assert (gate.sessions.cancel("gs_test_0001")).status == "cancelled"


def test_a_session_that_is_over_is_carried_by_the_error() -> None:
    over = says(session(status="completed"))
    with Scripted(in_turn(refuses("409 Conflict", "conflict"), over)) as server:
        with gate_at(server) as gate:
            with pytest.raises(AlreadyTerminal) as caught:
                gate.sessions.cancel("gs_test_0001")
    assert caught.value.session.status == "completed"


def test_what_nothing_makes_safe_is_sent_once_even_when_its_answer_is_lost() -> None:
    with Scripted(in_turn(breaks)) as server:
        with gate_at(server) as gate:
            for ask in (gate.deliveries.send_test, lambda: gate.deliveries.replay("whd_1")):
                with pytest.raises(OutcomeUnknown):
                    ask()
    assert len(server.seen) == 2


def test_a_status_nobody_knows_is_read_by_its_class_and_its_envelope() -> None:
    with Scripted(in_turn(refuses("499 Closed", "client_closed"))) as server:
        with gate_at(server, retries=RetryPolicy(attempts=1)) as gate:
            with pytest.raises(ReadFailed) as caught:
                gate.sessions.retrieve("gs_test_0001")
    assert (caught.value.status, caught.value.code) == (499, "client_closed")
    with Scripted(in_turn(says({"id": 1}, "422 Unprocessable"))) as server:
        with gate_at(server) as gate:
            with pytest.raises(InvalidRequest):
                gate.sessions.retrieve("gs_test_0001")


# a list, page after page


def walked(rows: Any, seen: list[str]) -> None:
    for row in rows:
        seen.append(row.id)


def test_a_list_that_breaks_off_says_where_to_go_on() -> None:
    page = {"object": "list", "data": [session()], "has_more": True, "url": "/v1/x"}
    with Scripted(in_turn(says(page), breaks)) as server:
        with gate_at(server, retries=RetryPolicy(attempts=1)) as gate:
            seen: list[str] = []
            with pytest.raises(ReadFailed) as caught:
                walked(gate.sessions.list(), seen)
    assert seen == [caught.value.cursor] == ["gs_test_0001"]
