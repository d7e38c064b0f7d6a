"""A partner that knows only HTTP: no names of ours but the sandbox's."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from zerogate_sandbox import Sandbox
from zerogate_sandbox.calls import PlainRequest
from zerogate_sandbox.responses import Answer
from zerogate_sandbox.routes import OPERATIONS

from tests.services import ignored

collect_ignore = ignored(browser="selenium", fuzz="schemathesis", vendor="zerobit")

SESSION = {
    "amount": "100.00",
    "currency": "EUR",
    "return_url": "https://partner.example/done",
    "flow": "on_ramp",
    "target_token": "USDC",
    "metadata": {"order_id": "order_test_1"},
}


@attrs.frozen
class Heard:
    """An answer with its JSON read."""

    answer: Answer

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def headers(self) -> Any:
        return self.answer.headers

    @property
    def json(self) -> Any:
        return json.loads(self.answer.body)

    def __getitem__(self, name: str) -> Any:
        return self.json[name]


class Shop:
    """Makes requests of one partner, in process."""

    def __init__(self, sandbox: Sandbox, key: str = "sk_test_shop") -> None:
        self.sandbox = sandbox
        self.key = key
        self._keys = 0

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        raw: bytes | None = None,
        host: str = "http://127.0.0.1",
        **headers: str,
    ) -> Heard:
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        if key is not None:
            sent["idempotency-key"] = key
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = PlainRequest(method, host, "/v1" + path, tuple(sent.items()), content)
        heard = Heard(self.sandbox.answer(request))
        self.check(heard)
        return heard

    def check(self, heard: Heard) -> None:
        """Whatever no fault has touched is as the contract says; and nothing breaks down."""
        seen = self.sandbox.requests()[-1]
        if seen["operation"] is None or seen["faults"] or heard.status in (405, 413, 423, 425):
            return
        if (seen["operation"], heard.status) == ("createSession", 404):
            return  # A proxy's, while the key is in flight.
        world = self.sandbox.world
        # A profile that answers 200 to a creation differs from the contract in nothing else.
        creates = OPERATIONS[seen["operation"]].creates
        status = 201 if creates and heard.status == 200 else heard.status
        assert world.contract.answer_problems(seen["operation"], status, heard.json) == []
        assert heard.headers["x-request-id"] == seen["request_id"]
        assert heard.status != 500

    def get(self, path: str, **more: Any) -> Heard:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Heard:
        return self.ask("POST", path, body, **more)

    def session(self, key: str | None = None, **fields: Any) -> Heard:
        """A session under a key of its own, unless one is given."""
        self._keys += 1
        return self.post("/gate_sessions", {**SESSION, **fields}, key=key or f"key_{self._keys}")

    def bootstrap(self, client_secret: str | None = None, **headers: str) -> Heard:
        body = None if client_secret is None else {"clientSecret": client_secret}
        public = Shop(self.sandbox, self.key.replace("sk_", "pk_", 1))
        return public.post("/embed/bootstrap", body, **headers)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=7)


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


@pytest.fixture
def new_shop() -> type[Shop]:
    """For tests that make sandboxes of their own: `new_shop(sandbox, key)`."""
    return Shop
