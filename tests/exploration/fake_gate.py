"""A Gate for explorations: sessions, keys, lists and payments, written from the documentation alone.

It shares nothing with the sandbox but the names of switches: what both believed could be wrong in both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import define, evolve, field, frozen
from zerogate._transport.messages import Reply, Request
from zerogate_sandbox import Profile

#: How long a session may be paid, and a widget that was opened takes a payment where its token decides.
LIFE: Final = 86_400.0
TOKEN: Final = 3_600.0


@frozen
class Session:
    """maker: Whose request made it. ended: When it ceased to be open."""

    id: str
    maker: str
    key: str
    asked: str
    made: float
    status: str = "open"
    ended: float | None = None

    @property
    def terms(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.asked)
        return told

    @property
    def secret(self) -> str:
        return f"gsec_{self.id}_secret"


@frozen
class Payment:
    """Money of a user, from when it was begun; whether it arrived."""

    id: str
    session: str
    begun: float
    arrived: bool = False


@frozen
class Remembered:
    """What a key brings back. waiting: Whether the first answer has not left yet."""

    body: bytes
    session: str
    at: float
    waiting: bool = True


@define
class FakeGate:
    """All of it is plain values, so that two states of it can be compared."""

    profile: Profile
    sessions: dict[str, Session] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    keys: dict[str, Remembered] = field(factory=dict)
    #: Session, and who cancelled it.
    cancelled: list[tuple[str, str]] = field(factory=list)

    def facts(self) -> tuple[Any, ...]:
        """Return all that its answers depend on."""
        return (
            tuple(self.sessions.values()),
            tuple(self.payments.values()),
            tuple(self.keys.items()),
        )

    # --- what is asked of it ---

    def answer(self, request: Request, who: str, now: float) -> Reply:
        path, _, query = request.target.removeprefix("/v1/").partition("?")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        match (request.method, *path.split("/")):
            case ("POST", "gate_sessions"):
                return self._created(request, who, now)
            case ("POST", "gate_sessions", id, "cancel"):
                return self._cancelled(id, who, now)
            case ("GET", "gate_sessions"):
                return self._listed(asked, now)
            case ("GET", "gate_sessions", id):
                if id not in self.sessions:
                    return _refusal(404, "not_found", now)
                return _reply(200, self._seen(self.sessions[id]), now)
            case ("GET", "transactions"):
                return self._paid(asked, now)
        raise AssertionError(f"{request.method} {request.target} is not explored")

    def _created(self, request: Request, who: str, now: float) -> Reply:
        key = dict(request.headers)["Idempotency-Key"]
        known = self.keys.get(key)
        if known is not None and now - known.at <= max(self.profile.key_memory, 0.0):
            return self._again(known, key, request, who, now)
        return self._new(request, key, who, now)

    def _again(self, known: Remembered, key: str, request: Request, who: str, now: float) -> Reply:
        profile = self.profile
        if known.waiting:
            match profile.same_key_in_flight:
                case "second":
                    return self._new(request, key, who, now)
                case "404":
                    return Reply(404, _headers(now), b"<html>no such page</html>")
                case "409" | "423" | "425":
                    return _refusal(int(profile.same_key_in_flight), "in_flight", now)
        if not profile.key_memory:
            return self._new(request, key, who, now)
        if known.body != request.body and profile.same_key_other_body != "old":
            return _refusal(int(profile.same_key_other_body), "idempotency_conflict", now)
        session = self.sessions[known.session]
        told = {**self._seen(session)}
        if profile.replay_secret:
            told["client_secret"] = session.secret
        return _reply(profile.created_status, told, now)

    def _new(self, request: Request, key: str, who: str, now: float) -> Reply:
        id = f"{len(self.sessions) + 1:024x}"
        made = Session(id, who, key, request.body.decode(), now)
        self.sessions[id] = made
        self.keys[key] = Remembered(request.body, id, now)
        told = {**self._seen(made), "client_secret": made.secret}
        return _reply(self.profile.created_status, told, now)

    def _cancelled(self, id: str, who: str, now: float) -> Reply:
        session = self.sessions[id]
        if session.status != "open":
            return _refusal(409, "session_terminal", now)
        self.sessions[id] = evolve(session, status="cancelled", ended=now)
        self.cancelled.append((id, who))
        return _reply(201, self._seen(self.sessions[id]), now)

    def _listed(self, asked: Mapping[str, str], now: float) -> Reply:
        """The newest first; what happened to a session lately is not seen yet."""
        lag, rows = self.profile.list_lag, []
        for session in reversed(self.sessions.values()):
            if now - session.made < lag:
                continue
            if session.ended is not None and now - session.ended < lag:
                session = evolve(session, status="open")
            told = self._seen(session)
            rows.append(told if self.profile.list_metadata else {**told, "metadata": {}})
        return _page("gate_sessions", _after(rows, "id", asked), now)

    def _paid(self, asked: Mapping[str, str], now: float) -> Reply:
        profile = self.profile
        lag = profile.list_lag if profile.transaction_lag is None else profile.transaction_lag
        rows = [
            self._transaction(one)
            for one in reversed(self.payments.values())
            if asked.get("session_id") in (None, one.session) and now - one.begun >= lag
        ]
        return _page("transactions", _after(rows, "refid", asked), now)

    # --- what happens in it ---

    def is_payable(self, id: str, now: float) -> bool:
        """Whether a user who has a session's secret can begin to pay."""
        session = self.sessions[id]
        if self.profile.widget_end == "token":
            return session.status == "open" or now - session.made < TOKEN
        return session.status == "open" and now - session.made < LIFE

    def begin(self, id: str, now: float) -> None:
        payment = Payment(f"0g_txn_{len(self.payments) + 1}", id, now)
        self.payments[payment.id] = payment

    def arrive(self, id: str, now: float) -> None:
        """Money arrives, in time or late."""
        payment = self.payments[id]
        self.payments[id] = evolve(payment, arrived=True)
        session = self.sessions[payment.session]
        if session.status == "open" or self.profile.late_success == "completes":
            self.sessions[session.id] = evolve(session, status="completed", ended=now)

    def answered(self, key: str) -> None:
        """The answer to a create has left, or never will."""
        if key in self.keys:
            self.keys[key] = evolve(self.keys[key], waiting=False)

    def forget(self) -> None:
        """Forget every key."""
        self.keys.clear()

    # --- as it is written ---

    def _seen(self, session: Session) -> dict[str, Any]:
        asked = session.terms
        return {
            "id": session.id,
            "object": "gate_session",
            "partner_id": "7a361b04ee7ce8d87735ec77",
            "mode": "test",
            "amount": asked["amount"],
            "currency": asked["currency"],
            "return_url": asked["return_url"],
            "cancel_url": None,
            "status": session.status,
            "expires_at": _at(session.made + LIFE),
            "created_at": _at(session.made),
            "flow": asked.get("flow"),
            "target_token": asked.get("target_token"),
            "target_network": asked.get("target_network"),
            "wallet_address": None,
            "user_reference": None,
            "kyc_pre_verified": False,
            "metadata": asked["metadata"],
        }

    def _transaction(self, one: Payment) -> dict[str, Any]:
        asked, status = self.sessions[one.session].terms, "processing"
        if one.arrived:
            status = "completed"
        return {
            "object": "transaction",
            "refid": one.id,
            "session_id": one.session,
            "action": "BUY",
            "status": status,
            "token": "USDC",
            "network": "base",
            "currency": asked["currency"],
            "payment_method": "bank_transfer",
            "fiat_amount": asked["amount"],
            "token_amount": "111.111111",
            "total_pay_or_receive": asked["amount"],
            "exchange_rate": "0.9",
            "total_fees": "0.00",
            "created_at": _at(one.begun),
            "updated_at": _at(one.begun),
            "status_timeline": [{"status": status, "at": _at(one.begun)}],
        }


def with_other_amount(reply: Reply, amount: str) -> Reply:
    """The same answer, for other money."""
    return evolve(reply, body=json.dumps({**json.loads(reply.body), "amount": amount}).encode())


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _headers(now: float) -> dict[str, str]:
    return {"content-type": "application/json", "date": formatdate(now, usegmt=True)}


def _reply(status: int, told: Mapping[str, Any], now: float) -> Reply:
    return Reply(status, _headers(now), json.dumps(told).encode())


def _refusal(status: int, code: str, now: float) -> Reply:
    told = {"type": "conflict", "code": code, "message": code, "statusCode": status}
    return _reply(status, told | {"request_id": "req_1", "doc_url": None}, now)


def _after(rows: list[dict[str, Any]], name: str, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    ids = [row[name] for row in rows]
    start = ids.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
    return rows[start:]


def _page(of: str, rows: list[dict[str, Any]], now: float) -> Reply:
    return _reply(200, {"object": "list", "data": rows, "has_more": False, "url": f"/v1/{of}"}, now)
