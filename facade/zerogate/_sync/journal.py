# Written by facade/unasync.py from facade/zerogate/_async/journal.py; edit that file.
"""The journal of one client; and the end of attempts: what has to be over before another may be made."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import attrs

from .. import errors, journal
from .._twins import sync_transact
from ..journal import Intent
from ..observing import LOG
from ..outcomes import ANY_AMOUNT, ANY_ORDER, RAIL_STATUSES, outcome_of_session
from .recovering import Recovering
from .sessions import Sessions
from .storing import READS
from .transactions import Transactions


class Journal(Recovering):
    """The journal of one client: its account, mode and namespace in a store."""

    # --- the end of attempts ---

    def close(self, row: Intent, ends: float) -> None:
        """Note that an attempt is over, so that another may be made.

        Raises:
            AttemptOpen: it is not, or is not known to be.
        """
        if row.lease_until > self._clock.now():
            raise journal.refusal(journal.EarlierOpen(row))
        if row.state == "sent":
            row = self._settled(row, ends)
        session = None
        if row.state == "known":
            row, session, why, wait = self._over(row, ends)
            if why is not None:
                raise errors.AttemptOpen(
                    f"order {row.order_ref!r}, attempt {row.attempt} is not over: {why}",
                    session=session,
                    retry_after=wait,
                    **row.context,
                )
        if row.state in ("intended", "rejected"):
            raise journal.refusal(journal.EarlierOpen(row))
        now, holder = self._clock.now(), secrets.token_hex(8)
        closed = attrs.evolve(row, closed_at=now, holder=holder)
        sync_transact(self.store, partial(journal.saved, closed, was=row.holder))

    def _settled(self, row: Intent, ends: float) -> Intent:
        """An attempt in doubt, looked for and never sent: known, absent, or still in doubt."""
        mine = self._held(row, ends, journal.EarlierOpen)
        looked = self._look(mine, ends)
        if looked.found:
            self._found(mine, looked, ends)
            return self._now(mine)
        now = self._clock.now()
        gone = looked.complete and mine.operation == "createSession"
        if not gone or now - (mine.trusted_from or 0.0) < self.store.key_trust:
            self._recorded(mine.doubtful(now, None, look_after=looked.cursor), None, ends)
            raise journal.refusal(journal.EarlierOpen(mine))
        absent = attrs.evolve(mine, state="absent", body=None).swept(now, self.store.key_trust, ())
        self._recorded(absent, None, ends)
        return absent

    def _over(self, row: Intent, ends: float) -> tuple[Intent, Any, str | None, float | None]:
        """Why an attempt may still succeed, if it may: by all of its objects and what was paid on them."""
        assert row.object_id is not None
        if row.operation != "createSession":
            rail = self._calls.ask(READS[row.operation], timeout=None, until=ends, id=row.object_id)
            over = RAIL_STATUSES.get(str(rail.status)) == "failure"
            return row, None, None if over else f"it is {rail.status}", None
        now = self._clock.now()
        for id in row.extras:
            self._ended(id, ends)
        session: Any = None
        for id in (*row.extras, row.object_id):
            session = self._calls.ask("retrieveSession", timeout=None, until=ends, id=id)
            listed = Transactions(self._calls).list(session_id=id)
            outcome = outcome_of_session(
                session,
                [one for one in listed],
                expect=ANY_AMOUNT,
                order=ANY_ORDER,
                now=now,
                statuses=self.store.statuses,
            )
            if not outcome.may_retry:
                return row, session, f"{outcome.reason}. {outcome.next_step}", None
        status = str(session.status)
        if row.object_status != status or row.status_at is None:
            row = attrs.evolve(row, object_status=status, status_at=now)
            sync_transact(self.store, partial(journal.saved, row))
        assert row.status_at is not None
        ended = session.expires_at.timestamp() if status == "expired" else row.status_at
        wait = min(ended, row.status_at) + self.store.quiet - now
        if row.secret_at is not None and wait > 0:
            why = f"it is {status}, and a payment that had begun may show {wait:.0f} s from now"
            return row, session, why, wait
        return row, session, None, None

    def _ended(self, id: str, ends: float) -> bool:
        """Cancel a session that nobody has the secret of; not one that somebody pays all the same."""
        try:
            rows = self._calls.ask(
                "listTransactions", timeout=None, until=ends, session_id=id, limit=1
            )
            if not rows.data:
                Sessions(self._calls).cancel(id, timeout=max(0.1, self._left(ends)))
        except errors.AlreadyTerminal:
            return True
        except errors.GateError as exc:
            LOG.warning("session %s is one too many and could not be cancelled yet: %s", id, exc)
            return False
        return True

    def noted(self, id: str, status: str) -> None:
        """A session ended: from now on its quiet time counts."""
        step = partial(journal.status_noted, self.scope, id, status, self._clock.now())
        try:
            sync_transact(self.store, step)
        except errors.StoreFailed as exc:
            LOG.warning("that session %s is %s could not be noted: %s", id, status, exc)
