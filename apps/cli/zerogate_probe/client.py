"""Requests as the questions need them, below the façade's safety, and what came back to each.

Knows no question. What it creates it remembers, from before the first byte, so that `Own.end` can
cancel all of it.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

import attrs
import httpx
from zerogate import AlreadyTerminal, Gate, GateError

MOST_TRIES: Final = 4
LONGEST_PAUSE: Final = 60.0
SWEPT_PAGES: Final = 10
MARK: Final = "zerogate_probe"
_MAYBE: Final = "there may be a session under the key"
_UNLISTED: Final = "the list could not be looked through for more"


class Clock(Protocol):
    """Unix seconds, steady seconds, and a way to let them pass."""

    def now(self) -> float:
        """Return Unix seconds."""

    def monotonic(self) -> float:
        """Return seconds from any start, never going back."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass: wait, or move the clock on."""


class MachineClock:
    """The machine's own."""

    def now(self) -> float:
        """Return the machine's Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        time.sleep(seconds)


class Silence(Exception):
    """A request got no answer that can be read."""


class NotTest(Exception):
    """Something there is not in test mode: nothing more may be asked."""


@attrs.frozen
class Heard:
    """One answer. began, ended: On the steady clock, around its exchange."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: dict[str, Any] = attrs.field(repr=False)
    began: float
    ended: float

    @property
    def ok(self) -> bool:
        """Return True for a 2xx status."""
        return 200 <= self.status <= 299

    @property
    def id(self) -> str:
        """Return the answer's id; "" where it has none."""
        return self.text("id")

    @property
    def request_id(self) -> str:
        """Return X-Request-Id, cut to 128 characters; "" where it is missing."""
        return self.headers.get("x-request-id", "")[:128]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the objects of the answer's list; [] where it has none."""
        data = self.body.get("data")
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []

    def text(self, name: str) -> str:
        """Return a field's text, cut to 200 characters; "" where it is no text."""
        value = self.body.get(name)
        return value[:200] if isinstance(value, str) else ""

    def __str__(self) -> str:
        code = self.text("code")
        return f"{self.status} {code}" if code and not self.ok else str(self.status)


@attrs.frozen(eq=False)
class Sent:
    """One create, as it was sent."""

    client: ProbeClient
    key: str
    body: dict[str, Any] = attrs.field(repr=False)


@attrs.define
class Own:
    """Sessions that this run made.

    unheard: Creates that got no answer: each may have made a session. A dict for its order only.
    """

    run: str
    open: dict[str, ProbeClient] = attrs.field(factory=dict)
    over: set[str] = attrs.field(factory=set)
    unheard: dict[Sent, None] = attrs.field(factory=dict)

    def add_open(self, id: str, client: ProbeClient) -> None:
        """Note a session to be cancelled, unless it is over."""
        if id not in self.over:
            self.open.setdefault(id, client)

    def mark_over(self, id: str) -> None:
        """Note that a session is over and need not be cancelled."""
        self.open.pop(id, None)
        self.over.add(id)

    def end(self, client: ProbeClient) -> list[str]:
        """Repeat unanswered creates, cancel all sessions of this run; return a sentence for each left."""
        left: list[str] = []
        if not (self.open or self.over or self.unheard):
            return left
        listed = False
        try:
            for line in self._repeat_creates():
                left.append(line)
            for line in self._find_marked(client):
                left.append(line)
            listed = True
            for line in self._cancel_all():
                left.append(line)
        except KeyboardInterrupt:
            keys = dict.fromkeys(sent.key for sent in self.unheard)
            left += [f"{_MAYBE} {key}: interrupted" for key in keys]
            left += [] if listed else [f"{_UNLISTED}: interrupted"]
            named = {line.partition(": ")[0] for line in left}
            left += [
                f"session {id}: interrupted" for id in self.open if f"session {id}" not in named
            ]
        return left

    def _repeat_creates(self) -> Iterator[str]:
        """Repeat creates that got no answer; yield a sentence for each whose session is still unknown."""
        for sent in list(self.unheard):
            if sent not in self.unheard:
                continue
            try:
                heard = sent.client.create(sent.body, sent.key)
                # A refusal of the repeat says nothing about what was sent before it.
                told = "" if heard.ok and heard.id else str(heard)
            except NotTest:
                told = ""
            except Silence as problem:
                told = str(problem)
            if told:
                yield f"{_MAYBE} {sent.key}: {told}"
            for one in list(self.unheard):
                if (one.client, one.key) == (sent.client, sent.key):
                    del self.unheard[one]

    def _find_marked(self, client: ProbeClient) -> Iterator[str]:
        """Note open sessions with this run's mark from the list; yield a sentence if it isn't seen whole."""
        cursor: str | None = None
        for _ in range(SWEPT_PAGES):
            try:
                page = client.list(
                    "/gate_sessions", status="open", limit=100, starting_after=cursor
                )
            except Silence as problem:
                yield f"{_UNLISTED}: {problem}"
                return
            if not page.ok or not isinstance(page.body.get("data"), list):
                yield f"{_UNLISTED}: {page}" + ", and no list" * page.ok
                return
            for row in page.rows:
                marks = row.get("metadata")
                if isinstance(marks, dict) and marks.get(MARK) == self.run:
                    self.add_open(str(row.get("id")), client)
            if page.body.get("has_more") is not True:
                return
            if not page.rows:
                break
            cursor = str(page.rows[-1].get("id"))
        yield f"{_UNLISTED}: there are more open sessions than were shown"

    def _cancel_all(self) -> Iterator[str]:
        """Cancel the sessions noted as open; yield a sentence for each that could not be."""
        for id, client in list(self.open.items()):
            try:
                client.gate.sessions.cancel(id)
            except AlreadyTerminal:
                self.mark_over(id)
            except (GateError, OSError) as problem:
                yield f"session {id}: {problem}"
            else:
                self.mark_over(id)


