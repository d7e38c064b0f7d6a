"""All SQL of the journal: how a statement is written for a driver, and the statements. Sends none.

A step is a generator: it yields a statement with its values, is sent the rows, and returns what it
came to. So one step runs on any connection, of either half, and none of them knows which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

import attrs

T = TypeVar("T")
Rows: TypeAlias = Sequence[Sequence[Any]]
_NAME: Final = re.compile(r"(?<!:):([a-z_]+)")
#: How a driver wants its parameters (PEP 249, and `$1`); with the last three, in a row.
_STYLES: Final[Mapping[str, str]] = {
    "named": ":{0}",
    "pyformat": "%({0})s",
    "qmark": "?",
    "format": "%s",
    "numeric_dollar": "${1}",
}


@attrs.frozen
class Statement:
    """SQL with `:names`; `/*clock*/ 0.0` is what PostgreSQL's own clock reads, where it stands there.

    skips: Whether rows that somebody else holds are passed over, where that can be.
    """

    text: str
    skip_locked: bool = False

    def __call__(self, **values: Any) -> BoundStatement:
        return BoundStatement(self, values)


@attrs.frozen
class BoundStatement:
    """A statement and its values, which no repr shows."""

    statement: Statement
    values: Mapping[str, Any] = attrs.field(repr=False)

    def written(self, style: str, dialect: str) -> tuple[str, Any]:
        """Return text and parameters for a driver of this style; ValueError for an unknown one.

        A text may be a stranger's: one that no database takes would end each run that meets it.
        """
        text, names = _in_style(self.statement, style, dialect)
        values = self.values
        # All texts at once: each by itself takes longer than to write the statement.
        texts = "".join([one for one in values.values() if isinstance(one, str)])
        if "\0" in texts or not texts.isascii():
            values = {name: _storable(value) for name, value in values.items()}
        if style in ("named", "pyformat"):
            return text, {name: values[name] for name in names}
        return text, tuple(map(values.__getitem__, names))


Step: TypeAlias = Generator[BoundStatement, Rows, T]


def _storable(value: Any) -> Any:
    """Return text with U+FFFD for NUL, which PostgreSQL refuses, and for what is no UTF-8; else the value."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@cache
def _in_style(statement: Statement, style: str, dialect: str) -> tuple[str, tuple[str, ...]]:
    """Return a statement's text in a driver's style, and its parameters' names in order; or ValueError."""
    if style not in _STYLES:
        raise ValueError(f"a driver whose paramstyle is {style!r} is not known here")
    names: list[str] = []

    def put(match: re.Match[str]) -> str:
        """Note the parameter's name; return its placeholder."""
        names.append(match[1])
        return _STYLES[style].format(match[1], len(names))

    text = statement.text
    if dialect == "postgresql":
        text = text.replace("/*clock*/ 0.0", "EXTRACT(EPOCH FROM clock_timestamp())")
        if statement.skip_locked:
            text = text.replace("/*skip*/", "FOR UPDATE SKIP LOCKED")
    return _NAME.sub(put, text), tuple(names)


def run_step(step: Step[T], execute: Callable[[BoundStatement], Rows]) -> T:
    """Run a step, each of its statements by *execute*; return its result."""
    try:
        said = next(step)
        while True:
            said = step.send(execute(said))
    except StopIteration as end:
        result: T = end.value
        return result


# --- the journal ---------------------------------------------------------------------------------

