"""All SQL of the inbox, as text. Sends none; the tables are in `zerogate_store._journal.statements`."""

from __future__ import annotations

from typing import Final

from .._journal.statements import BY_OTHER, LEASE_LEFT, LEASE_UNTIL
from .._store import Statement
from .payment_state import RESULTS

_SCOPE: Final = "account = :account AND mode = :mode AND namespace = :namespace"
_KEY: Final = f"{_SCOPE} AND signed = :signed AND id = :id"
#: In the order of `records.StoredEvent`.
COLUMNS: Final = (
    "id, signed, type, kind, subject, parent, order_ref, happened_at, received_at, body, reduced, "
    "state, routed, attempts, due_at, reason"
)
_GIVEN: Final = f"account, mode, namespace, {COLUMNS}"


def _scope(table: str) -> str:
    """Return the condition of a scope, each column with the table's name before it."""
    return _SCOPE.replace("account =", f"{table}.account =").replace(" AND ", f" AND {table}.")


def _same(one: str, other: str) -> str:
    """Return the condition that rows of two tables have the same scope and subject."""
    return " AND ".join(
        f"{one}.{name} = {other}.{name}" for name in ("account", "mode", "namespace", "subject")
    )


#: An event once; one that was only known to be missing is filled in.
ADD: Final = Statement(
    f"INSERT INTO zerogate_events ({_GIVEN}) "
    f"VALUES ({', '.join(':' + name for name in _GIVEN.split(', '))}) "
    "ON CONFLICT (account, mode, namespace, signed, id) DO UPDATE SET "
    "type = excluded.type, kind = excluded.kind, subject = excluded.subject, "
    "parent = excluded.parent, order_ref = excluded.order_ref, "
    "happened_at = excluded.happened_at, received_at = excluded.received_at, "
    "body = excluded.body, reduced = excluded.reduced, state = excluded.state, "
    "due_at = excluded.due_at, reason = excluded.reason "
    "WHERE zerogate_events.state = 'missing' AND excluded.state <> 'missing' RETURNING id"
)

#: The account's label stands for the first partner that is seen under it, by a client or here.
PIN: Final = Statement(
    "INSERT INTO zerogate_accounts (account, mode, partner_id) VALUES (:account, :mode, :partner) "
    "ON CONFLICT DO NOTHING"
)
PINNED: Final = Statement(
    "SELECT partner_id FROM zerogate_accounts WHERE account = :account AND mode = :mode"
)

# --- whose turn it is ---

