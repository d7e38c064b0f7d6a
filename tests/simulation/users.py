"""Users, who pay with every secret that they are given: at once, late, twice, in a widget left open."""

from __future__ import annotations

from typing import Any

import attrs
from zerogate_sandbox import Sandbox
from zerogate_sandbox.responses import Refused

from tests.simulation.diary import Diary
from tests.simulation.stage import Stage


@attrs.define
class Users:
    """handed: Per shop and order the sessions whose secret somebody has."""

    stage: Stage
    sandbox: Sandbox
    diary: Diary
    settled: Any
    handed: dict[tuple[str, str], list[str]] = attrs.field(factory=dict)

    def given(self, shop: str, order: str, id: str) -> None:
        """Somebody gets the secret of a session, for an order of a shop."""
        known = self.handed.setdefault((shop, order), [])
        others = [one for one in known if one != id and self.open(one)]
        both = others if self.open(id) else []
        self.diary.note("handed", shop=shop, order=order, session=id, open_too=both)
        if id in known:
            return
        known.append(id)
        draw = self.stage.random
        begins = draw.choice([draw.uniform(0, 60), draw.uniform(0, 2000)])
        if draw.random() < 0.2:
            begins = max(0.0, self.left(id) - draw.uniform(1, 3000))
            self.stage.later(begins, lambda: self._opens(id))
            begins += draw.uniform(0, 3900)
        self.stage.later(begins, lambda: self.pays(id))

    def open(self, id: str) -> bool:
        """Whether a session can be paid now."""
        session = self.sandbox.world.sessions.collection.records[id]
        return session.status == "open" and self.stage.now() < session.expires_at

    def left(self, id: str) -> float:
        """Seconds until its `expires_at`."""
        return self.sandbox.world.sessions.collection.records[id].expires_at - self.stage.now()

    def _opens(self, id: str) -> None:
        try:
            self.sandbox.open(id)
        except Refused:
            return

    def pays(self, id: str) -> None:
        draw = self.stage.random
        for _ in range(2 if draw.random() < 0.04 else 1):
            try:
                refid = self.sandbox.start(id)["refid"]
            except Refused:
                return
            takes = draw.choice(
                [draw.uniform(0, 60), draw.uniform(0, 5000), draw.uniform(0, 200_000)]
            )
            ends = self._succeeds if draw.random() < 0.8 else self._fails
            self.stage.later(takes, lambda ends=ends, refid=refid: ends(id, refid))

    def _succeeds(self, id: str, refid: str) -> None:
        self.sandbox.settle(refid)
        self.settled(id)

    def _fails(self, id: str, refid: str) -> None:
        """And some try again."""
        self.sandbox.fail_transaction(refid)
        if self.stage.random.random() < 0.5:
            self.stage.later(self.stage.random.uniform(1, 600), lambda: self.pays(id))
