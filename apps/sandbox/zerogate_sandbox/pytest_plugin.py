"""Fixtures for tests of an integration: a sandbox, a client of it in either half, its webhooks, an inbox.

    def test_a_paid_order_is_shipped(gate_sandbox, gate, gate_webhooks):
        gate_webhooks.to(app, path="/webhooks/gate")
        session = gate.sessions.create(...)
        gate_sandbox.pay(session.id)
        gate_webhooks.deliver()

Imported by every pytest run of an environment that has the package, so it imports nothing that
such a run has not imported anyway.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
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
    from zerogate_store import AsyncInbox, Inbox, Store

    from zerogate_sandbox import Sandbox, Webhooks

SECRET_KEY = "sk_test_pytest"  # noqa: S105 - a key of the sandbox, where any will do
PUBLISHABLE_KEY = "pk_test_pytest"
WEBHOOK_SECRET = "whsec_test_pytest"  # noqa: S105 - likewise


#: Where it is set, clients reach nothing but loopback and what is in this process.
OFFLINE = "ZEROGATE_OFFLINE"
_BEFORE = pytest.StashKey[str | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Set ZEROGATE_OFFLINE for this run; under --gate-network, remove it."""
    config.stash[_BEFORE] = os.environ.pop(OFFLINE, None)
    if not config.getoption("--gate-network"):
        os.environ[OFFLINE] = "1"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put ZEROGATE_OFFLINE back to what it was before this run."""
    os.environ.pop(OFFLINE, None)
    before = config.stash.get(_BEFORE, None)
    if before is not None:
        os.environ[OFFLINE] = before


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options --gate-profile, --gate-door and --gate-network."""
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
    """Return a Sandbox of this test's own, on a clock that only moves when the test says so."""
    try:
        from zerogate_sandbox.sandbox import Sandbox
    except ModuleNotFoundError as missing:
        pytest.fail(
            f"gate_sandbox needs {missing.name}, which is not installed: in a clone of the project, "
            "run `python -m pip install -e apps/sandbox`"
        )
    return Sandbox(seed=request.node.nodeid, profile=request.config.getoption("--gate-profile"))


@pytest.fixture
def gate_door(request: pytest.FixtureRequest) -> str:
    """Return `in-process` or `http`, by --gate-door; override it to take another door."""
    door: str = request.config.getoption("--gate-door")
    return door


@pytest.fixture
def gate_settings(gate_sandbox: Sandbox, gate_door: str) -> Iterator[dict[str, Any]]:
    """Yield arguments, all but the secret key, for a test's own `Gate(…)` or `AsyncGate(…)`."""
    ours = {"publishable_key": PUBLISHABLE_KEY, "clock": gate_sandbox.clock}
    if gate_door == "http":
        with gate_sandbox.serve(deliver=False) as served:
            yield {**ours, "base_url": served.base_url}
    else:
        yield {**ours, "transport": gate_sandbox.transport()}


@pytest.fixture
def gate_store(tmp_path: Path) -> Iterator[Store]:
    """Yield a SQLite store of this test's own, to which `gate` and `async_gate` then write."""
    from zerogate_store import Store

    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    yield store
    store.close()


@pytest.fixture
def gate(request: pytest.FixtureRequest, gate_settings: dict[str, Any]) -> Iterator[Gate]:
    """Yield a `zerogate.Gate`, its requests answered by `gate_sandbox`."""
    from zerogate import Gate

    with Gate(SECRET_KEY, **gate_settings, **_store_of(request)) as client:
        yield client


@_async_fixture
async def async_gate(
    request: pytest.FixtureRequest, gate_settings: dict[str, Any]
) -> AsyncIterator[AsyncGate]:
    """Yield a `zerogate.AsyncGate`, alike; needs a plugin that runs async fixtures.

    Such as pytest-asyncio.
    """
    from zerogate import AsyncGate

    async with AsyncGate(SECRET_KEY, **gate_settings, **_store_of(request)) as client:
        yield client


def _store_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return {"store": gate_store} if the test uses that fixture, else {}."""
    if "gate_store" not in request.fixturenames:
        return {}
    return {"store": request.getfixturevalue("gate_store")}


@pytest.fixture
def gate_webhooks(gate_sandbox: Sandbox) -> Iterator[Webhooks]:
    """Yield webhooks of `gate_sandbox`: `.to(app, path=…)` or `.to(function)`, `.deliver()`."""
    from zerogate_sandbox.app_delivery import Webhooks

    webhooks = Webhooks(gate_sandbox, WEBHOOK_SECRET)
    yield webhooks
    webhooks.close()


@pytest.fixture
def gate_inbox(gate_store: Store, gate: Gate, gate_sandbox: Sandbox) -> Inbox:
    """Return an inbox on `gate_store` for `gate`: `gate_webhooks.to(gate_inbox.receive)`."""
    from zerogate_store import Inbox

    return Inbox(gate_store, WEBHOOK_SECRET, gate=gate, clock=gate_sandbox.clock)


@pytest.fixture
def async_gate_inbox(gate_store: Store, async_gate: AsyncGate, gate_sandbox: Sandbox) -> AsyncInbox:
    """Return an `AsyncInbox` on `gate_store` for `async_gate`; feed it by `gate_webhooks.to(its.receive)`."""
    from zerogate_store import AsyncInbox

    return AsyncInbox(gate_store, WEBHOOK_SECRET, gate=async_gate, clock=gate_sandbox.clock)
