# Written by facade/unasync.py from tests/client/_async/test_writes.py; edit that file.
"""A create: one key over all attempts, one deadline, and an end that says what is known."""

from __future__ import annotations

import copy
import pickle
import traceback
from typing import Any

import pytest
from zerogate import (
    Conflict,
    Forbidden,
    Gate,
    GateError,
    GateUsageError,
    InvalidRequest,
    KeyReused,
    Money,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RequestRejected,
    RetryPolicy,
    Unauthorized,
    UnexpectedAnswer,
    fresh_key,
)
from zerogate._transport.messages import RequestNotSent

from tests.client.scripts import (
    SECRET,
    Script,
    VirtualClock,
    answer,
    created,
    echoed,
    refusal,
    session,
)

EUR = Money("100", "EUR")
OK = answer(201, created())


def gate(script: Script, clock: VirtualClock | None = None, **options: Any) -> Gate:
    return Gate(SECRET, transport=script, clock=clock or VirtualClock(), **options)


def create(script: Script, clock: VirtualClock | None = None, **options: Any) -> Any:
    options = {"order": "order-1", **options}
    with gate(script, clock) as client:
        return client.sessions.create(amount=EUR, return_url="https://shop.example/done", **options)


def test_a_create_says_exactly_what_the_contract_asks() -> None:
    script = Script(answer(201, created(flow="on_ramp", target_token="USDC")))
    made = create(script, metadata={"basket": "b-7"}, flow="on_ramp", target_token="USDC")
    (request,) = script.seen
    assert (request.method, request.origin + request.target) == (
        "POST",
        "https://gate-api-sandbox.0bit.app/v1/gate_sessions",
    )
    assert script.bodies() == [
        {
            "amount": "100.00",
            "currency": "EUR",
            "return_url": "https://shop.example/done",
            "flow": "on_ramp",
            "target_token": "USDC",
            "metadata": {
                "basket": "b-7",
                "order_id": "order-1",
                "zerogate_attempt": "1",
                "zerogate_key": script.header("idempotency-key")[0],
            },
        }
    ]
    assert script.header("authorization") == [f"Bearer {SECRET}"]
    assert made.id == "gs_test_0001"
    assert made.client_secret == "gsec_gs_test_0001_canary"


def test_a_retried_create_keeps_its_idempotency_key_and_its_bytes() -> None:
    script = Script(ConnectionResetError(), answer(502, b"<html>Bad gateway</html>"), OK)
    create(script)
    assert len(set(script.header("idempotency-key"))) == 1
    assert len({request.body for request in script.seen}) == 1
    assert len(script.seen) == 3


def test_the_same_order_is_the_same_key_and_another_attempt_another() -> None:
    script = Script(echoed, echoed, echoed)
    create(script)
    create(script)
    create(script, attempt=2)
    first, again, second = script.header("idempotency-key")
    assert first == again != second


def test_with_neither_order_nor_key_nothing_is_sent() -> None:
    script = Script(OK)
    with pytest.raises(GateUsageError, match="order"):
        create(script, order=None)
    assert not script.seen


def test_a_fresh_key_is_the_explicit_way_to_be_random() -> None:
    script = Script(echoed, echoed)
    create(script, order=None, idempotency_key=fresh_key())
    create(script, order=None, idempotency_key=fresh_key())
    assert len(set(script.header("idempotency-key"))) == 2
    assert [body["metadata"] for body in script.bodies()] == [
        {"zerogate_key": key} for key in script.header("idempotency-key")
    ]


AMBIGUOUS = [
    pytest.param(TimeoutError(), id="time-out"),
    pytest.param(ConnectionResetError(), id="reset"),
    pytest.param(answer(201, b'{"id": "gs_'), id="truncated JSON"),
    pytest.param(answer(200, b"<html>hello</html>"), id="a page of HTML"),
    pytest.param(answer(201, b""), id="empty"),
    pytest.param(answer(201, []), id="a list"),
    pytest.param(answer(201, b'{"id": "a", "id": "b"}'), id="a duplicate key"),
    pytest.param(answer(500, b""), id="500"),
    pytest.param(answer(520, b"oops"), id="520"),
    pytest.param(answer(408, b""), id="408"),
    pytest.param(answer(499, b""), id="499"),
    pytest.param(OSError("a transport of your own"), id="any other error"),
]


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_when_attempts_end_without_an_answer_the_outcome_is_unknown(fault: Any) -> None:
    script = Script(*[fault] * 4)
    with pytest.raises(OutcomeUnknown) as caught:
        create(script)
    assert len(script.seen) == 4
    assert caught.value.idempotency_key == script.header("idempotency-key")[0]
    assert (caught.value.order, caught.value.attempt) == ("order-1", 1)
    assert caught.value.operation == "createSession"


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_an_ambiguous_attempt_is_cured_by_the_next(fault: Any) -> None:
    assert (create(Script(fault, OK))).id == "gs_test_0001"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
