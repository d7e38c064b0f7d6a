# Written by facade/unasync.py from facade/zerogate/_async/search.py; edit that file.
"""Looks for what a write may have made: in a list, by a customer's own ids, by a rail's quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .._compat import Take
from .._durability import JournalEntry
from .._idempotency.answers import RAILS, is_customer
from .._idempotency.identity import marks_of
from .._pagination import CursorPaginator
from .._reconciliation.list_search import MARGIN, Row, SearchResult, SearchTargets
from .._wire import models, operations
from ..errors import GateError, GateUsageError, NotFound, OutcomeUnknown, StoreFailed
from .seam import Sending

#: Pages of one search; where that is not enough, the next one goes on from there.
_PAGES: Final = 50
#: Rows of one search that are read by their ids, because the list does not show their metadata.
_BY_ID: Final = 50


class Search:
    """The searches of one client; they send reads only.

    echoed: Whether a list has given marks back whole. pairs: Keys and ids that a list gave back, which
    may be known as ours.
    """

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self.echoed: bool = False
        self.pairs: list[tuple[str, str]] = []

    def of(self, intent: JournalEntry, body: Mapping[str, Any], ends: float) -> SearchResult:
        """Search for the object of one write. A GateError becomes the result's `hold`.

        body: As it was sent, as far as it is still known.
        """
        began = self._sending.sound_now()
        if intent.operation == "createSession":
            found = self.sessions([intent], ends)
            return found.get(intent.key, SearchResult(complete=True, began=began))
        try:
            return (self._quote if intent.operation in RAILS else self._customer)(body, ends)
        except GateError as exc:
            return SearchResult(hold=f"it could not be looked for: {exc}")

    def sessions(self, intents: Sequence[JournalEntry], ends: float) -> dict[str, SearchResult]:
        """Search Gate's list for the findable ones of these writes; return key → result, for those only.

        All that stand at the same place of the list are looked for in one walk down it.
        """
        groups: dict[str | None, list[JournalEntry]] = {}
        for intent in (one for one in intents if one.findable):
            groups.setdefault(intent.search_cursor, []).append(intent)
        found: dict[str, SearchResult] = {}
        for cursor, group in groups.items():
            found |= self._search_list(SearchTargets.of(group), cursor, ends)
        return found

    def unjournaled(self, error: GateError, ends: float) -> Any:
        """Return the listed session of an error's key; OutcomeUnknown: none; GateUsageError: another write.

        For where no journal knows anything of it.
        """
        if error.idempotency_key is None or error.operation != "createSession":
            raise GateUsageError("without a store only a session can be looked for, by its error")
        sought = SearchTargets.for_key(error.idempotency_key)
        for looked in (self._search_list(sought, None, ends)).values():
            for row in looked.found:
                if error.order is None or marks_of(row).order in (None, error.order):
                    return self.whole(row, ends)
        raise OutcomeUnknown(
            f"no session of order {error.order!r} is listed so far: lists may be late, so call again "
            "with the same order; with a store it would be known",
            **{n: getattr(error, n) for n in ("operation", "order", "attempt", "idempotency_key")},
        )

    def whole(self, row: Row, ends: float) -> Any:
        """Return a listed row as a session; reads it by id if the row does not fit the contract."""
        try:
            return models.read("GateSession", row)
        except ValueError:
            pass
        return self._sending.ask(
            operations.RETRIEVE_SESSION, timeout=None, until=ends, id=row["id"]
        )

    def _search_list(
        self, sought: SearchTargets, cursor: str | None, ends: float
    ) -> dict[str, SearchResult]:
        """Walk the list once for these targets and return a result for each key."""
        return sought.looked(self.walk(sought, cursor, ends))

    def walk(
        self,
        sought: SearchTargets,
        cursor: str | None,
        ends: float,
        *,
        pages: int = _PAGES,
        take: Take | None = None,
    ) -> SearchResult:
        """Read up to *pages* pages from *cursor*, note rows in *sought*; return how far, errors as `hold`.

        take: Called after each page, for what was found on it.
        """
        began = self._sending.sound_now()
        back_to = self._sending.server_now() - began - MARGIN
        walk: CursorPaginator[Any] = CursorPaginator(lambda row: row.get("id"), cursor)
        try:
            for _ in range(pages):
                answer = self._sending.ask(
                    operations.LIST_SESSIONS.raw_rows(),
                    timeout=None,
                    until=ends,
                    limit=100,
                    starting_after=walk.at,
                )
                page = walk.take(answer.rows, answer.has_more)
                rows = [] if page is None else page.items
                sought.pass_over([] if page is None else page.unreadable, back_to)
                rows = self._read_missing(sought, rows, back_to, ends)
                is_over = sought.take(rows, back_to=back_to) or walk.over
                if take is not None:
                    take()
                if is_over:
                    return SearchResult(complete=True, began=began, unread=sought.unread)
        except StoreFailed:
            raise
        except GateError as exc:
            # A cursor that is refused once would be refused for ever: the next search starts anew.
            return SearchResult(
                hold=f"the list could not be read: {exc}", began=began, unread=sought.unread
            )
        finally:
            self.echoed, self.pairs = self.echoed or sought.echoed, sought.pairs
        return SearchResult(cursor=walk.at, began=began, unread=sought.unread)

    def _read_missing(
        self, sought: SearchTargets, rows: Sequence[Row], back_to: float, ends: float
    ) -> Sequence[Row]:
        """Return the rows; those without metadata by a read each, if Gate shows them; up to a failure."""
        for id in [*sought.unreadable(rows, back_to)][: max(0, _BY_ID - sought.unread)]:
            try:
                read = self._sending.ask(
                    operations.RETRIEVE_SESSION.raw(), timeout=None, until=ends, id=id
                )
            except GateError as exc:
                if not isinstance(exc, NotFound) or exc.type is None:  # a proxy's 404
                    break
                # It is listed, and may be ours all the same: nothing is absent because of that.
                continue
            if read.get("id") != id or not isinstance(read.get("metadata"), Mapping):
                # It is so everywhere, then: each of the others would cost a read as well.
                break
            rows = [read if row["id"] == id else row for row in rows]
        return rows

    def _customer(self, body: Mapping[str, Any], ends: float) -> SearchResult:
        """Look a customer up by external id, else e-mail; `hold` where the list cannot tell."""
        for name in ("external_id", "email"):
            if body.get(name) is not None:
                by = {name: body[name]}
                answer = self._sending.ask(
                    operations.LIST_CUSTOMERS, timeout=None, until=ends, **by
                )
                if answer.unreadable:
                    row = answer.unreadable[0]
                    return SearchResult(
                        hold=f"customer {row.id!r} may be it and cannot be read: {row.why}"
                    )
                found = [one for one in answer.data if is_customer(body, one.to_dict())]
                if answer.data and not found:
                    return SearchResult(hold=f"the list of customers is not filtered by {name}")
                return SearchResult(found=tuple(found[:1]), complete=True)
        return SearchResult()

    def _quote(self, body: Mapping[str, Any], ends: float) -> SearchResult:
        """Read a rail's quote; `complete`, so send again, if it is active or consumed; else `hold` says why.

        A quote is consumed once: until then, and by the same key even then, sending is one write.
        """
        quote = self._sending.ask(
            operations.RETRIEVE_SIGNED_QUOTE, timeout=None, until=ends, id=body.get("quote_id")
        )
        if str(quote.status) in ("active", "consumed"):
            return SearchResult(complete=True)
        return SearchResult(
            hold=f"its quote is {quote.status}: look for the rail by webhook or reference"
        )
