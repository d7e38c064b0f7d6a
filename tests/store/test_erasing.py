"""What was erased is nowhere: not in the file, not in its log, not as a hash that a guess confirms."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from zerogate import Gate, Money, OutcomeUnknown, StoreFailed
from zerogate_sandbox import Sandbox
from zerogate_store import Store
from zerogate_store import _care as store_care
from zerogate_store._journal.intents import terms_of
from zerogate_store._journal.statements import Statement

TERMS: Any = {
    "amount": Money("10.00", "EUR"),
    "return_url": "https://shop.example/done",
    "metadata": {"note": "CANARYnote"},
    "wallet_address": "CANARYwallet",
    "user_reference": "CANARYuser",
}
ADA: Any = {"email": "ada@shop.example", "external_id": "c-1"}
HASHES = Statement("SELECT terms, fingerprint, body FROM zerogate_intents")


def gate_of(sandbox: Sandbox, store: Store) -> Gate:
    return Gate("sk_test_shop", transport=sandbox.transport(), clock=sandbox.clock, store=store)


def left_in_doubt(store: Store) -> Gate:
    sandbox = Sandbox(seed=5)
    gate = gate_of(sandbox, store)
    sandbox.faults.add("reset", operations="createSession", when="before")
    with pytest.raises(OutcomeUnknown):
        gate.sessions.create(order="order-1", timeout=2, **TERMS)
    sandbox.faults.clear()
    return gate


def hashes(store: Store) -> list[tuple[Any, ...]]:
    def rows() -> Any:
        return (yield HASHES())

    return [tuple(row) for row in store.run_in_transaction(rows)]


def on_disk(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


def test_what_is_forgotten_is_neither_in_the_file_nor_in_its_log(tmp_path: Path) -> None:
    file = tmp_path / "gate.db"
    store = Store(f"sqlite:///{file}")
    left_in_doubt(store)
    assert b"CANARY" in on_disk(file)
    store.forget(order="order-1")
    assert b"CANARY" not in on_disk(file)
    assert b"order-1" in on_disk(file)
    store.close()


def test_what_retention_takes_out_is_gone_from_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "gate.db"
    store = Store(f"sqlite:///{file}")
    left_in_doubt(store)
    store.retain(days=0)
    assert b"CANARY" not in on_disk(file)
    store.close()


def test_it_is_gone_also_where_the_engine_is_the_partners(tmp_path: Path) -> None:
    file = tmp_path / "gate.db"
    engine = sa.create_engine(f"sqlite:///{file}")
    store = Store(engine)
    left_in_doubt(store)
    store.forget(order="order-1")
    assert b"CANARY" not in on_disk(file)
    engine.dispose()


def test_a_log_that_somebody_still_reads_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_care, "LOCKED_AT_MOST", 0.1)
    file = tmp_path / "gate.db"
    store = Store(f"sqlite:///{file}")
    left_in_doubt(store)
    reader = sqlite3.connect(file)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM zerogate_intents").fetchall()
    with pytest.raises(StoreFailed, match="call again"):
        store.forget(order="order-1")
    reader.rollback()
    reader.close()
    store.forget(order="order-1")
    assert b"CANARY" not in on_disk(file)
    store.close()


def test_what_stays_of_a_customer_is_confirmed_by_no_guess(store: Store, url: str) -> None:
    keyed = Store(url, encryption_key=Fernet.generate_key())
    sandbox = Sandbox(seed=5)
    gate = gate_of(sandbox, keyed)
    gate.customers.create(**ADA)
    [(terms, fingerprint, body)] = hashes(keyed)
    assert body is None
    sent = json.loads(json.dumps(ADA))
    guesses = {terms_of("createCustomer", sent)} | {
        hashlib.sha256(text.encode()).hexdigest()
        for text in (ADA["email"], json.dumps(sent), json.dumps(sent, separators=(",", ":")))
    }
    assert not guesses & {terms, fingerprint}
    assert gate.customers.create(**ADA).email == ADA["email"], "a repeat is the same customer"
    keyed.forget(customer="c-1")
    assert hashes(keyed) == [("", "", None)]
    keyed.close()


def test_hashes_of_two_stores_have_nothing_in_common(tmp_path: Path) -> None:
    told = []
    for name in ("one.db", "two.db"):
        store = Store(f"sqlite:///{tmp_path / name}")
        left_in_doubt(store)
        told += [(terms, fingerprint) for terms, fingerprint, _ in hashes(store)]
        store.close()
    assert len({terms for terms, _ in told}) == 2
    assert len({fingerprint for _, fingerprint in told}) == 2


def test_files_that_are_made_are_their_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "gate.db"
    store = Store(f"sqlite:///{file}")
    left_in_doubt(store)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"gate.db": 0o600, "gate.db-wal": 0o600, "gate.db-shm": 0o600}
    store.close()


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "gate.db"
    file.touch(0o640)
    file.chmod(0o640)
    store = Store(f"sqlite:///{file}")
    store.migrate()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    store.close()


def test_a_folder_that_goes_away_is_told_by_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    folder.mkdir()
    store = Store(f"sqlite:///{folder / 'gate.db'}")
    folder.rmdir()
    with pytest.raises(StoreFailed, match="unable to open"):
        store.forget(order="order-1")
