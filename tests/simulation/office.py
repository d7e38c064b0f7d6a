"""The counter that every request passes on its way into the world: it sees who asked for what came of it."""

from __future__ import annotations

import json
from typing import Any

import attrs
from zerogate_sandbox import Sandbox

from tests.simulation.diary import Diary


@attrs.define
class Office:
    """Notes `made` and `cancelled`: which shop's request it was, whatever Gate answered."""

    sandbox: Sandbox
    diary: Diary

    def answer(self, shop: str, request: Any, *faults: dict[str, Any]) -> Any:
        """What the sandbox answers to one request, with faults that strike it alone."""
        sessions = self.sandbox.world.sessions.collection.records
        rails = [one.records for one in self.sandbox.world.rails.collections.values()]
        before, moved = len(sessions), [len(records) for records in rails]
        cancelled = self._cancelled(request)
        was = sessions[cancelled].status if cancelled in sessions else None
        armed = [self.sandbox.faults.add(**fault, times=1) for fault in faults]
        answer = self.sandbox.answer(request)
        for fault in armed:
            self.sandbox.faults.remove(fault.id)
        if len(sessions) > before:
            made = next(reversed(sessions.values()))
            self.diary.note("made", shop=shop, order=order_of(request), session=made.id)
        for records, had in zip(rails, moved, strict=True):
            if len(records) > had:
                rail = next(reversed(records.values()))
                self.diary.note("rail", shop=shop, order=rail.reference, rail=rail.id)
        if was == "open" and sessions[cancelled].status == "cancelled":
            self.diary.note("cancelled", shop=shop, session=cancelled)
        return answer

    def _cancelled(self, request: Any) -> str:
        path = request.target.partition("?")[0]
        return path.split("/")[-2] if path.endswith("/cancel") else ""


def order_of(request: Any) -> str:
    """Which order a request to create a session names; a stranger's may name none."""
    metadata = json.loads(request.body).get("metadata", {})
    return str(metadata.get("order_id", ""))
