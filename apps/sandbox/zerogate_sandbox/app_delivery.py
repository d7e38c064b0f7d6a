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
        """Set who receives the webhooks; TypeError for what cannot be called.

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
        """Send every event that is due now; return the attempts, or raise as the receiver did."""
        return self._record_sent(self.sandbox.deliver())

    def advance(self, seconds: float) -> list[Sent]:
        """Advance the clock, send what falls due on the way; return the attempts or raise as `deliver`."""
        return self._record_sent(self.sandbox.advance(seconds))

    async def deliver_async(self) -> list[Sent]:
        """Send as `deliver` does, awaiting the receiver in the loop that is running."""
        sent = []
        while (attempt := self.sandbox.take()) is not None:
            status, error = await self._call_awaited(attempt)
            sent.append(self.sandbox.record_attempt(attempt, status, error))
        return self._record_sent(sent)

    def close(self) -> None:
        """Stop the thread in which awaited receivers ran, where there was one."""
        self._loop.close()

    def _record_sent(self, sent: list[Sent]) -> list[Sent]:
        """Add the attempts to `sent` and return them, or raise the first error of a receiver."""
        self.sent += sent
        raised, self._raised = self._raised, []
        if raised:
            raise raised[0]
        return sent

    def _sink(self, body: bytes, headers: dict[str, str]) -> int:
        """Call the receiver and return its status; keep and raise again what it raises."""
        try:
            answer = self._receiver()(body, headers)
            return _status(self._loop.run(answer) if inspect.isawaitable(answer) else answer)
        except Exception as error:
            self._keep_error(error)
            raise

    async def _call_awaited(self, attempt: Attempt) -> tuple[int | None, str | None]:
        """Return the receiver's status, None; or None and the text of what it raises, also kept."""
        try:
            answer = self._receiver()(attempt.body, dict(attempt.headers))
            return _status(await answer if inspect.isawaitable(answer) else answer), None
        except Exception as error:
            self._keep_error(error)
            return None, f"{type(error).__name__}: {error}"

    def _keep_error(self, error: Exception) -> None:
        """Keep the error for `deliver` to raise, unless `raising` is False."""
        if self._raising:
            self._raised.append(error)

    def _receiver(self) -> Receiver:
        """Return the receiver; RuntimeError where `to` was not called yet."""
        if self._receive is None:
            raise RuntimeError("nobody receives webhooks yet: gate_webhooks.to(…) says who does")
        return self._receive


def _status(answer: Any) -> int:
    """Return an int as it is or its `.status` or `.status_code`, 200 for None; else TypeError."""
    for name in ("status", "status_code"):
        answer = getattr(answer, name, answer)
    if answer is None:
        return 200
    if not isinstance(answer, int):
        raise TypeError(f"a receiver answers a status or an object with one, not {answer!r}")
    return answer


# --- applications --------------------------------------------------------------------------------


def _is_awaited(app: Any) -> bool:
    """Return True for an ASGI app: calling it gives a coroutine."""
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(
        getattr(app, "__call__", None)  # noqa: B004 - asks whether calling it is awaited
    )


async def _call_asgi(app: Any, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST the body to an ASGI app in this process; return the status it answers."""
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
        """Return the request's body at the first call, then a disconnect."""
        return told.pop(0) if told else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        """Keep the answer's status; its body is dropped."""
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def _call_wsgi(app: Any, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST the body to a WSGI app in this process; return the status it answers."""
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
        """Keep the status line; return a writer that drops its data."""
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
        """Return the result of the work, run in this object's own thread; blocks until then.

        A loop that runs in this thread is left alone.
        """

        async def awaited() -> Any:
            """Return the result of the work, as a coroutine of its own."""
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._started()).result()

    def _started(self) -> asyncio.AbstractEventLoop:
        """Return the event loop, started in a daemon thread at the first call."""
        if self._running is None:
            self._running = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._running.run_forever, daemon=True)
            self._thread.start()
        return self._running

    def close(self) -> None:
        """Stop the loop and join its thread; do nothing where none was started."""
        if self._running is not None and self._thread is not None:
            self._running.call_soon_threadsafe(self._running.stop)
            self._thread.join()
            self._running.close()
            self._running = None
