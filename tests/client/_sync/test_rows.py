# Written by facade/unasync.py from tests/client/_async/test_rows.py; edit that file.
"""One odd row harms one row, an answer about something else is none, and what is readable is read."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from zerogate import (
    Gate,
    GateError,
    GateUsageError,
    Hold,
    Money,
    OutcomeUnknown,
    ReadFailed,
    RetryPolicy,
    UnreadableRow,
)
from zerogate._transport.messages import Reply, RequestNotSent

from tests.client.scripts import (
    SECRET,
    Script,
    VirtualClock,
    answer,
    created,
    page,
    session,
    transaction,
)

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"


def gate(*steps: Any, attempts: int = 1) -> tuple[Gate, Script]:
    script = Script(*steps)
    client = Gate(
        SECRET, transport=script, clock=VirtualClock(), retries=RetryPolicy(attempts=attempts)
    )
    return client, script


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in row.items() if field != name}


CANARY = "canary@shop.example"
#: An odd transaction, its id, and the field that is named.
ODD: dict[str, tuple[Any, str | None, str | None]] = {
    "an amount that is null": (transaction(refid="x", fiat_amount=None), "x", "fiat_amount"),
    "an amount in scientific notation": (
        transaction(refid="x", token_amount="1e-7"),
        "x",
        "token_amount",
    ),
    "an amount that is text": (transaction(refid="x", total_fees=CANARY), "x", "total_fees"),
    "a time of no zone": (
        transaction(refid="x", created_at="2026-06-01T12:00:00"),
        "x",
        "created_at",
    ),
    "a time of an unknown zone": (
        transaction(refid="x", updated_at="2026-06-01T12:00:00 CEST"),
        "x",
        "updated_at",
    ),
    "a time of no zone in its timeline": (
        transaction(refid="x", status_timeline=[{"status": "a", "at": "2026-06-01T12:00:00"}]),
        "x",
        "status_timeline",
    ),
    "a timeline of text": (
        transaction(refid="x", status_timeline=[CANARY]),
        "x",
        "status_timeline",
    ),
    "a timeline that is null": (
        transaction(refid="x", status_timeline=None),
        "x",
        "status_timeline",
    ),
    "a status that is a number": (transaction(refid="x", status=7), "x", "status"),
    "a required field left out": (without(transaction(refid="x"), "currency"), "x", "currency"),
    "another object": (transaction(refid="x", object=CANARY), "x", "object"),
    "an id that is null": (transaction(refid=None), None, "refid"),
    "an id that is a number": (transaction(refid=7), None, "refid"),
    "an empty id": (transaction(refid=""), None, "refid"),
    "no id": (without(transaction(), "refid"), None, "refid"),
    "null": (None, None, None),
    "text": (CANARY, None, None),
    "a list": ([CANARY], None, None),
    "an empty object": ({}, None, "refid"),
}


@pytest.mark.parametrize(("row", "id", "field"), ODD.values(), ids=ODD)
def test_a_row_that_cannot_be_read_is_set_aside_by_itself(
    row: Any, id: str | None, field: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    body = page(transaction(refid="a"), row, transaction(refid="b"))
    client, _ = gate(answer(200, body), answer(200, body), answer(200, body))
    with caplog.at_level(logging.WARNING, "zerogate"):
        assert [one.refid for one in client.transactions.list()] == ["a", "b"]
    (warned,) = caplog.messages
    assert "left out" in warned
    assert (id or "without an id") in warned
    assert (field or "where an object belongs") in warned
    (got,) = [one for one in client.transactions.list().pages()]
    assert [one.refid for one in got.items] == ["a", "b"]
    (aside,) = got.unreadable
    assert (aside.id, aside.field, aside.raw) == (id, field, row)
    assert aside.why
    assert CANARY not in f"{aside!r} {aside.why} {warned}"
    every = [one for one in client.transactions.list().all_rows()]
    assert [type(one) is UnreadableRow for one in every].count(True) == 1


@pytest.mark.parametrize("row", [None, transaction(refid=None)], ids=["null", "no id"])
def test_the_raw_rows_go_on_past_what_has_no_id(row: Any, caplog: pytest.LogCaptureFixture) -> None:
    odd = transaction(refid="odd", fiat_amount="1e-7")
    client, _ = gate(answer(200, page(odd, row, transaction(refid="b"))))
    (got,) = [one for one in client.transactions.list().raw_pages()]
    assert [one["refid"] for one in got.items] == ["odd", "b"]
    assert [one.raw for one in got.unreadable] == [row]
    assert "left out" in caplog.text


def test_a_list_goes_on_behind_pages_that_end_in_an_odd_row() -> None:
    client, script = gate(
        answer(200, page(transaction(refid="a"), transaction(refid=None), has_more=True)),
        answer(200, page(transaction(refid=None), transaction(refid="b", status=7), has_more=True)),
        answer(200, page(transaction(refid="c"))),
    )
    pages = [one for one in client.transactions.list().pages()]
    assert [[row.refid for row in one.items] for one in pages] == [["a"], [], ["c"]]
    assert [[row.id for row in one.unreadable] for one in pages] == [[None], ["b"], []]
    assert [r.target.partition("starting_after=")[2] for r in script.seen] == ["", "a", "b"]


def test_the_first_row_is_the_first_that_can_be_read() -> None:
    client, _ = gate(answer(200, page(session(id="x", amount=None), session(id="y"))))
    newest = client.sessions.list().first()
    assert newest is not None
    assert newest.id == "y"


def test_a_list_that_is_read_in_one_piece_leaves_the_odd_row_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    countries = [
        {"country_code": "DE", "supported": True},
        {"country_code": "FR"},
        {"country_code": "IT", "supported": False},
    ]
    client, _ = gate(answer(200, {"object": "list", "data": countries}))
    assert [one.country_code for one in client.capabilities.countries()] == ["DE", "IT"]
    assert "'supported'" in caplog.text


def test_a_session_whose_transaction_cannot_be_read_is_not_judged_without_it() -> None:
    rows = page(transaction(refid="a"), transaction(refid="odd", fiat_amount="1e-7"))
    client, _ = gate(answer(200, session(status="completed")), answer(200, rows))
    outcome = client.reconcile.session("gs_test_0001", expect=EUR, order="order-1", flow="on_ramp")
    assert (type(outcome), outcome.reason) == (Hold, "unreadable")
    assert "odd" in outcome.next_step
    assert "fiat_amount" in outcome.next_step


READS: dict[str, tuple[Any, Any]] = {
    "session": (lambda c: c.sessions.retrieve("gs_1"), session(id="gs_2")),
    "raw session": (lambda c: c.sessions.retrieve_raw("gs_1"), session(id="gs_2")),
    "transaction": (lambda c: c.transactions.retrieve("gs_1"), transaction(refid="gs_2")),
    "raw transaction": (lambda c: c.transactions.retrieve_raw("gs_1"), transaction(refid="gs_2")),
    "quote": (lambda c: c.quotes.retrieve("gs_1"), {"id": "gs_2"}),
    "customer": (lambda c: c.customers.retrieve("gs_1"), {"id": "gs_2"}),
    "pay-in": (lambda c: c.pay_ins.retrieve("gs_1"), {"id": "gs_2"}),
    "pay-out": (lambda c: c.pay_outs.retrieve("gs_1"), {"id": "gs_2"}),
}


@pytest.mark.parametrize(("ask", "body"), READS.values(), ids=READS)
def test_a_read_that_is_answered_with_another_object_names_both(ask: Any, body: Any) -> None:
    client, script = gate(answer(200, body), attempts=4)
    with pytest.raises(ReadFailed, match=r"'gs_1'.*'gs_2'"):
        ask(client)
    assert len(script.seen) == 1


def test_a_read_that_is_answered_with_no_id_is_no_answer() -> None:
    client, script = gate(*[answer(200, session(id=None))] * 4, attempts=4)
    with pytest.raises(ReadFailed, match="without 'id'"):
        client.sessions.retrieve("gs_1")
    assert len(script.seen) == 4


def test_an_asset_may_come_back_in_another_case_and_no_other_may() -> None:
    asset = {"symbol": "usdc", "name": "USD Coin", "active": True, "networks": []}
    client, _ = gate(answer(200, asset), answer(200, {**asset, "symbol": "USDT"}))
    assert (client.capabilities.asset("USDC")).symbol == "usdc"
    with pytest.raises(ReadFailed, match=r"'USDC'.*'USDT'"):
        client.capabilities.asset("USDC")


def test_a_cancel_that_is_answered_with_another_session_is_settled_by_reading() -> None:
    client, script = gate(
        answer(200, session(id="gs_2", status="cancelled")),
        answer(200, session(id="gs_1", status="cancelled")),
    )
    assert (client.sessions.cancel("gs_1")).id == "gs_1"
    assert [r.method for r in script.seen] == ["POST", "GET"]


FILTERS: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "session": (
        lambda c: c.transactions.list(session_id="gs_1"),
        [transaction(session_id="gs_1", refid="a"), transaction(session_id="gs_2", refid="b")],
        ("'gs_1'", "'gs_2'"),
    ),
    "external id": (
        lambda c: c.customers.list(external_id="u-1"),
        [{"id": "cus_1", "external_id": "u-2"}],
        ("'u-1'", "'u-2'"),
    ),
    "e-mail": (
        lambda c: c.customers.list(email="ada@shop.example"),
        [{"id": "cus_1", "email": CANARY}],
        ("email",),
    ),
}


@pytest.mark.parametrize(("listed", "rows", "named"), FILTERS.values(), ids=FILTERS)
def test_a_filter_that_is_ignored_is_noticed_at_the_first_foreign_row(
    listed: Any, rows: Any, named: tuple[str, ...]
) -> None:
    client, script = gate(answer(200, page(*rows, has_more=True)), attempts=4)
    with pytest.raises(ReadFailed, match="the filter is ignored") as caught:
        [one for one in listed(client)]
    assert all(name in str(caught.value) for name in named)
    assert CANARY not in str(caught.value)
    assert len(script.seen) == 1


def test_an_ignored_filter_is_noticed_in_raw_rows_and_in_reconcile_too() -> None:
    rows = page(transaction(session_id="gs_other"))
    client, _ = gate(answer(200, rows), answer(200, session(id="gs_1")), answer(200, rows))
    with pytest.raises(ReadFailed, match="ignored"):
        [one for one in client.transactions.list(session_id="gs_1").raw_pages()]
    with pytest.raises(ReadFailed, match="ignored"):
        client.reconcile.session("gs_1", expect=EUR, order="order-1")


@pytest.mark.parametrize(
    "id", ["gs=1", "gs+1", "gs~1", "gs@1", "gs_ü", "g s", "x" * 200], ids=ascii
)
def test_an_id_that_gate_sent_can_be_sent_back(id: str) -> None:
    client, script = gate(
        answer(200, session(id=id)), answer(200, page(transaction(session_id=id)))
    )
    assert (client.sessions.retrieve(id)).id == id
    assert [row.session_id for row in client.transactions.list(session_id=id)] == [id]
    target = script.seen[0].target
    assert target.isascii()
    assert not set("+@ =ü") & set(target)


def test_an_id_that_would_mean_something_else_in_a_path_is_sent_nowhere() -> None:
    client, script = gate()
    for id in ("a/b", "a\\b", "a?b", "a#b", "a%2fb"):
        with pytest.raises(GateUsageError, match="printable"):
            client.sessions.retrieve(id)
    assert script.seen == []


MARKED = b"\xef\xbb\xbf"


def test_a_created_session_is_read_in_spite_of_what_is_odd_about_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = answer(201, created(user_reference="half \ud800", id="gs_1"))
    odd = Reply(201, {}, MARKED + whole.body, (("its Content-Encoding", "utf-8 is no coding"),))
    client, script = gate(odd, odd)
    for _ in range(2):
        made = client.sessions.create(amount=EUR, return_url=SHOP, order="order-1")
        assert made.user_reference == "half \ufffd"
    assert len(script.seen) == 2
    told = [line for line in caplog.messages if line.startswith("createSession: its")]
    assert [word in " ".join(told) for word in ("no coding", "byte order mark", "surrogate")] == [
        True
    ] * 3
    assert len(told) == 3


def test_a_row_with_half_a_surrogate_is_read_and_its_neighbours_too() -> None:
    rows = page(session(id="a"), session(id="b", user_reference="\udfff"), session(id="c"))
    client, _ = gate(answer(200, rows))
    assert [row.id for row in client.sessions.list()] == ["a", "b", "c"]


class Broken(RequestNotSent):
    """Stands for a failure in our transport's own words."""


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Broken("nothing was sent to gate: the connection was refused"), "connection was refused"),
        (
            Reply(200, {}, b"<html>", (("its Content-Encoding", "x is no coding"),)),
            "x is no coding",
        ),
        (answer(200, b"<html>"), "not JSON"),
        (answer(200, session(id="gs_1", amount="1e-7")), "'amount'"),
        (ConnectionError(CANARY), "ConnectionError"),
    ],
    ids=["not sent", "an odd wrapping", "no JSON", "an odd field", "a stranger's words"],
)
def test_why_an_answer_cannot_be_read_reaches_the_message_and_the_log(
    step: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    client, _ = gate(step)
    with caplog.at_level(logging.DEBUG, "zerogate"), pytest.raises(GateError) as caught:
        client.sessions.retrieve("gs_1")
    assert reason in str(caught.value)
    attempted, called = (line for line in caplog.messages if "operation=" in line)
    assert reason in attempted
    assert reason in called
    assert CANARY not in f"{caught.value} {caplog.text}"


def test_what_a_server_says_in_prose_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    client, _ = gate(answer(500, {"code": "x", "message": CANARY}))
    with caplog.at_level(logging.DEBUG, "zerogate"), pytest.raises(ReadFailed):
        client.sessions.retrieve("gs_1")
    assert CANARY not in caplog.text


def test_a_list_that_does_not_say_whether_there_is_more_is_no_answer() -> None:
    body = page(session())
    del body["has_more"]
    client, _ = gate(answer(200, body))
    with pytest.raises(ReadFailed, match="has_more"):
        client.sessions.list().first()


def test_a_created_session_with_an_odd_field_is_known_and_named() -> None:
    client, _ = gate(answer(201, created(id="gs_1", expires_at="2026-06-02T12:00:00")))
    with pytest.raises(GateError, match=r"'expires_at'.*gs_1") as caught:
        client.sessions.create(amount=EUR, return_url=SHOP, order="order-1")
    assert not isinstance(caught.value, OutcomeUnknown)
