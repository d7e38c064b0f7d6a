"""Each receiver in its framework: 200 once it is on the disk, 400 for strangers, 5xx if it is not kept.

docs/receivers.md shows them as they are here.
"""

from __future__ import annotations

import base64
import hmac
import runpy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from zerogate import Gate, Money, StoreFailed
from zerogate_sandbox import Sandbox, WallClock
from zerogate_store import Inbox, Store

from tests.django_ready import ready
from tests.receivers.serving import asgi, wsgi
from tests.services import unavailable

RECEIVERS = Path(__file__).parents[2] / "examples" / "receivers"
SECRET = "whsec_test_0123456789abcdef"
DOWN = "postgresql://postgres@127.0.0.1:1/none?connect_timeout=2"


@contextmanager
def _django(made: dict[str, Any]) -> Iterator[str]:
    ready()
    from django.core.wsgi import get_wsgi_application
    from django.test.utils import override_settings

    with (
        override_settings(
            ROOT_URLCONF=tuple(made["urlpatterns"]),
            ALLOWED_HOSTS=["127.0.0.1"],
            MIDDLEWARE=[
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
            ],
        ),
        wsgi(get_wsgi_application()) as origin,
    ):
        yield origin


@contextmanager
def _lambda(made: dict[str, Any]) -> Iterator[Callable[..., int]]:
    """As each gateway calls it: names of headers in any case, several values, a binary body in base64."""

    def call(body: bytes, headers: Any) -> int:
        statuses = set()
        lower = {name.lower(): value for name, value in headers.items()}
        several = {name: [value] for name, value in headers.items()}
        plain = {"body": body.decode(), "isBase64Encoded": False}
        packed = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        for told in (
            {**plain, "version": "2.0", "headers": lower},
            {**packed, "version": "2.0", "headers": lower},
            {**plain, "headers": headers, "multiValueHeaders": several},
            {**packed, "headers": None, "multiValueHeaders": several},
            {**plain, "multiValueHeaders": {name.lower(): [v, v] for name, v in headers.items()}},
            {**plain, "headers": [text for pair in headers.items() for text in pair]},
            {**plain, "body": plain["body"] or None, "headers": lower},
        ):
            try:
                statuses.add(made["handler"](told, None)["statusCode"])
            except StoreFailed:
                # What the gateway answers where a function raises.
                statuses.add(502)
        [status] = statuses
        return int(status)

    yield call


FRAMEWORKS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "fastapi_app": ("fastapi", lambda made: asgi(made["app"])),
    "starlette_app": ("starlette", lambda made: asgi(made["app"])),
    "django_urls": ("django", _django),
    "flask_app": ("flask", lambda made: wsgi(made["app"])),
    "asgi_app": ("uvicorn", lambda made: asgi(made["app"])),
    "wsgi_app": ("wsgiref", lambda made: wsgi(made["app"])),
    "aws_lambda": ("base64", _lambda),
}


