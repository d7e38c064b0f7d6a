"""Questions that are answered at once: what is sent for each, and what the answer tells.

Each takes the probe and yields findings. None relies on a status or field that nobody documented.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

import attrs

from zerogate_probe.client import MARK, Clock, Heard, Own, ProbeClient, date_seconds
from zerogate_probe.findings import QUESTIONS, Finding

ROUNDS: Final = 3
#: Where fields stand that are only inferred, of what can be read without changing anything.
INFERRED: Final = (
    ("listCountries", "/capabilities/countries", ("name", "default_currency")),
    ("listCurrencies", "/capabilities/currencies", ("name",)),
    ("listAssets", "/capabilities/assets", ("name", "min_amount", "max_amount")),
)
#: No id of anything.
NOBODY: Final = "0" * 24


@attrs.define
class Probe:
    """State of one run: its client, its own objects, and the time it may still wait.

    terms: What every session of this run asks for.
    second: Talks under another API key, of the same partner.
    wait: Seconds that all questions that take time may take together.
    replayed_in: Seconds that a plain replay took.
    """

    client: ProbeClient
    own: Own
    clock: Clock
    terms: dict[str, Any]
    second: ProbeClient | None = None
    wait: float = 0.0
    first: Heard | None = None
    replayed_in: float = 0.0
    body: dict[str, Any] = attrs.field(factory=dict)
    key: str = ""
    remembered: bool | None = None

    def body_for(self, question: str, **other: Any) -> dict[str, Any]:
        """Return a session's terms with our mark in the metadata, *other* ones replaced."""
        marks = {MARK: self.own.run, "question": question}
        return {**self.terms, **other, "metadata": marks}

    def key_for(self, question: str) -> str:
        """Return the idempotency key of a question in this run."""
        return f"zerogate-probe-{self.own.run}-{question}"

    def create_session(
        self, question: str, client: ProbeClient | None = None
    ) -> tuple[Heard, dict[str, Any], str]:
        """Create a session for a question; return the answer, its body and its key."""
        body, key = self.body_for(question), self.key_for(question)
        return (client or self.client).create(body, key), body, key


def found(
    about: str,
    answer: str,
    *heard: Heard,
    value: Any = None,
    names: Mapping[str, tuple[str, ...]] | None = None,
    **figures: float,
) -> Finding:
    """Return a finding with the ids of its requests; KeyError for an unknown question."""
    requests = tuple(one.request_id for one in heard if one.request_id)
    return Finding(about, QUESTIONS[about], answer, value, figures, requests, names or {})


FORGOTTEN: Final = "not told: a repeat was not the first session again"


def creating(probe: Probe) -> Iterator[Finding]:
    """Create the first session, kept in the probe; yield the status and the id's form."""
    probe.first, probe.body, probe.key = probe.create_session("first")
    first = probe.first
    status = first.status if first.status in (200, 201) else None
    yield found("created_status", str(first), first, value=status)
    for kind, pattern in (("hex", "[0-9a-f]{24}"), ("prefixed", "gs_(test|live)_.+")):
        if re.fullmatch(pattern, first.id):
            yield found("session_ids", f"{kind}, such as {first.id}", first, value=kind)
            return
    yield found("session_ids", f"otherwise, such as {first.id}", first)


def replaying(probe: Probe) -> Iterator[Finding]:
    """Repeat the first create at once; yield what of it differs, and note if it was remembered."""
    first = probe.first
    assert first is not None
    again = probe.client.create(probe.body, probe.key)
    probe.replayed_in = again.ended - again.began
    probe.remembered = again.id == first.id if again.ok else None
    if not again.ok:
        told = f"not told: the replay was refused ({again})"
        yield from (found(one, told, first, again) for one in ("replay_secret", "replay_body"))
        return
    if not probe.remembered:
        yield found("replay_secret", FORGOTTEN, first, again)
        return
    secret = "client_secret" in again.body
    yield found("replay_secret", "yes" if secret else "no", first, again, value=secret)
    names = sorted(n for n in {*first.body, *again.body} if _differs(n, first, again))
    marks = sorted({n.lower() for n in again.headers} - {n.lower() for n in first.headers})
    said = [f"its status is {again.status}, not {first.status}"] * (first.status != again.status)
    said += [f"the fields {', '.join(names)}"] * bool(names)
    said += [f"the headers {', '.join(marks)} are new"] * bool(marks)
    yield found("replay_body", "; ".join(said) or "nothing", first, again)


