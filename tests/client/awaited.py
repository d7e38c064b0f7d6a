"""What has to be awaited, beside what has not: for tests of both halves, which only differ in that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


async def awaited(record: object) -> None:
    raise AssertionError("nobody awaits this")


def yields(record: object) -> Iterator[None]:
    yield


class AwaitedCall:
    async def __call__(self, record: object) -> None:
        raise AssertionError("nobody awaits this")


class AwaitedClock:
    async def now(self) -> float:
        return 1.0

    monotonic = now


class AwaitedTransport:
    """One for the async half alone."""

    async def send(self, request: object, until: float) -> None:
        raise AssertionError("this half cannot await it")


class AsyncInboxLike:
    async def about(self, id: str) -> list[object]:
        return []


async def async_read(response: Any) -> bytes:
    body: bytes = await response.aread()
    return body


def sync_read(response: Any) -> bytes:
    body: bytes = response.read()
    return body
