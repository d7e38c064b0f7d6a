"""Hosts whose clocks are wrong before a Gate that has a clock of its own, with no code of the sandbox.

A host's clock may be off, and may be set; all count the same seconds. Gate's answers carry a Date, which
a proxy may have written by another clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import urlsplit

from zerogate._transport.messages import Reply, Request, RequestNotSent

from tests.client.fake import Answer, FakeGate
from tests.client.scripts import VirtualClock, page, refusal


class HostClock:
    """The clock of one host: *off* seconds ahead of Gate's; its waits pass for everybody."""

    def __init__(self, true: VirtualClock, off: float = 0.0) -> None:
        self._true, self.off = true, off

    def now(self) -> float:
        return self._true.now() + self.off

    def monotonic(self) -> float:
        return self._true.monotonic()

    def sleep(self, seconds: float) -> None:
        self._true.advance(seconds)


class DatedGate(FakeGate):
    """A Gate by its own clock.

    memory: Seconds for which it knows a key. lost: Operations whose request or answer goes astray, and
    which of the two. hidden: Ids that its list does not show. echoing: Whether the list shows metadata.
    once: Of lost, only the first goes astray. slow: Seconds that their answers, Date and all, are under way.
    rows: Of a page, at most. date_off: Seconds that its Date is ahead. date_at: Where that stands still.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.memory = 86_400.0
        self.lost: dict[str, str] = {}
        self.once: set[str] = set()
        self.slow: dict[str, float] = {}
        self.hidden: set[str] = set()
        self.echoing = True
        self.rows = 100
        self.date_off: float | None = 0.0
        self.date_at: float | None = None
        self.keyed: dict[str, float] = {}

    def host(self, off: float = 0.0) -> HostClock:
        return HostClock(self.clock, off)

    def send(self, request: Request, until: float) -> Reply:
        name = self._named(request)
        fate = self.lost.pop(name, None) if name in self.once else self.lost.get(name)
        if fate == "before":
            raise ConnectionResetError
        if fate == "unsent":
            raise RequestNotSent("nobody is there")
        if fate == "refused":
            return self._dated(refusal(503, "unavailable"))
        reply = super().send(request, until)
        if fate == "after":
            raise ConnectionResetError
        if fate == "after, refused":
            return self._dated(refusal(503, "unavailable"))
        dated = self._dated(reply)
        self.clock.advance(self.slow.get(name, 0.0))
        return dated

    def _dated(self, reply: Reply) -> Reply:
        if self.date_off is None:
            return reply
        now = self.clock.now() if self.date_at is None else self.date_at
        date = formatdate(int(now + self.date_off), usegmt=True)
        return Reply(
            reply.status, {**reply.headers, "date": date}, reply.body, discard=reply.discard
        )

    def _named(self, request: Request) -> str:
        path = urlsplit(request.target).path.removeprefix("/v1").strip("/").split("/")
        match [request.method, *path]:
            case ["POST", "gate_sessions"]:
                return "create"
            case ["GET", "gate_sessions"]:
                return "list"
            case ["GET", "gate_sessions", _]:
                return "read"
        return " ".join(path)

    def _done(
        self, request: Request, path: list[str], query: dict[str, str]
    ) -> tuple[str, int, Answer]:
        if [request.method, *path] == ["GET", "gate_sessions"]:
            return "list", 200, self._listed(query)
        return super()._done(request, path, query)

    def _listed(self, query: Mapping[str, str]) -> Answer:
        shown = [one for id, one in self.sessions.items() if id not in self.hidden][::-1]
        ids = [one["id"] for one in shown]
        after = query.get("starting_after")
        shown = shown[ids.index(after) + 1 :] if after in ids else shown
        rows = [{n: v for n, v in one.items() if n != "client_secret"} for one in shown]
        if not self.echoing:
            rows = [row | {"metadata": {}} for row in rows]
        size = min(self.rows, int(query.get("limit", "10")))
        return page(*rows[:size], has_more=len(rows) > size)

    def _created(self, request: Request) -> Answer:
        key = next(value for name, value in request.headers if name.lower() == "idempotency-key")
        now = self.clock.now()
        if key in self.keys and now - self.keyed[key] >= self.memory:
            del self.keys[key]
        if key not in self.keys:
            self.keyed[key] = now
        return super()._created(request)

    def made_by(self, asked: Answer, *, age: float = 0.0, key: str | None = None) -> Answer:
        """A session that somebody else asked for so many seconds ago, under its own key or this one."""
        made = self.add(asked)
        at = datetime.fromtimestamp(self.clock.now() - age, UTC)
        made["created_at"] = at.isoformat()
        if key is not None:
            self.keys[key], self.keyed[key] = made["id"], self.clock.now() - age
        return made

    def open(self) -> list[str]:
        return [id for id, one in self.sessions.items() if one["status"] == "open"]
