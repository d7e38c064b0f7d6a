"""One run: the questions in their order, and whatever happens the end of every session it made."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
from zerogate import Gate, GateUsageError, __version__

from zerogate_probe.client import Clock, Heard, NotTest, Own, ProbeClient, Silence
from zerogate_probe.facts import Facts, facts_from
from zerogate_probe.findings import NOT_ASKABLE, QUESTIONS, Finding, not_askable
from zerogate_probe.hooks import ringing
from zerogate_probe.networks import networks
from zerogate_probe.questions import AT_ONCE, Probe, creating, found
from zerogate_probe.receiver import Receiver, listening
from zerogate_probe.waiting import expiring, keep, lists, memory

LIVE_HOST: Final = "gate-api.0bit.app"
SANDBOX_HOST: Final = "gate-api-sandbox.0bit.app"
Say = Callable[[str], None]


class Refused(Exception):
    """The first requests were refused: there is nothing to ask. `heard` says how."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(f"Gate refuses: {heard} (request {heard.request_id or 'unknown'})")
        self.heard = heard


@attrs.frozen
class Asked:
    """Result of one run: its facts, and what could not be ended or asked.

    left: What could not be cancelled or found out, each with the reason.
    made, over: How many sessions were seen, and how many of them are over.
    stopped: Why not every question had its turn; then the facts are only some.
    """

    facts: Facts
    left: tuple[str, ...]
    made: int
    over: int
    stopped: KeyboardInterrupt | NotTest | Refused | Silence | None = None


def check_test_mode(gate: Gate, base_url: str | None) -> None:
    """Raise GateUsageError for a live key or host; sends nothing."""
    host = urlsplit(base_url or "").hostname
    if gate.mode != "test" or host == LIVE_HOST:
        raise GateUsageError(
            "the probe makes sessions of its own and is for the sandbox only: give a test key "
            "(sk_test_…) and no live host"
        )


def ask(
    gate: Gate,
    *,
    base_url: str | None,
    clock: Clock,
    terms: dict[str, Any],
    second: Gate | None = None,
    wait: float = 0.0,
    port: int | None = None,
    host: str = "127.0.0.1",
    say: Say = lambda line: None,
    ready: Callable[[Receiver], None] = lambda receiver: None,
) -> Asked:
    """Ask all questions, cancel the sessions; return facts and those left; GateUsageError, OSError.

    terms: What every session asks for: amount, currency, return_url.
    wait: Seconds that the questions which take time may take together.
    port, host: Where the account's webhooks arrive; without a port they are not asked about.
    ready: Called when the receiver listens.

    Raises:
        GateUsageError: not in test mode; nothing was sent.
        OSError: the port is taken; nothing was sent.
    """
    for one in (gate, second):
        if one is not None:
            check_test_mode(one, base_url)
    own = Own(secrets.token_hex(6))
    client, other = (
        ProbeClient(gate, clock, own),
        None if second is None else ProbeClient(second, clock, own),
    )
    probe = Probe(client, own, clock, terms, other, wait)
    findings: list[Finding] = []
    stopped: KeyboardInterrupt | NotTest | Refused | Silence | None = None
    left = []
    with nullcontext(None) if port is None else listening(host, port) as receiver:
        if receiver is not None:
            ready(receiver)
        try:
            for finding in _questions(probe, receiver, say):
                findings.append(finding)
        except (KeyboardInterrupt, NotTest, Refused, Silence) as problem:
            stopped = problem
        finally:
            left = own.end(client)
    facts = facts_from(
        _one_per_question(findings, client),
        asked_at=datetime.fromtimestamp(clock.now(), UTC).isoformat(timespec="seconds"),
        host=urlsplit(base_url).netloc if base_url else SANDBOX_HOST,
        client=f"zerogate {__version__}",
    )
    made = len(own.over | own.open.keys())
    return Asked(facts, tuple(left), made, len(own.over), stopped)


def _questions(probe: Probe, receiver: Receiver | None, say: Say) -> Iterator[Finding]:
    """Yield the findings of all questions; Refused or Silence where the first requests fail."""
    ends = probe.clock.monotonic() + probe.wait
    _check_accepted(probe.client.list("/gate_sessions", limit=1))
    yield from creating(probe)
    if probe.first is not None:
        _check_accepted(probe.first)
        if not probe.first.id:
            raise Silence("the answer to a create has no id: nothing can be told from the others")
    for question in (*AT_ONCE, networks):
        yield from _until_silence(question(probe))
    kept = keep(probe)
    yield from _until_silence(lists(probe))
    yield from _until_silence(ringing(probe, receiver, say))
    yield from _until_silence(memory(probe, kept, say))
    yield from _until_silence(expiring(probe, ends, say))


def _check_accepted(heard: Heard) -> None:
    """Raise Refused unless the answer is 2xx."""
    if not heard.ok:
        raise Refused(heard)


def _until_silence(question: Iterator[Finding]) -> Iterator[Finding]:
    """Yield a question's findings; one without a name, that says why, if its answer fails."""
    try:
        yield from question
    except Silence as problem:
        yield Finding("", "", str(problem))


def _one_per_question(findings: list[Finding], client: ProbeClient) -> list[Finding]:
    """Return a finding for each question, in the table's order: the clocks' skew too, else "not asked"."""
    skew = client.skew
    told = "not told: no Date header" if skew is None else f"{skew:+.1f}"
    value = None if skew is None else round(skew, 1)
    silent = next((one.answer for one in findings if not one.about), "not asked")
    rows = {one.about: one for one in (*findings, *not_askable())}
    rows["clock_skew"] = found("clock_skew", told, value=value)
    return [rows.get(about) or Finding(about, line, silent) for about, line in QUESTIONS.items()]


assert NOT_ASKABLE.keys() <= QUESTIONS.keys()
