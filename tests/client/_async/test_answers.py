"""Errors say what to do next, and nothing that a server says in prose decides anything."""

from __future__ import annotations

import random
import string
from typing import Any

import pytest
from zerogate import (
    AsyncGate,
    Conflict,
    Forbidden,
    GateError,
    InvalidRequest,
    KeyReused,
    Money,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    ReadFailed,
    RequestRejected,
    Unauthorized,
)

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

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"

#: status, code, its error, and what its message advises, in this order.
ADVICE: list[tuple[int, str, type[GateError], tuple[str, ...]]] = [
    (400, "invalid_request", InvalidRequest, ("fix the request", "cannot help")),
    (401, "unauthorized", Unauthorized, ("check the key", "environment", "host")),
    (402, "insufficient_balance", RequestRejected, ("balance",)),
    (403, "forbidden", Forbidden, ("revoked", "other mode", "enabled")),
    (404, "not_found", NotFound, ("for this key", "check the id")),
    (409, "conflict", Conflict, ("read it again", "by its status")),
    (409, "idempotency_conflict", KeyReused, ("something else in them", "another payment")),
    (422, "invalid_request", InvalidRequest, ("fix the request",)),
    (429, "rate_limited", RateLimited, ("retry_after", "jitter")),
    (501, "not_enabled", RequestRejected, ("no such capability",)),
]


async def ask(gate: AsyncGate, what: str) -> Any:
    match what:
        case "create":
            return await gate.sessions.create(amount=EUR, return_url=SHOP, order="order-1")
        case "cancel":
            return await gate.sessions.cancel("gs_test_0001")
        case "update":
            return await gate.branding.update(brand_name="Shop")
        case "delete":
            return await gate.customers.delete("cus_1")
        case "replay":
            return await gate.deliveries.replay("whd_1")
        case "send_test":
            return await gate.deliveries.send_test()
        case "customer":
            return await gate.customers.create(email="ada@shop.example", external_id="u-1")
        case "asset":
            return await gate.capabilities.asset("USDC")
        case "bootstrap":
            return await gate.embed.bootstrap(origin="https://shop.example")
        case "list":
            return await gate.sessions.list().first()
        case _:
            return await gate.sessions.retrieve("gs_test_0001")


WHATS = ["create", "cancel", "update", "delete", "replay", "send_test", "list", "retrieve"]


async def met(what: str, *steps: Any) -> tuple[Any, Script]:
    """What a call gives or raises, and what was sent for it."""
    script = Script(*steps)
    async with AsyncGate(
        SECRET, publishable_key=PUBLISHABLE, transport=script, clock=VirtualClock()
    ) as gate:
        try:
            return await ask(gate, what), script
        except GateError as exc:
            return exc, script


@pytest.mark.parametrize(("status", "code", "kind", "advice"), ADVICE)
async def test_a_refusal_says_what_to_do_next_in_this_order(
    status: int, code: str, kind: type[GateError], advice: tuple[str, ...]
) -> None:
    # A 409 to a create may speak of this very create, and so is no plain no.
    for what in ("create", "retrieve") if status != 409 else ("retrieve",):
        error, _ = await met(what, *[refusal(status, code, "Made up.")] * 4)
        assert type(error) is kind
        assert "«Made up.»" in str(error)
        found = [str(error).index(word) for word in advice]
        assert found == sorted(found)