#: In the order of `journal.Intent`; the first five are its key, and no statement changes what follows
#: them up to `made_at`.
INTENT_COLUMNS: Final = (
    "account, mode, namespace, operation, key, order_ref, attempt, terms, made_at, fingerprint, "
    "body, sealed, state, holder, due_at, ambiguous, object_id, object_status, "
    "status_at, first_sent_at, last_sent_at, trusted_from, answered_at, secret_at, closed_at, "
    "search_cursor, duplicates, request_ids, outcome, asked, marks, disputed_at, sent_own"
)
_HERE: Final = "account = :account AND mode = :mode AND namespace = :namespace"
_THIS: Final = f"{_HERE} AND operation = :operation"
#: Where an id, or the time at which it is due, is what finds a row: of the scope as it stands in a table
#: SQLite thinks that it finds more, and all rows of a service are read.
BY_OTHER: Final = _HERE.replace(" = :", " || '' = :")
#: All that is journaled: with it, and a key, the primary key finds a row.
_KEPT: Final = "'createSession', 'createPayIn', 'createPayOut', 'createCustomer'"
_ANY_OPERATION: Final = f"operation IN ({_KEPT})"
_NAMES: Final = INTENT_COLUMNS.split(", ")
_OTHERWISE: Final = ("body", "object_id", "outcome", "closed_at")
_CHANGING: Final = [n for n in _NAMES[_NAMES.index("fingerprint") :] if n not in _OTHERWISE]
#: What the clock of leases reads: what it was given, or the database's own.
_LEASE_NOW: Final = (
    "(COALESCE(CAST(:lease_now AS DOUBLE PRECISION), CAST(/*clock*/ 0.0 AS DOUBLE PRECISION)) "
    "+ CAST(:lease_ahead AS DOUBLE PRECISION))"
)
TIME_READ: Final = Statement(f"SELECT {_LEASE_NOW}")
#: 0 where whoever held it let go.
LEASE_UNTIL: Final = (
    "CASE WHEN CAST(:lease_left AS DOUBLE PRECISION) > 0 "
    f"THEN {_LEASE_NOW} + CAST(:lease_left AS DOUBLE PRECISION) ELSE 0 END"
)
#: By another clock nobody can tell, and by another boot's it is over.
LEASE_LEFT: Final = (
    "CASE WHEN lease_clock = CAST(:lease_clock AS TEXT) AND lease_until > 0 "
    f"THEN lease_until - {_LEASE_NOW} ELSE 0 END"
)
#: Readings of the clock of leases at the first send; the first that Gate may still remember; the last.
_READINGS: Final = ("first_reading", "trusted_reading", "last_reading")
#: Seconds since then; NULL by another clock.
_AGO: Final = ", ".join(
    f"CASE WHEN sent_clock = CAST(:lease_clock AS TEXT) THEN {_LEASE_NOW} - {name} END"
    for name in _READINGS
)
#: A clock without a name is another one after each boot.
_SENT_CLOCK: Final = "NULLIF(CAST(:lease_clock AS TEXT), '')"
#: How many of the readings a send takes, the last ones first: see `Intent.begins`.
_BEGINS: Final = "CAST(:begins AS BIGINT)"
#: As `journal.Intent.read` reads it.
INTENT_READ: Final = f"{INTENT_COLUMNS}, lease_until, {LEASE_LEFT}, {_AGO}"


def _reading(name: str, needs: int) -> str:
    """Return the SQL that sets a reading to now, to NULL if by another clock, or keeps it."""
    return (
        f"{name} = CASE WHEN {_BEGINS} >= {needs} THEN {_LEASE_NOW} WHEN {_BEGINS} > 0 "
        f"AND sent_clock <> CAST(:lease_clock AS TEXT) THEN NULL ELSE {name} END, "
    )


