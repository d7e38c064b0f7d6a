"""A sandbox over HTTP, and commands run against it as a person runs them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest
from zerogate import Gate, Money
from zerogate_sandbox import Sandbox, WallClock
from zerogate_sandbox.interfaces.server import Served

from tests import preloaded

KEY = "sk_test_canary_of_commands"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def served() -> Iterator[Served]:
    with Sandbox(clock=WallClock()).serve() as served:
        yield served


@pytest.fixture
def run(served: Served) -> Run:
    known = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    given = {**known, "ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": served.base_url}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        said = preloaded.run("zerogate", *words, env={**given, **more})
        for text in (said.stdout, said.stderr):
            assert "canary" not in text
            assert "gsec_" not in text
            assert "Traceback" not in text
        return said

    return run


@pytest.fixture
def made(served: Served) -> list[str]:
    """Three sessions, the second of which is paid; oldest first."""
    with Gate(KEY, base_url=served.base_url) as gate:
        ids = [
            gate.sessions.create(
                amount=Money("25.00", "EUR"),
                return_url="https://shop.example/done",
                order=f"order-{number}",
            ).id
            for number in range(3)
        ]
    served.sandbox.pay(ids[1])
    return ids
