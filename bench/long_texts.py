"""Long texts of strangers outside of JSON, read by us, beside one pass of str.split.

- zerogate: a webhook's header, an answer's Retry-After, Date and amount, a ledger's cell as a date and as a
  figure, a sentence and a type of a contract: each on text that once took the square of its length.
- str.split: the same texts, split at blanks once.

A reader that looks again from where it has been takes the square of the length: the ratio of 8 MB tells.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path

from subjects import Run, Subject, Target, Way

_SECRET = "whsec_0123456789abcdef"


def _texts(size: int) -> dict[str, str]:
    return {
        "signatures": "t=1" + ",v1=00" * (size // 6),
        "times": "10:11" + ":11" * (size // 3),
        "digits": "1" * size,
        "thousands": "1" + ".000" * (size // 4) + "x",
        "escapes": '"' + '\\"' * (size // 2),
        "blanks": "\n \t" * (size // 3),
    }


def _readers() -> list[Callable[[str], object]]:
    from zerogate import webhooks
    from zerogate._idempotency.retries import retry_after, server_time
    from zerogate._idempotency.terms import differences
    from zerogate_ledger.dates import instant
    from zerogate_ledger.number_formats import NumberFormat

    sys.path.append(str(Path(__file__).resolve().parent.parent))
    from openapi.regenerate import kinds, prose

    number = NumberFormat(decimal=",", thousands=".", symbols=True).reader()
    return [
        lambda text: webhooks.verify(b"{}", {"Gate-Signature": text}, _SECRET, now=1),
        lambda text: (retry_after(text, 1.0), server_time((text, 1.0, 0.0), 1.0)),
        lambda text: list(differences("createSession", {"amount": "1"}, {"amount": text})),
        lambda text: instant(text, UTC),
        lambda text: number(text, None),
        prose.sentences,
        kinds.kinds,
    ]


def _zerogate(size: int) -> Way:
    @contextmanager
    def way(url: str) -> Iterator[Run]:
        texts, readers = _texts(size), _readers()

        def run(times: int) -> None:
            for _ in range(times):
                for text in texts.values():
                    for read in readers:
                        # A refusal is how most of these end.
                        with suppress(Exception):
                            read(text)

        yield run

    return way


def _split(size: int) -> Way:
    @contextmanager
    def way(url: str) -> Iterator[Run]:
        texts = _texts(size)

        def run(times: int) -> None:
            for _ in range(times):
                for text in texts.values():
                    text.split()

        yield run

    return way


def _subject(size: int, shown: str, operations: int) -> Subject:
    return Subject(
        name=f"texts of {shown} from strangers, 7 readers each",
        ways={"zerogate": _zerogate(size), "str.split": _split(size)},
        # Linear with either length; a square of it would be 125 times as much at 8 MB.
        targets=(Target("str.split", at_most=2_000),),
        operations=operations,
    )


SMALL = _subject(64_000, "64 kB", 5)
LARGE = _subject(8_000_000, "8 MB", 1)