#: What has been due for longest and is nobody's. The lease is looked up row by row, so that it costs
#: the same however little the database knows of its tables.
WAITING: Final = Statement(
    f"SELECT e.subject, e.kind FROM zerogate_events e WHERE {_scope('e')} "
    f"AND e.state = 'pending' AND e.due_at <= :now AND COALESCE((SELECT {LEASE_LEFT} "
    f"FROM zerogate_subjects s WHERE {_same('s', 'e')}), 0) <= 0 ORDER BY e.due_at LIMIT 20"
)
_THIS: Final = f"{_SCOPE} AND subject = :subject"
#: Who holds one, where the clock of leases has no name.
SUBJECT_HELD: Final = Statement(f"SELECT holder, lease_until FROM zerogate_subjects WHERE {_THIS}")
#: Never waits: one that somebody is working on is passed over.
SUBJECT_CLAIM: Final = Statement(
    "UPDATE zerogate_subjects SET holder = :holder, lease_clock = :lease_clock, "
    f"lease_until = {LEASE_UNTIL} WHERE {_THIS} "
    f"AND subject = (SELECT s.subject FROM zerogate_subjects s WHERE {_scope('s')} AND s.subject = "
    f":subject AND (:is_free = 1 OR {LEASE_LEFT} <= 0) /*skip*/) RETURNING succeeded, ended",
    skip_locked=True,
)
SUBJECT_ADD: Final = Statement(
    "INSERT INTO zerogate_subjects "
    "(account, mode, namespace, subject, kind, holder, lease_clock, lease_until, succeeded, ended) "
    "VALUES (:account, :mode, :namespace, :subject, :kind, :holder, :lease_clock, "
    f"{LEASE_UNTIL}, 0, 0) "
    "ON CONFLICT DO NOTHING RETURNING succeeded, ended"
)
#: Whoever comes behind an event that waits, waits with it; all of them, or what `EVENTS_WAITING` does not
#: show stays due, and nothing else has its turn.
ALIGN: Final = Statement(
    f"UPDATE zerogate_events SET due_at = :due WHERE {_SCOPE} AND subject = :subject "
    "AND state = 'pending' AND due_at <= :now"
)
#: Oldest first. What may go past others is among them however many wait.
EVENTS_WAITING: Final = Statement(
    f"SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM zerogate_events WHERE {_SCOPE} "
    "AND subject = :subject AND state = 'pending' ORDER BY CASE WHEN :strict = 0 AND type IN "
    f"{RESULTS} THEN 0 ELSE 1 END, happened_at, received_at, id LIMIT 50) AS page "
    "ORDER BY happened_at, received_at, id"
)
EVENTS_ABOUT: Final = Statement(
    f"SELECT {COLUMNS} FROM zerogate_events WHERE {_SCOPE} AND subject = :subject "
    "AND state <> 'refused' AND state <> 'test' ORDER BY happened_at, received_at, id LIMIT 200"
)
PARKED_HERE: Final = Statement(
    f"SELECT 1 FROM zerogate_events WHERE {_SCOPE} AND state <> 'pending' AND state <> 'done' "
    "AND state = 'parked' AND subject = :subject LIMIT 1"
)
#: When a session ended, by its event; found by an index of those alone.
ENDED: Final = Statement(
    f"SELECT min(happened_at) FROM zerogate_events WHERE {_SCOPE} AND subject = :subject "
    "AND type IN ('gate_session.expired', 'gate_session.cancelled') AND state <> 'refused'"
)
#: What the journal of the same store knows: that it was made here, and how it was last seen.
JOURNALED: Final = Statement(
    f"SELECT object_id, object_status FROM zerogate_intents WHERE {BY_OTHER} "
    "AND object_id IN (:subject, :parent)"
)
#: Held by us, and held until our transaction is over.
FENCE: Final = Statement(
    f"UPDATE zerogate_subjects SET lease_clock = :lease_clock, lease_until = {LEASE_UNTIL} "
    f"WHERE {_SCOPE} AND subject = :subject AND holder = :holder RETURNING subject"
)
RELEASE: Final = Statement(
    f"UPDATE zerogate_subjects SET lease_until = 0, holder = '' WHERE {_SCOPE} "
    "AND subject = :subject AND holder = :holder"
)
DONE: Final = Statement(
    "UPDATE zerogate_events SET state = 'done', done_at = :now, due_at = NULL, "
    f"attempts = :attempts, reason = :reason WHERE {_KEY} AND state = 'pending' RETURNING id"
)
STANDS: Final = Statement(
    f"UPDATE zerogate_subjects SET succeeded = :succeeded, ended = :ended WHERE {_SCOPE} "
    "AND subject = :subject AND holder = :holder"
)
#: What becomes of an event that was not done, as long as it is ours.
PUT_OFF: Final = Statement(
    "UPDATE zerogate_events SET state = :state, attempts = :attempts, due_at = :due, "
    f"reason = :reason WHERE {_KEY} AND state = 'pending' AND EXISTS (SELECT 1 "
    f"FROM zerogate_subjects s WHERE {_same('s', 'zerogate_events')} AND s.holder = :holder)"
)

# --- what Gate signed and we cannot read ---

#: For whoever is first, until then: it is done before, or tried again.
QUARANTINE_TAKE: Final = Statement(
    f"UPDATE zerogate_events SET due_at = :until, attempts = attempts + 1 WHERE {_SCOPE} "
    "AND state <> 'pending' AND state <> 'done' AND state = 'quarantined' AND (signed, id) IN ("
    f"SELECT e.signed, e.id FROM zerogate_events e WHERE {_scope('e')} AND e.state <> 'pending' "
    "AND e.state <> 'done' AND e.state = 'quarantined' AND e.due_at <= :now "
    f"ORDER BY e.received_at LIMIT :most /*skip*/) RETURNING {COLUMNS}",
    skip_locked=True,
)
QUARANTINE_END: Final = Statement(
    f"UPDATE zerogate_events SET state = 'done', done_at = :now, due_at = NULL WHERE {_KEY} "
    "AND state = 'quarantined'"
)
QUARANTINE_DUE: Final = Statement(
    f"UPDATE zerogate_events SET due_at = :due WHERE {_KEY} AND state = 'quarantined' RETURNING id"
)
#: A page of them; the names are letters, for a driver that knows no list.
ID_SLOTS: Final = tuple(f"id_{a}{b}" for a in "abcdefghij" for b in "abcdefghij")
_SLOTS: Final = ", ".join(":" + slot for slot in ID_SLOTS)
#: Which of these texts are ids of what was made here, or of what an event told.
OURS_AMONG: Final = Statement(
    "SELECT object_id, operation, answered_at FROM zerogate_intents "
    f"WHERE {BY_OTHER} AND object_id IN ({_SLOTS}) "
    "AND operation IN ('createSession', 'createPayIn', 'createPayOut')"
)
HEARD_AMONG: Final = Statement(
    f"SELECT subject, kind FROM zerogate_subjects WHERE {_SCOPE} AND subject IN ({_SLOTS}) "
    "AND kind IN ('session', 'pay_in', 'pay_out')"
)

# --- what is kept ---

