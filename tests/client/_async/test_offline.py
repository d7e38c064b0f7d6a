"""Where ZEROGATE_OFFLINE is set, a client reaches loopback and this process, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import httpx2
import pytest
import respx
from zerogate import AsyncGate, GateUsageError, Money
from zerogate_sandbox import Sandbox

from tests.client.moves import base_url, in_turn, says
from tests.client.scripts import PUBLISHABLE, SECRET, Script, answer, created, session
from tests.transport.scripted import Scripted

EUR = Money("100.00", "EUR")
LIVE = "sk_live_guarded0000000000000001"
OUTSIDE = "https://gate.shop.example/v1"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEROGATE_OFFLINE", "1")


class Within(Script):
    """Reaches nothing, and says so."""

    offline = True


LEAVING: dict[str, Callable[[], dict[str, Any]]] = {
    "the documented host": dict,
    "another host": lambda: {"base_url": OUTSIDE, "allow_host": "gate.shop.example"},
    "a container": lambda: {"base_url": "http://sandbox:4000/v1", "allow_host": "sandbox"},
    "a transport": lambda: {"transport": Script()},
    "a transport that says no": lambda: {"transport": type("No", (Script,), {"offline": False})()},
    "an httpx client": lambda: {"http_client": httpx.AsyncClient()},
    "a client of httpx2": lambda: {"http_client": httpx2.AsyncClient()},
    "a proxy before loopback": lambda: {
        "base_url": "http://127.0.0.1:4000/v1",
        "proxy": "http://proxy.shop.example:3128",
    },
}


@pytest.mark.parametrize("given", LEAVING.values(), ids=LEAVING.keys())
async def test_a_client_that_would_leave_is_not_made(given: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(GateUsageError, match="ZEROGATE_OFFLINE is set") as caught:
        AsyncGate(SECRET, **given())
    assert "--gate-network" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"transport": Script()},
        {"transport": Within()},
        {"transport": Sandbox(mode="live").transport()},
        {"http_client": httpx.AsyncClient()},
    ],
    ids=["own connections", "transport", "within", "sandbox", "http_client"],
)
async def test_a_live_key_is_never_used(given: dict[str, Any]) -> None:
    with pytest.raises(GateUsageError, match="a live key is never used"):
        AsyncGate(LIVE, **given)
    with pytest.raises(GateUsageError, match="a live key is never used"):
        AsyncGate(publishable_key=PUBLISHABLE.replace("test", "live"), **given)


async def test_the_sandbox_in_this_process_is_reached_under_its_usual_address() -> None:
    sandbox = Sandbox(seed=1)
    async with AsyncGate(SECRET, transport=sandbox.transport(), clock=sandbox.clock) as gate:
        made = await gate.sessions.create(
            amount=EUR, order="order-1", return_url="https://shop.example/done"
        )
        assert made.id == sandbox.books()["sessions"][0]["id"]
        await gate.low_level().get_async_httpx_client().aclose()


@pytest.mark.parametrize("how", ["own connections", "httpx", "httpx2"])
async def test_loopback_is_reached(how: str) -> None:
    library = {"httpx": httpx, "httpx2": httpx2}.get(how)
    given = {} if library is None else {"http_client": library.AsyncClient()}
    with Scripted(in_turn(says(session()))) as server:
        async with AsyncGate(SECRET, base_url=base_url(server), **given) as gate:
            await gate.sessions.retrieve("gs_test_0001")
    assert len(server.seen) == 1
    for client in given.values():
        await client.aclose()


async def test_a_mocked_httpx_client_is_used_under_an_address_of_loopback() -> None:
    with respx.mock(base_url="http://localhost/v1") as mock:
        mock.post("/gate_sessions").respond(201, json=created())
        async with httpx.AsyncClient() as client:
            gate = AsyncGate(SECRET, base_url="http://localhost/v1", http_client=client)
            made = await gate.sessions.create(
                amount=EUR, order="order-1", return_url="https://shop.example/done"
            )
    assert made.id == "gs_test_0001"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_proxy_of_the_environment_is_asked_by_nobody(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.shop.example:3128")
    with Scripted(in_turn(says(session()))) as server:
        async with AsyncGate(SECRET, base_url=base_url(server)) as gate:
            await gate.sessions.retrieve("gs_test_0001")
        async with library.AsyncClient() as client:
            with pytest.raises(GateUsageError, match=r"proxy\.shop\.example .*trust_env=False"):
                AsyncGate(SECRET, base_url=base_url(server), http_client=client)
        async with (
            library.AsyncClient(trust_env=False) as client,
            AsyncGate(SECRET, base_url=base_url(server), http_client=client) as gate,
        ):
            await gate.sessions.retrieve("gs_test_0001")
    assert len(server.seen) == 2


async def test_a_client_made_before_it_was_set_sends_nothing_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ZEROGATE_OFFLINE")
    script = Script(answer(200, session()))
    gate = AsyncGate(LIVE, transport=script)
    monkeypatch.setenv("ZEROGATE_OFFLINE", "yes")
    with pytest.raises(GateUsageError, match="ZEROGATE_OFFLINE is set"):
        await gate.sessions.retrieve("gs_test_0001")
    with pytest.raises(GateUsageError, match="ZEROGATE_OFFLINE is set"):
        gate.low_level()
    assert not script.seen


@pytest.mark.parametrize("said", ["", "0", "false", "No", "off", " "])
async def test_a_no_is_a_no(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEROGATE_OFFLINE", said)
    script = Script(answer(200, session()))
    async with AsyncGate(LIVE, transport=script) as gate:
        await gate.sessions.retrieve("gs_test_0001")
    assert len(script.seen) == 1