def test_a_definite_no_after_an_ambiguous_attempt_is_still_unknown(status: int) -> None:
    script = Script(ConnectionResetError(), *[refusal(status, "made_up")] * 4)
    with pytest.raises(OutcomeUnknown) as caught:
        create(script)
    assert caught.value.last_error is not None
    assert caught.value.last_error.status == status
    # A 409 may say that our first attempt is still in hand; everything else is asked once.
    assert len(script.seen) == (4 if status == 409 else 2)


REFUSED = [
    (400, "invalid_request", InvalidRequest),
    (401, "unauthorized", Unauthorized),
    (402, "insufficient_balance", RequestRejected),
    (403, "forbidden", Forbidden),
    (404, "not_found", NotFound),
    (409, "idempotency_conflict", KeyReused),
    (400, "idempotency_error", KeyReused),
    (422, "idempotency_conflict", KeyReused),
    (422, "idempotency_key_mismatch", KeyReused),
    (422, "invalid_request", InvalidRequest),
    (418, "teapot", RequestRejected),
    (501, "not_enabled", RequestRejected),
]


@pytest.mark.parametrize(("status", "code", "kind"), REFUSED)
def test_a_definite_no_is_an_error_of_its_own_sent_once(
    status: int, code: str, kind: type[GateError]
) -> None:
    script = Script(refusal(status, code))
    with pytest.raises(RequestRejected) as caught:
        create(script)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.request_ids == ("req_test_1",)
    assert len(script.seen) == 1


HELD = [
    pytest.param(refusal(409, "conflict"), Conflict, id="409, which may speak of this very write"),
    pytest.param(refusal(409, "made_up"), Conflict, id="409 by a code nobody knows"),
    pytest.param(answer(409, b"<html>Conflict</html>"), Conflict, id="409 without the envelope"),
    pytest.param(refusal(423, "locked"), RequestRejected, id="423"),
    pytest.param(refusal(425, "too_early"), RequestRejected, id="425"),
    pytest.param(answer(404, b"<html>no upstream</html>"), NotFound, id="404 of a page"),
    pytest.param(answer(404, b""), NotFound, id="404 of nothing"),
    pytest.param(
        answer(404, {"message": "no route", "code": 404}), NotFound, id="404 of a gateway"
    ),
    pytest.param(
        answer(404, {"statusCode": 404, "error": "Not Found", "message": "Cannot POST"}),
        NotFound,
        id="404 of a framework",
    ),
]


@pytest.mark.parametrize(("met", "kind"), HELD)
def test_what_may_speak_of_this_very_write_is_asked_again_and_then_unknown(
    met: Any, kind: type[GateError]
) -> None:
    script = Script(*[met] * 4)
    with pytest.raises(OutcomeUnknown) as caught:
        create(script)
    assert len(script.seen) == 4
    assert len({request.body for request in script.seen}) == 1
    assert isinstance(caught.value.last_error, kind)
    assert pickle.loads(pickle.dumps(caught.value)).last_error.status == met.status


@pytest.mark.parametrize(("met", "kind"), HELD)
def test_what_was_still_in_hand_is_there_the_next_time(met: Any, kind: type[GateError]) -> None:
    assert (create(Script(met, echoed))).client_secret
    script = Script(met, refusal(422, "invalid_request"))
    with pytest.raises(OutcomeUnknown) as caught:
        create(script)
    assert isinstance(caught.value.last_error, InvalidRequest)


#: A proxy's 404, while the upstream is exchanged: Gate's own comes in its envelope.
PAGE = answer(404, b"<html>no upstream</html>")
PERSON = {
    "id": "cus_1",
    "object": "customer",
    "partner_id": "p_1",
    "mode": "test",
    "email": "ada@shop.example",
    "external_id": None,
    "phone": None,
    "first_name": None,
    "last_name": None,
    "country_code": None,
    "kyc_status": "unverified",
    "metadata": {},
}


def test_a_cancel_that_a_proxy_answered_404_is_settled_by_a_read() -> None:
    script = Script(PAGE, answer(200, session(id="gs_1", status="cancelled")))
    with gate(script) as client:
        assert (client.sessions.cancel("gs_1")).status == "cancelled"
    assert [request.method for request in script.seen] == ["POST", "GET"]


def test_a_cancel_that_gate_itself_answered_404_is_definite() -> None:
    script = Script(refusal(404, "not_found"))
    with gate(script) as client:
        with pytest.raises(NotFound):
            client.sessions.cancel("gs_1")
    assert len(script.seen) == 1


