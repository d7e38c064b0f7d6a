"""Webhooks reach a function or an application in this process, as they would over a socket."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate import Gate, Money, webhooks
from zerogate_sandbox import Sandbox, Webhooks

PATH = "/webhooks/gate"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=1)


def hooks(sandbox: Sandbox) -> Webhooks:
    return Webhooks(sandbox, "whsec_test_pytest")


def paid(sandbox: Sandbox, key: str = "sk_test_shop") -> None:
    with Gate(key, transport=sandbox.transport(), clock=sandbox.clock) as gate:
        session = gate.sessions.create(
            amount=Money("100.00", "EUR"),
            order="order-1",
            return_url="https://shop.example/",
            metadata={"note": "Åsa"},
        )
    sandbox.pay(session.id)


def asgi(seen: list[Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        seen.append((scope["path"], dict(scope["headers"]), message["body"]))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


def wsgi(seen: list[Any]) -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        seen.append((environ["PATH_INFO"], environ, body))
        start_response("202 Accepted", [])
        return [b""]

    return app


@pytest.mark.parametrize("app", [asgi, wsgi])
def test_an_application_gets_what_was_signed(sandbox: Sandbox, app: Any) -> None:
    seen: list[Any] = []
    given = hooks(sandbox)
    given.to(app(seen), path=PATH)
    paid(sandbox)
    assert {one.status for one in given.deliver()} == {202}
    now = sandbox.clock.now()
    types = []
    for path, headers, body in seen:
        assert path == PATH
        types.append(webhooks.verify(body, headers, given.secret, now=now).type)
    assert types == ["gate_session.created", "gate_session.processing", "gate_session.completed"]
    assert [one.event_type for one in given.sent] == types
    given.close()


@pytest.mark.parametrize(
    ("answer", "status"),
    [(None, 200), (204, 204), (webhooks, None)],
    ids=["nothing", "a status", "neither"],
)
def test_a_function_answers_a_status_or_nothing(
    sandbox: Sandbox, answer: Any, status: int | None
) -> None:
    given = hooks(sandbox)
    given.to(lambda body, headers: answer)
    paid(sandbox)
    if status is None:
        with pytest.raises(TypeError, match="a receiver answers a status"):
            given.deliver()
    else:
        assert {one.status for one in given.deliver()} == {status}


def test_an_awaited_function_runs_in_one_loop(sandbox: Sandbox) -> None:
    import asyncio

    loops = set()

    async def receive(body: bytes, headers: dict[str, str]) -> int:
        await asyncio.sleep(0)
        loops.add(asyncio.get_running_loop())
        return 200

    given = hooks(sandbox)
    given.to(receive)
    paid(sandbox)
    assert {one.status for one in given.deliver()} == {200}
    assert len(loops) == 1
    given.close()


async def test_an_awaited_test_has_it_in_its_own_loop(sandbox: Sandbox) -> None:
    import asyncio

    loops = set()

    async def receive(body: bytes, headers: dict[str, str]) -> None:
        loops.add(asyncio.get_running_loop())

    given = hooks(sandbox)
    given.to(receive)
    paid(sandbox)
    assert {one.status for one in await given.deliver_async()} == {200}
    assert loops == {asyncio.get_running_loop()}


class Broken(Exception):
    pass


def broken(body: bytes, headers: dict[str, str]) -> int:
    raise Broken("the disk is full")


def test_what_a_receiver_raises_goes_up(sandbox: Sandbox) -> None:
    given = hooks(sandbox)
    given.to(broken)
    paid(sandbox)
    with pytest.raises(Broken, match="the disk is full"):
        given.deliver()


async def test_also_in_an_awaited_test(sandbox: Sandbox) -> None:
    given = hooks(sandbox)
    given.to(broken)
    paid(sandbox)
    with pytest.raises(Broken):
        await given.deliver_async()


def test_or_is_an_answer_that_gate_tries_again(sandbox: Sandbox) -> None:
    given = hooks(sandbox)
    given.to(broken, raising=False)
    sandbox.send_test("sk_test_shop")
    (first,) = given.deliver()
    assert (first.status, first.error) == (None, "Broken: the disk is full")
    given.to(lambda body, headers: 200)
    (second,) = given.advance(60)
    assert (second.status, second.event_id) == (200, first.event_id)


def test_an_account_that_was_there_before_has_them_too(sandbox: Sandbox) -> None:
    sandbox.account("sk_test_shop")
    given = hooks(sandbox)
    given.to(lambda body, headers: 200)
    paid(sandbox)
    assert len(given.deliver()) == 3


def test_without_a_receiver_it_says_so(sandbox: Sandbox) -> None:
    given = hooks(sandbox)
    paid(sandbox)
    with pytest.raises(RuntimeError, match=r"gate_webhooks\.to"):
        given.deliver()


def test_what_is_no_receiver_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="not str"):
        hooks(sandbox).to("http://127.0.0.1:8000/webhooks/gate")
