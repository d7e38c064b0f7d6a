# Written by facade/unasync.py from tests/client/_async/test_secrets.py; edit that file.
"""Canaries: an API key, a client secret and personal data reach no sink but the wire."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import traceback
import warnings
from typing import Any

import pytest
from zerogate import AttemptRecord, CallRecord, Gate, GateError, Money
from zerogate._transport.messages import InOurWords

from tests.client.scripts import (
    PUBLISHABLE,
    SECRET,
    Script,
    VirtualClock,
    answer,
    created,
    refusal,
    session,
)

EMAIL = "canary.person@shop.example"
WALLET = "0xCANARYWALLET00000000000000000000000001"
CLIENT_SECRET = "gsec_gs_test_0001_canary"

FAULTS = {
    "refused": refusal(401, "unauthorized", f"Bearer {SECRET} is not known"),
    "repeats the key in its code": refusal(403, SECRET, SECRET),
    "reset": ConnectionResetError(f"while sending {SECRET}"),
    "a transport that tells all": OSError(f"headers: Authorization: Bearer {SECRET}"),
    "HTML": answer(502, f"<html>{SECRET} {CLIENT_SECRET}</html>".encode()),
    "redirect": answer(307, b"", {"location": f"https://evil.example/?k={SECRET}"}),
    "does not fit": answer(201, created(expires_at=None)),
}


class AnswerUnread(InOurWords, OSError):
    """As our own transport tells of an answer, some of it in the server's words."""


def shown(error: BaseException) -> str:
    """Everything that a program may print, log, store or send of an error."""
    told = traceback.TracebackException.from_exception(error, capture_locals=False)
    parts = [str(error), repr(error), "".join(told.format()), repr(error.__cause__)]
    parts += [repr(error.__context__), repr(pickle.loads(pickle.dumps(error))), repr(error.args)]
    facts = vars(copy.copy(error))
    parts += [repr(facts), json.dumps(facts, default=repr), repr(copy.deepcopy(error))]
    return "\n".join(parts)