@pytest.mark.parametrize("first", [PAGE, answer(502, b"")], ids=["404", "502"])
def test_a_customer_is_deleted_where_gate_itself_says_so(first: Any) -> None:
    for script, deleted in (
        (Script(first, refusal(404, "not_found")), True),
        (Script(first, *[PAGE] * 9), False),
        (Script(first, answer(200, PERSON), *[first] * 9), False),
    ):
        with gate(script, retries=RetryPolicy(attempts=1)) as client:
            if deleted:
                assert (client.customers.delete("cus_1")).deleted
            else:
                with pytest.raises(OutcomeUnknown):
                    client.customers.delete("cus_1")


def test_a_write_in_hand_costs_of_the_budget_what_a_throttled_one_does() -> None:
    script = Script(*[refusal(409, "conflict")] * 8)
    clock = VirtualClock()
    policy = RetryPolicy(attempts=4, budget=10, cost=10, cost_throttled=5)
    with gate(script, clock, retries=policy) as client:
        with pytest.raises(OutcomeUnknown):
            client.sessions.create(amount=EUR, return_url="https://shop.example/", order="order-1")
    assert len(script.seen) == 3


def test_a_key_reused_says_to_send_the_same_body() -> None:
    with pytest.raises(KeyReused, match="exactly what was sent first"):
        create(Script(refusal(409, "idempotency_conflict")))


@pytest.mark.parametrize("status", [409, 423, 404])
def test_a_read_that_is_refused_stays_a_plain_no(status: int) -> None:
    script = Script(answer(status, b"<html>no</html>"))
    with gate(script) as client:
        with pytest.raises(RequestRejected):
            client.sessions.retrieve("gs_test_0001")
    assert len(script.seen) == 1


def test_a_client_closed_in_the_middle_does_not_say_that_nothing_was_sent() -> None:
    script = Script(ConnectionResetError(), GateUsageError("this client is closed: make another"))
    with pytest.raises(OutcomeUnknown) as caught:
        create(script)
    assert isinstance(caught.value.last_error, GateUsageError)


@pytest.mark.parametrize("message", ["plain", ["an", "array"], 7, None, {"a": 1}])
def test_no_decision_reads_the_message(message: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        create(Script(refusal(400, "invalid_request", message)))
    assert caught.value.code == "invalid_request"


def test_nothing_sent_at_all_is_not_sent_and_safe_to_call_again() -> None:
    script = Script(*[RequestNotSent("nobody listens")] * 4)
    with pytest.raises(NotSent, match="nobody listens"):
        create(script)


def test_a_429_is_waited_out_as_asked() -> None:
    clock = VirtualClock()
    script = Script(answer(429, {}, {"retry-after": "3"}), OK)
    create(script, clock)
    assert len(clock.waits) == 1
    assert 3 <= clock.waits[0] <= 3.5


def test_a_wait_longer_than_the_deadline_is_told_and_not_shortened() -> None:
    clock = VirtualClock()
    with pytest.raises(RateLimited) as caught:
        create(Script(answer(429, {}, {"retry-after": "3600"})), clock)
    assert caught.value.retry_after == 3600
    assert clock.waits == []


@pytest.mark.parametrize("asked", ["-5", "nan", "inf", "1e3", "", "Wed, 01 Jan 1997 00:00:00 GMT"])
def test_nonsense_in_retry_after_is_not_believed(asked: str) -> None:
    clock = VirtualClock()
    create(Script(answer(503, {}, {"retry-after": asked}), OK), clock)
    assert clock.waits[0] <= 0.5


def test_one_attempt_takes_at_most_half_of_what_is_left_and_the_call_ends_in_time() -> None:
    clock = VirtualClock()
    script = Script(*[TimeoutError()] * 9, clock=clock, takes=60)
    begun = clock.monotonic()
    with pytest.raises(OutcomeUnknown):
        create(script, clock, timeout=8)
    assert script.untils[0] == begun + 4
    assert clock.monotonic() - begun <= 8


def test_an_object_that_does_not_fit_is_known_all_the_same() -> None:
    body = created()
    del body["expires_at"]
    script = Script(answer(201, body))
    with pytest.raises(UnexpectedAnswer) as caught:
        create(script)
    assert caught.value.id == "gs_test_0001"
    assert len(script.seen) == 1
    assert "canary" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    "drift",
    [
        pytest.param(answer(200, created()), id="200 for 201"),
        pytest.param(answer(201, session()), id="no client_secret on a replay"),
        pytest.param(answer(201, created(brand_new="field")), id="a new field"),
        pytest.param(answer(201, created(status="paused")), id="an unknown status"),
        pytest.param(answer(207, created()), id="207"),
    ],
)
def test_what_was_only_inferred_does_not_bind(drift: Any) -> None:
    assert (create(Script(drift))).id == "gs_test_0001"


