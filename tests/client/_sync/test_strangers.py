# Written by facade/unasync.py from tests/client/_async/test_strangers.py; edit that file.
"""Whatever a server answers, what comes out is a record or an error of ours."""

from __future__ import annotations

import json
import os
import random
from functools import partial
from typing import Any

from zerogate import ANY_AMOUNT, Gate, GateError, Money, RetryPolicy
from zerogate._transport.messages import Reply, Request

from tests.client.gaps import EXAMPLES, operation_of
from tests.client.scripts import (
    PUBLISHABLE,
    SECRET,
    Script,
    VirtualClock,
    created,
    page,
    session,
    transaction,
)

#: 200,000 over both halves take about half a minute; ZEROGATE_FUZZ sets another count.
ROUNDS = int(os.environ.get("ZEROGATE_FUZZ", "20000"))
SEED = int(os.environ.get("ZEROGATE_SEED", "1"))

STATUSES = [200, 201, 207, 204, 301, 307, 400, 401, 402, 404, 408, 409, 418, 422, 425, 429]
STATUSES += [499, 500, 501, 502, 503, 504, 520, 599, 999, 100, 0, -1]
HEADERS = {
    "retry-after": [
        "1",
        "-5",
        "nan",
        "inf",
        "9" * 40,
        "٣",
        "Fri, 31 Dec 1999 23:59:59 GMT",
        "\x00",
    ],
    "x-request-id": ["req_1", "", "x" * 10_000, "\r\n", "é"],
    "location": ["https://evil.example/", "//[", "http://[::1", "javascript:alert(1)", "\x00"],
    "date": ["Fri, 20 Nov 2026 10:00:00 GMT", "yesterday", ""],
    "content-type": ["application/json", "text/html", ""],
}
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    "",
    "x" * 5_000,
    "\ud800",
    [],
    {},
    [[]],
    "NaN",
]
VALUES += ["1e5", "-0", "٣", {"a": {"b": [None]}}, "2026-02-30T25:61:61Z", "open", "completed"]
BODIES: list[Any] = [session(), created(), page(session(), has_more=True), page(transaction())]
BODIES += [{}, [], "text"]
BODIES += EXAMPLES.values()
RAW = [b"", b"null", b"NaN", b"{", b"[" * 100_000, b'{"id":"a","id":"b"}', b"\xff\xfe", b"\x00"]
RAW += [b"<html>", b'{"amount": 1E999999}', b"1" * 5_000, '"\ufeff"'.encode("utf-16"), b"[1,]"]


def changed(chance: random.Random, node: Any) -> Any:
    """A JSON value with a few of its parts replaced, dropped or added."""
    if isinstance(node, dict):
        kept = {k: changed(chance, v) for k, v in node.items() if chance.random() > 0.03}
        if chance.random() < 0.05:
            kept[chance.choice(["id", "data", "x", "status"])] = chance.choice(VALUES)
        return kept
    if isinstance(node, list):
        return [changed(chance, value) for value in node]
    return chance.choice(VALUES) if chance.random() < 0.06 else node


def expected(request: Request) -> Any:
    """An example of the right kind."""
    return EXAMPLES[operation_of(request)]


def reply(chance: random.Random, request: Request) -> Reply:
    if chance.random() < 0.2:
        body = chance.choice(RAW)
    else:
        whole = expected(request) if chance.random() < 0.7 else chance.choice(BODIES)
        part = whole if chance.random() < 0.2 else changed(chance, whole)
        text = json.dumps(part, ensure_ascii=chance.random() < 0.5)
        body = text.encode("utf-8", "surrogatepass")
        if chance.random() < 0.2:
            at = chance.randrange(len(body) + 1)
            body = body[:at] + bytes([chance.randrange(256)]) * chance.randrange(3) + body[at + 1 :]
    headers = {
        name: chance.choice(values) for name, values in HEADERS.items() if chance.random() < 0.3
    }
    status = chance.choice(STATUSES if chance.random() < 0.5 else [200, 201])
    return Reply(status, headers, body)


PRICE: dict[str, Any] = {"amount": Money("1", "EUR"), "asset": "USDC", "side": "on_ramp"}


def ask(gate: Gate, chance: random.Random, number: int) -> Any:
    match chance.randrange(16):
        case 0:
            return gate.sessions.create(
                amount=Money("1", "EUR"), order=f"o-{number}", return_url="https://shop.example/"
            )
        case 1:
            return gate.sessions.retrieve("gs_1")
        case 2:
            return gate.sessions.cancel("gs_1")
        case 3:
            return gate.sessions.list().first()
        case 4:
            return gate.transactions.list().first()
        case 5:
            return gate.customers.delete("cus_1")
        case 6:
            return gate.quotes.preview(**PRICE)
        case 7:
            return gate.quotes.lock(**PRICE, payment_method="bank_transfer")
        case 8:
            return gate.pay_ins.create(
                quote_id="qt_1", expect=ANY_AMOUNT, gate_session_id="gs_1", order=f"o-{number}"
            )
        case 9:
            return gate.branding.update(brand_name="Shop")
        case 10:
            return gate.customers.update("cus_1", first_name="Ada")
        case 11:
            return gate.capabilities.asset("USDC")
        case 12:
            return gate.deliveries.list().first()
        case 13:
            return gate.embed.bootstrap("gsec_x", origin="https://shop.example")
        case 14:
            return gate.customers.create(email="ada@shop.example", external_id=f"u-{number}")
        case _:
            return gate.reconcile.session("gs_1", expect=Money("1", "EUR"), order="o")


def test_no_answer_of_a_stranger_raises_anything_but_our_errors() -> None:
    chance = random.Random(SEED)
    script = Script()
    records = errors = 0
    with Gate(
        SECRET,
        publishable_key=PUBLISHABLE,
        transport=script,
        clock=VirtualClock(),
        retries=RetryPolicy(attempts=1),
    ) as gate:
        for number in range(ROUNDS // 2):
            script.seen.clear()
            script.untils.clear()
            script.steps = [partial(reply, chance)] * 4
            try:
                ask(gate, chance, number)
                records += 1
            except GateError:
                errors += 1
            except Exception as exc:
                raise AssertionError(f"seed {SEED}, round {number}: {exc!r}") from exc
    # Both ends are met, or the strangers are not strange enough.
    assert records > ROUNDS // 100
    assert errors > ROUNDS // 10
