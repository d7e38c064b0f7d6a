"""Ids that an inbox has heard of lately: records that may have changed although no list shows it.

A reversal after months moves nothing in a list by creation. Its event does reach the inbox, which is asked
here; what Gate says of such a record now is read from Gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .errors import Unusable

if TYPE_CHECKING:
    from zerogate_store._store import Step

#: Since an instant in Unix seconds → ids of sessions and payments.
Changed: TypeAlias = Callable[[float], frozenset[str]]
#: What a server's clock may be behind, and an event be on its way.
_OVERLAP: Final = 3_600


@contextmanager
def changes_heard(store: str | None, *, mode: str, account: str) -> Iterator[Changed | None]:
    """Open a store, yield a function: ids its inbox heard of since Unix seconds; None without a store.

    None where there is no store.

    Raises:
        Unusable: what a store needs is not installed.
    """
    if store is None:
        yield None
        return
    try:
        from zerogate_store import Store
        from zerogate_store._store import Statement
    except ImportError as missing:
        raise Unusable(f"--store: {missing}") from missing
    heard = Statement(
        "SELECT DISTINCT subject, parent FROM zerogate_events WHERE account = :account "
        "AND mode = :mode AND received_at >= :since AND state <> 'refused' AND state <> 'test'"
    )

    def rows_since(since: float) -> Step[list[Any]]:
        """Return a step that reads (subject, parent) of events, an hour earlier as well."""
        found = yield heard(account=account, mode=mode, since=since - _OVERLAP)
        return list(found)

    def changed(since: float) -> frozenset[str]:
        """Read from the store the ids of events since then, and an hour before; empty for none."""
        rows = opened.run_in_transaction(lambda: rows_since(since))
        return frozenset(id for row in rows for id in row if id)

    opened = Store(store)
    try:
        yield changed
    finally:
        opened.close()
