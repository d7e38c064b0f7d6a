"""Remembers the answer under each Idempotency-Key, for as long as the profile does."""

from __future__ import annotations

from collections import deque
from hashlib import sha256
from typing import Any

import attrs

from zerogate_sandbox.calls import NO_BODY, Call
from zerogate_sandbox.profiles import Profile
from zerogate_sandbox.responses import WHOLE, Draft, Refused, Wire, dumps

# What a proxy says that has no route for the moment: not Gate's envelope.
_NO_ROUTE = b'{"error":"no route"}'


@attrs.define
class Entry:
    """The answer that is kept under one idempotency key.

    until: When the key is forgotten.
    busy_until: Until when the first request is still being worked on.
    """

    fingerprint: str
    status: int
    payload: Any = attrs.field(repr=False)
    until: float
    busy_until: float


@attrs.define
class Keys:
    """`order` holds (until, slot) from the one that is forgotten first."""

    entries: dict[str, Entry] = attrs.field(factory=dict, repr=False)
    order: deque[tuple[float, str]] = attrs.field(factory=deque, repr=False)

    def recall(self, call: Call, profile: Profile) -> Draft | None:
        """Return the key's kept answer, None if new; Refused: another request, or by profile in progress.

        Raises Refused for another request under the key or, by profile, while the first is worked on.
        """
        self._drop_expired(call.now)
        entry = self.entries.get(_slot(call, profile))
        if entry is None:
            return None
        if entry.fingerprint != _fingerprint(call) and profile.same_key_other_body != "old":
            raise Refused(
                int(profile.same_key_other_body),
                "this Idempotency-Key was used with another request",
                code="idempotency_conflict",
            )
        waiting = entry.busy_until - call.now
        if waiting > 0:
            match profile.same_key_in_flight:
                case "wait":
                    pass
                case "second":
                    return None
                case "404":
                    return Draft(404, _NO_ROUTE, {"content-type": "application/json"})
                case status:
                    raise Refused(
                        int(status), "a request under this Idempotency-Key is being worked on"
                    )
        return _replay(entry, profile, max(0.0, waiting))

    def remember(
        self, call: Call, profile: Profile, status: int, payload: Any, busy_until: float
    ) -> None:
        """Keep an answer under the call's key as long as the profile says; nothing for 0."""
        if profile.key_memory <= 0:
            return
        slot = _slot(call, profile)
        until = call.now + profile.key_memory
        self.entries[slot] = Entry(_fingerprint(call), status, payload, until, busy_until)
        self.order.append((until, slot))

    def forget_oldest(self, keep: int) -> None:
        """Drop the oldest keys until at most *keep* are left."""
        while len(self.order) > keep:
            self._drop_first()

    def _drop_expired(self, now: float) -> None:
        """Drop the keys whose time is over."""
        while self.order and self.order[0][0] <= now:
            self._drop_first()

    def _drop_first(self) -> None:
        """Drop the oldest of `order`, and its entry unless it was remembered anew since."""
        until, slot = self.order.popleft()
        entry = self.entries.get(slot)
        if entry is not None and entry.until == until:
            del self.entries[slot]


def _slot(call: Call, profile: Profile) -> str:
    """Return the slot of the call's key: within account, API key or operation, by profile."""
    owner = call.account.name
    if profile.key_scope == "key":
        owner += ":" + call.credential
    if profile.key_space == "operation":
        owner += ":" + call.operation.name
    return f"{owner}/{call.key}"


def _fingerprint(call: Call) -> str:
    """Return a digest of the operation's name and the body, whatever its order; no path."""
    body = b"" if call.body is NO_BODY else dumps(_sorted(call.body))
    return sha256(call.operation.name.encode() + b"\n" + body).hexdigest()[:32]


def _sorted(data: Any) -> Any:
    """Return the JSON value with the names of every object sorted."""
    if isinstance(data, dict):
        return {name: _sorted(data[name]) for name in sorted(data)}
    if isinstance(data, list):
        return [_sorted(item) for item in data]
    return data


def _replay(entry: Entry, profile: Profile, wait: float) -> Draft:
    """Return the kept answer, delayed by *wait* seconds; client_secret only if the profile says."""
    payload = entry.payload
    if not profile.replay_secret and isinstance(payload, dict) and "client_secret" in payload:
        payload = {name: value for name, value in payload.items() if name != "client_secret"}
    return Draft(entry.status, payload, wire=Wire(wait=wait) if wait else WHOLE)