class ProbeClient:
    """With Gate, under one key, over the connections of a façade's client."""

    def __init__(self, gate: Gate, clock: Clock, own: Own) -> None:
        self.gate, self.clock, self.own = gate, clock, own
        self._http = gate.low_level().get_httpx_client()
        self.heard: list[Heard] = []
        self.skews: list[float] = []

    @property
    def skew(self) -> float | None:
        """Return the seconds that Gate's clock is ahead of ours, the median; None without any."""
        return statistics.median(self.skews) if self.skews else None

    def get(self, path: str, **query: Any) -> Heard:
        """Send a GET, without None in its query, again while it is a 429; Silence for no answer."""
        return self._ask("GET", path, query=query)

    def list(self, path: str, **query: Any) -> Heard:
        """Send a GET for a page of a list, as `get` does."""
        return self.get(path, **query)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Heard:
        """Send a POST, again after a pause while it is a 429; Silence for no answer."""
        return self._ask("POST", path, body, key)

    def session(self, id: str) -> Heard:
        """Send a GET for a session, its id quoted; return any answer, a 404 as well; Silence for none."""
        return self.get(f"/gate_sessions/{quote(id, safe='')}")

    def create(self, body: dict[str, Any], key: str) -> Heard:
        """Create a session; note its id, or its key without one, to be ended; Silence; NotTest if live.

        Raises:
            NotTest: the session is not of test mode.
        """
        sent = Sent(self, key, body)
        self.own.unheard[sent] = None
        heard = self._ask("POST", "/gate_sessions", body, key)
        # An answer without an id is none: there may be a session that nobody could cancel by it. A
        # refusal is one for this create alone, not for another under the same key.
        if heard.id if heard.ok else 400 <= heard.status < 500 and heard.status != 408:
            self.own.unheard.pop(sent, None)
        if heard.ok and heard.id:
            self.own.add_open(heard.id, self)
            if heard.text("mode") not in ("", "test"):
                raise NotTest(f"session {heard.id} was made in {heard.text('mode')} mode")
        return heard

    def cancel(self, id: str) -> Heard:
        """Cancel a session, note it as over if that succeeded; return any answer; Silence for none."""
        heard = self.post(f"/gate_sessions/{quote(id, safe='')}/cancel")
        if heard.ok:
            self.own.mark_over(id)
        return heard

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Heard:
        """Send the request, up to 4 times with pauses while it is a 429; return the answer, or Silence."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = f"{path}?{urlencode(given)}" if given else path
        for _ in range(MOST_TRIES - 1):
            heard = self._once(method, target, body, key)
            if heard.status != 429:
                return heard
            self.clock.sleep(_pause(heard))
        return self._once(method, target, body, key)

    def _once(self, method: str, target: str, body: Any, key: str | None) -> Heard:
        """Send the request once and keep the answer; Silence where none comes."""
        headers = {"Accept": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
        began, wall = self.clock.monotonic(), self.clock.now()
        try:
            answer = self._http.request(method, target, json=body, headers=headers)
        except (httpx.HTTPError, OSError) as problem:
            raise Silence(f"no answer to {method} {target} ({type(problem).__name__})") from None
        ended = self.clock.monotonic()
        heard = Heard(
            answer.status_code, answer.headers, _json_object(answer.content), began, ended
        )
        self.heard.append(heard)
        self._note_date(heard.headers.get("date"), wall + (ended - began) / 2)
        return heard

    def _note_date(self, said: str | None, ours: float) -> None:
        """Note how far a Date header is from *ours*, Unix seconds; do nothing if unreadable."""
        try:
            # In the middle of the second that the header names.
            self.skews.append(date_seconds(said or "") + 0.5 - ours)
        except (ValueError, OverflowError, TypeError):
            return


def date_seconds(date: str) -> float:
    """Return an HTTP date in Unix seconds; one without a zone is GMT. ValueError where it is none."""
    at = parsedate_to_datetime(date)
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp()


def _json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; {} where it is none."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _pause(heard: Heard) -> float:
    """Return the seconds of Retry-After, at most 60; 1 where it names none."""
    asked = heard.headers.get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdigit() else 1.0
