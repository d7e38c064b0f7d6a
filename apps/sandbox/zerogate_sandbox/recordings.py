"""Records what Gate answered, and answers it again: transports for tests that want no sandbox.

    recorder = Recorder(sandbox.transport())        # or any other transport
    Gate("sk_test_shop", transport=recorder)
    recorder.save("answers.json")

    replay = Replay.of("answers.json")
    Gate("sk_test_shop", transport=replay, clock=replay.clock)

No key is recorded, and secrets of sessions are replaced. What is about people is: record with test data.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import attrs

from zerogate_sandbox.clock import VirtualClock

FORMAT: Final = 1
#: What of an answer's headers a client reads; all else is left out.
_KEPT: Final = frozenset({"content-type", "date", "retry-after", "x-request-id", "location"})
_SECRET: Final = re.compile(rb'("(?:client_secret|embed_token|signature)"\s*:\s*")[^"]*(")')


class _Request(Protocol):
    @property
    def method(self) -> str:
        """Return the HTTP method."""

    @property
    def target(self) -> str:
        """Return path and query, as in the request line."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """Return the headers as pairs of name and value."""

    @property
    def body(self) -> bytes:
        """Return the whole body."""


@attrs.frozen
class Recorded:
    """One answer, as a client reads it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Exchange:
    """A request, by what tells it from others, and its answer.

    key: The idempotency key that it carried: an answer to one order's write is no other order's.
    """

    method: str
    target: str
    key: str
    sent: str
    answer: Recorded


class Unrecorded(BaseException):
    """A request that is not in the recording, or more of one than were recorded.

    No `Exception`, as pytest's own failures are none: a client would take it for the network's, and
    try again.
    """


class Recorder:
    """A transport that remembers what goes through another one. For `Gate` and `AsyncGate`."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._began = time.time()
        self.exchanges: list[Exchange] = []
        #: Whether it may be used where ZEROGATE_OFFLINE is set: as that of the other one.
        self.offline: bool = getattr(transport, "offline", False) is True

    def send(self, request: _Request, until: float) -> Any:
        """Send by the other transport, keep request and answer; return the answer, an awaitable if that is.

        A request without an answer is not noted.
        """
        answer = self._transport.send(request, until)
        if hasattr(answer, "__await__"):
            return self._note_awaited(request, answer)
        self._note(request, answer)
        return answer

    async def _note_awaited(self, request: _Request, coming: Any) -> Any:
        """Await the answer, note it and return it."""
        answer = await coming
        self._note(request, answer)
        return answer

    def _note(self, request: _Request, answer: Any) -> None:
        """Append the exchange, secrets replaced, with only the headers that clients read."""
        headers = {
            name.lower(): value for name, value in answer.headers.items() if name.lower() in _KEPT
        }
        body = _SECRET.sub(rb"\1recorded\2", bytes(answer.body))
        self.exchanges.append(_exchange(request, Recorded(answer.status, headers, body)))

    def save(self, path: Path | str) -> None:
        """Write all exchanges so far to the file, replacing it, as JSON that diffs well."""
        rows = [_row_of(one) for one in self.exchanges]
        told = {"format": FORMAT, "began": self._recording_time(), "exchanges": rows}
        Path(path).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def _recording_time(self) -> float:
        """Return Unix seconds: a sandbox's time now, else when this recorder was made."""
        clock = getattr(getattr(self._transport, "sandbox", None), "clock", None)
        return float(clock.now()) if clock is not None else self._began

    def close(self) -> None:
        """Close the other transport, where it can be closed."""
        getattr(self._transport, "close", lambda: None)()

    async def aclose(self) -> None:
        """Close the other transport by its `aclose`, awaited; else as `close` does."""
        if (aclose := getattr(self._transport, "aclose", None)) is None:
            self.close()
        else:
            await aclose()


class Replay:
    """A transport that answers what was recorded, each answer once and in its order. Reaches nothing.

    clock: Stands at the time of the recording: give it to the client, or its sessions are long over.
    """

    offline = True

    def __init__(self, exchanges: Sequence[Exchange], began: float | None = None) -> None:
        self._left = list(exchanges)
        self.clock = VirtualClock() if began is None else VirtualClock(began)

    @classmethod
    def of(cls, path: Path | str) -> Replay:
        """Return the replay of a file that a `Recorder` saved; ValueError for another format."""
        told = json.loads(Path(path).read_text("utf-8"))
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            raise ValueError(f"{path} is no recording of format {FORMAT}: record it anew")
        return cls([_exchange_of(row) for row in told["exchanges"]], told["began"])

    def send(self, request: _Request, until: float) -> Recorded:
        """Return the next recorded answer to this very request, once; Unrecorded if none is left.

        Raises:
            Unrecorded: none is left.
        """
        wanted = _exchange(request, Recorded(0, {}, b""))
        for index, one in enumerate(self._left):
            if attrs.evolve(one, answer=wanted.answer) == wanted:
                return self._left.pop(index).answer
        raise Unrecorded(self._missing_message(wanted))

    def _missing_message(self, wanted: Exchange) -> str:
        """Return why no answer is left for *wanted*: not recorded or used up, another body or key."""
        alike = [
            one for one in self._left if (one.method, one.target) == (wanted.method, wanted.target)
        ]
        if not alike:
            return f"{wanted.method} {wanted.target} is not in the recording, or all of it was answered"
        differs = "idempotency key" if alike[0].sent == wanted.sent else "body"
        return (
            f"{wanted.method} {wanted.target} was recorded with another {differs}: "
            f"{alike[0].sent or '(none)'}, not {wanted.sent or '(none)'}; record it anew"
        )

    @property
    def left(self) -> list[Exchange]:
        """Return the exchanges not asked for yet: none at a test's end shows that all were used."""
        return list(self._left)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _exchange(request: _Request, answer: Recorded) -> Exchange:
    """Return the exchange; of the request's headers it has the idempotency key only."""
    headers = {name.lower(): value for name, value in request.headers}
    parts = urlsplit(request.target)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return Exchange(
        request.method, target, headers.get("idempotency-key", ""), _canonical(request.body), answer
    )


def _canonical(body: bytes) -> str:
    """Return JSON with its names sorted, so that equal bodies are equal; other bytes as text."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False)
    except ValueError:
        return body.decode("utf-8", "surrogateescape")


def _row_of(exchange: Exchange) -> dict[str, Any]:
    """Return the exchange as JSON data, in the form that `_exchange_of` takes."""
    answer = exchange.answer
    return {
        "request": {
            "method": exchange.method,
            "target": exchange.target,
            "idempotency_key": exchange.key,
            "body": exchange.sent,
        },
        "answer": {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.body.decode("utf-8", "backslashreplace"),
        },
    }


def _exchange_of(row: Mapping[str, Any]) -> Exchange:
    """Return the exchange of a row that `_row_of` made."""
    request, answer = row["request"], row["answer"]
    return Exchange(
        request["method"],
        request["target"],
        request["idempotency_key"],
        request["body"],
        Recorded(answer["status"], answer["headers"], answer["body"].encode("utf-8")),
    )