@pytest.mark.parametrize(
    ("what", "status", "advice"),
    [
        ("customer", 409, "customers.list"),
        ("replay", 400, "dead-lettered"),
        ("send_test", 400, "webhook URL"),
        ("asset", 404, "hide it"),
        ("bootstrap", 401, "never fall back"),
        ("bootstrap", 403, "origin="),
    ],
)
async def test_where_more_is_documented_the_advice_is_of_the_operation(
    what: str, status: int, advice: str
) -> None:
    code = "customer_already_exists" if what == "customer" else "made_up"
    error, _ = await met(what, refusal(status, code))
    assert advice in str(error)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("plain", "«plain»"),
        (["one", "two"], "«one; two»"),
        ([], ""),
        (["one", 7, None, {"a": 1}], "«one»"),
        (None, ""),
        (7, ""),
        ({"a": 1}, ""),
        ("x" * 10_000, "x" * 256),
        ("line\r\nbreak\x00\x1b[31m", "«line break [31m»"),
    ],
    ids=["text", "a list", "empty", "mixed", "null", "a number", "an object", "long", "control"],
)
async def test_both_forms_of_a_message_are_shown_and_any_other_does_no_harm(
    message: object, shown: str
) -> None:
    error, _ = await met("create", refusal(400, "invalid_request", message))
    assert isinstance(error, InvalidRequest)
    assert shown in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 500


async def test_an_error_names_every_request_of_its_call() -> None:
    steps = [answer(503, {}, {"x-request-id": f"req_{number}"}) for number in range(4)]
    for what in ("create", "retrieve"):
        error, _ = await met(what, *steps)
        assert isinstance(error, OutcomeUnknown | ReadFailed)
        assert error.request_ids == ("req_0", "req_1", "req_2", "req_3")
    # The body names it as well, where the header was lost on the way.
    lost = answer(400, {"type": "x", "code": "x", "request_id": "req_body"})
    lost = type(lost)(lost.status, {}, lost.body)
    error, _ = await met("create", answer(502, b"", {"x-request-id": "req_0"}), lost)
    assert error.request_ids == ("req_0", "req_body")


@pytest.mark.parametrize("told", [{}, {"data": None}, {"data": "soon"}, {"data": {"a": 1}}])
async def test_a_preview_without_prices_is_not_taken_for_no_price(told: Any) -> None:
    price: Any = {"amount": EUR, "asset": "USDC", "side": "on_ramp"}
    script = Script(*[answer(200, told)] * 4, answer(200, {"data": []}))
    async with AsyncGate(SECRET, transport=script, clock=VirtualClock()) as gate:
        with pytest.raises(ReadFailed, match="no list of objects"):
            await gate.quotes.preview(**price)
        assert await gate.quotes.preview(**price) == []


def random_text(chance: random.Random) -> Any:
    """Any words, those of other errors among them."""
    words = ["already", "cancelled", "expired", "idempotency", "not found", "retry", "success"]
    text = "".join(chance.choice(string.printable) for _ in range(chance.randrange(40)))
    said = " ".join([text, *chance.sample(words, 3)])
    return said if chance.random() < 0.7 else [said, text]


def decided(outcome: Any, script: Script) -> Any:
    """All that a program could act on, and all that was sent."""
    sent = [(request.method, request.target, request.body) for request in script.seen]
    if not isinstance(outcome, GateError):
        return type(outcome), sent
    known = {name: value for name, value in vars(outcome).items() if name != "last_error"}
    last = outcome.last_error
    known["session"] = getattr(known.get("session"), "id", None)
    return type(outcome), known, last and (type(last), last.status, last.code), sent


LOOK = {
    **dict.fromkeys(["logo_url", "primary_color", "secondary_color", "accent_color"]),
    "brand_name": None,
}
STATUSES = [400, 401, 402, 403, 404, 408, 409, 418, 422, 425, 429, 499, 500, 501, 502, 503, 520]


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("status", STATUSES)
async def test_no_decision_reads_the_message(what: str, status: int) -> None:
    chance = random.Random(status)
    after = {
        "cancel": answer(200, session(status="completed")),
        "create": answer(201, created()),
        "update": answer(200, {**LOOK, "brand_name": "Shop"}),
    }.get(what, answer(404, {}))

    async def with_message(message: Any) -> Any:
        said = refusal(status, "some_code", message)
        first = [answer(200, LOOK)] if what == "update" else []
        outcome, script = await met(what, *first, said, after, said, said, said)
        return decided(outcome, script)

    plain = await with_message("Fake.")
    for _ in range(5):
        assert await with_message(random_text(chance)) == plain
