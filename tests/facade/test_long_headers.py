"""What strangers write outside of JSON is read in work that grows with its length: counted, not timed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zerogate import Money, webhooks
from zerogate._idempotency.retries import retry_after, server_time
from zerogate._idempotency.terms import differences
from zerogate._transport.bodies import Body
from zerogate._wire import refusals, responses
from zerogate._wire.masking import hidden
from zerogate._wire.operations import OPERATIONS
from zerogate_store._journal.listings import time_of

from tests.working import grows_faster

SECRET = "whsec_0123456789abcdef"
CREATE, LIST = OPERATIONS["createSession"], OPERATIONS["listSessions"]


def signature(text: str) -> object:
    return webhooks.verify(b"{}", {"Gate-Signature": text}, SECRET, now=1)


def several(text: str) -> object:
    """As many headers as there are lines."""
    return webhooks.verify(b"{}", [("x-" + one, one) for one in text.split("\n")], SECRET, now=1)


def coding(text: str) -> object:
    return Body(text, 1000)


def zipped(text: str) -> object:
    body = Body("gzip", 8_000_000)
    body.add(b"\x1f\x8b" + text.encode())
    return body.whole()


def in_pieces(text: str) -> object:
    body = Body("", 8_000_000)
    for one in text:
        body.add(one.encode())
    return body.whole()


def amount(text: str) -> object:
    return list(differences("createSession", {"amount": "1.00"}, {"amount": text}))


def network(text: str) -> object:
    asked = {"target_network": "base", "wallet_address": "0x1"}
    return list(
        differences("createSession", asked, {"target_network": text, "wallet_address": text})
    )


def refusal(text: str) -> object:
    told = b'{"message":"' + text.encode() + b'","code":"x","type":"x"}'
    found = responses.complaint_of(400, {"x-request-id": text}, told)
    return refusals.refusal(CREATE, found, text)


def echo(text: str) -> object:
    """Hide a long text in an answer that repeats all of it or a part."""
    sent = {"email": f"{text[:200]}@shop.example", "kyc_package": {"name": text, "note": "a" * 99}}
    return hidden(text, sent, "Bearer sk_test_a0123456789")


def page(text: str) -> object:
    return responses.read(LIST, b"<html>" + text.encode(), {})


READERS: dict[str, Callable[[str], object]] = {
    "Gate-Signature": signature,
    "many headers": several,
    "Content-Encoding": coding,
    "a zipped body": zipped,
    "a body in pieces": in_pieces,
    "Retry-After": lambda text: retry_after(text, 1.0),
    "Date": lambda text: server_time((text, 1.0, 0.0), 2.0),
    "a time": time_of,
    "an amount": amount,
    "an amount of a program's": lambda text: Money(text, "EUR"),
    "a code": lambda text: Money("1", text),
    "a network and a wallet": network,
    "an envelope and its headers": refusal,
    "a page of HTML": page,
    "what was sent": echo,
}
TEXTS: dict[str, Callable[[int], str]] = {
    "digits": lambda n: "1" * n,
    "commas": lambda n: "," * n,
    "signatures": lambda n: "t=1" + ",v1=00" * (n // 6),
    "times": lambda n: "t=1," * (n // 4),
    "codings": lambda n: "gzip," * (n // 5),
    "words": lambda n: "utf-8, " * (n // 7),
    "dates": lambda n: "Sat, 28 Nov 2026 " * (n // 17),
    "zones": lambda n: "2026-11-28T10:00:00" + "+01:00" * (n // 6),
    "blanks": lambda n: " " * n,
    "lines": lambda n: "a\n" * (n // 2),
    "brackets": lambda n: "([{" * (n // 3),
    "points": lambda n: "1." * (n // 2),
    "exponents": lambda n: "1e" + "9" * n,
    "letters": lambda n: "a" * n,
    "hex": lambda n: "0x" + "f" * n,
    "keys": lambda n: "sk_test_" * (n // 8),
    "addresses": lambda n: "https://a.example/" + "@" * n,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_work_does_not_grow_faster_than_the_text(reader: str, text: str) -> None:
    assert grows_faster(READERS[reader], TEXTS[text], 300) is None


def squarely(text: str) -> Any:
    return [sum(1 for _ in text) for _ in text]


def test_control_work_that_grows_faster_is_noticed() -> None:
    assert grows_faster(squarely, TEXTS["letters"], 100) is not None