def test_a_redirect_is_never_followed_and_names_the_host() -> None:
    script = Script(answer(307, b"", {"location": "https://evil.example/v1?key=sk_test_x"}))
    with pytest.raises(OutcomeUnknown, match=r"evil\.example") as caught:
        create(script)
    assert len(script.seen) == 1
    assert "sk_test_x" not in str(caught.value)


def test_an_outage_is_not_met_with_a_multiple_of_the_load() -> None:
    script = Script(*[answer(500, b"")] * 2_000)
    with gate(script) as client:
        for number in range(300):
            with pytest.raises(OutcomeUnknown):
                client.sessions.create(
                    amount=EUR, return_url="https://shop.example/", order=f"o-{number}"
                )
    assert len(script.seen) <= 1.1 * 300 + 50


def test_one_attempt_only_when_the_policy_says_so() -> None:
    script = Script(ConnectionResetError(), OK)
    with gate(script, retries=RetryPolicy(attempts=1)) as client:
        with pytest.raises(OutcomeUnknown):
            client.sessions.create(amount=EUR, return_url="https://shop.example/", order="order-1")


def test_a_rotated_key_is_read_again_once() -> None:
    keys = [SECRET, SECRET[:-1] + "2", SECRET[:-1] + "3"]
    script = Script(refusal(401, "unauthorized"), OK)
    with Gate(lambda: keys.pop(0), transport=script, clock=VirtualClock()) as client:
        client.sessions.create(amount=EUR, return_url="https://shop.example/", order="order-1")
    assert script.header("authorization") == [f"Bearer {SECRET}", f"Bearer {SECRET[:-1]}2"]


BAD = [
    pytest.param({"amount": Money("1.001", "EUR")}, id="more digits than the currency has"),
    pytest.param({"amount": Money("0", "EUR")}, id="zero"),
    pytest.param({"amount": Money("-1", "EUR")}, id="negative"),
    pytest.param({"amount": Money("1.5", "JPY")}, id="a half yen"),
    pytest.param({"amount": Money("1", "USDC")}, id="a token: a session's amount is fiat"),
    pytest.param({"order": ""}, id="an empty order"),
    pytest.param({"order": "a\r\nb"}, id="a line break in the order"),
    pytest.param({"attempt": 0}, id="attempt 0"),
    pytest.param({"order": None, "idempotency_key": "a b"}, id="a space in the key"),
    pytest.param({"order": None, "idempotency_key": "x" * 256}, id="a key too long"),
    pytest.param({"return_url": "http://shop.example/"}, id="a return_url without TLS"),
    pytest.param({"return_url": "javascript:alert(1)"}, id="a return_url that is a script"),
    pytest.param({"flow": "onramp"}, id="a flow that does not exist"),
    pytest.param({"metadata": {"order_id": "other"}}, id="two orders"),
    pytest.param({"timeout": 0}, id="no time"),
    pytest.param({"timeout": float("nan")}, id="NaN seconds"),
]


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(bad: dict[str, Any]) -> None:
    script = Script(OK)
    given = {"amount": EUR, "return_url": "https://shop.example/", "order": "order-1", **bad}
    with gate(script) as client:
        with pytest.raises((GateUsageError, ValueError)):
            client.sessions.create(**given)
    assert not script.seen


@pytest.mark.parametrize("amount", [100, 1.5, "100.00", None])
def test_an_amount_that_is_no_money_is_refused(amount: Any) -> None:
    script = Script(OK)
    with gate(script) as client:
        with pytest.raises((GateUsageError, TypeError, ValueError), match="Money"):
            client.sessions.create(
                amount=amount, return_url="https://shop.example/", order="order-1"
            )
    assert not script.seen


def test_an_error_pickles_and_holds_no_secret() -> None:
    script = Script(*[refusal(503, f"bad {SECRET}", f"no such key {SECRET}")] * 4)
    with pytest.raises(OutcomeUnknown) as caught:
        create(script)
    error = caught.value
    again = pickle.loads(pickle.dumps(error))
    assert (again.idempotency_key, str(again)) == (error.idempotency_key, str(error))
    shown = repr(error) + str(error) + repr(vars(copy.copy(error))) + repr(error.last_error)
    shown += "".join(traceback.format_exception(error)) + repr(error.__context__)
    assert SECRET not in shown
    assert error.__context__ is None


def test_a_client_hides_its_key_and_refuses_to_be_pickled() -> None:
    with gate(Script()) as client:
        assert SECRET not in repr(client) + str(vars(client))
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(client)
        with pytest.raises(TypeError, match="pickled"):
            copy.copy(client)
