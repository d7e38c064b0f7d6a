"""Checks of what is remembered: the database, the schema, what it has forgotten, the inbox. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from zerogate_cli.checks.check import Check
from zerogate_cli.exit_codes import Exit
from zerogate_cli.service_store import missing_file

if TYPE_CHECKING:
    from zerogate.types import ModeName
    from zerogate_store import Store

#: Seconds that an event may wait before somebody should look.
LONGEST_WAIT: Final = 300.0
#: States of events that a person has to decide about, each with what to do.
_STUCK: Final = {
    "parked": "look at them (zerogate inbox), mend the handler, and retry them",
    "unmatched": "their sessions are of another service, or were made without this store",
}


def remembered(url: str, *, account: str, mode: ModeName, namespace: str) -> Iterator[Check]:
    """Yield checks of the store's database, losses and inbox; only one if it cannot be opened."""
    from zerogate import GateError
    from zerogate_store import Store

    try:
        store = Store(url, migrate=False)
    except (GateError, ImportError) as problem:
        todo = "correct --store, or ZEROGATE_STORE"
        yield Check("store", str(problem), Exit.USAGE, todo)
        return
    try:
        if (missing := missing_file(store)) is not None:
            yield Check("store", missing, Exit.USAGE, "correct --store, or ZEROGATE_STORE")
            return
        yield _database_check(store)
        yield from _state_checks(store, account, mode, namespace)
    finally:
        store.close()


def _database_check(store: Store) -> Check:
    """Return the check that names the kind of database; it cannot fail."""
    if store.engine.dialect.name == "sqlite":
        return Check("database", "SQLite: right for one machine; several need PostgreSQL")
    return Check("database", "PostgreSQL")


def _state_checks(store: Store, account: str, mode: ModeName, namespace: str) -> Iterator[Check]:
    """Yield the checks of the store's losses and its inbox; only one where it cannot be read."""
    from zerogate import GateError
    from zerogate_store import Inbox

    try:
        loss = store.store_loss(mode=mode, account=account, namespace=namespace)
        inbox = Inbox(store, mode=mode, account=account, namespace=namespace).metrics()
    except GateError as problem:
        todo = "see that it is reachable, and run Store(url).migrate() once, before workers start"
        yield Check("store", str(problem), Exit.USAGE, todo)
        return
    if loss is None:
        yield Check("store", "nobody has noticed that it has forgotten anything")
    elif loss.over and not loss.another_writes:
        yield Check("store", str(loss))
    else:
        todo = "call gate.recover() until it is over; see docs/writes.md on a restored store"
        yield Check("store", str(loss), Exit.DIFFERENCES, todo)
    yield _inbox_check(inbox.oldest, dict(inbox.counts))


def _inbox_check(oldest: float | None, counts: dict[str, int]) -> Check:
    """Return the check of the counts by state; not well if any is stuck or waits over 300 s.

    oldest: Seconds that the oldest event has waited; None where none waits.
    """
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()) if count)
    told = told or "empty"
    stuck = [todo for state, todo in _STUCK.items() if counts.get(state)]
    if stuck:
        return Check("inbox", told, Exit.DIFFERENCES, "; ".join(stuck))
    if oldest is not None and oldest > LONGEST_WAIT:
        todo = "see that a worker calls inbox.drain(handler)"
        told = f"{told}; the oldest has waited {oldest:.0f} s"
        return Check("inbox", told, Exit.DIFFERENCES, todo)
    return Check("inbox", told)
