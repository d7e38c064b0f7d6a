"""Fixtures for tests of an integration: a sandbox, and a client of it in either half.

    def test_a_paid_order_is_settled(gate_sandbox, gate):
        session = gate.sessions.create(...)
        gate_sandbox.pay(session.id)

Imported by every pytest run of an environment that has the package, so it imports nothing that
such a run has not imported anyway.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

try:
    # In its strict mode only its own decorator makes an async fixture; it is a plugin itself, and
    # loaded whether we import it or not.
    import pytest_asyncio
except ImportError:
    _async_decorator: Any = pytest.fixture
else:
    _async_decorator = pytest_asyncio.fixture

Made = TypeVar("Made", bound=Callable[..., Any])
_async_fixture = cast("Callable[[Made], Made]", _async_decorator)

if TYPE_CHECKING:
    from zerogate import AsyncGate, Gate

    from zerogate_sandbox import Sandbox

SECRET_KEY = "sk_test_pytest"  # noqa: S105 - a key of the sandbox, where any will do
PUBLISHABLE_KEY = "pk_test_pytest"


#: Where it is set, clients reach nothing but loopback and what is in this process.
OFFLINE = "ZEROGATE_OFFLINE"
_BEFORE = pytest.StashKey[str | None]()


def pytest_configure(config: pytest.Config) -> None:
    """No test reaches a real Gate unless that is said."""
    config.stash[_BEFORE] = os.environ.pop(OFFLINE, None)
    if not config.getoption("--gate-network"):
        os.environ[OFFLINE] = "1"


def pytest_unconfigure(config: pytest.Config) -> None:
    os.environ.pop(OFFLINE, None)
    before = config.stash.get(_BEFORE, None)
    if before is not None:
        os.environ[OFFLINE] = before


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gate-profile",
        default="documented",
        help="which guess at Gate's undocumented behaviour the `gate_sandbox` fixture makes",
    )
    parser.addoption(
        "--gate-door",
        default="in-process",
        choices=("in-process", "http"),
        help="how the `gate` and `async_gate` fixtures reach it",
    )
    parser.addoption(
        "--gate-network",
        action="store_true",
        help="let clients of Gate reach other hosts than loopback, and use live keys",
    )


@pytest.fixture
def gate_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A Gate of this test's own, on a clock that moves when the test says so."""
    try:
        from zerogate_sandbox.sandbox import Sandbox
    except ModuleNotFoundError as missing:
        pytest.fail(f"gate_sandbox needs `pip install zerogate[sandbox]`: no {missing.name} here")
    return Sandbox(seed=request.node.nodeid, profile=request.config.getoption("--gate-profile"))


@pytest.fixture
def gate_door(request: pytest.FixtureRequest) -> str:
    """`in-process` or `http`; override it to run some tests through another door."""
    door: str = request.config.getoption("--gate-door")
    return door


@pytest.fixture
def gate_settings(gate_sandbox: Sandbox, gate_door: str) -> Iterator[dict[str, Any]]:
    """What `Gate(…)` and `AsyncGate(…)` are given, for tests that make clients of their own."""
    ours = {"publishable_key": PUBLISHABLE_KEY, "clock": gate_sandbox.clock}
    if gate_door == "http":
        with gate_sandbox.serve(deliver=False) as served:
            yield {**ours, "base_url": served.base_url}
    else:
        yield {**ours, "transport": gate_sandbox.transport()}


@pytest.fixture
def gate(gate_settings: dict[str, Any]) -> Iterator[Gate]:
    """`zerogate.Gate`, its requests answered by `gate_sandbox`."""
    from zerogate import Gate

    with Gate(SECRET_KEY, **gate_settings) as client:
        yield client


@_async_fixture
async def async_gate(gate_settings: dict[str, Any]) -> AsyncIterator[AsyncGate]:
    """`zerogate.AsyncGate`, alike. Needs a plugin that runs async fixtures, as pytest-asyncio."""
    from zerogate import AsyncGate

    async with AsyncGate(SECRET_KEY, **gate_settings) as client:
        yield client
