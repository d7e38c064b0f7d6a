"""What an operator asks of a service's store: events that wait, one order, writes in doubt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, Money, OutcomeUnknown, RetryPolicy
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import EventContext, Inbox, Store

from tests import preloaded
from tests.inbox.shop import SECRET, event, signed

TERMS: dict[str, Any] = {
    "amount": Money("25.00", "EUR"),
    "flow": "on_ramp",
    "return_url": "https://shop.example/done",
}


class Service:
    """A served Gate, a store, and the command on both."""

    def __init__(self, folder: Path, sandbox: Sandbox, base_url: str) -> None:
        self.url = f"sqlite:///{folder / 'gate.db'}"
        self.sandbox, self.base_url = sandbox, base_url
        self.store = Store(self.url)
        self.store.migrate()
        self.gate = Gate(
            "sk_test_shop",
            base_url=base_url,
            store=self.store,
            retries=RetryPolicy(attempts=1),
        )
        self.inbox = Inbox(self.store, SECRET, gate=self.gate)

    def run(self, *words: str) -> tuple[int, Any, str]:
        """The exit code, what was printed as JSON, and what was said beside it."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "ZEROGATE_SECRET_KEY": "sk_test_shop",
            "ZEROGATE_BASE_URL": self.base_url,
            "ZEROGATE_STORE": self.url,
        }
        ran = preloaded.run("zerogate", *words, env=environment)
        assert "Traceback" not in ran.stderr, ran.stderr
        told = json.loads(ran.stdout) if "--json" in words and ran.stdout else ran.stdout
        return ran.returncode, told, ran.stderr

    def deliver(self, body: bytes) -> str:
        now = self.sandbox.clock.now()
        return self.inbox.receive(body, signed(body, now)).verdict


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    sandbox = Sandbox(seed=3, clock=WallClock())
    with sandbox.serve() as served:
        made = Service(tmp_path, sandbox, served.base_url)
        yield made
        made.gate.close()
        made.store.close()


def test_what_waits_for_a_person_is_shown_and_tried_again(service: Service) -> None:
    assert service.run("inbox", "list", "--mode", "test")[0] == Exit.CLEAN
    session = service.gate.sessions.create(order="order-1", **TERMS)
    now = service.sandbox.clock.now()
    assert service.deliver(b"[]") == "quarantined"
    service.deliver(event("evt_1", "gate_session.processing", now, id=session.id, mode="test"))
    service.deliver(event("evt_2", "gate_session.processing", now, id="gs_theirs", mode="test"))

    def poison(received: EventContext) -> None:
        raise LookupError

    blind = Inbox(service.store, SECRET, mode="test", tries=1, wait=0.0)
    blind.drain(poison)
    code, told, _ = service.run("inbox", "list", "--mode", "test", "--json")
    assert code == Exit.DIFFERENCES
    assert [(row["state"], row["reason"] is not None) for row in told] == [
        ("quarantined", True),
        ("parked", True),
        ("unmatched", True),
    ]
    table = service.run("inbox", "list", "--mode", "test")[1]
    assert "LookupError" in table
    assert "quarantine_" in table
    ids = [row["id"] for row in told]
    code, told, _ = service.run("inbox", "retry", "--mode", "test", "--json", *ids)
    assert (code, told) == (Exit.CLEAN, {"retried": ids, "not_waiting": []})
    seen: list[str] = []
    service.inbox.drain(lambda received: seen.append(received.event.id))
    assert {"evt_1", "evt_2"} <= set(seen)
    code, told, _ = service.run("inbox", "list", "--mode", "test", "--json")
    assert (code, told) == (Exit.CLEAN, [])
    code, _, said = service.run("inbox", "retry", "--mode", "test", "evt_nothing")
    assert code == Exit.NOT_FOUND
    assert "evt_nothing" in said


def test_one_order_is_told_with_what_to_do(service: Service) -> None:
    session = service.gate.sessions.create(order="order-1", **TERMS)
    code, told, _ = service.run("order", "order-1", "--json")
    assert (code, told["outcome"], told["reason"]) == (Exit.DIFFERENCES, "Pending", "open")
    service.sandbox.pay(session.id)
    code, told, _ = service.run("order", "order-1", "--json")
    assert (code, told["outcome"], told["paid"]) == (Exit.CLEAN, "Settled", "25.00 EUR")
    assert session.id in {row["id"] for row in told["evidence"]}
    code, table, _ = service.run("order", "order-1")
    assert code == Exit.CLEAN
    assert "Fulfil the order, once." in " ".join(table.split())
    assert service.run("order", "nobody", "--json")[0] == Exit.NOT_FOUND


def test_what_is_in_doubt_is_recovered(service: Service) -> None:
    assert service.run("recover")[0] == Exit.CLEAN
    service.sandbox.faults.add("reset", operations="createSession")
    with pytest.raises(OutcomeUnknown):
        service.gate.sessions.create(order="order-1", **TERMS)
    service.sandbox.faults.clear()
    code, told, _ = service.run("recover", "--json")
    assert (code, [(row["order"], row["came to"]) for row in told]) == (
        Exit.CLEAN,
        [("order-1", "known")],
    )
    assert len(service.sandbox.books()["sessions"]) == 1


def test_an_inbox_is_of_the_key_s_mode_and_without_a_key_it_is_asked_for(service: Service) -> None:
    assert service.run("inbox", "list")[0] == Exit.CLEAN
    bare = {"PATH": "/usr/bin:/bin", "ZEROGATE_STORE": service.url}
    ran = preloaded.run("zerogate", "inbox", "list", env=bare)
    assert ran.returncode == Exit.USAGE
    assert "which mode? give --mode test or --mode live" in ran.stderr


@pytest.mark.parametrize(
    "words", [("inbox", "list", "--mode", "test"), ("order", "o"), ("recover",)]
)
def test_without_a_store_it_says_which_option_names_one(words: tuple[str, ...]) -> None:
    ran = preloaded.run("zerogate", *words, env={"PATH": "/usr/bin:/bin"})
    assert ran.returncode == Exit.USAGE
    assert "--store" in ran.stderr


@pytest.mark.parametrize(
    "words",
    [("inbox", "list", "--mode", "test"), ("order", "o"), ("recover",), ("doctor",)],
    ids=lambda words: words[0],
)
def test_a_store_whose_file_is_not_there_is_told_and_none_is_made(
    service: Service, tmp_path: Path, words: tuple[str, ...]
) -> None:
    missing = tmp_path / "misspelt.db"
    code, told, error = service.run(*words, "--store", f"sqlite:///{missing}")
    assert code == Exit.USAGE
    assert f"there is no file {missing}" in " ".join((told + error).split())
    assert not missing.exists()
