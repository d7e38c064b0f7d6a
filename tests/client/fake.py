"""A small Gate of its own, written from the documentation and with no code of the sandbox, to tamper with.

It keeps sessions by key, lists and reads them; `tamper` changes what an operation is answered with, and
never what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from zerogate._transport.messages import Reply, Request

from tests.client.scripts import VirtualClock, answer, page, refusal

Answer = dict[str, Any]
Tamper = Callable[[str, Answer], Any]
SECRET_OF = "gsec_{id}_canary"


class FakeGate:
    """A transport and its server in one."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.sessions: dict[str, Answer] = {}
        self.keys: dict[str, str] = {}
        self.asked: list[str] = []
        self.transactions: list[Answer] = []
        self.tamper: Tamper = lambda operation, told: told
        self.discarded = self.made = 0

    def forget_newest(self) -> None:
        """As if the newest session had never been asked for."""
        self.sessions.popitem()
        self.keys.popitem()

    def send(self, request: Request, until: float) -> Reply:
        url = urlsplit(request.target)
        path = url.path.removeprefix("/v1").strip("/").split("/")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        operation, status, told = self._done(request, path, query)
        self.asked.append(operation)
        if status >= 400:
            return refusal(status, "not_found")
        said = self.tamper(operation, json.loads(json.dumps(told)))
        if isinstance(said, BaseException):
            raise said
        reply = said if isinstance(said, Reply) else answer(status, said)
        return Reply(reply.status, reply.headers, reply.body, discard=self._discard)

    def close(self) -> None:
        """Nothing to close."""

    def _discard(self) -> None:
        self.discarded += 1

    def _done(
        self, request: Request, path: list[str], query: dict[str, str]
    ) -> tuple[str, int, Answer]:
        match [request.method, *path]:
            case ["POST", "gate_sessions"]:
                return "create", 201, self._created(request)
            case ["GET", "gate_sessions"]:
                rows = [_public(one) for one in self.sessions.values()][::-1]
                return "list", 200, page(*rows)
            case ["GET", "gate_sessions", id] if id in self.sessions:
                return "read", 200, _public(self.sessions[id])
            case ["POST", "gate_sessions", id, "cancel"] if id in self.sessions:
                self.sessions[id]["status"] = "cancelled"
                return "cancel", 201, _public(self.sessions[id])
            case ["GET", "transactions"]:
                return "transactions", 200, page(*self.transactions)
        return "nothing", 404, {}

    def _created(self, request: Request) -> Answer:
        key = next(value for name, value in request.headers if name.lower() == "idempotency-key")
        if key not in self.keys:
            made = self.add(json.loads(request.body))
            self.keys[key] = made["id"]
        return self.sessions[self.keys[key]]

    def add(self, asked: Answer) -> Answer:
        """A session, whoever asked for it."""
        self.made += 1
        id = f"gs_test_{self.made:04}"
        at = datetime.fromtimestamp(self.clock.now(), UTC).isoformat()
        made = {
            **dict.fromkeys(("flow", "target_token", "target_network", "wallet_address")),
            **dict.fromkeys(("cancel_url", "user_reference")),
            "id": id,
            "object": "gate_session",
            "partner_id": "partner_test_1",
            "mode": "test",
            "status": "open",
            "created_at": at,
            "expires_at": "2026-06-02T12:00:00.000Z",
            "kyc_pre_verified": False,
            "metadata": {},
            **asked,
            "client_secret": SECRET_OF.format(id=id),
        }
        self.sessions[id] = made
        return made


def _public(session: Answer) -> Answer:
    return {name: value for name, value in session.items() if name != "client_secret"}
