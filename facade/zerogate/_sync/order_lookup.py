# Written by facade/unasync.py from facade/zerogate/_async/order_lookup.py; edit that file.
"""Finds everything that was made for one order: in the store, in Gate's list, in the inbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from .._compat import sync_result
from .._durability import JournalEntry
from .._idempotency.identity import marks_of
from .._reconciliation import ANY_NAMESPACE, AnyNamespace, AnyOrder, Evidence, checked_end
from ..errors import GateUsageError
from .calls import Calls
from .sessions import Sessions

_OPERATIONS: Final = ("createSession", "createPayIn", "createPayOut")
_ENDS: Final = {"gate_session.expired": "expired", "gate_session.cancelled": "cancelled"}


def sync_entries_of(
    calls: Calls, operation: str, order: str | AnyOrder, session: Any = None
) -> Sequence[JournalEntry]:
    """Return the store's entries of an order (ANY_ORDER: the session's own order); () without a store."""
    named = marks_of(session).order if isinstance(order, AnyOrder) else order
    if calls.durability is None or named is None:
        return ()
    return calls.durability.of_order(operation, named)


class WholeOrder:
    """One order, asked for once.

    in_doubt: Keys of writes of which nobody knows what they came to. intents: All that the store has of it.
    ends: When a session ended in a status, by the latest event of that.
    """

    def __init__(
        self,
        calls: Calls,
        order: str,
        since: datetime | None,
        namespace: str | AnyNamespace = ANY_NAMESPACE,
    ) -> None:
        self._calls, self._order, self._since = calls, order, checked_end(since, "since")
        self._namespace = namespace
        self.in_doubt: list[str] = []
        self.ends: dict[tuple[str, str], datetime] = {}
        self.intents: list[Evidence] = []

    def find_ids(self, timeout: float | None) -> tuple[list[str], list[str], list[str]]:
        """Find sessions', pay-ins' and pay-outs' ids, note intents; GateUsageError: no store, no *since*."""
        durability = self._calls.durability
        if durability is None and self._since is None:
            raise GateUsageError(
                "an order's sessions are known by a store (Gate(store=…)) or looked for in Gate's "
                "list: say since=, how far back"
            )
        rows: dict[str, Sequence[JournalEntry]] = {}
        if durability is not None:
            for operation in _OPERATIONS:
                rows[operation] = sync_entries_of(self._calls, operation, self._order)
        sessions, pay_ins, pay_outs = (
            self._collect_ids(rows.get(name, ())) for name in _OPERATIONS
        )
        if self._since is not None:
            sessions += self._list_ids(self._since, timeout)
        return list(dict.fromkeys(sessions)), pay_ins, pay_outs

    def _collect_ids(self, rows: Iterable[JournalEntry]) -> list[str]:
        """Return the ids in these entries; notes each as an intent, and keys sent in doubt."""
        ids: list[str] = []
        for row in rows:
            self.intents.append(_entry_evidence(row))
            if row.object_id is not None:
                ids += row.ids
            elif row.state == "sent":
                self.in_doubt.append(row.key)
        return ids

    def _list_ids(self, since: datetime, timeout: float | None) -> list[str]:
        """Return ids of the order's sessions in Gate's list back to *since*, oldest first."""
        ids: list[str] = []
        for page in Sessions(self._calls).list(timeout=timeout).pages():
            # Read by its id it says what is wrong with it, if it is of this order at all.
            ids += [row.id for row in page.unreadable if row.id and self._is_of_it(row.raw)]
            young = [one for one in page.items if (one.created_at or since) >= since]
            ids += [one.id for one in young if self._is_of_it(one)]
            # One of the last may say an odd time, and all behind it be young.
            if page.items and not any(one in young for one in page.items[-2:]):
                break
        return ids[::-1]

    def _is_of_it(self, session: object) -> bool:
        """Return True if the session's marks name this order and namespace; ANY_NAMESPACE takes any."""
        marks = marks_of(session)
        return marks.order == self._order and self._namespace in (marks.namespace, ANY_NAMESPACE)

    def events(self, inbox: Any, ids: Iterable[str]) -> list[Evidence]:
        """Return the inbox's events of these ids as evidence, [] without one; notes when sessions ended."""
        if inbox is None:
            return []
        found = []
        for id in ids:
            for event in sync_result(inbox.about(id)):
                found.append(
                    Evidence("event", event.id, event.type, (("at", _time(event.happened_at)),))
                )
                if event.type in _ENDS:
                    at, end = (
                        datetime.fromtimestamp(event.happened_at, UTC),
                        (id, _ENDS[event.type]),
                    )
                    self.ends[end] = max(at, self.ends.get(end, at))
        return found


def _entry_evidence(row: JournalEntry) -> Evidence:
    """Return a journal entry as evidence: operation, attempt, ids and times; no empty facts."""
    facts = {
        "operation": row.operation,
        "attempt": str(row.attempt),
        "object_id": row.object_id or "",
        "first_sent_at": _time(row.first_sent_at),
        "secret_handed_out_at": _time(row.secret_at),
        "request_ids": ", ".join(row.request_ids),
    }
    told = tuple((name, value) for name, value in facts.items() if value)
    return Evidence("intent", row.key, row.state, told)


def _time(at: float | None) -> str:
    """Return Unix seconds as ISO 8601 text in UTC, empty for None."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat()
