"""What SECURITY.md says is kept, where and how long: written, erased, and looked for in tables and bytes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from zerogate import Gate, GateUsageError, Money, OutcomeUnknown
from zerogate_sandbox import Sandbox
from zerogate_store import Inbox, Store
from zerogate_store import _care as care

KEY, SECRET = "sk_test_CANARYkey0123", "whsec_CANARYhook0123"
ENCRYPTION = Fernet.generate_key().decode()
TERMS: Any = {
    "amount": Money("10.00", "EUR"),
    "return_url": "https://shop.example/CANARYreturn",
    "metadata": {"note": "CANARYnote"},
    "wallet_address": "CANARYwallet",
    "user_reference": "CANARYuser",
}
#: Tables whose rows are for good and are said to name no person.
NAMELESS = ("zerogate_accounts", "zerogate_rate_limits", "zerogate_echoes", "zerogate_losses")


class Life:
    """One account with a journal and an inbox in one file."""

    def __init__(self, file: Path, **options: Any) -> None:
        self.file, self.mail = file, list[tuple[bytes, dict[str, str]]]()
        self.sandbox = Sandbox(seed=5, webhook=self._take, webhook_secret=SECRET)
        self.store = Store(f"sqlite:///{file}", **options)
        self.gate = Gate(
            KEY, transport=self.sandbox.transport(), clock=self.sandbox.clock, store=self.store
        )
        self.inbox = Inbox(
            self.store, SECRET, gate=self.gate, clock=self.sandbox.clock, mode="test"
        )

    def _take(self, body: bytes, headers: dict[str, str]) -> int:
        self.mail.append((body, headers))
        return 200

    def create(self, order: str = "order-1") -> Any:
        return self.gate.sessions.create(order=order, **TERMS)

    def pay(self) -> Any:
        session = self.create()
        self.sandbox.pay(session.id)
        self.sandbox.deliver()
        for body, headers in self.mail:
            self.inbox.receive(body, headers)
        self.inbox.drain(lambda received: None)
        return session

    @property
    def bytes(self) -> bytes:
        """The file and all that stands beside it under its name."""
        return b"".join(path.read_bytes() for path in self.file.parent.glob(f"{self.file.name}*"))

    def rows(self, table: str) -> str:
        engine = sa.create_engine(f"sqlite:///{self.file}")
        with engine.connect() as connection:
            found = connection.execute(sa.text(f"SELECT * FROM {table}")).fetchall()
        engine.dispose()
        return repr(found)


@pytest.fixture
def life(tmp_path: Path) -> Any:
    made = Life(tmp_path / "gate.db")
    yield made
    made.store.close()


def test_no_credential_is_in_any_file_after_a_whole_life(tmp_path: Path) -> None:
    life = Life(tmp_path / "gate.db", encryption_key=ENCRYPTION)
    session = life.pay()
    life.gate.customers.create(email="ada@shop.example", external_id="c-1")
    for secret in (KEY, SECRET, ENCRYPTION, session.client_secret):
        assert secret.encode() not in life.bytes
    life.store.close()


def test_a_requests_bytes_are_on_disk_while_it_is_in_doubt_and_gone_afterwards(life: Life) -> None:
    life.sandbox.faults.add("reset", operations="createSession", when="before")
    with pytest.raises(OutcomeUnknown):
        life.gate.sessions.create(order="order-1", timeout=2, **TERMS)
    life.sandbox.faults.clear()
    assert b"CANARYwallet" in life.bytes
    life.sandbox.advance(400)
    life.gate.recover()
    life.sandbox.advance(900)
    life.gate.recover()
    assert "CANARY" not in life.rows("zerogate_intents")
    life.store.retain(days=30)
    assert b"CANARYwallet" not in life.bytes


def test_what_a_resolved_write_leaves_in_the_log_is_cut_with_what_is_done_a_minute_later(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.create()
    assert "CANARY" not in life.rows("zerogate_intents")
    assert b"CANARYwallet" in life.bytes, "it stands in the log, and why this test is here"
    monkeypatch.setattr(care, "CUT_EVERY", 0.0)
    life.gate.recover()
    assert b"CANARY" not in life.bytes


def test_a_log_that_somebody_reads_holds_up_no_write_and_is_cut_with_the_next(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "CUT_EVERY", 0.0)
    life.create("order-0")
    reader = sqlite3.connect(life.file)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM zerogate_intents").fetchall()
    assert life.create().status == "open"
    reader.close()
    life.gate.recover()
    assert b"CANARY" not in life.bytes


def test_what_a_resolved_write_leaves_in_the_log_is_gone_when_the_store_is_closed(
    life: Life,
) -> None:
    life.create()
    life.store.close()
    assert b"CANARY" not in life.bytes


def test_what_is_for_good_stays_after_forgetting_and_a_replay_is_no_second_payment(
    life: Life,
) -> None:
    session = life.pay()
    life.store.forget(order="order-1")
    left = life.rows("zerogate_intents")
    assert "order-1" in left
    assert session.id in left
    assert "CANARY" not in left
    assert life.create().id == session.id
    with pytest.raises(GateUsageError, match="order"):
        life.create(order="ada@shop.example")


def test_a_replay_of_what_was_forgotten_stays_a_duplicate(life: Life) -> None:
    life.pay()
    life.store.forget(order="order-1")
    assert b"CANARY" not in life.bytes
    verdicts = {life.inbox.receive(body, headers).verdict for body, headers in life.mail}
    assert verdicts == {"duplicate"}
    assert b"CANARY" not in life.bytes


def test_the_other_tables_name_no_person(tmp_path: Path) -> None:
    life = Life(tmp_path / "gate.db", encryption_key=ENCRYPTION)
    life.pay()
    life.gate.customers.create(email="CANARYada@shop.example", external_id="CANARYc-1")
    life.gate.recover()
    kept = {table: life.rows(table) for table in NAMELESS}
    assert kept["zerogate_accounts"] != "[]"
    assert not [table for table, rows in kept.items() if "CANARY" in rows]
    life.store.close()
