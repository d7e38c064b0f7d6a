"""Finds out whose session or rail an answer is about that does not say so: by reads, never by a guess."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from .._idempotency.answers import Anothers, Disputed, Ours, Verdict, judged, other_metadata
from .._idempotency.attempts import Call
from .._idempotency.identity import echoes, marks_of
from .._observers import LOG
from .._wire import operations
from ..errors import GateError

if TYPE_CHECKING:
    from .calls import AsyncCalls

_CREATE: Final = "createSession"


class AsyncProving:
    """Proves whose an answer is, by what this client has seen of its account; reads where in doubt.

    echoed: Whether a record or a list gave a key of ours back.
    """

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls
        self.echoed: bool = False
        self._disputed: deque[str] = deque(maxlen=1_000)

    async def verdict(self, call: Call[Any], raw: Mapping[str, Any], until: float) -> Verdict:
        """Return Ours, Disputed or Anothers for a write's answer; may read Gate, remembers disputes."""
        if call.identity is None or not call.operation.writes:
            return Ours()
        found, id = self._judge_answer(call, raw), raw.get("id")
        if call.operation.id not in operations.READS or isinstance(found, Anothers):
            return found
        disputed = call.disputed or id in self._disputed
        if found.unmarked and id != call.object_id:
            found = await self._prove_unmarked(call, raw, found, until)
        elif isinstance(found, Ours) and disputed:
            found = await self._judge_read(call, raw, until)
        self.echoed = self.echoed or marks_of(raw).key == call.identity.idempotency_key
        self._remember(id, found)
        return found

    def _judge_answer(self, call: Call[Any], told: Mapping[str, Any]) -> Verdict:
        """Return the verdict by an answer's marks and terms alone; sends nothing."""
        assert call.identity is not None
        durability = self._calls.durability
        return judged(
            call.operation.id,
            call.asked,
            told,
            key=call.identity.idempotency_key,
            mode=self._calls.settings.credentials.mode,
            object_id=call.object_id,
            aliases=() if durability is None else durability.aliases,
        )

    def _remember(self, id: Any, found: Verdict) -> None:
        """Keep a Disputed session's id in memory; an Ours takes it out again."""
        if isinstance(found, Disputed) and id not in self._disputed:
            self._disputed.append(str(id))
        elif isinstance(found, Ours) and id in self._disputed:
            self._disputed.remove(str(id))

    async def _judge_read(self, call: Call[Any], raw: Mapping[str, Any], until: float) -> Verdict:
        """Read the session again and return the verdict on that; Anothers if it is unreadable.

        An answer cannot end a dispute, for one of two answers is wrong: what Gate has says which.
        """
        try:
            return self._judge_answer(call, await self._read(call, raw, until))
        except GateError as exc:
            return Anothers(_id(raw), f"its terms were disputed, and it could not be read: {exc}")

    async def _prove_unmarked(
        self, call: Call[Any], raw: Mapping[str, Any], found: Ours | Disputed, until: float
    ) -> Verdict:
        """Read the object of an answer without our marks; return the verdict, Anothers if it is unreadable.

        An answer without our key, which our bytes carried: a stranger's, or a Gate that keeps none.
        A rail carries no key: only its quote and its session can tell; of a customer its own ids.
        """
        try:
            read = await self._read(call, raw, until)
            told = self._judge_answer(call, read)
            if isinstance(told, Anothers):
                return told
            if not told.unmarked:
                self.echoed = self.echoed or call.operation.id == _CREATE
                # Ours; where either is on other terms, no secret is handed out.
                return found if isinstance(found, Disputed) else evolve(told, unmarked=True)
            if call.operation.id != _CREATE:
                # A rail's quote and session; a customer's external id and e-mail.
                return Anothers(_id(raw), "it names neither our key nor what was asked for")
            return await self._judge_unmarked(marks_of(call.asked).key, raw, read, found, until)
        except GateError as exc:
            return Anothers(_id(raw), f"it does not say whose it is, and could not be read: {exc}")

    async def _judge_unmarked(
        self,
        key: str | None,
        raw: Mapping[str, Any],
        read: Mapping[str, Any],
        found: Ours | Disputed,
        until: float,
    ) -> Verdict:
        """Return the verdict where a read shows no key either, by metadata and Gate's list."""
        if other_metadata((raw, read)):
            return Anothers(_id(raw), "its metadata has not our key, and has other things")
        if await self._is_echoing():
            return Anothers(_id(raw), "it carries no key, and this account gives keys back")
        page = await self._calls.ask(
            operations.LIST_SESSIONS.raw_rows(), timeout=None, until=until, limit=100
        )
        for row in page.data:
            marks = marks_of(row)
            if marks.key == key:
                return (
                    found
                    if row.get("id") == raw.get("id")
                    else Anothers(_id(raw), "another session is listed under our key")
                )
            self.echoed = self.echoed or echoes(marks, _CREATE)
        if self.echoed:
            return Anothers(_id(raw), "it carries no key, and others of this account do")
        if isinstance(found, Disputed):
            return Anothers(_id(raw), f"it carries no key, and {found}")
        LOG.info("%s carries no key, and nothing in this account does: taken as ours", _id(raw))
        return found

    async def _is_echoing(self) -> bool:
        """Return True if this client or its store knows that the account gives keys back."""
        durability = self._calls.durability
        return self.echoed or (durability is not None and await durability.is_echoing())

    async def _read(
        self, call: Call[Any], raw: Mapping[str, Any], until: float
    ) -> Mapping[str, Any]:
        """Read the object that an answer to *call* names, as parsed JSON; raises GateError."""
        return await self._calls.ask(
            operations.READS[call.operation.id].raw(), timeout=None, until=until, id=raw.get("id")
        )


def _id(raw: Mapping[str, Any]) -> str:
    """Return an answer's id for messages: ASCII-escaped, 64 characters at most."""
    return ascii(str(raw.get("id"))[:64])[1:-1]
