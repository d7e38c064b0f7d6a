"""A fresh process that makes a client and ends: interpreter, imports and constructor, .pyc files warm.

- zerogate: `import zerogate; zerogate.Gate(key)`
- httpx: `import httpx; httpx.Client()`
- python: nothing at all, for scale.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import samples
from subjects import Run, Subject, Target, Way


def _process(code: str) -> Way:
    @contextmanager
    def way(url: str) -> Iterator[Run]:
        def run(times: int) -> None:
            for _ in range(times):
                subprocess.run([sys.executable, "-I", "-c", code], check=True)

        yield run

    return way


SUBJECT = Subject(
    name="a fresh process",
    ways={
        "zerogate": _process(f"import zerogate; zerogate.Gate({samples.SECRET_KEY!r})"),
        "httpx.Client": _process("import httpx; httpx.Client()"),
        "python": _process(""),
    },
    targets=(Target("httpx.Client", at_most=1.15),),
    operations=2,
    in_children=True,
)
