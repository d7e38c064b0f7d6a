"""A client over the caller's own httpx client: what mocks, records or traces those sees every call."""

from __future__ import annotations

import gc
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import respx
import vcr
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from zerogate import (
    AsyncGate,
    GateUsageError,
    Money,
    NotSent,
    OutcomeUnknown,
    ReadFailed,
    RetryPolicy,
)

from tests.client.awaited import async_read
from tests.client.moves import QUICK, base_url, in_turn, refuses, says
from tests.client.scripts import SECRET, created, session
from tests.transport.scripted import Scripted, full_backlog, resets

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"
GATE = "https://gate-api-sandbox.0bit.app"
ONE = RetryPolicy(attempts=1)
BOTH = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])


async def pay(gate: AsyncGate) -> Any:
    return await gate.sessions.create(amount=EUR, return_url=SHOP, order="order-1")


# what is sent, and what is left of the caller's


@BOTH
async def test_a_request_is_ours_whatever_the_client_adds_to_its_own(library: Any) -> None:
    theirs = {
        "headers": {"Authorization": "Bearer theirs", "X-Own": "1"},
        "cookies": {"theirs": "1"},
        "params": {"theirs": "1"},
        "auth": ("user", "hunter2"),
        "base_url": "http://elsewhere.test",
        "follow_redirects": True,
    }
    with Scripted(in_turn(says(created(), "201 Created"))) as server:
        async with (
            library.AsyncClient(**theirs) as client,
            AsyncGate(SECRET, base_url=base_url(server), http_client=client) as gate,
        ):
            assert (await pay(gate)).id == "gs_test_0001"
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v1/gate_sessions")
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert seen.headers["accept-encoding"] == "gzip"
    assert not seen.headers.keys() & {"cookie", "x-own"}
    assert json.loads(seen.body)["amount"] == "100.00"


@BOTH
async def test_no_cookie_is_kept_and_none_is_sent_back(library: Any) -> None:
    moves = says(session(), "200 OK", "Set-Cookie: tracked=1; Path=/")
    with Scripted(in_turn(moves)) as server:
        async with library.AsyncClient() as client:
            async with AsyncGate(SECRET, base_url=base_url(server), http_client=client) as gate:
                for _ in range(2):
                    await gate.sessions.retrieve("gs_test_0001")
            assert not client.cookies
            await client.get(server.origin)
            # What the caller's own requests are given stays theirs.
            assert dict(client.cookies) == {"tracked": "1"}
    assert not any("cookie" in seen.headers for seen in server.seen)


@BOTH
async def test_no_redirect_is_followed(library: Any) -> None:
    with Scripted(in_turn(says(b"", "307 Temporary Redirect", "Location: /v1/other"))) as server:
        async with (
            library.AsyncClient(follow_redirects=True) as client,
            AsyncGate(SECRET, base_url=base_url(server), http_client=client) as gate,
        ):
            with pytest.raises(OutcomeUnknown):
                await pay(gate)
    assert [seen.target for seen in server.seen] == ["/v1/gate_sessions"]


