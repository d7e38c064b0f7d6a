"""The sandbox as an ASGI app: `/v1/…` is Gate, `/_sandbox/…` is the way to steer it."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Awaitable, Callable, MutableMapping
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any

from zerogate_sandbox.calls import MAX_BODY, PlainRequest
from zerogate_sandbox.interfaces import start_page
from zerogate_sandbox.interfaces.admin_api import Control
from zerogate_sandbox.interfaces.guard import Guard, is_control, path_of
from zerogate_sandbox.interfaces.targets import Targets
from zerogate_sandbox.interfaces.webhook_sender import WebhookSender
from zerogate_sandbox.responses import Answer, Draft, Refused, envelope

if TYPE_CHECKING:
    from zerogate_sandbox.sandbox import Sandbox

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CONNECTION = "zerogate_sandbox.connection"
"""The scope extension that holds the connection's transport, which faults of the wire need."""

PIECE = 1


class App:
    """Runs under any ASGI server; resets need one that offers the `CONNECTION` extension."""

    def __init__(
        self,
        sandbox: Sandbox,
        on_stop: Callable[[], None] | None = None,
        *,
        deliver: bool = True,
        guard: Guard | None = None,
        targets: Targets | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.on_stop = on_stop
        self.deliver = deliver
        self.webhook_sender: WebhookSender | None = None
        self.guard = guard or Guard()
        self.targets = targets or Targets.allowing((), sandbox.webhook_url)
        #: Takes a line about each request that is not somebody looking again and again.
        self.log: Callable[[str], None] | None = None
        self.control = Control(sandbox, self.targets)
        self._refused = 0
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await self._lifespan(receive, send)
            case "http":
                request = await _request(scope, receive)
                if request is not None:
                    began = time.perf_counter()
                    answer = await self._answer(request, scope)
                    if self.log is not None and _is_logged(request):
                        self.log(_log_line(request, answer, time.perf_counter() - began))
                    await _send(answer, scope, receive, send)
            case kind:
                raise NotImplementedError(f"the sandbox does not speak {kind}")

    async def _answer(self, request: PlainRequest, scope: Scope) -> Answer:
        """Return the answer of start page, control API or Gate, by path; an error if the guard refuses."""
        client = scope.get("client")
        try:
            self.guard.check(request, client and client[0], self.sandbox.origins)
        except Refused as refused:
            self._refused += 1
            id = f"req_refused_{self._refused}"
            said = envelope(refused.status, refused.message, id)
            return Draft(refused.status, said, {"x-request-id": id}).final()
        path = path_of(request)
        if (request.method, path) == ("GET", "/"):
            return start_page.page(request.origin)
        if is_control(path):
            return await self.control.answer(request, self.webhook_sender)
        return self.sandbox.answer(request)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Run `start` at the server's startup and `stop` at its shutdown."""
        await receive()
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def start(self) -> None:
        """Make the webhook sender; with `deliver`, run it as a task of this loop."""
        self.webhook_sender = WebhookSender(self.sandbox, self.targets)
        if self.deliver:
            self.sandbox.watchers.append(self.webhook_sender.nudge)
            self._task = asyncio.create_task(self.webhook_sender.run())

    async def stop(self) -> None:
        """Cancel the sender's task and close its client; then call `on_stop`, if there is one."""
        assert self.webhook_sender is not None
        if self._task is not None:
            self.sandbox.watchers.remove(self.webhook_sender.nudge)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.webhook_sender.close()
        if self.on_stop is not None:
            self.on_stop()


def _is_logged(request: PlainRequest) -> bool:
    """Return True for a request that is logged: all but reads of the control API."""
    return request.method != "GET" or not is_control(path_of(request))


def _log_line(request: PlainRequest, answer: Answer, seconds: float) -> str:
    """Return a request's log line, without query and headers, which may hold keys and persons."""
    path = "".join(c if c.isprintable() else "�" for c in path_of(request))
    ending = "" if answer.wire.ending == "whole" else f"  fault: {answer.wire.ending}"
    id = answer.headers.get("x-request-id", "")
    return f"{answer.status}  {request.method} {path}  {seconds * 1000:.0f} ms  {id}{ending}"


async def _request(scope: Scope, receive: Receive) -> PlainRequest | None:
    """Return the request, its body read to just over the limit; None if the client left."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
    host = next((value for name, value in headers if name == "host"), "localhost")
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"]
    target = (path + b"?" + query if query else path).decode("latin-1")
    return PlainRequest(scope["method"], f"{scope['scheme']}://{host}", target, headers, body)


async def _send(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer as its `wire` says: whole, late, in pieces, cut, reset, or never."""
    wire = answer.wire
    if wire.wait:
        await asyncio.sleep(wire.wait)
    connection = scope.get("extensions", {}).get(CONNECTION)
    match wire.ending:
        case "whole":
            await _send_head(answer, send)
            await send({"type": "http.response.body", "body": answer.body})
        case "reset" | "refuse":
            _abort(connection)
            await _wait_for_disconnect(receive)
        case "hang":
            await _wait_for_disconnect(receive)
        case "truncate":
            await _send_head(answer, send)
            await _send_piece(answer.body[: wire.keep], send)
            # close() lets what was written leave first; abort() would take it back.
            if connection is not None:
                connection.close()
            await _wait_for_disconnect(receive)
        case "drip":
            await _send_head(answer, send)
            for at in range(0, len(answer.body), PIECE):
                await _send_piece(answer.body[at : at + PIECE], send)
                await asyncio.sleep(wire.pause)
            await send({"type": "http.response.body", "body": b""})


async def _send_head(answer: Answer, send: Send) -> None:
    """Send the status and the headers, with the length of the whole body."""
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
            ],
        }
    )


async def _send_piece(body: bytes, send: Send) -> None:
    """Send a part of the body that is not the last."""
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _abort(connection: asyncio.WriteTransport | None) -> None:
    """Reset the connection (RST, not FIN); do nothing where there is none to reset.

    With no time to linger, the kernel sends RST.
    """
    if connection is not None:
        reset = struct.pack("ii", 1, 0)
        connection.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, reset)
        connection.abort()