def _differs(name: str, one: Heard, other: Heard) -> bool:
    """Return True where the field differs, or only one of them has it."""
    return bool(one.body.get(name, ...) != other.body.get(name, ...))


def another_body(probe: Probe) -> Iterator[Finding]:
    """Repeat the first key with another amount; yield how that is answered."""
    first = probe.first
    assert first is not None
    amount = probe.terms["amount"]
    other = probe.body_for("first", amount=f"1{amount}")
    heard = probe.client.create(other, probe.key)
    about = "same_key_other_body"
    if heard.status in (409, 422):
        yield found(about, f"refused: {heard}", first, heard, value=str(heard.status))
    elif heard.ok and heard.id == first.id:
        yield found(about, "the first answer again", first, heard, value="old")
    elif heard.ok and not probe.remembered:
        yield found(about, FORGOTTEN, first, heard)
    elif heard.ok:
        yield found(about, "ANOTHER session: the key does not protect", first, heard)
    else:
        yield found(about, f"refused: {heard}", first, heard)


def in_flight(probe: Probe) -> Iterator[Finding]:
    """Send two creates under one key at once, a few times; yield how the second fares."""
    about = "same_key_in_flight"
    heard: list[Heard] = []
    for round in range(ROUNDS):
        body = probe.body_for(about)
        pair = _at_once(probe.client, body, probe.key_for(f"{about}-{round}"))
        heard += pair
        refused = [one for one in pair if not one.ok]
        if refused:
            value = "409" if refused[0].status == 409 else None
            yield found(about, f"refused: {refused[0]}", *pair, value=value)
            return
        if pair[0].id != pair[1].id:
            yield found(about, "a second session is made", *pair, value="second")
            return
    if any(
        _both_waited(probe, one, other) for one, other in zip(heard[::2], heard[1::2], strict=True)
    ):
        yield found(about, "it waits, and is the same session", *heard, value="wait")
    else:
        told = f"not told: one session for both in {ROUNDS} tries, but they may not have met"
        yield found(about, told, *heard)


def _both_waited(probe: Probe, one: Heard, other: Heard) -> bool:
    """Return True where both took far longer than a replay: then the repeat stood in line."""
    return min(one.ended - one.began, other.ended - other.began) > 3 * probe.replayed_in + 0.05


def _at_once(client: ProbeClient, body: dict[str, Any], key: str) -> list[Heard]:
    """Send the same create from two threads at the same moment; return both answers."""
    gate = threading.Barrier(2)

    def one() -> Heard:
        """Wait for the other thread, then create."""
        gate.wait(timeout=10)
        return client.create(body, key)

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(one) for _ in range(2)]
    return [each.result() for each in asked]


def scope(probe: Probe) -> Iterator[Finding]:
    """Repeat the first create under the second API key, if given; yield whose idempotency keys are."""
    about, first = "key_scope", probe.first
    assert first is not None
    if probe.second is None:
        yield found(about, "not asked: no second API key of this partner was given")
        return
    seen = probe.second.session(first.id)
    if seen.status != 200:
        yield found(about, f"not asked: the second key is of another partner ({seen})", seen)
        return
    if not probe.remembered:
        yield found(about, FORGOTTEN, first)
        return
    heard = probe.second.create(probe.body, probe.key)
    if not heard.ok:
        yield found(about, f"not told: {heard}", first, heard)
    elif heard.id == first.id:
        yield found(about, "the partner's", first, heard, value="partner")
    else:
        yield found(about, "the API key's: a new API key makes a second session", first, heard,
                    value="key")  # fmt: skip


