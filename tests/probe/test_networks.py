"""The probe finds by which names Gate calls networks, and a store takes them: against a server of its own."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
from zerogate import Gate, Money, UnexpectedAnswer
from zerogate_probe.client import MachineClock
from zerogate_probe.facts import Facts, load, write
from zerogate_probe.run import ask
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Store

KEY = "sk_test_of_networks"
TERMS = {"amount": "25.00", "currency": "EUR", "return_url": "https://example.com/done"}
#: As the documentation writes them: their case is not uniform.
OFFERED = (("USDC", ("arbitrum", "BASE")), ("USDT", ("tron", "arbitrum")))
OWN = {"arbitrum": "eip155:42161", "BASE": "eip155:8453", "tron": "TRX"}


@attrs.define
class Gateway:
    """As much of Gate as the documentation shows and this needs. Knows nothing of our sandbox.

    names: What answers call a network that was sent; None is null, and what is not in it is refused.
    read_names: The same for reads, where they differ.
    """

    names: Mapping[str, str | None]
    read_names: Mapping[str, str | None] | None = None
    base_url: str = ""
    keys: dict[str, str] = attrs.field(factory=dict)
    sessions: dict[str, dict[str, Any]] = attrs.field(factory=dict)

    def answer(self, method: str, path: str, key: str | None, body: Any) -> tuple[int, Any]:
        parts = [part for part in path.split("/") if part][1:]
        match method, parts:
            case "GET", ["capabilities", "assets"]:
                return 200, page(path, [asset(*one) for one in OFFERED])
            case "GET", ["gate_sessions" | "transactions" | "customers" as kind]:
                rows = [self.read(id) for id in reversed(self.sessions)]
                return 200, page(path, rows if kind == "gate_sessions" else [])
            case "POST", ["gate_sessions"]:
                return self.create(str(key), body)
            case "GET", ["gate_sessions", id] if id in self.sessions:
                return 200, self.read(id)
            case "POST", ["gate_sessions", id, "cancel"] if id in self.sessions:
                self.sessions[id]["status"] = "cancelled"
                return 201, self.read(id)
        return 404, refused(404, "not_found")

    def create(self, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        if key not in self.keys:
            if body.get("target_network") not in (None, *self.names):
                return 400, refused(400, "invalid_request")
            id = secrets.token_hex(12)
            self.sessions[id], self.keys[key] = session(id, body), id
        id = self.keys[key]
        made = dict(self.sessions[id], client_secret=f"gsec_{id}_{'0' * 32}")
        return 201, self.named(made, self.names)

    def read(self, id: str) -> dict[str, Any]:
        return self.named(dict(self.sessions[id]), self.read_names or self.names)

    def named(self, one: dict[str, Any], names: Mapping[str, str | None]) -> dict[str, Any]:
        sent = one["target_network"]
        return {**one, "target_network": None if sent is None else names[sent]}


def session(id: str, body: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = ("flow", "target_token", "target_network", "wallet_address", "user_reference")
    return {
        "id": id,
        "object": "gate_session",
        "partner_id": "partner_1",
        "mode": "test",
        "status": "open",
        "amount": body["amount"],
        "currency": body["currency"],
        "return_url": body["return_url"],
        "cancel_url": None,
        "created_at": now.isoformat(),
        "expires_at": (now + timedelta(hours=1)).isoformat(),
        "kyc_pre_verified": False,
        "metadata": body.get("metadata", {}),
        **{name: body.get(name) for name in told},
    }


def asset(symbol: str, chains: tuple[str, ...]) -> dict[str, Any]:
    return {"symbol": symbol, "active": True, "networks": [{"chain": one} for one in chains]}


def page(path: str, rows: list[Any]) -> dict[str, Any]:
    return {"object": "list", "data": rows, "has_more": False, "url": path}


def refused(status: int, code: str) -> dict[str, Any]:
    told = {"type": code, "code": code, "message": "no", "request_id": "req_1", "doc_url": None}
    return {**told, "statusCode": status}


@contextmanager
def served(gateway: Gateway) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answered(self) -> None:
            size = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(size) or b"{}")
            key = self.headers.get("idempotency-key")
            status, told = gateway.answer(self.command, urlsplit(self.path).path, key, body)
            content = json.dumps(told).encode()
            self.send_response_only(status)
            self.send_header("Date", formatdate(usegmt=True))
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Request-Id", f"req_{secrets.token_hex(4)}")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answered  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing on the screen of a test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_of(base_url: str) -> Facts:
    with Gate(KEY, base_url=base_url) as gate:
        asked = ask(gate, base_url=base_url, clock=MachineClock(), terms=TERMS)
    assert (asked.stopped, asked.left) == (None, ())
    return asked.facts


def create(base_url: str, store: Store, network: str, service: str = "") -> Any:
    with Gate(KEY, base_url=base_url, store=store, namespace=service) as gate:
        return gate.sessions.create(
            order=f"o-{secrets.token_hex(4)}",
            amount=Money("25.00", "EUR"),
            return_url=TERMS["return_url"],
            target_token="USDC",
            target_network=network,
        )


def test_names_of_gates_own_are_found_and_a_store_takes_them(tmp_path: Path) -> None:
    gateway = Gateway(OWN)
    with served(gateway) as base_url:
        write(asked_of(base_url), tmp_path / "gate-facts.toml")
        facts = load(tmp_path / "gate-facts.toml")
        assert facts["network_names"].value == "own"
        assert facts.store["aliases"] == {sent: [told] for sent, told in OWN.items()}
        assert {one["status"] for one in gateway.sessions.values()} == {"cancelled"}

        unaware = Store(f"sqlite:///{tmp_path}/unaware.db")
        aware = Store(f"sqlite:///{tmp_path}/aware.db", **facts.store)
        for network in OWN:
            with pytest.raises(UnexpectedAnswer, match="target_network"):
                create(base_url, unaware, network, "unaware")
            assert create(base_url, aware, network, "aware").client_secret
        unaware.close()
        aware.close()


def test_a_read_may_name_it_otherwise_than_a_create() -> None:
    with served(Gateway(OWN, {**OWN, "BASE": "base-mainnet"})) as base_url:
        found = asked_of(base_url).store["aliases"]
    assert found["BASE"] == ["eip155:8453", "base-mainnet"]


@pytest.mark.parametrize(
    ("names", "value", "says"),
    [
        ({"arbitrum": "Arbitrum", "BASE": "base", "tron": "tron"}, "sent", "as they were sent"),
        ({"arbitrum": "arbitrum", "BASE": None, "tron": "tron"}, "null", "null for BASE"),
        ({"arbitrum": "EVM", "BASE": "evm", "tron": "tron"}, None, "several networks"),
        ({"arbitrum": "base", "BASE": "BASE", "tron": "tron"}, None, "several networks"),
        ({}, None, "no network could be asked for; refused: arbitrum: 400"),
    ],
    ids=["another case", "null", "one name for two", "the name of another", "all refused"],
)
def test_no_alias_is_given_where_there_is_none_or_it_would_hide_another_network(
    names: dict[str, str | None], value: str | None, says: str
) -> None:
    with served(Gateway(names)) as base_url:
        facts = asked_of(base_url)
    assert facts["network_names"].value == value
    assert says in facts["network_names"].answer
    assert "aliases" not in facts.store


def test_what_one_network_is_called_is_found_though_another_is_refused() -> None:
    with served(Gateway({"BASE": "base-mainnet"})) as base_url:
        facts = asked_of(base_url)
    assert facts.store["aliases"] == {"BASE": ["base-mainnet"]}
    assert "arbitrum: 400" in facts["network_names"].answer


@pytest.mark.parametrize("names", ["own", {"base": "eip155:8453", "arbitrum": "eip155:42161"}])
def test_a_sandbox_made_of_the_facts_calls_them_the_same(names: Any, tmp_path: Path) -> None:
    with Sandbox(clock=WallClock(), profile={"network_names": names}).serve() as one:
        write(asked_of(one.base_url), tmp_path / "gate-facts.toml")
    facts = load(tmp_path / "gate-facts.toml")
    store = Store(f"sqlite:///{tmp_path}/gate.db", **facts.store)
    with Sandbox(clock=WallClock(), profile=facts.profile).serve() as other:
        for network in ("BASE", "arbitrum"):
            assert create(other.base_url, store, network).client_secret
    store.close()


@pytest.mark.parametrize("aliases", ["1", "'base'", "{base = 1}", "{base = 'x'}", "{base = [1]}"])
def test_aliases_of_another_kind_are_refused(aliases: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(f"format = 1\n[store]\naliases = {aliases}", "utf-8")
    with pytest.raises(ValueError, match=r"aliases of \[store\]"):
        load(path)
