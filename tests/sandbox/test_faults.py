"""Faults, as the partner meets them in this process."""

import json
from email.utils import parsedate_to_datetime

import pytest
from zerogate_sandbox import Sandbox
from zerogate_sandbox.calls import PlainRequest
from zerogate_sandbox.faults import ANSWER_FAULTS, EVENT_FAULTS

BODY = json.dumps({"amount": "100.00", "currency": "EUR", "return_url": "https://a.example"})


def create(sandbox, key="k", seconds=10.0):
    headers = (("authorization", "Bearer sk_test_shop"), ("idempotency-key", key))
    request = PlainRequest("POST", "http://h", "/v1/gate_sessions", headers, BODY.encode())
    return sandbox.transport().send(request, sandbox.clock.monotonic() + seconds)


def committed(sandbox):
    return len(sandbox.books()["sessions"])


@pytest.mark.parametrize(("when", "objects"), [("before", 0), ("after", 1)])
def test_a_reset_is_before_or_after_the_commit(sandbox, when, objects):
    sandbox.faults.add("reset", when=when, times=1)
    with pytest.raises(ConnectionResetError):
        create(sandbox)
    assert committed(sandbox) == objects
    assert create(sandbox).status == 201
    assert committed(sandbox) == 1


def test_a_refused_connection_commits_nothing(sandbox):
    sandbox.faults.add("refuse", times=1)
    with pytest.raises(ConnectionRefusedError):
        create(sandbox)
    assert committed(sandbox) == 0


@pytest.mark.parametrize(
    ("fault", "options"), [("hang", {}), ("slow", {"wait": 11.0}), ("drip", {"pause": 0.1})]
)
def test_what_takes_longer_than_the_client_waits_is_a_timeout(sandbox, fault, options):
    sandbox.faults.add(fault, **options)
    with pytest.raises(TimeoutError):
        create(sandbox, seconds=10)
    assert sandbox.clock.monotonic() == 10
    assert committed(sandbox) == 1


def test_what_is_slow_takes_its_time(sandbox):
    sandbox.faults.add("slow", wait=2.5)
    assert create(sandbox).status == 201
    assert sandbox.clock.monotonic() == 2.5


def test_a_truncated_answer_is_a_reset(sandbox):
    sandbox.faults.add("truncate")
    with pytest.raises(ConnectionResetError):
        create(sandbox)


def test_a_page_of_a_proxy_is_html_without_a_request_id(sandbox):
    sandbox.faults.add("html", when="after")
    answer = create(sandbox)
    assert (answer.status, answer.headers["content-type"]) == (502, "text/html")
    assert answer.body.startswith(b"<!DOCTYPE html>")
    assert "x-request-id" not in answer.headers
    assert committed(sandbox) == 1