#: Nothing happens where the key, the attempt, or an attempt that is not closed is there already.
INTENT_ADD: Final = Statement(
    f"INSERT INTO zerogate_intents "
    f"({INTENT_COLUMNS}, lease_clock, lease_until, sent_clock, {', '.join(_READINGS)}) "
    f"VALUES ({', '.join(':' + n for n in _NAMES)}, :lease_clock, {LEASE_UNTIL}, {_SENT_CLOCK}, "
    + ", ".join(f"CASE WHEN {_BEGINS} > 0 THEN {_LEASE_NOW} END" for _ in _READINGS)
    + ") "
    "ON CONFLICT DO NOTHING RETURNING key"
)
INTENTS_OF: Final = Statement(
    f"SELECT {INTENT_READ} FROM zerogate_intents WHERE {_THIS} AND key IN "
    # Each by the index that it has; of both at once SQLite reads all rows of the operation.
    f"(SELECT :key UNION ALL SELECT key FROM zerogate_intents WHERE {_THIS} AND order_ref = :order_ref) "
    "ORDER BY attempt"
)
INTENTS_UNDER: Final = Statement(
    f"SELECT {INTENT_READ} FROM zerogate_intents WHERE {_HERE} AND {_ANY_OPERATION} AND key = :key"
)
#: A page of keys at most; the names are letters, for a driver that knows no list.
KEY_SLOTS: Final = tuple(f"key_{a}{b}" for a in "abcdefghij" for b in "abcdefghij")
INTENTS_AMONG: Final = Statement(
    f"SELECT {INTENT_READ} FROM zerogate_intents WHERE {_THIS} "
    f"AND key IN ({', '.join(':' + slot for slot in KEY_SLOTS)})"
)
#: Only its holder changes a row. A body goes when nobody needs it, or stays as it is in the table.
INTENT_SAVE: Final = Statement(
    f"UPDATE zerogate_intents SET {', '.join(f'{n} = :{n}' for n in _CHANGING)}, "
    f"lease_clock = :lease_clock, lease_until = {LEASE_UNTIL}, "
    "body = CASE WHEN :replace = 1 THEN :body ELSE body END, "
    f"{''.join(_reading(name, 3 - at) for at, name in enumerate(_READINGS))}"
    f"sent_clock = CASE WHEN {_BEGINS} > 0 THEN {_SENT_CLOCK} ELSE sent_clock END, "
    # An event may have told of its object meanwhile: that is kept, and two of them are not one.
    "object_id = CASE WHEN CAST(:outcome AS TEXT) = 'answered by an older object' THEN NULL "
    "ELSE COALESCE(:object_id, object_id) END, outcome = CASE "
    "WHEN substr(outcome, 1, 17) = 'another session: ' THEN outcome "
    "WHEN object_id <> :object_id THEN 'another session: ' || object_id ELSE :outcome END "
    f"WHERE {_THIS} AND key = :key AND (holder = :was OR holder = :holder) "
    # Whoever read it before its holder recorded the answer takes nothing back, unless that was another's.
    "AND (state <> 'known' OR CAST(:state AS TEXT) = 'known' "
    "OR CAST(:outcome AS TEXT) = 'answered by an older object') "
    # Nor a refusal, for whoever recorded it keeps the row's holder: only a send anew follows one.
    f"AND (state <> 'rejected' OR CAST(:state AS TEXT) <> 'sent' OR {_BEGINS} >= 2) RETURNING key"
)
#: Of one that is closed. A walk may have closed an open one under its holder, for it found the attempt
#: that came after; besides, SQLite writes each index anew of which a column is set.
INTENT_SAVE_CLOSED: Final = Statement(
    INTENT_SAVE.text.replace(" SET ", " SET closed_at = :closed_at, ", 1)
)
#: Of one that is taken over as it was read: what its holder, or a walk, wrote since is judged anew first.
INTENT_TAKE: Final = Statement(
    INTENT_SAVE.text.replace(
        " RETURNING",
        " AND state = :state "
        "AND (closed_at IS NULL) = (CAST(:closed_at AS DOUBLE PRECISION) IS NULL) RETURNING",
    )
)
#: Of an intent that somebody holds, no more than its object's id.
INTENT_IDENTIFY: Final = Statement(
    f"UPDATE zerogate_intents SET object_id = :id WHERE {_THIS} AND key = :key "
    "AND object_id IS NULL"
)
INTENTS_OF_TERMS: Final = Statement(
    f"SELECT {INTENT_READ} FROM zerogate_intents WHERE {_THIS} AND terms = :terms ORDER BY attempt DESC"
)
#: That a client secret is handed out, by whoever does not hold the intent any more.
SECRET_OUT: Final = Statement(
    "UPDATE zerogate_intents SET secret_at = COALESCE(secret_at, :now), disputed_at = NULL "
    f"WHERE {_THIS} AND key = :key AND object_id = :id RETURNING key"
)
#: What stands in a row is all that recovery keeps of it until it is reached.
INTENTS_DUE: Final = Statement(
    f"SELECT {INTENT_READ} FROM zerogate_intents WHERE {BY_OTHER} "
    f"AND due_at <= :now AND {LEASE_LEFT} <= 0 "
    "AND (due_at, operation, key) > (:after, :after_operation, :after_key) "
    "ORDER BY due_at, operation, key LIMIT :most"
)
INTENTS_DUE_COUNT: Final = Statement(
    f"SELECT COUNT(*) FROM zerogate_intents WHERE {BY_OTHER} AND due_at <= :now "
    f"AND {LEASE_LEFT} <= 0"
)
INTENT_RENEW: Final = Statement(
    f"UPDATE zerogate_intents SET lease_clock = :lease_clock, lease_until = {LEASE_UNTIL} "
    f"WHERE {_THIS} AND key = :key AND holder = :holder AND lease_until > 0 RETURNING key"
)
#: Recovery's turn has come where one was set at all; what is known may have been asked for once more.
INTENT_LET_GO: Final = Statement(
    "UPDATE zerogate_intents SET lease_until = 0, "
    "due_at = CASE WHEN due_at IS NULL THEN due_at ELSE :now END, ambiguous = CASE "
    "WHEN state = 'sent' OR (state = 'known' AND :sends = 1) THEN 1 ELSE ambiguous END "
    f"WHERE {_THIS} AND key = :key AND holder = :holder AND lease_until > 0"
)
STATUS_NOTED: Final = Statement(
    f"UPDATE zerogate_intents SET object_status = :status, status_at = :now WHERE {BY_OTHER} "
    "AND object_id = :id AND COALESCE(object_status, '') <> :status"
)
DISPUTE_NOTED: Final = Statement(
    f"UPDATE zerogate_intents SET disputed_at = :now WHERE {BY_OTHER} "
    "AND object_id = :id AND disputed_at IS NULL AND secret_at IS NULL"
)
#: Under our own key and id: what a list gave back whole.
INTENT_MADE: Final = Statement(
    "SELECT 1 FROM zerogate_intents WHERE account || '' = :account AND mode || '' = :mode "
    "AND key = :key AND object_id = :id"
)
ECHO_NOTED: Final = Statement(
    "INSERT INTO zerogate_echoes (account, mode, seen_at) VALUES (:account, :mode, :now) "
    "ON CONFLICT (account, mode) DO UPDATE SET seen_at = excluded.seen_at"
)
ECHO_SEEN: Final = Statement(
    "SELECT seen_at FROM zerogate_echoes WHERE account = :account AND mode = :mode"
)
SECRET_MADE: Final = Statement(
    "INSERT INTO zerogate_secrets (name, value) VALUES ('hashes', :secret) ON CONFLICT DO NOTHING"
)
SECRET_READ: Final = Statement("SELECT value FROM zerogate_secrets WHERE name = 'hashes'")
ACCOUNT_PIN: Final = Statement(
    "INSERT INTO zerogate_accounts (account, mode, partner_id) VALUES (:account, :mode, :partner) "
    "ON CONFLICT DO NOTHING"
)
ACCOUNT_PINNED: Final = Statement(
    "SELECT partner_id FROM zerogate_accounts WHERE account = :account AND mode = :mode"
)
# --- a store that has forgotten ------------------------------------------------------------------