def frames_of_ours(error: BaseException) -> str:
    """The locals of the library's own frames, as an error reporter collects them."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(
        repr(frame.locals) for frame in told.stack if "/facade/zerogate/" in frame.filename
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_shows_a_credential(fault: str) -> None:
    with Gate(SECRET, transport=Script(*[FAULTS[fault]] * 4), clock=VirtualClock()) as gate:
        with pytest.raises(GateError) as caught:
            gate.sessions.create(
                amount=Money("100", "EUR"), order="order-1", return_url="https://shop.example/"
            )
    told = shown(caught.value) + frames_of_ours(caught.value)
    for canary in (SECRET, CLIENT_SECRET):
        assert canary not in told


CUSTOMER = {
    **dict.fromkeys(("phone", "first_name", "last_name", "country_code", "kyc_status")),
    "id": "cus_1",
    "object": "customer",
    "partner_id": "p_1",
    "mode": "test",
    "metadata": {},
    "email": "a@b.example",
    "external_id": "u-1",
    "kyc_status": "none",
    **dict.fromkeys(("created_at", "updated_at"), "2026-06-01T12:00:00.000Z"),
}
PASSPORT, NOTE, NAME = "CANARYpassport", "canarynote", "Canary Quill"
PERSON: Any = {
    "wallet_address": WALLET,
    "user_reference": "canaryuser",
    "metadata": {"note": NOTE, "password": "canarypass1"},
    "kyc_package": {"passport": PASSPORT, "name": NAME, "email": EMAIL, "number": 770077007},
}
SAID = (
    f"{EMAIL}, {WALLET}, canaryuser, {NOTE}, canarypass1, {PASSPORT}, {NAME}, 770077007, {SECRET}"
)


def echoing(status: int, **envelope: Any) -> Any:
    """All that was sent, in all that an error is made of; the rest of it is to stay."""
    body = {"type": NOTE, "code": PASSPORT, "message": f"kyc_package.passport: {SAID}"} | envelope
    return answer(status, body, {"x-request-id": f"req_1 {EMAIL} {SECRET}"})


ECHOES: dict[str, Any] = {
    "refused": echoing(400),
    "refused, in other words": echoing(422, code="invalid_request", message=SAID.upper()),
    "a conflict": echoing(409),
    "no such thing": echoing(404),
    "in doubt": echoing(500),
    "a page of HTML": answer(502, f"<p>{SAID.replace('@', '&#64;')}</p>".encode()),
    "a cut envelope": answer(400, json.dumps({"message": SAID}).encode()[:-1]),
    "a long one": answer(502, (" " * 980 + SAID).encode()),
    "a redirect": answer(307, b"", {"location": f"https://{EMAIL}:{PASSPORT}@{NOTE}/"}),
    "an object known by it": answer(201, created(id=EMAIL, expires_at=None)),
    "does not fit": answer(201, created(expires_at=None, metadata=PERSON["metadata"])),
    "other terms": answer(201, created(currency=PASSPORT)),
    "another's marks": answer(201, created(metadata={"zerogate_key": f"k {EMAIL}"})),
    "a coding": AnswerUnread(f"the answer's body is in a coding: {PASSPORT}"),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_what_was_sent_about_a_person_comes_back_in_no_error(
    echo: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    records: list[Any] = []
    with Gate(
        SECRET,
        transport=Script(*[ECHOES[echo]] * 4),
        clock=VirtualClock(),
        observer=records.append,
    ) as gate:
        with pytest.raises(GateError) as caught:
            gate.sessions.create(
                amount=Money("100", "EUR"),
                order="order-1",
                return_url="https://shop.example/",
                **PERSON,
            )
    error = caught.value
    told = shown(error) + repr(error.last_error) + repr(records) + caplog.text
    told = (told + frames_of_ours(error)).lower()
    for sent in [*SAID.lower().split(", "), "canary", "quill", "770077"]:
        assert sent not in told
    assert "createSession" in str(error)
    assert error.order == "order-1"
    if error.status in (400, 409, 422, 404) and echo != "a cut envelope":
        assert error.request_ids[0].startswith("req_1")
    if echo == "refused":
        assert "kyc_package.passport: [kyc_package]" in str(error)
    if echo.endswith("other words"):
        assert error.code == "invalid_request"


def test_what_a_search_for_a_customer_and_a_change_sent_comes_back_in_no_error() -> None:
    refused = answer(400, {"type": "x", "code": "y", "message": f"{EMAIL}, of Quill, is odd"})
    unclear = [answer(200, CUSTOMER), *[answer(500, b"")] * 4, refused]
    script = Script(refused, refused, answer(200, CUSTOMER), refused, *unclear)
    with Gate(SECRET, transport=script, clock=VirtualClock()) as gate:
        told = {"first_name": "Quill", "metadata": {"mail": EMAIL}}
        calls: dict[str, Any] = {
            "email": lambda: gate.customers.create(external_id="u-1", email=EMAIL),
            "email=": lambda: gate.customers.list(email=EMAIL).first(),
            "metadata": lambda: gate.customers.update("cus_1", **told),
            "metadata, read": lambda: gate.customers.update("cus_1", **told),
        }
        for field, call in calls.items():
            with pytest.raises(GateError) as caught:
                call()
            error = shown(caught.value) + str(caught.value.last_error)
            assert f"[{re.split('=|,', field)[0]}], of" in error
            assert "canary.person" not in error


def test_no_log_no_record_and_no_warning_shows_a_secret_or_a_person(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    records: list[AttemptRecord | CallRecord] = []
    script = Script(
        *[FAULTS["reset"], FAULTS["HTML"], answer(201, created(wallet_address=WALLET))],
        refusal(409, "customer_already_exists", f"{EMAIL} is taken"),
    )
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with Gate(
            SECRET,
            publishable_key=PUBLISHABLE,
            transport=script,
            clock=VirtualClock(),
            observer=records.append,
        ) as gate:
            made: Any = gate.sessions.create(
                amount=Money("100", "EUR"),
                order="order-1",
                return_url="https://shop.example/",
                wallet_address=WALLET,
            )
            with pytest.raises(GateError):
                gate.customers.create(email=EMAIL, external_id="user-1")
    assert len(records) == 6
    told = caplog.text + repr(records) + repr([w.message for w in warned]) + repr(gate)
    told += repr(vars(gate))
    for canary in (SECRET, PUBLISHABLE, CLIENT_SECRET, EMAIL, WALLET):
        assert canary not in told
    assert CLIENT_SECRET not in repr(made) + str(made)


def test_every_attempt_and_call_is_told_with_what_support_asks_for() -> None:
    records: list[Any] = []
    clock = VirtualClock()
    script = Script(FAULTS["reset"], answer(201, created()), clock=clock, takes=0.25)
    with Gate(
        SECRET, transport=script, clock=clock, observer=records.append, account="the shop"
    ) as gate:
        gate.sessions.create(
            amount=Money("100", "EUR"), order="order-1", return_url="https://shop.example/"
        )
    first, second, call = records
    assert (first.number, first.meaning, first.status) == (1, "unclear", None)
    assert (second.number, second.meaning, second.status) == (2, "done", 201)
    assert (second.request_id, second.seconds) == ("req_test_1", 0.25)
    assert (call.attempts, call.error, call.request_ids) == (2, None, ("req_test_1",))
    for record in records:
        assert record.operation == "createSession"
        assert (record.method, record.route) == ("POST", "/gate_sessions")
        assert (record.mode, record.account) == ("test", "the shop")
        assert record.host == "https://gate-api-sandbox.0bit.app"
        assert (record.order, record.attempt) == ("order-1", 1)
        assert record.idempotency_key == script.header("idempotency-key")[0]


def test_an_observer_that_raises_fails_no_call(caplog: pytest.LogCaptureFixture) -> None:
    def broken(record: Any) -> None:
        raise RuntimeError("the observer's own trouble")

    script = Script(answer(200, session()))
    with Gate(SECRET, transport=script, clock=VirtualClock(), observer=broken) as gate:
        assert (gate.sessions.retrieve("gs_test_0001")).id == "gs_test_0001"
    assert "the observer of this client raised" in caplog.text


def test_a_read_only_client_sends_no_write() -> None:
    script = Script(answer(200, session()))
    with Gate(SECRET, transport=script, clock=VirtualClock(), read_only=True) as gate:
        gate.sessions.retrieve("gs_test_0001")
        with pytest.raises(GateError, match="read_only"):
            gate.sessions.cancel("gs_test_0001")
        with pytest.raises(GateError, match="read_only"):
            gate.deliveries.send_test()
        with pytest.raises(GateError, match="read_only"):
            gate.customers.delete("cus_1")
    assert len(script.seen) == 1


def test_each_kind_of_key_serves_its_own_operations() -> None:
    script = Script(answer(201, {"embed_token": "jwt", "mode": "test"}))
    with Gate(publishable_key=PUBLISHABLE, transport=script, clock=VirtualClock()) as gate:
        with pytest.raises(GateError, match="secret key"):
            gate.sessions.retrieve("gs_test_0001")
        gate.embed.bootstrap(CLIENT_SECRET, origin="https://shop.example")
    assert script.header("authorization") == [f"Bearer {PUBLISHABLE}"]
    assert script.header("origin") == ["https://shop.example"]
    with Gate(SECRET, transport=script, clock=VirtualClock()) as gate:
        with pytest.raises(GateError, match="publishable key"):
            gate.embed.bootstrap(CLIENT_SECRET, origin="https://shop.example")