@BOTH
async def test_no_password_is_read_from_a_netrc(
    library: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Scripted(in_turn(says(session()))) as server:
        async with (
            library.AsyncClient(auth=library.NetRCAuth(str(netrc))) as client,
            AsyncGate(SECRET, base_url=base_url(server), http_client=client) as gate,
        ):
            await gate.sessions.retrieve("gs_test_0001")
    assert server.seen[0].headers["authorization"] == f"Bearer {SECRET}"


@BOTH
async def test_it_stays_the_callers_to_close(library: Any) -> None:
    with Scripted(in_turn(says(session()))) as server:
        async with library.AsyncClient() as client:
            gate = AsyncGate(SECRET, base_url=base_url(server), http_client=client)
            await gate.sessions.retrieve("gs_test_0001")
            await gate.aclose()
            assert not client.is_closed
            with pytest.raises(GateUsageError, match="this client is closed"):
                await gate.sessions.retrieve("gs_test_0001")
            again = AsyncGate(SECRET, base_url=base_url(server), http_client=client)
            await again.sessions.retrieve("gs_test_0001")
    with pytest.raises(GateUsageError, match="http_client= has been closed"):
        await again.sessions.retrieve("gs_test_0001")
    assert len(server.seen) == 2


async def test_a_client_that_closes_itself_when_it_is_forgotten_is_not_closed_by_us() -> None:
    closed: list[str] = []

    class Careful(httpx.AsyncClient):
        def __del__(self) -> None:
            closed.append("closed")

    with Scripted(in_turn(says(session()))) as server:
        client = Careful()
        gate = AsyncGate(SECRET, base_url=base_url(server), http_client=client)
        await gate.sessions.retrieve("gs_test_0001")
        del gate
        gc.collect()
        assert closed == []
        await client.aclose()


async def test_hooks_and_subclasses_of_the_caller_see_each_call() -> None:
    class Counting(httpx.AsyncClient):
        calls = 0

        async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
            self.calls += 1
            return await super().send(request, **options)

    seen: list[str] = []

    async def read(response: httpx.Response) -> None:
        # Reads the body before we do, as hooks that log do.
        seen.append((await async_read(response)).decode()[:8])

    zipped = says(gzip.compress(json.dumps(session()).encode()), "200 OK", "Content-Encoding: gzip")
    with Scripted(in_turn(says(session()), zipped)) as server:
        async with Counting(event_hooks={"response": [read]}) as client:
            async with AsyncGate(SECRET, base_url=base_url(server), http_client=client) as gate:
                for _ in range(2):
                    assert (await gate.sessions.retrieve("gs_test_0001")).id == "gs_test_0001"
            assert client.calls == 2
    assert seen == ['{"id": "'] * 2


# what went wrong


@BOTH
async def test_a_refused_connection_has_been_sent_nothing(library: Any) -> None:
    with Scripted(in_turn(says(b""))) as gone:
        where = base_url(gone)
    async with (
        library.AsyncClient() as client,
        AsyncGate(SECRET, base_url=where, http_client=client, retries=ONE) as gate,
    ):
        with pytest.raises(NotSent, match="httpx says ConnectError"):
            await pay(gate)


@BOTH
async def test_a_server_that_takes_no_connection_and_a_full_pool_have_been_sent_nothing(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Far from the whole time, so that a busy machine does not reach that first.
    monkeypatch.setattr("zerogate._httpx.adapters.CONNECT_AT_MOST", 0.2)
    with full_backlog() as origin:
        async with (
            library.AsyncClient() as client,
            AsyncGate(
                SECRET, base_url=f"{origin}/v1", http_client=client, retries=ONE, timeout=60
            ) as gate,
        ):
            with pytest.raises(NotSent):
                await pay(gate)


@BOTH
async def test_what_may_have_arrived_is_unknown_and_tried_again_with_the_same_key(
    library: Any,
) -> None:
    acts = (resets, resets, in_turn(says(created(), "201 Created")))
    with Scripted(*acts) as server:
        async with (
            library.AsyncClient() as client,
            AsyncGate(SECRET, base_url=base_url(server), http_client=client, retries=QUICK) as gate,
        ):
            await pay(gate)
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1
    assert len(server.seen) == 3


@BOTH
async def test_a_large_or_bombed_body_is_refused_under_our_caps(library: Any) -> None:
    bomb = says(gzip.compress(bytes(50_000_000)), "200 OK", "Content-Encoding: gzip")
    brotli = says(b"x", "200 OK", "Content-Encoding: br")
    with Scripted(in_turn(bomb, says(b" " * 9_000_000), brotli)) as server:
        async with (
            library.AsyncClient() as client,
            AsyncGate(SECRET, base_url=base_url(server), http_client=client, retries=ONE) as gate,
        ):
            for _ in range(3):
                with pytest.raises(
                    ReadFailed, match=r"more than 8000000 bytes|coding that was not asked"
                ):
                    await gate.sessions.retrieve("gs_test_0001")


# mocks, cassettes, spans


async def test_respx_mocks_it() -> None:
    with respx.mock(base_url=f"{GATE}/v1") as mock:
        route = mock.post("/gate_sessions").respond(201, json=created())
        async with httpx.AsyncClient() as client, AsyncGate(SECRET, http_client=client) as gate:
            assert (await pay(gate)).client_secret
    sent = route.calls.last.request
    assert sent.headers["idempotency-key"].startswith("zg")
    assert json.loads(sent.content)["metadata"]["order_id"] == "order-1"


async def test_respx_can_let_it_fail() -> None:
    with respx.mock(base_url=f"{GATE}/v1") as mock:
        create = mock.post("/gate_sessions")
        async with (
            httpx.AsyncClient() as client,
            AsyncGate(SECRET, http_client=client, retries=ONE) as gate,
        ):
            create.mock(side_effect=httpx.ConnectError)
            with pytest.raises(NotSent):
                await pay(gate)
            create.mock(side_effect=httpx.ReadTimeout)
            with pytest.raises(OutcomeUnknown):
                await pay(gate)


async def test_pytest_httpx_mocks_it(httpx_mock: Any) -> None:
    httpx_mock.add_response(method="POST", url=f"{GATE}/v1/gate_sessions", json=created())
    httpx_mock.add_exception(httpx.ReadTimeout("read"))
    async with (
        httpx.AsyncClient() as client,
        AsyncGate(SECRET, http_client=client, retries=ONE) as gate,
    ):
        assert (await pay(gate)).id == "gs_test_0001"
        with pytest.raises(ReadFailed, match=r"the time was up|ReadTimeout"):
            await gate.sessions.retrieve("gs_test_0001")
    assert httpx_mock.get_requests()[0].headers["authorization"] == f"Bearer {SECRET}"


@BOTH
async def test_a_mocked_transport_of_the_client_answers_it(library: Any) -> None:
    def handler(request: Any) -> Any:
        if request.method == "POST":
            return library.Response(201, json=created())
        raise library.ConnectTimeout("no way there")

    async with (
        library.AsyncClient(transport=library.MockTransport(handler)) as client,
        AsyncGate(SECRET, http_client=client, retries=ONE) as gate,
    ):
        assert (await pay(gate)).id == "gs_test_0001"
        with pytest.raises(NotSent):
            await gate.sessions.retrieve("gs_test_0001")


@BOTH
async def test_a_foreign_transports_word_that_nothing_was_sent_is_not_believed(
    library: Any,
) -> None:
    class Foreign(library.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        async def handle_async_request(self, request: Any) -> Any:
            raise library.ConnectTimeout("after sending")

        handle_request = handle_async_request

    async with (
        library.AsyncClient(transport=Foreign()) as client,
        AsyncGate(SECRET, http_client=client, retries=ONE) as gate,
    ):
        with pytest.raises(OutcomeUnknown):
            await pay(gate)


@BOTH
async def test_vcr_records_it_and_plays_it_back(library: Any, tmp_path: Path) -> None:
    def recorded() -> Any:
        return vcr.VCR(filter_headers=["authorization"]).use_cassette(str(tmp_path / "gate.yaml"))

    with Scripted(in_turn(says(created(), "201 Created"))) as server:
        where = base_url(server)
        with recorded():
            async with (
                library.AsyncClient() as client,
                AsyncGate(SECRET, base_url=where, http_client=client) as gate,
            ):
                assert (await pay(gate)).id == "gs_test_0001"
    with recorded():
        async with (
            library.AsyncClient() as client,
            AsyncGate(SECRET, base_url=where, http_client=client) as gate,
        ):
            assert (await pay(gate)).client_secret == created()["client_secret"]
    assert len(server.seen) == 1
    assert SECRET not in (tmp_path / "gate.yaml").read_text("utf-8")


async def test_opentelemetry_traces_it() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with httpx.AsyncClient() as client:
        HTTPXClientInstrumentor.instrument_client(client, tracer_provider=provider)
        with Scripted(in_turn(says(session()), refuses("404 Not Found", "not_found"))) as server:
            async with AsyncGate(
                SECRET, base_url=base_url(server), http_client=client, retries=ONE
            ) as gate:
                await gate.sessions.retrieve("gs_test_0001")
    (span,) = exporter.get_finished_spans()
    assert (span.attributes or {})["http.method"] == "GET"
    assert "traceparent" in server.seen[0].headers
