"""For each event, the shortest real story that ends in it.

Nothing is faked: an event that was triggered has its session, rail or customer behind it, which
reads the way the event says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zerogate_sandbox.calls import BASE_PATH, PlainRequest
from zerogate_sandbox.events import EVENT_TYPES
from zerogate_sandbox.responses import Refused, dumps

if TYPE_CHECKING:
    from zerogate_sandbox.sandbox import Sandbox

_TRADE = {"amount": "100.00", "currency": "EUR"}
_HOSTS = {"live": "https://gate-api.0bit.app", "test": "https://gate-api-sandbox.0bit.app"}


class Scenarios:
    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox = sandbox
        self.key = key
        self.account = sandbox.world.partners.account(key)

    def play(self, event_type: str) -> dict[str, Any]:
        """Make this event happen by its story and return it; ValueError for an unknown type."""
        stories = self._stories()
        if event_type not in stories:
            raise ValueError(f"no event {event_type!r}; there are {', '.join(EVENT_TYPES)}")
        stories[event_type]()
        events = reversed(self.sandbox.world.events)
        mine = (one for one in events if (one.type, one.account) == (event_type, self.account.name))
        return next(mine).view()

    def _stories(self) -> dict[str, Callable[[], Any]]:
        """Return for each event type a function that makes it happen."""
        box = self.sandbox
        stories: dict[str, Callable[[], Any]] = {
            "gate_session.created": self._create_session,
            "gate_session.processing": lambda: box.start(self._create_session()),
            "gate_session.completed": lambda: box.pay(self._create_session()),
            "gate_session.failed": lambda: box.fail(self._create_session()),
            "gate_session.cancelled": lambda: self._post(
                f"/gate_sessions/{self._create_session()}/cancel"
            ),
            "gate_session.expired": lambda: box.expire(self._create_session()),
            "gate_session.kyc_package_accepted": lambda: self._create_session(
                kyc_package={"level": "example"}
            ),
            "kyc.required": lambda: box.require_kyc(self._create_session()),
            "quote.consumed": lambda: self._create_rail("pay_in"),
            "customer.created": self._create_customer,
            "customer.updated": lambda: box.verify_customer(self._create_customer()),
            "customer.deleted": lambda: self._ask(
                "DELETE", f"/customers/{self._create_customer()}"
            ),
            "webhook.test": lambda: box.send_test(self.key),
        }
        for kind in ("pay_in", "pay_out"):
            for status in ("processing", "settled", "failed", "cancelled"):
                stories[f"rail.{kind}.{status}"] = self._rail_that_becomes(kind, status)
        for type in EVENT_TYPES:
            # A session that ends in a way of which no more is known than its name.
            kind, _, status = type.partition(".")
            if kind == "gate_session" and type not in stories:
                stories[type] = self._session_that_ends(status)
        return stories

    def _create_session(self, **more: Any) -> str:
        """Create a session, with *more* fields in its body, and return its id."""
        body = {**_TRADE, "return_url": "https://partner.example/done", **more}
        return str(self._post("/gate_sessions", body)["id"])

    def _create_customer(self) -> str:
        """Create a customer with an email of its own, and return the id."""
        number = self.sandbox.world.seeds.hex("scenario", 12)
        return str(self._post("/customers", {"email": f"user-{number}@partner.example"})["id"])

    def _create_rail(self, kind: str) -> str:
        """Lock a quote, create a session and a rail of both; return the rail's id."""
        quote = {
            **_TRADE,
            "asset": "USDC",
            "side": "on_ramp" if kind == "pay_in" else "off_ramp",
            "payment_method": "bank_transfer",
        }
        body = {
            "quote_id": self._post("/quotes", quote)["id"],
            "gate_session_id": self._create_session(),
        }
        return str(self._post(f"/rails/{kind}s", body)["id"])

    def _rail_that_becomes(self, kind: str, status: str) -> Callable[[], Any]:
        """Return a function that creates a rail and moves it to this status."""
        return lambda: self.sandbox.move_rail(self._create_rail(kind), status)

    def _session_that_ends(self, status: str) -> Callable[[], Any]:
        """Return a function that creates a session and ends it as this status."""
        return lambda: self.sandbox.end(self._create_session(), status)

    def _post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST the body as the account; return the JSON answer, or raise Refused."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request as the account; return the JSON answer, or raise Refused."""
        headers = (
            ("authorization", f"Bearer {self.key}"),
            ("content-type", "application/json"),
            ("idempotency-key", "scenario-" + self.sandbox.world.seeds.hex("scenario", 16)),
        )
        content = b"" if body is None else dumps(body)
        host = _HOSTS[self.account.mode]
        answer = self.sandbox.answer(PlainRequest(method, host, BASE_PATH + path, headers, content))
        said: dict[str, Any] = json.loads(answer.body)
        if answer.status >= 300:
            raise Refused(answer.status, str(said["message"]), code=said["code"])
        return said
