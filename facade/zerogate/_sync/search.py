# Written by facade/unasync.py from facade/zerogate/_async/search.py; edit that file.
"""Looks for what a write may have made: in a list, by a customer's own ids, by a rail's quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..errors import GateError, GateUsageError, OutcomeUnknown
from ..journal import MARGIN, RAILS, Intent, Looked, Sought
from ..pages import Walk
from ..unreadable import UnreadableRow
from .calls import Calls

#: Pages of one search; where that is not enough, the next one goes on from there.
_PAGES: Final = 50


class Search:
    """The searches of one client; they send reads only."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def of(self, intent: Intent, body: Mapping[str, Any], ends: float) -> Looked:
        """What can be found of one write. body: As it was sent, as far as it is still known."""
        if intent.operation == "createSession":
            found = self.sessions([intent], ends)
            return found.get(intent.key, Looked())
        try:
            if intent.operation in RAILS:
                return self._quote(body, ends)
            return self._customer(body, ends)
        except GateError as exc:
            return Looked(hold=f"it could not be looked for: {exc}")

    def sessions(self, intents: Sequence[Intent], ends: float) -> dict[str, Looked]:
        """By key. All that stand at the same place of the list are looked for in one walk down it."""
        groups: dict[str | None, list[Intent]] = {}
        for intent in intents:
            if intent.order_ref is not None:
                groups.setdefault(intent.look_after, []).append(intent)
        found: dict[str, Looked] = {}
        for cursor, group in groups.items():
            found |= self._walked(Sought.of(group), cursor, ends)
        return found

    def unjournaled(self, error: GateError, ends: float) -> Any:
        """The session of an error's order and attempt, where no journal knows anything of it."""
        if error.order is None or error.operation != "createSession":
            raise GateUsageError("without a store only a session with an order can be looked for")
        sought = Sought.for_order(error.order, error.attempt, str(error.idempotency_key))
        for looked in (self._walked(sought, None, ends)).values():
            if looked.found:
                return looked.found[0]
        raise OutcomeUnknown(
            f"no session of order {error.order!r} is listed so far: lists may be late, so call again "
            "with the same order; with a store it would be known",
            **{n: getattr(error, n) for n in ("operation", "order", "attempt", "idempotency_key")},
        )

    def _walked(self, sought: Sought, cursor: str | None, ends: float) -> dict[str, Looked]:
        ahead = self._calls.server_now() - self._calls.settings.clock.now()
        walk, odd = Walk(_id, cursor), list[UnreadableRow]()
        try:
            for _ in range(_PAGES):
                answer = self._calls.ask(
                    "listSessions", timeout=None, until=ends, limit=100, starting_after=walk.at
                )
                page = walk.take(answer.rows, answer.has_more)
                odd += [row for row in page.unreadable if sought.may_be(row)] if page else []
                if page is not None and sought.take(page.items, back_to=ahead - MARGIN):
                    break
                if walk.over:
                    break
            else:
                return sought.looked(cursor=walk.at)
        except GateError as exc:
            # A cursor that is refused once would be refused for ever: the next search starts anew.
            return sought.looked(hold=f"the list could not be read: {exc}")
        if odd:
            return sought.looked(
                hold=f"a listed session may be it and cannot be read: {odd[0].id!r}: {odd[0].why}"
            )
        return sought.looked(complete=True)

    def _customer(self, body: Mapping[str, Any], ends: float) -> Looked:
        for name in ("external_id", "email"):
            if body.get(name) is not None:
                by = {name: body[name]}
                answer = self._calls.ask("listCustomers", timeout=None, until=ends, **by)
                return Looked(found=tuple(answer.data[:1]), complete=True)
        return Looked()

    def _quote(self, body: Mapping[str, Any], ends: float) -> Looked:
        """A quote is consumed once: until then, and by the same key even then, sending is one write."""
        quote = self._calls.ask(
            "retrieveSignedQuote", timeout=None, until=ends, id=body.get("quote_id")
        )
        if str(quote.status) in ("active", "consumed"):
            return Looked(complete=True)
        return Looked(
            hold=f"its quote is {quote.status}: look for the rail by webhook or reference"
        )


def _id(session: Any) -> str:
    id: str = session.id
    return id
