"""Tables of a store and the migrations that make them: one list for journal and inbox. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from ._journal.statements import Statement, Step


@attrs.frozen
class Migration:
    """One version of the schema: adds tables, indexes, columns that may stay empty; no more (but version 9).

    So a release works beside the one before it and the one after it. What is no longer used goes in
    the next major release, whose migration raises `needs`: older code then refuses to start.
    """

    version: int
    statements: tuple[str, ...]
    needs: int = 1


#: `/*blob*/`, `/*real*/` and `/*serial*/` stand for what each database calls them.
TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        "/*blob*/": "BLOB",
        "/*real*/": "REAL",
        "/*serial*/": "INTEGER PRIMARY KEY AUTOINCREMENT",
    },
    "postgresql": {
        "/*blob*/": "BYTEA",
        "/*real*/": "DOUBLE PRECISION",
        "/*serial*/": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    },
}
MIGRATIONS: Final = (
    Migration(
        1,
        (
            """CREATE TABLE zerogate_accounts (
                account TEXT NOT NULL, mode TEXT NOT NULL, partner_id TEXT NOT NULL,
                PRIMARY KEY (account, mode))""",
            """CREATE TABLE zerogate_intents (
                account TEXT NOT NULL, mode TEXT NOT NULL, namespace TEXT NOT NULL,
                operation TEXT NOT NULL, key TEXT NOT NULL, order_ref TEXT, attempt BIGINT,
                terms TEXT NOT NULL, fingerprint TEXT NOT NULL, body /*blob*/, sealed BIGINT NOT NULL,
                state TEXT NOT NULL, holder TEXT NOT NULL, lease_until /*real*/ NOT NULL,
                due_at /*real*/, ambiguous BIGINT NOT NULL, object_id TEXT, object_status TEXT,
                status_at /*real*/, made_at /*real*/ NOT NULL, first_sent_at /*real*/,
                last_sent_at /*real*/, trusted_from /*real*/, answered_at /*real*/,
                secret_at /*real*/, closed_at /*real*/, look_after TEXT,
                extras TEXT NOT NULL, request_ids TEXT NOT NULL, outcome TEXT,
                PRIMARY KEY (account, mode, namespace, operation, key))""",
            # One attempt of an order, once; and of its attempts one that is not closed, at any moment.
            """CREATE UNIQUE INDEX zerogate_intents_attempt ON zerogate_intents
                (account, mode, namespace, operation, order_ref, attempt)
                WHERE order_ref IS NOT NULL""",
            """CREATE UNIQUE INDEX zerogate_intents_open ON zerogate_intents
                (account, mode, namespace, operation, order_ref)
                WHERE order_ref IS NOT NULL AND closed_at IS NULL""",
            """CREATE INDEX zerogate_intents_due ON zerogate_intents (due_at)
                WHERE due_at IS NOT NULL""",
            """CREATE INDEX zerogate_intents_object ON zerogate_intents (object_id)
                WHERE object_id IS NOT NULL""",
        ),
    ),
    # What came in by webhook, and how each thing that events are about stands: see _inbox/.
    Migration(
        2,
        (
            """CREATE TABLE zerogate_events (
                account TEXT NOT NULL, mode TEXT NOT NULL, namespace TEXT NOT NULL,
                signed TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, kind TEXT NOT NULL,
                subject TEXT NOT NULL, parent TEXT NOT NULL, order_ref TEXT,
                happened_at /*real*/ NOT NULL, received_at /*real*/ NOT NULL, body /*blob*/,
                reduced BIGINT NOT NULL, state TEXT NOT NULL, routed BIGINT NOT NULL,
                attempts BIGINT NOT NULL, due_at /*real*/, done_at /*real*/, reason TEXT,
                PRIMARY KEY (account, mode, namespace, signed, id))""",
            """CREATE INDEX zerogate_events_due ON zerogate_events
                (account, mode, namespace, due_at) WHERE state = 'pending'""",
            """CREATE INDEX zerogate_events_subject ON zerogate_events
                (account, mode, namespace, subject, happened_at) WHERE state = 'pending'""",
            """CREATE INDEX zerogate_events_kept ON zerogate_events
                (account, mode, namespace, state) WHERE state <> 'pending' AND state <> 'done'""",
            """CREATE TABLE zerogate_subjects (
                account TEXT NOT NULL, mode TEXT NOT NULL, namespace TEXT NOT NULL,
                subject TEXT NOT NULL, kind TEXT NOT NULL, holder TEXT NOT NULL,
                lease_until /*real*/ NOT NULL, succeeded BIGINT NOT NULL, ended BIGINT NOT NULL,
                look_at /*real*/, PRIMARY KEY (account, mode, namespace, subject))""",
            """CREATE TABLE zerogate_paces (
                account TEXT NOT NULL, mode TEXT NOT NULL, next_at /*real*/ NOT NULL,
                rate /*real*/ NOT NULL, slowed_at /*real*/ NOT NULL,
                PRIMARY KEY (account, mode))""",
            """CREATE INDEX zerogate_intents_answered ON zerogate_intents
                (account, mode, namespace, answered_at) WHERE object_id IS NOT NULL""",
        ),
    ),
    # What a write asked for and by which marks it is found again; when an account's list last gave such
    # marks back; and the secret that what is personal is hashed under, which never leaves this database.
    Migration(
        3,
        (
            "ALTER TABLE zerogate_intents ADD COLUMN asked TEXT",
            "ALTER TABLE zerogate_intents ADD COLUMN marks TEXT",
            "ALTER TABLE zerogate_intents ADD COLUMN disputed_at /*real*/",
            """CREATE TABLE zerogate_echoes (
                account TEXT NOT NULL, mode TEXT NOT NULL, seen_at /*real*/ NOT NULL,
                PRIMARY KEY (account, mode))""",
            "CREATE TABLE zerogate_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        ),
    ),
    # That a store has forgotten, and how far its account has been walked since: see _journal/store_loss.py.
    Migration(
        4,
        (
            """CREATE TABLE zerogate_losses (
                account TEXT NOT NULL, mode TEXT NOT NULL, namespace TEXT NOT NULL,
                noticed_at /*real*/ NOT NULL, gate_time /*real*/ NOT NULL, reason TEXT NOT NULL,
                since /*real*/ NOT NULL, asked BIGINT NOT NULL, walk BIGINT NOT NULL,
                look_after TEXT, resume_at /*real*/ NOT NULL, holder TEXT NOT NULL,
                lease_until /*real*/ NOT NULL, found BIGINT NOT NULL,
                another_writes BIGINT NOT NULL, over_at /*real*/, vouched_at /*real*/,
                PRIMARY KEY (account, mode, namespace))""",
            """CREATE TABLE zerogate_vouched (
                account TEXT NOT NULL, mode TEXT NOT NULL, namespace TEXT NOT NULL,
                order_ref TEXT NOT NULL, vouched_at /*real*/ NOT NULL,
                PRIMARY KEY (account, mode, namespace, order_ref))""",
        ),
    ),
    # By whose clock a lease is told: see _journal/leases.py.
    Migration(
        5,
        (
            "ALTER TABLE zerogate_intents ADD COLUMN lease_clock TEXT",
            "ALTER TABLE zerogate_losses ADD COLUMN lease_clock TEXT",
        ),
    ),
    # The same of an inbox's leases; and the few events by which sessions end, which each payment asks for.
    Migration(
        6,
        (
            "ALTER TABLE zerogate_subjects ADD COLUMN lease_clock TEXT",
            """CREATE INDEX zerogate_events_ends ON zerogate_events
                (account, mode, namespace, subject)
                WHERE type IN ('gate_session.expired', 'gate_session.cancelled')""",
        ),
    ),
    # When a write was sent, by the clock of the host that sent it first, and by the clock of leases.
    Migration(
        7,
        (
            "ALTER TABLE zerogate_intents ADD COLUMN sent_own /*real*/",
            "ALTER TABLE zerogate_intents ADD COLUMN sent_clock TEXT",
            "ALTER TABLE zerogate_intents ADD COLUMN first_reading /*real*/",
            "ALTER TABLE zerogate_intents ADD COLUMN trusted_reading /*real*/",
            "ALTER TABLE zerogate_intents ADD COLUMN last_reading /*real*/",
        ),
    ),
    # By how much the time of each boot is ahead of its monotonic clock, on SQLite: see _journal/due_times.py.
    Migration(
        8,
        ("CREATE TABLE zerogate_boots (name TEXT PRIMARY KEY, ahead /*real*/ NOT NULL)",),
    ),
    # Called as the records call them. The only renames: no release had written the names of before.
    Migration(
        9,
        (
            "ALTER TABLE zerogate_intents RENAME COLUMN look_after TO search_cursor",
            "ALTER TABLE zerogate_intents RENAME COLUMN extras TO duplicates",
            "ALTER TABLE zerogate_losses RENAME COLUMN look_after TO search_cursor",
            "ALTER TABLE zerogate_paces RENAME TO zerogate_rate_limits",
        ),
        needs=9,
    ),
)
SCHEMA_TABLE: Final = Statement(
    "CREATE TABLE IF NOT EXISTS zerogate_schema "
    "(part TEXT PRIMARY KEY, version BIGINT NOT NULL, needs BIGINT NOT NULL)"
)
SCHEMA_LOCK: Final = Statement("SELECT pg_advisory_xact_lock(7305129604)")
SCHEMA_READ: Final = Statement("SELECT version, needs FROM zerogate_schema WHERE part = 'zerogate'")
SCHEMA_WRITE: Final = Statement(
    "INSERT INTO zerogate_schema (part, version, needs) VALUES ('zerogate', :version, :needs) "
    "ON CONFLICT (part) DO UPDATE SET version = excluded.version, needs = excluded.needs "
    "WHERE zerogate_schema.version < excluded.version"
)


def create_schema(dialect: str, known: int, migrations: Sequence[Migration]) -> Step[None]:
    """Run the migrations after version *known*; note version and needs after each of them."""
    for migration in migrations:
        if migration.version > known:
            for text in migration.statements:
                for word, type_name in TYPES[dialect].items():
                    text = text.replace(word, type_name)
                yield Statement(text)()
            yield SCHEMA_WRITE(version=migration.version, needs=migration.needs)


def read_schema() -> Step[tuple[int, int]]:
    """Return the schema's version and the least that works with it; (0, 0) if its table has no row."""
    rows = yield SCHEMA_READ()
    return (rows[0][0], rows[0][1]) if rows else (0, 0)


def migrate_schema(dialect: str, migrations: Sequence[Migration]) -> Step[tuple[int, int]]:
    """Run what is missing, one process at a time; return version and least version then."""
    if dialect == "postgresql":
        yield SCHEMA_LOCK()
    yield SCHEMA_TABLE()
    known, _ = yield from read_schema()
    yield from create_schema(dialect, known, migrations)
    return (yield from read_schema())
