"""A page of 100 transactions, from bytes to models, beside what json.loads makes of the same bytes.

- zerogate: `gate.transactions.list().pages()` over a transport that answers from memory, so that
  the page goes the whole way through the client: exact numbers, models, ids looked at for overlap.
- json.loads: dicts and text, amounts and times unread.

Neither keeps what it has read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import samples
from subjects import Run, Subject, Target


@contextmanager
def zerogate(url: str) -> Iterator[Run]:
    from zerogate import Gate
    from zerogate._transport.messages import Reply, Request

    class Memory:
        def __init__(self) -> None:
            self._body = samples.page_of_transactions()

        def send(self, request: Request, until: float) -> Reply:
            return Reply(200, {"content-type": "application/json"}, self._body)

    with Gate(samples.SECRET_KEY, transport=Memory()) as gate:

        def run(times: int) -> None:
            for _ in range(times):
                pages = gate.transactions.list(limit=100).pages()
                assert [len(page.items) for page in pages] == [100]

        yield run


@contextmanager
def json_loads(url: str) -> Iterator[Run]:
    body = samples.page_of_transactions()

    def run(times: int) -> None:
        for _ in range(times):
            assert len(json.loads(body)["data"]) == 100

    yield run


SUBJECT = Subject(
    name="a page of 100 transactions",
    ways={"zerogate": zerogate, "json.loads": json_loads},
    targets=(Target("json.loads", at_most=4),),
    operations=50,
)