@pytest.mark.parametrize("value", [3, "-5", "nan", "inf", "3600", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_throttled_client_is_told_when_to_come_back(sandbox, value):
    sandbox.faults.add("throttle", retry_after=value, times=1)
    answer = create(sandbox)
    assert (answer.status, answer.headers["retry-after"]) == (429, str(value))
    assert json.loads(answer.body)["type"] == "rate_limited"
    assert committed(sandbox) == 0


def test_retry_after_may_be_a_date(sandbox):
    sandbox.faults.add("error", status=503, retry_after={"date": 30})
    when = parsedate_to_datetime(create(sandbox).headers["retry-after"])
    assert when.timestamp() == sandbox.clock.now() + 30


@pytest.mark.parametrize(
    ("fault", "options", "check"),
    [
        ("unknown_status", {}, lambda said: said["status"] == "under_review"),
        (
            "set",
            {"field": "metadata.x", "value": None},
            lambda said: said["metadata"] == {"x": None},
        ),
        ("extra_field", {}, lambda said: "x_new" in said),
        ("missing_field", {"field": "client_secret"}, lambda said: "client_secret" not in said),
        ("wrong_mode", {}, lambda said: said["mode"] == "live"),
        ("numbers", {}, lambda said: said["amount"] == 100.0),
    ],
)
def test_an_answer_can_be_falsified_while_the_books_stay_right(sandbox, fault, options, check):
    sandbox.faults.add(fault, times=1, **options)
    answer = create(sandbox)
    assert answer.status == 201
    assert check(json.loads(answer.body))
    assert "x-request-id" in answer.headers
    [session] = sandbox.books()["sessions"]
    assert (session["status"], session["amount"], session["mode"]) == ("open", "100.00", "test")
    assert not check(json.loads(create(sandbox).body))


def test_rows_of_a_list_are_falsified_too(sandbox, shop):
    shop.session()
    sandbox.faults.add("unknown_status", operations="listSessions")
    assert shop.get("/gate_sessions")["data"][0]["status"] == "under_review"


def test_one_record_of_a_list_can_be_falsified_alone(sandbox, shop):
    first, second = shop.session(), shop.session()
    sandbox.faults.add("unknown_status", record=first["id"])
    rows = {row["id"]: row["status"] for row in shop.get("/gate_sessions")["data"]}
    assert rows == {first["id"]: "under_review", second["id"]: "open"}
    assert shop.get(f"/gate_sessions/{first['id']}")["status"] == "under_review"
    assert shop.get(f"/gate_sessions/{second['id']}")["status"] == "open"


@pytest.mark.parametrize(
    ("operation", "ask"),
    [
        ("createSession", lambda shop, key: shop.session(key=key)),
        ("retrieveSession", lambda shop, key: shop.get(f"/gate_sessions/{shop.session()['id']}")),
    ],
)
def test_an_answer_can_be_about_another_payment(sandbox, shop, operation, ask):
    other = shop.session(metadata={"order_id": "somebody else's"})
    sandbox.faults.add("another", operations=operation, times=1)
    told = ask(shop, "k")
    assert (told["id"], told["metadata"]) == (other["id"], {"order_id": "somebody else's"})
    if operation == "createSession":
        assert told["client_secret"] == other["client_secret"]
        replayed = shop.session(key="k")
        assert replayed["id"] == sandbox.books()["sessions"][-1]["id"] != other["id"]


def test_an_answer_about_another_payment_can_come_without_its_secret(sandbox, shop):
    first, _ = shop.session(), shop.session()
    sandbox.faults.add("another", record=first["id"], secret=False, times=1)
    told = shop.session()
    assert told["id"] == first["id"]
    assert "client_secret" not in told.json


def test_where_there_is_no_other_payment_the_answer_stays_right(sandbox, shop):
    sandbox.faults.add("another")
    assert shop.session()["id"] == sandbox.books()["sessions"][0]["id"]
    assert shop.get("/gate_sessions")["data"]


def test_a_transaction_can_be_another_ones(sandbox, shop):
    first, second = (sandbox.pay(shop.session()["id"])["refid"] for _ in range(2))
    sandbox.faults.add("another", operations="retrieveTransaction")
    assert shop.get(f"/transactions/{first}")["refid"] == second


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("amount", "100.00"),
        ("currency", "EUR"),
        ("flow", "on_ramp"),
        ("target_token", "USDC"),
        ("target_network", "base"),
        ("wallet_address", "0xabc"),
    ],
)
@pytest.mark.parametrize("kept", [False, True])
def test_an_answer_can_name_other_terms_than_were_asked_for(sandbox, shop, field, asked, kept):
    sandbox.faults.add("other_terms", field=field, kept=kept, times=1)
    told = shop.session(key="k", **{field: asked})
    assert (told.status, told[field] != asked) == (201, True)
    assert (shop.session(key="k", **{field: asked})[field] == asked) is not kept
    assert (shop.get(f"/gate_sessions/{told['id']}")[field] == asked) is not kept


def test_other_terms_of_a_repeat_leave_the_session_as_it_was(sandbox, shop):
    shop.session(key="k")
    sandbox.advance(1)
    sandbox.faults.add("other_terms", kept=True)
    assert shop.session(key="k")["amount"] == "7.00"
    assert sandbox.books()["sessions"][0]["amount"] == "100.00"


def test_other_terms_always_differ(sandbox, shop):
    sandbox.faults.add("other_terms")
    assert shop.session(amount="7.00")["amount"] == "8.00"
    sandbox.faults.clear()
    sandbox.faults.add("other_terms", value="1.00")
    assert shop.session()["amount"] == "1.00"


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ({}, "amount", None),
        ({"oddity": "exponent"}, "amount", "1e-7"),
        ({"oddity": "zone"}, "created_at", "2026-05-26T12:00:00 Mars/Olympus"),
        ({"oddity": "surrogate"}, "currency", "\ud800"),
        ({"oddity": "missing"}, "status", "gone"),
        ({"oddity": "missing", "field": "metadata"}, "metadata", "gone"),
        ({"oddity": "null", "field": "expires_at"}, "expires_at", None),
    ],
)
def test_one_row_of_a_list_can_be_odd(sandbox, shop, options, field, value):
    first, second = shop.session()["id"], shop.session()["id"]
    sandbox.faults.add("odd_row", operations="listSessions", **options)
    rows = {row["id"]: row for row in shop.get("/gate_sessions")["data"]}
    assert rows[second].get(field, "gone") == value
    assert rows[first] == shop.get(f"/gate_sessions/{first}").json
    sandbox.faults.clear()
    sandbox.faults.add("odd_row", record=first, **options)
    assert shop.get(f"/gate_sessions/{first}").json.get(field, "gone") == value
    assert shop.get(f"/gate_sessions/{second}").json == sandbox_view(sandbox, second)


def sandbox_view(sandbox, id):
    return sandbox.world.sessions.collection.records[id].view()


def test_an_odd_transaction_is_odd_in_its_own_amount(sandbox, shop):
    id = shop.session()["id"]
    paid = sandbox.pay(id)
    sandbox.faults.add("odd_row", oddity="exponent", row=0)
    [row] = shop.get("/transactions")["data"]
    assert row == {**paid, "fiat_amount": "1e-7"}


