"""Hands a webhook to what receives it in this process: a function, an ASGI or a WSGI application.

    webhooks = Webhooks(sandbox)
    webhooks.to(app, path="/webhooks/gate")
    sandbox.pay(session.id)
    webhooks.deliver()

No socket is opened. An application's start-up events (ASGI's lifespan) are the caller's to run.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

import attrs

from zerogate_sandbox.deliveries import Attempt
from zerogate_sandbox.partners import PARTNER_URL
from zerogate_sandbox.sandbox import Sandbox
from zerogate_sandbox.sinks import Sent

#: What an application is told of where it stands.
_HOST: Final = "partner.example"
#: A receiver: body and headers in; a status, an object with one, or nothing (200) out.
Receiver = Callable[[bytes, dict[str, str]], Any]


@attrs.define
class Webhooks:
    """Webhooks of a sandbox, delivered when the test says so.

    secret: What they are signed with.
    sent: Every attempt so far, oldest first.
    """

    sandbox: Sandbox
    secret: str = attrs.field(default="whsec_test_pytest", repr=False)
    sent: list[Sent] = attrs.field(factory=list, init=False)
    _receive: Receiver | None = attrs.field(default=None, init=False)
    _raising: bool = attrs.field(default=True, init=False)
    _raised: list[Exception] = attrs.field(factory=list, init=False)
    _loop: _Loop = attrs.field(factory=lambda: _Loop(), init=False)

    def __attrs_post_init__(self) -> None:
        partners = self.sandbox.world.partners
        partners.webhook_url, partners.webhook_secret = PARTNER_URL, self.secret
        for account in partners.accounts.values():
            account.webhook_url, account.webhook_secrets = PARTNER_URL, [self.secret]
        self.sandbox.sink = self._sink

    def to(self, receiver: Any, path: str | None = None, *, raising: bool = True) -> None:
        """Say who receives them.

        receiver: A function of body and headers, also an awaited one (`inbox.receive`); with *path*,
            an ASGI or WSGI application (FastAPI, Starlette, Django, Flask).
        path: Where the application has its receiver, such as /webhooks/gate.
        raising: Whether what the receiver raises goes up to the test. Otherwise Gate sees an error,
            and tries again: `advance(60)`.
        """
        if not callable(receiver):
            raise TypeError(
                f"gate_webhooks.to() takes a function of body and headers, or an application with "
                f"path=, not {type(receiver).__name__}"
            )
        if path is None:
            self._receive = receiver
        elif _is_awaited(receiver):
            self._receive = lambda body, headers: _call_asgi(receiver, path, body, headers)
        else:
            self._receive = lambda body, headers: _call_wsgi(receiver, path, body, headers)
        self._raising = raising

    def deliver(self) -> list[Sent]:
        """Send every event that is due now, one after the other; how each was received."""
        return self._told(self.sandbox.deliver())

    def advance(self, seconds: float) -> list[Sent]:
        """Move the sandbox's time on; what falls due on the way is sent, retries included."""
        return self._told(self.sandbox.advance(seconds))

    async def deliver_async(self) -> list[Sent]:
        """Send what is due now from a test that is awaited: the receiver runs in the test's own loop."""
        sent = []
        while (attempt := self.sandbox.take()) is not None:
            status, error = await self._awaited(attempt)
            sent.append(self.sandbox.record_attempt(attempt, status, error))
        return self._told(sent)

    def close(self) -> None:
        """Let go of the thread in which awaited receivers ran."""
        self._loop.close()

    def _told(self, sent: list[Sent]) -> list[Sent]:
        self.sent += sent
        raised, self._raised = self._raised, []
        if raised:
            raise raised[0]
        return sent

    def _sink(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            answer = self._receiver()(body, headers)
            return _status(self._loop.run(answer) if inspect.isawaitable(answer) else answer)
        except Exception as error:
            self._note(error)
            raise

    async def _awaited(self, attempt: Attempt) -> tuple[int | None, str | None]:
        try:
            answer = self._receiver()(attempt.body, dict(attempt.headers))
            return _status(await answer if inspect.isawaitable(answer) else answer), None
        except Exception as error:
            self._note(error)
            return None, f"{type(error).__name__}: {error}"

    def _note(self, error: Exception) -> None:
        if self._raising:
            self._raised.append(error)

    def _receiver(self) -> Receiver:
        if self._receive is None:
            raise RuntimeError("nobody receives webhooks yet: gate_webhooks.to(…) says who does")
        return self._receive


def _status(answer: Any) -> int:
    """Return the status in what a receiver answered: itself, or what it carries."""
    for name in ("status", "status_code"):
        answer = getattr(answer, name, answer)
    if answer is None:
        return 200
    if not isinstance(answer, int):
        raise TypeError(f"a receiver answers a status or an object with one, not {answer!r}")
    return answer


# --- applications --------------------------------------------------------------------------------


def _is_awaited(app: Any) -> bool:
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(
        getattr(app, "__call__", None)  # noqa: B004 - asks whether calling it is awaited
    )


async def _call_asgi(app: Any, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", _HOST.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": (_HOST, 443),
    }
    told = [{"type": "http.request", "body": body, "more_body": False}]
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return told.pop(0) if told else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def _call_wsgi(app: Any, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": "",
        "SERVER_NAME": _HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": _HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        variable = name.upper().replace("-", "_")
        environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
    statuses: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        statuses.append(status)
        return lambda data: None

    answer = app(environ, start_response)
    try:
        for _ in answer:
            pass
    finally:
        getattr(answer, "close", lambda: None)()
    return int(statuses[-1].split()[0])


class _Loop:
    """One event loop for all awaited receivers of a test, in a thread of its own."""

    def __init__(self) -> None:
        self._running: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Awaitable[Any]) -> Any:
        """Return what the work comes to. A loop that runs in this thread is left alone."""

        async def awaited() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._started()).result()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._running is None:
            self._running = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._running.run_forever, daemon=True)
            self._thread.start()
        return self._running

    def close(self) -> None:
        if self._running is not None and self._thread is not None:
            self._running.call_soon_threadsafe(self._running.stop)
            self._thread.join()
            self._running.close()
            self._running = None