def quotes(probe: Probe) -> Iterator[Finding]:
    """Ask for a preview and two locked quotes; yield statuses, the life stated, if keys are shared."""
    first, currency = probe.first, probe.terms["currency"]
    assert first is not None
    method = _first_text(probe.client.get("/capabilities/payment-methods", currency=currency), "id")
    asset = _first_text(probe.client.get("/capabilities/assets", currency=currency), "symbol")
    ask = {"currency": currency, "asset": asset, "amount": probe.terms["amount"]}
    preview = probe.client.post("/quotes/preview", {**ask, "side": "on_ramp"})
    body = {**ask, "side": "on_ramp", "payment_method": method}
    locked = probe.client.post("/quotes", body, probe.key_for("quote"))
    yield found("post_statuses", f"previewQuotes {preview}, lockQuote {locked}", preview, locked)
    if not locked.ok:
        told = f"not told: no quote could be locked ({locked})"
        yield from (found(one, told, locked) for one in ("quote_life", "key_space"))
        return
    life = _quote_life(locked)
    yield found("quote_life", "not told" if life is None else f"{life:g}", locked, value=life)
    if not probe.remembered:
        yield found("key_space", FORGOTTEN, first)
        return
    shared = probe.client.post("/quotes", body, probe.key)
    own = shared.ok and shared.id != first.id
    told = "yes, each has its own" if own else f"no: {shared}"
    yield found("key_space", told, first, shared, value="operation" if own else "account")


def _first_text(heard: Heard, name: str) -> str:
    """Return the first text under this name in the rows; "" where there is none."""
    return next((str(row[name]) for row in heard.rows if isinstance(row.get(name), str)), "")


def _quote_life(locked: Heard) -> float | None:
    """Return a quote's life in whole seconds, by Gate's own clock; None where it cannot be told."""
    ends, made = instant(locked.text("expires_at")), instant(locked.text("created_at"))
    if ends is None:
        return None
    if made is None:
        try:
            made = date_seconds(locked.headers.get("date", ""))
        except (ValueError, TypeError):
            return None
    return float(round(ends - made))


def instant(text: str) -> float | None:
    """Return the Unix seconds of an ISO time; None where it is none, or has no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.timestamp()


def errors(probe: Probe) -> Iterator[Finding]:
    """Read a session that is nobody's; yield the form of messages and of request ids."""
    heard = probe.client.session(NOBODY)
    message = heard.body.get("message")
    if isinstance(message, str | list):
        listed = isinstance(message, list)
        told = "a list of texts" if listed else "a text"
        yield found("message_list", told, heard, value=listed)
    else:
        yield found("message_list", f"not told: {heard} has no message", heard)
    without = [one for one in probe.client.heard if not one.request_id]
    same = heard.text("request_id") == heard.request_id
    told = f"missing on {len(without)} of {len(probe.client.heard)} answers" if without else "yes"
    yield found("request_ids", told if same else f"{told}; the envelope has another", heard)


def inferred(probe: Probe) -> Iterator[Finding]:
    """Read lists of what is offered; yield which fields are there that nobody documented."""
    heard: list[Heard] = []
    there: list[str] = []
    absent: list[str] = []
    for _, path, names in INFERRED:
        answer = probe.client.get(path)
        heard.append(answer)
        for name in names if answer.rows else ():
            full = f"{path.rpartition('/')[2]}.{name}"
            (there if any(name in row for row in answer.rows) else absent).append(full)
    parts = [f"{word}: {', '.join(names)}" for word, names in (("there", there), ("not", absent))
             if names]  # fmt: skip
    value = bool(there) if there or absent else None
    yield found("inferred_fields", "; ".join(parts) or "not told: empty lists", *heard, value=value)


def ending(probe: Probe) -> Iterator[Finding]:
    """Cancel a session twice and repeat its create; yield how both are answered."""
    created, body, key = probe.create_session("ending")
    done = probe.client.cancel(created.id)
    twice = probe.client.cancel(created.id)
    yield found("second_cancel", f"{twice} (the first: {done})", done, twice)
    if not probe.remembered:
        yield found("replay_after_end", FORGOTTEN, done)
        return
    again = probe.client.create(body, key)
    if not again.ok:
        told = f"refused: {again}"
    elif again.id != created.id:
        told = "ANOTHER session: the key was forgotten when the session ended"
    else:
        told = f"status {again.text('status')}"
    yield found("replay_after_end", told, created, done, again)


#: In this order, after `creating`: the later ones lean on what it made.
AT_ONCE: Final[tuple[Callable[[Probe], Iterator[Finding]], ...]] = (
    *(replaying, another_body, in_flight, scope, quotes, errors, inferred, ending),
)