@pytest.fixture(params=FRAMEWORKS)
def receiver(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """Starts the receiver on a store; gives what sends to it and says the status."""
    library, serve = FRAMEWORKS[request.param]
    if find_spec(library) is None:
        unavailable(f"no {library} (pip install --group receivers)")
    with ExitStack() as running:

        def on(url: str) -> Callable[[bytes, Any], int]:
            monkeypatch.setenv("ZEROGATE_STORE", url)
            monkeypatch.setenv("ZEROGATE_WEBHOOK_SECRET", SECRET)
            made = runpy.run_path(str(RECEIVERS / f"{request.param}.py"))
            running.callback(made["store"].close)
            found = running.enter_context(serve(made))
            if callable(found):
                return found  # type: ignore[no-any-return]
            client = running.enter_context(httpx.Client(base_url=found, trust_env=False))

            def send(body: bytes, headers: Any) -> int:
                return client.post("/webhooks/gate", content=body, headers=headers).status_code

            return send

        yield on


def paid(sandbox: Sandbox) -> None:
    with Gate("sk_test_shop", transport=sandbox.transport()) as gate:
        session = gate.sessions.create(
            amount=Money("100.00", "EUR"),
            return_url="https://shop.example/done",
            order="order-1",
            metadata={"note": "Åsa"},
        )
    sandbox.pay(session.id)


def test_events_of_the_sandbox_are_kept(receiver: Callable[[str], Any], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    send = receiver(url)
    statuses: list[int] = []

    def webhook(body: bytes, headers: dict[str, str]) -> int:
        statuses.append(send(body, headers))
        statuses.append(send(body, headers))
        return statuses[-1]

    sandbox = Sandbox(webhook=webhook, webhook_secret=SECRET, clock=WallClock())
    paid(sandbox)
    sandbox.deliver()
    # Lambda is called in both ways for each.
    assert statuses == [200] * 6
    store = Store(url)
    assert dict(Inbox(store, SECRET, mode="test").metrics().counts) == {"pending": 3}
    store.close()


def test_a_signature_that_a_proxy_doubled_or_capitalised_is_the_signature(
    receiver: Callable[[str], Any], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    send = receiver(url)
    statuses: list[int] = []

    def webhook(body: bytes, headers: dict[str, str]) -> int:
        [signature] = [told for name, told in headers.items() if name.lower() == "gate-signature"]
        seconds, _, digest = signature.partition(",v1=")
        for value in (
            f"{signature},{signature}",
            f"{seconds},v1={digest.upper()}",
            f"{seconds},\tv1={digest}",
            f"{seconds},v1={digest[::-1]}",
        ):
            statuses.append(send(body, {"Gate-Signature": value}))
        return 200

    sandbox = Sandbox(webhook=webhook, webhook_secret=SECRET, clock=WallClock())
    paid(sandbox)
    sandbox.deliver()
    assert statuses == [200, 200, 200, 400] * 3
    store = Store(url)
    assert dict(Inbox(store, SECRET, mode="test").metrics().counts) == {"pending": 3}
    store.close()


def test_what_gate_signed_and_nobody_can_read_is_kept(
    receiver: Callable[[str], Any], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    send, now = receiver(url), int(WallClock().now())
    body = b'{"id":"evt_1","type":"gate_session.completed","created_at":"now","data":{"id":"gs_1"}}'
    digest = hmac.new(SECRET.encode(), b"%d." % now + body, "sha256").hexdigest()
    assert send(body, {"Gate-Signature": f"t={now},v1={digest}"}) == 200
    store = Store(url)
    assert dict(Inbox(store, SECRET, mode="test").metrics().counts) == {"quarantined": 1}
    store.close()


def test_strangers_are_refused(receiver: Callable[[str], Any], tmp_path: Path) -> None:
    send = receiver(f"sqlite:///{tmp_path / 'gate.db'}")
    assert send(b'{"id": "evt_1"}', {"Gate-Signature": "t=1,v1=00"}) == 400
    assert send(b"", {}) == 400
    assert send(b"x" * 300_000, {"Gate-Signature": "t=1,v1=00"}) == 400


def test_what_is_not_kept_is_not_acknowledged(receiver: Callable[[str], Any]) -> None:
    send = receiver(DOWN)
    statuses: list[int] = []
    sandbox = Sandbox(
        webhook=lambda body, headers: statuses.append(send(body, headers)) or statuses[-1],
        webhook_secret=SECRET,
        clock=WallClock(),
    )
    paid(sandbox)
    sandbox.deliver()
    assert statuses
    assert min(statuses) >= 500


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_receiver_is_ten_lines(name: str) -> None:
    text = (RECEIVERS / f"{name}.py").read_text("utf-8")
    said = [
        line for line in text.splitlines()[1:] if line and not line.startswith(("import", "from"))
    ]
    assert len(said) <= 12