#: In the order of `store_loss.StoreLoss`.
_LOSS: Final = (
    "noticed_at, gate_time, reason, since, asked, walk, search_cursor, resume_at, found, "
    "another_writes, over_at, vouched_at"
)
LOSS_READ: Final = Statement(f"SELECT {_LOSS} FROM zerogate_losses WHERE {_HERE}")
#: A new one, or one after another that is over; by hand also in place of one that is not. What was made
#: after the walks of the one before had ended was made by somebody else.
LOSS_NOTE: Final = Statement(
    f"INSERT INTO zerogate_losses (account, mode, namespace, {_LOSS}, holder, lease_until) "
    "VALUES (:account, :mode, :namespace, :now, :gate_time, :reason, :since, :asked, 1, NULL, 0, 0, "
    "0, NULL, NULL, '', 0) ON CONFLICT (account, mode, namespace) DO UPDATE SET "
    "noticed_at = excluded.noticed_at, gate_time = excluded.gate_time, reason = excluded.reason, "
    "since = excluded.since, asked = excluded.asked, walk = 1, search_cursor = NULL, resume_at = 0, "
    "found = 0, another_writes = CASE WHEN :made >= zerogate_losses.over_at THEN 1 ELSE 0 END, "
    "over_at = NULL, vouched_at = NULL, holder = '', "
    "lease_until = 0 WHERE zerogate_losses.over_at IS NOT NULL "
    "OR (excluded.asked = 1 AND (zerogate_losses.asked = 0 OR zerogate_losses.since <> excluded.since))"
)
#: Nobody knows any more of which of these the secret was handed out since.
LOSS_SECRETS: Final = Statement(
    f"UPDATE zerogate_intents SET secret_at = :now WHERE {_HERE} AND operation = 'createSession' "
    "AND object_id IS NOT NULL AND secret_at IS NULL AND closed_at IS NULL AND made_at < :now"
)
LOSS_CLAIM: Final = Statement(
    "UPDATE zerogate_losses SET holder = :holder, lease_clock = :lease_clock, "
    f"lease_until = {LEASE_UNTIL} WHERE {_HERE} "
    f"AND over_at IS NULL AND {LEASE_LEFT} <= 0 AND resume_at <= :now RETURNING {_LOSS}"
)
LOSS_GO_ON: Final = Statement(
    "UPDATE zerogate_losses SET search_cursor = :search_cursor, found = found + :found, "
    "another_writes = CASE WHEN :another_writes = 1 THEN 1 ELSE another_writes END, "
    f"lease_clock = :lease_clock, lease_until = {LEASE_UNTIL} "
    f"WHERE {_HERE} AND holder = :holder AND over_at IS NULL RETURNING walk"
)
LOSS_LEAVE: Final = Statement(
    f"UPDATE zerogate_losses SET holder = '', lease_until = 0 WHERE {_HERE} AND holder = :holder"
)
LOSS_WALKED: Final = Statement(
    "UPDATE zerogate_losses SET over_at = CASE WHEN walk >= 2 THEN :now ELSE over_at END, "
    "walk = walk + 1, search_cursor = NULL, resume_at = :resume_at, holder = '', lease_until = 0 "
    f"WHERE {_HERE} AND holder = :holder"
)
LOSS_VOUCH: Final = Statement(f"UPDATE zerogate_losses SET vouched_at = :now WHERE {_HERE}")
ORDER_VOUCH: Final = Statement(
    "INSERT INTO zerogate_vouched (account, mode, namespace, order_ref, vouched_at) "
    "VALUES (:account, :mode, :namespace, :order_ref, :now) "
    "ON CONFLICT (account, mode, namespace, order_ref) DO UPDATE SET vouched_at = excluded.vouched_at"
)
#: Only what was said after the loss was noticed counts for it.
ORDER_VOUCHED: Final = Statement(
    f"SELECT 1 FROM zerogate_vouched WHERE {_HERE} AND order_ref = :order_ref "
    "AND vouched_at >= :noticed_at"
)
#: Also under another label of the same partner: what is in this store is not forgotten.
KEYS_KNOWN: Final = Statement(
    "SELECT key, object_id, duplicates, ambiguous, lease_until, state FROM zerogate_intents "
    "WHERE (account = :account OR account IN "
    "(SELECT account FROM zerogate_accounts WHERE mode = :mode AND partner_id = :partner)) "
    "AND mode = :mode AND namespace = :namespace AND operation = :operation "
    f"AND key IN ({', '.join(':' + slot for slot in KEY_SLOTS)})"
)
