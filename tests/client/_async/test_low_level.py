"""`gate.low_level()`: the generated client over the façade's own connections."""

from __future__ import annotations

import importlib

from zerogate import AsyncGate
from zerogate._wire import operations
from zerogate.types import Session

from tests.client.scripts import SECRET, Script, VirtualClock, answer, refusal, session

#: Wherever the contract puts it, and whatever it calls it.
retrieve_session = importlib.import_module(
    f"zerogate_api.api.{operations.RETRIEVE_SESSION.builder}"
)


async def test_a_generated_call_goes_over_the_facades_connections() -> None:
    script = Script(answer(200, session()), refusal(404, "not_found"))
    async with AsyncGate(SECRET, transport=script, clock=VirtualClock()) as gate:
        low = gate.low_level()
        assert SECRET not in repr(low)
        http = low.get_async_httpx_client()
        reply = await http.request(**retrieve_session.get_kwargs("gs_test_0001"))
        assert isinstance(retrieve_session.parse_response(reply), Session)
        missing = await http.request(**retrieve_session.get_kwargs("gs_test_none"))
        assert missing.status_code == 404
    first, second = script.seen
    assert first.origin + first.target == (
        "https://gate-api-sandbox.0bit.app/v1/gate_sessions/gs_test_0001"
    )
    assert second.target == "/v1/gate_sessions/gs_test_none"
    assert script.header("authorization") == [f"Bearer {SECRET}"] * 2