def test_half_a_surrogate_pair_comes_back_as_it_was_sent(shop):
    """JSON allows it, and UTF-8 does not: a sandbox must not break down over a stranger's metadata."""
    session = shop.post(
        "/gate_sessions", raw=BODY[:-1].encode() + b', "metadata": {"x": "\\ud800"}}', key="k"
    )
    assert session["metadata"] == {"x": "\ud800"}


def test_half_a_json_with_an_honest_length(sandbox):
    sandbox.faults.add("cut_json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(create(sandbox).body)


def test_any_text_can_be_the_body(sandbox):
    sandbox.faults.add("body", text="[]", times=1)
    assert (create(sandbox).body, create(sandbox).status) == (b"[]", 201)


def test_a_redirect_points_elsewhere(sandbox):
    sandbox.faults.add("redirect", when="before")
    answer = create(sandbox)
    assert (answer.status, answer.headers["location"]) == (307, "https://elsewhere.example/v1/")
    assert committed(sandbox) == 0


def test_a_cookie_is_set(sandbox):
    sandbox.faults.add("cookie")
    assert create(sandbox).headers["set-cookie"].startswith("track=1")


@pytest.mark.parametrize("status", [520, 499, 207])
def test_any_status_can_be_answered(sandbox, status):
    sandbox.faults.add("error", status=status)
    answer = create(sandbox)
    assert (answer.status, json.loads(answer.body)["statusCode"]) == (status, status)


def test_a_fault_strikes_its_operations_only_after_some_and_some_times(sandbox):
    sandbox.faults.add("error", operations=["listSessions"])
    sandbox.faults.add("error", operations="createSession", skip=1, times=2)
    statuses = [create(sandbox, key=str(number)).status for number in range(5)]
    assert statuses == [201, 503, 503, 201, 201]


def test_a_fault_can_be_about_one_order_and_end(sandbox, shop):
    sandbox.faults.add("error", contains="order_9", seconds=60)
    struck = {"metadata": {"order_id": "order_9"}}
    assert shop.session().status == 201
    assert shop.session(**struck).status == 503
    sandbox.advance(60)
    assert shop.session(**struck).status == 201


def test_chances_come_from_the_seed():
    def struck(seed):
        sandbox = Sandbox(seed=seed)
        sandbox.faults.add("error", chance=0.3)
        return [create(sandbox, key=str(number)).status for number in range(100)]

    assert struck(1) == struck(1) != struck(2)
    assert 15 < struck(1).count(503) < 45


def test_what_struck_is_in_the_list_of_requests(sandbox):
    sandbox.faults.add("html", times=1)
    create(sandbox)
    create(sandbox)
    seen = sandbox.requests()
    assert [one["faults"] for one in seen] == [("html",), ()]
    assert {one["idempotency_key"] for one in seen} == {"k"}
    assert {one["operation"] for one in seen} == {"createSession"}


def test_faults_are_disarmed(sandbox):
    fault = sandbox.faults.add("error")
    sandbox.faults.add("html")
    assert sandbox.faults.remove(fault.id)
    assert not sandbox.faults.remove(fault.id)
    sandbox.faults.clear()
    assert create(sandbox).status == 201


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("rset", {}, "reset"),
        ("reset", {"tims": 1}, "times"),
        ("reset", {"operations": "createSesion"}, "createSession"),
        ("refuse", {"when": "after"}, "before"),
        ("duplicate", {"when": "before"}, "not about requests"),
        ("error", {"status": 700}, "599"),
        ("error", {"status": "500"}, "500"),
        ("error", {"times": -1}, "whole number"),
        ("error", {"chance": "often"}, "number"),
        ("slow", {"wait": -1}, "wait"),
        ("reset", {"operations": [7]}, "list of names"),
        ("duplicate", {"events": "gate_session.paid"}, "gate_session.completed"),
        ("error", {"contains": 7}, "text"),
        ("other_terms", {"field": "wallet"}, "wallet_address"),
        ("other_terms", {"kept": "yes"}, "kept"),
        ("another", {"secret": 1}, "secret"),
        ("odd_row", {"oddity": "strange"}, "surrogate"),
        ("odd_row", {"row": -1}, "row"),
    ],
)
def test_a_fault_with_a_typo_is_refused_with_what_exists(sandbox, name, options, says):
    with pytest.raises(ValueError, match=says):
        sandbox.faults.add(name, **options)
    assert sandbox.faults.view() == []


def test_a_script_is_armed_whole_or_not_at_all(sandbox):
    with pytest.raises(ValueError, match="nonsense"):
        sandbox.faults.add_all([{"fault": "reset"}, {"fault": "nonsense"}])
    assert sandbox.faults.view() == []
    assert len(sandbox.faults.add_all([{"fault": "reset"}, {"fault": "html", "times": 1}])) == 2


def test_every_fault_can_be_armed_as_it_comes(sandbox, shop):
    for name in {**ANSWER_FAULTS, **EVENT_FAULTS}:
        sandbox.faults.clear()
        sandbox.faults.add(name)
        shop.session()
    assert sandbox.books()["sessions"]
