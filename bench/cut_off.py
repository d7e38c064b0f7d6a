"""An answer that breaks off in a text full of quotes and brackets, beside json.loads of the same bytes.

- zerogate: `gate.sessions.retrieve` over a transport that answers from memory, tried once, to its
  `ReadFailed`: the body is refused by all that looks at it.
- json.loads: to its JSONDecodeError.

A reader that looks again from where it has been takes the square of the length: the ratio of 8 MB tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import samples
from subjects import Run, Subject, Target, Way


def _body(size: int) -> bytes:
    return b'{"id":"gs_1","metadata":{"cart":"' + b'[{\\"a\\":1},' * (size // 11)


def _zerogate(size: int) -> Way:
    @contextmanager
    def way(url: str) -> Iterator[Run]:
        from zerogate import Gate, ReadFailed, RetryPolicy
        from zerogate._transport.messages import Reply, Request

        class Memory:
            def __init__(self) -> None:
                self._body = _body(size)

            def send(self, request: Request, until: float) -> Reply:
                return Reply(200, {"content-type": "application/json"}, self._body)

        once = RetryPolicy(attempts=1)
        with Gate(samples.SECRET_KEY, transport=Memory(), retries=once) as gate:
            yield _times(lambda: gate.sessions.retrieve("gs_1"), ReadFailed)

    return way


def _json_loads(size: int) -> Way:
    @contextmanager
    def way(url: str) -> Iterator[Run]:
        body = _body(size)
        yield _times(lambda: json.loads(body), json.JSONDecodeError)

    return way


def _times(call: Callable[[], object], ends: type[Exception]) -> Run:
    def run(times: int) -> None:
        for _ in range(times):
            with suppress(ends):
                call()
                raise AssertionError("it was read")

    return run


def _subject(size: int, shown: str, operations: int) -> Subject:
    return Subject(
        name=f"an answer of {shown} that breaks off",
        ways={"zerogate": _zerogate(size), "json.loads": _json_loads(size)},
        targets=(Target("json.loads", at_most=3),),
        operations=operations,
    )


SMALL = _subject(64_000, "64 kB", 50)
LARGE = _subject(8_000_000, "8 MB", 2)
