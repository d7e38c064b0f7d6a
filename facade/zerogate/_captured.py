"""Keeps each answer's status, request id and headers beside the record, for callers who ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

import attrs


@attrs.frozen
class ResponseInfo:
    """One answer of Gate's, of whatever status.

    operation: Of the contract, such as createSession. headers: By their names in small letters.
    """

    operation: str
    status: int
    request_id: str | None
    headers: Mapping[str, str] = attrs.field(repr=False)


#: Lists of whoever captures, the outermost first. A task or a copied context begins with the same ones.
_lists: Final[ContextVar[tuple[list[ResponseInfo], ...]]] = ContextVar("captured", default=())


@contextmanager
def captured_responses() -> Iterator[list[ResponseInfo]]:
    """Collect every answer that calls of this block get, retries included, in a list.

    Of calls in either half. It goes by context: calls in tasks that are made in the block count,
    calls in other threads do not.

    >>> with captured_responses() as responses:
    ...     pass  # session = gate.sessions.retrieve(id); responses[-1].request_id
    >>> responses
    []
    """
    found: list[ResponseInfo] = []
    token = _lists.set((*_lists.get(), found))
    try:
        yield found
    finally:
        _lists.reset(token)


def keep_response(operation: str, reply: Any, request_id: str | None) -> None:
    """Add an answer's status, id and headers to each list that `captured_responses` keeps at present."""
    for found in _lists.get():
        headers = {name.lower(): value for name, value in reply.headers.items()}
        found.append(ResponseInfo(operation, reply.status, request_id, MappingProxyType(headers)))
