"""What a statement costs does not grow with what a store remembers: SQLite's plan of each uses an index."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from zerogate_store import Store
from zerogate_store._journal.statements import Statement

from tests.store.test_tenants import modules, zerogate_store

#: What grows with every order, and every event.
GROWING = ("zerogate_intents", "zerogate_events", "zerogate_subjects")
#: Whose rows are all of one service, or of one kind of write: as good as all.
WIDE = {"account", "mode", "namespace", "operation", "signed", "state"}
#: Of few rows in each state, whatever the rest of the table is.
SMALL_INDEX = "USING INDEX zerogate_events_kept"
#: What reads all that there is of a service, once in a while and for a person or a night's work.
ONCE_IN_A_WHILE = {
    "LOSS_SECRETS": "a store that has forgotten",
    "EVENTS_ABOUT": "a person who looks at one session",
    "KEPT": "a person who looks at what is parked",
    "COUNTS": "metrics",
    "OLDEST": "metrics, of what waits",
    "FORGET": "retention",
    "HEARD_OF": "a rebuild",
    "SUPERSEDED": "a sweep",
    "SCOPES": "retention",
    "CUSTOMERS": "retention",
    "INTENTS_OF_TERMS": "the event of a rail that names no order",
}


def statements() -> dict[str, Statement]:
    return {
        name: value
        for module in modules(zerogate_store)
        if not re.search(r"_(erasing|reencrypting)$", module.__name__)
        for name, value in vars(module).items()
        if isinstance(value, Statement) and not name.startswith("SCHEMA")
    }


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    file = Path(tmp_path_factory.mktemp("plans")) / "gate.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.close()
    return sqlite3.connect(file)


def wide_reads(connection: sqlite3.Connection, statement: Statement) -> list[str]:
    """The steps of a statement's plan in which rows of a growing table are found by their scope alone."""
    text, names = statement.text, re.findall(r"(?<!:):([a-z_]+)", statement.text)
    rows = connection.execute(f"EXPLAIN QUERY PLAN {text}", dict.fromkeys(names)).fetchall()
    found = []
    for step in (row[3] for row in rows):
        table = re.match(r"(?:SEARCH|SCAN) (\w+)", step)
        by = set(re.findall(r"(\w+)[=<>]", step.partition("(")[2]))
        few = SMALL_INDEX in step and "state=?" in step
        if table and not few and _named(text, table[1]) in GROWING and not by - WIDE:
            found.append(step)
    return found


def _named(text: str, alias: str) -> str:
    found = re.search(rf"(\w+) {alias}\b", text) if len(alias) == 1 else None
    return found[1] if found else alias


def test_no_statement_reads_all_that_a_service_ever_did(connection: sqlite3.Connection) -> None:
    wide = {
        name: steps
        for name, statement in statements().items()
        if (steps := wide_reads(connection, statement)) and name not in ONCE_IN_A_WHILE
    }
    assert wide == {}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM zerogate_intents WHERE account = :account AND outcome = :why",
        "SELECT 1 FROM zerogate_events e WHERE e.account = :account AND e.type = :type",
    ],
)
def test_a_statement_that_reads_them_all_is_noticed(
    connection: sqlite3.Connection, text: str
) -> None:
    assert wide_reads(connection, Statement(text))


def indexes_written(connection: sqlite3.Connection, statement: Statement) -> set[str]:
    """The indexes into which a statement writes."""
    names = re.findall(r"(?<!:):([a-z_]+)", statement.text)
    plan = connection.execute(f"EXPLAIN {statement.text}", dict.fromkeys(names)).fetchall()
    known = dict(
        connection.execute("SELECT rootpage, name FROM sqlite_master WHERE type = 'index'")
    )
    opened = {step[2]: step[3] for step in plan if step[1] == "OpenWrite"}
    return {known[opened[step[2]]] for step in plan if step[1] == "IdxInsert"}


def test_a_result_is_recorded_without_the_indexes_that_it_does_not_change(
    connection: sqlite3.Connection,
) -> None:
    changed = {f"zerogate_intents_{name}" for name in ("answered", "due", "object")}
    assert indexes_written(connection, statements()["INTENT_SAVE"]) == changed
    closed = indexes_written(connection, statements()["INTENT_SAVE_CLOSED"])
    assert closed == changed | {"zerogate_intents_open"}