#: Back in the queue by hand; `routed` events are not looked for in the journal again.
AGAIN: Final = Statement(
    "UPDATE zerogate_events SET state = 'pending', due_at = :now, attempts = 0, routed = :routed, "
    f"reason = NULL WHERE {_KEY} AND state <> 'pending' AND state <> 'done' AND state = :was "
    "RETURNING id"
)
#: Unmatched events whose create has been recorded since.
MATCHED: Final = Statement(
    "UPDATE zerogate_events SET state = 'pending', due_at = :now, reason = NULL "
    f"WHERE {_SCOPE} AND state <> 'pending' AND state <> 'done' AND state = 'unmatched' "
    "AND EXISTS (SELECT 1 FROM zerogate_intents i WHERE i.account || '' = zerogate_events.account "
    "AND i.mode || '' = zerogate_events.mode AND i.namespace || '' = zerogate_events.namespace "
    "AND i.object_id IN (zerogate_events.subject, zerogate_events.parent)) "
    "RETURNING id"
)
KEPT: Final = Statement(
    f"SELECT {COLUMNS} FROM zerogate_events WHERE {_SCOPE} AND state = :state "
    "ORDER BY received_at, id LIMIT :most"
)
#: What stands under an id, as far as it is compared with what comes under it again.
ON_FILE: Final = Statement(
    f"SELECT type, subject, body, reduced, state FROM zerogate_events WHERE {_KEY}"
)
FOUND: Final = Statement(f"SELECT state FROM zerogate_events WHERE {_KEY}")
COUNTS: Final = Statement(
    f"SELECT state, count(*) FROM zerogate_events WHERE {_SCOPE} GROUP BY state"
)
OLDEST: Final = Statement(
    f"SELECT min(received_at) FROM zerogate_events WHERE {_SCOPE} AND state = 'pending'"
)
#: Bodies go, ids stay: a replay is still a duplicate. What is not over keeps its body.
FORGET: Final = Statement(
    f"UPDATE zerogate_events SET body = NULL WHERE {_SCOPE} AND body IS NOT NULL "
    "AND received_at < :before AND state <> 'pending' AND state <> 'parked' "
    "AND state <> 'unmatched' AND state <> 'quarantined' RETURNING id"
)

#: Sessions and rails that events told of, whoever made them.
HEARD_OF: Final = Statement(
    f"SELECT DISTINCT kind, subject FROM zerogate_events WHERE {_SCOPE} AND happened_at >= :since "
    "AND kind IN ('session', 'pay_in', 'pay_out') AND state <> 'refused' AND state <> 'test' "
    "AND subject <> '' ORDER BY kind, subject"
)

# --- what no event may ever tell ---

#: Sessions and rails of ours on which no success is known, and which have not been looked at lately.
SILENT: Final = Statement(
    "SELECT i.object_id, i.operation, i.answered_at FROM zerogate_intents i "
    f"LEFT JOIN zerogate_subjects s ON s.account = i.account AND s.mode = i.mode "
    "AND s.namespace = i.namespace AND s.subject = i.object_id "
    f"WHERE {_scope('i')} AND i.state = 'known' AND i.object_id IS NOT NULL "
    "AND i.operation IN ('createSession', 'createPayIn', 'createPayOut') "
    "AND i.closed_at IS NULL AND COALESCE(s.succeeded, 0) = 0 AND i.answered_at > :oldest "
    # Made up to when: a kind that is not asked for takes nothing of the limit.
    "AND i.answered_at <= CASE i.operation WHEN 'createSession' THEN :session "
    "WHEN 'createPayIn' THEN :pay_in ELSE :pay_out END "
    "AND COALESCE(s.look_at, 0) <= :now ORDER BY COALESCE(s.look_at, i.answered_at) LIMIT :most"
)
#: Sessions that made way for another attempt of their order: a payment may show on them all the same.
SUPERSEDED: Final = Statement(
    "SELECT i.object_id, i.operation, i.answered_at FROM zerogate_intents i "
    f"LEFT JOIN zerogate_subjects s ON s.account = i.account AND s.mode = i.mode "
    "AND s.namespace = i.namespace AND s.subject = i.object_id "
    f"WHERE {_scope('i')} AND i.state = 'known' AND i.object_id IS NOT NULL "
    "AND i.operation = 'createSession' AND i.secret_at IS NOT NULL AND i.closed_at > :oldest "
    "AND COALESCE(s.look_at, 0) <= :now ORDER BY COALESCE(s.look_at, i.closed_at) LIMIT :most"
)
LOOK_AT: Final = Statement(f"SELECT look_at FROM zerogate_subjects WHERE {_THIS}")
LOOKED: Final = Statement(
    "INSERT INTO zerogate_subjects "
    "(account, mode, namespace, subject, kind, holder, lease_until, succeeded, ended, look_at) "
    "VALUES (:account, :mode, :namespace, :subject, :kind, '', 0, 0, 0, :look) "
    "ON CONFLICT (account, mode, namespace, subject) DO UPDATE SET look_at = excluded.look_at"
)
