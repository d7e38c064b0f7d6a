"""Steering a served sandbox over HTTP: JSON in, JSON out, under `/_sandbox`.

GET    /_sandbox/books                      every object ever committed
GET    /_sandbox/requests                   the latest requests as they arrived
GET    /_sandbox/clock                      {"now", "frozen"}
POST   /_sandbox/clock                      {"freeze": true}, {"advance": seconds}, {"resume": true}
POST   /_sandbox/deliver                    send what is due, answer when all of it is done
GET    /_sandbox/faults                     {"faults": […], "known": {name: options}}
POST   /_sandbox/faults                     {"fault": name, …options}; a list of them is a script
DELETE /_sandbox/faults                     disarm all; DELETE /_sandbox/faults/{id} one of them
GET    /_sandbox/profile                    {"profile": {switch: value}, "known": […]}
POST   /_sandbox/profile                    a name, or {"base": name, switch: value}
POST   /_sandbox/accounts                   {"key": "sk_test_…", "webhook_url": …, …}
POST   /_sandbox/accounts/revoke            {"key": …}; …/rotate {"old": …, "new": …}
POST   /_sandbox/withdraw                   {"entry": "asset:USDC", "key"?: …}; …/offer undoes it
POST   /_sandbox/sessions/{id}/{what}       open, pay, pay_twice, start, fail, cancel, run_out,
                                            expire, require_kyc, pass_kyc;
                                            pay takes {"fiat_amount", "token_amount", …, "late"}
POST   /_sandbox/transactions/{refid}/{what}  settle, fail
POST   /_sandbox/rails/{id}/{status}        processing, settled, failed, cancelled
POST   /_sandbox/customers/{id}/verify      {"status": "verified"}
POST   /_sandbox/trigger                    {"event": type, "key"?: "sk_test_…"}; its envelope
POST   /_sandbox/forward                    {"url": …, "events"?: […]}; …/stop {"url": …}
GET    /_sandbox/forward                    what was forwarded, and how it was received
POST   /_sandbox/snapshot                   keep the whole state here; {"snapshot": its name}
POST   /_sandbox/restore                    {"snapshot": name}, or a state from a file
POST   /_sandbox/reset                      {"seed"?: …}; begin anew
POST   /_sandbox/checkout                   {"client_secret", "do"?, …}: the checkout page's door
GET    /_sandbox/checkout                   the checkout page; the client secret is its #fragment

No answer holds a key, a signing secret or a client secret. What is refused comes in the API's own
error envelope.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import attrs

from zerogate_sandbox.calls import NO_BODY, PlainRequest, parse_json
from zerogate_sandbox.clock import WallClock
from zerogate_sandbox.faults import KINDS
from zerogate_sandbox.interfaces import checkout
from zerogate_sandbox.interfaces.targets import Targets
from zerogate_sandbox.partners import PARTNER_URL
from zerogate_sandbox.profiles import PROFILES, profile_named
from zerogate_sandbox.responses import Answer, Draft, Refused, envelope

if TYPE_CHECKING:
    from zerogate_sandbox.interfaces.webhook_sender import WebhookSender
    from zerogate_sandbox.sandbox import Sandbox


KEPT_SNAPSHOTS = 16


@attrs.frozen
class Order:
    """One request to the control door. params: The path's variable parts. query: After the `?`."""

    params: list[str]
    body: Any
    webhook_sender: WebhookSender | None
    query: str = ""


class Control:
    def __init__(self, sandbox: Sandbox, targets: Targets | None = None) -> None:
        self.sandbox = sandbox
        self.targets = targets or Targets()
        self._count = 0
        self._taken = 0
        self._snapshots: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._table: dict[tuple[str, str], Callable[[Order], Any]] = {
            ("GET", "books"): lambda order: _without_secrets(sandbox.books()),
            ("GET", "events"): self._events,
            ("GET", "requests"): lambda order: {"requests": sandbox.requests()},
            ("GET", "clock"): lambda order: self._clock_state(),
            ("POST", "clock"): self._move_clock,
            ("POST", "deliver"): self._deliver,
            ("GET", "faults"): lambda order: self._armed_and_known(),
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): lambda order: self._clear_faults(),
            ("DELETE", "faults/*"): self._remove_fault,
            ("GET", "profile"): lambda order: self._profile_state(),
            ("POST", "profile"): self._set_profile,
            ("POST", "accounts"): self._configure_account,
            ("POST", "accounts/revoke"): self._revoke,
            ("POST", "accounts/rotate"): self._rotate,
            ("POST", "withdraw"): self._withdraw,
            ("POST", "offer"): self._undo_withdrawal,
            ("POST", "sessions/*/*"): self._act_on_session,
            ("POST", "transactions/*/*"): self._act_on_transaction,
            ("POST", "rails/*/*"): lambda order: sandbox.move_rail(*order.params),
            ("POST", "customers/*/verify"): self._verify_customer,
            ("POST", "trigger"): self._trigger,
            ("GET", "forward"): lambda order: {"forwarded": sandbox.forwarded()},
            ("POST", "forward"): self._forward,
            ("POST", "forward/stop"): self._stop_forwarding,
            ("POST", "snapshot"): lambda order: self._snapshot(),
            ("POST", "restore"): self._restore,
            ("POST", "reset"): self._reset,
            ("GET", "checkout"): lambda order: checkout.page(),
            ("POST", "checkout"): self._act_on_checkout,
        }

    async def answer(self, request: PlainRequest, webhook_sender: WebhookSender | None) -> Answer:
        """Answer a request under `/_sandbox`; 400 for ValueError and TypeError, Refused by its status."""
        self._count += 1
        request_id = f"req_sandbox_{self._count}"
        try:
            act, params = self._find(request)
            query = urlsplit(request.target).query
            result = act(Order(params, _parsed(request.body), webhook_sender, query))
            if isinstance(result, Answer):
                return result
            draft = Draft(200, await result if isinstance(result, Awaitable) else result)
        except Refused as refused:
            draft = _error_draft(refused.status, refused.message, request_id)
        except (ValueError, TypeError) as error:
            draft = _error_draft(400, str(error), request_id)
        draft.headers["x-request-id"] = request_id
        return draft.final()

    def _find(self, request: PlainRequest) -> tuple[Callable[[Order], Any], list[str]]:
        """Return the handler and the path's variable parts; Refused (404: no such path, 405: method)."""
        path = urlsplit(request.target).path.removeprefix("/_sandbox").strip("/")
        parts = [unquote(part) for part in path.split("/")]
        methods = set()
        for (method, pattern), act in self._table.items():
            params = _bind(pattern.split("/"), parts)
            if params is None:
                continue
            if method == request.method:
                return act, params
            methods.add(method)
        if methods:
            raise Refused(405, f"{' or '.join(sorted(methods))} is possible here")
        known = sorted({f"/_sandbox/{pattern}" for _, pattern in self._table})
        raise Refused(404, f"nothing here; there are {', '.join(known)}")

    def _events(self, order: Order) -> dict[str, Any]:
        """Return events, oldest first, but for the first N of `?after=N`; else ValueError."""
        after = parse_qs(order.query).get("after", ["0"])[-1]
        if not after.isdecimal():
            raise ValueError(f"after is a number of events to leave out, not {after[:40]!r}")
        return {"events": self.sandbox.books()["events"][int(after) :]}

    # --- clock and deliveries ---

    def _clock_state(self) -> dict[str, Any]:
        """Return the sandbox's time in Unix seconds, and True if it stands still."""
        clock = self.sandbox.clock
        return {"now": clock.now(), "frozen": getattr(clock, "frozen", True)}

    async def _move_clock(self, order: Order) -> dict[str, Any]:
        """Freeze, advance, resume the clock, in this order, as asked; return its state. Or ValueError."""
        wanted = _checked_object(order.body, {"freeze", "advance", "resume"})
        clock = self.sandbox.clock
        if wanted.keys() & {"freeze", "resume"} and not isinstance(clock, WallClock):
            raise ValueError("this sandbox has a clock that only moves when advanced")
        if isinstance(clock, WallClock) and wanted.get("freeze"):
            clock.freeze()
        if "advance" in wanted:
            await self._advance(wanted["advance"], order.webhook_sender)
        if isinstance(clock, WallClock) and wanted.get("resume"):
            clock.resume()
        if order.webhook_sender is not None:
            order.webhook_sender.nudge()
        return self._clock_state()

    async def _advance(self, seconds: Any, webhook_sender: WebhookSender | None) -> None:
        """Advance the clock; with a sender, what falls due is sent. ValueError if below 0."""
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
            raise ValueError("advance takes a number of seconds, 0 or more")
        if webhook_sender is None:
            self.sandbox.clock.advance(seconds)
        else:
            await webhook_sender.advance(seconds)

    async def _deliver(self, order: Order) -> dict[str, Any]:
        """Send what is due, if there is a sender; return all deliveries."""
        if order.webhook_sender is not None:
            await order.webhook_sender.settle()
        return {"deliveries": self.sandbox.books()["deliveries"]}

    # --- faults and profile ---

    def _armed_and_known(self) -> dict[str, Any]:
        """Return the armed faults, and the options of every fault there is."""
        known = {name: dict(kind.options) for name, kind in KINDS.items()}
        return {"faults": self.sandbox.faults.view(), "known": known}

    def _add_faults(self, order: Order) -> dict[str, Any]:
        """Arm the body's fault, or each of its list, and return what is armed; ValueError arms none."""
        script = order.body if isinstance(order.body, list) else [order.body]
        self.sandbox.faults.add_all(script)
        return self._armed_and_known()

    def _clear_faults(self) -> dict[str, Any]:
        """Disarm all faults; return what is armed and known."""
        self.sandbox.faults.clear()
        return self._armed_and_known()

    def _remove_fault(self, order: Order) -> dict[str, Any]:
        """Disarm the fault that the path names; return what is armed and known; Refused (404) without it."""
        if not self.sandbox.faults.remove(order.params[0]):
            raise Refused(404, "no such fault is armed")
        return self._armed_and_known()

    def _profile_state(self) -> dict[str, Any]:
        """Return the profile's switches, and the names of all profiles."""
        return {"profile": attrs.asdict(self.sandbox.world.profile), "known": list(PROFILES)}

    def _set_profile(self, order: Order) -> dict[str, Any]:
        """Set the profile of the world and return it; ValueError for a wrong one."""
        if not isinstance(order.body, (str, dict)):
            raise ValueError("a profile is a name or an object of switches")
        with self.sandbox.lock:
            self.sandbox.world.profile = profile_named(order.body)
        return self._profile_state()

    # --- accounts ---

    def _configure_account(self, order: Order) -> dict[str, Any]:
        """Set the settings of a key's account; return them without suffix and signing secrets. ValueError."""
        wanted = _checked_object(order.body)
        self._check_target(wanted.get("webhook_url"))
        account = self.sandbox.account(_required_text(wanted, "key"), **_without(wanted, "key"))
        # A key is its suffix, and whoever has a signing secret makes events.
        hidden = attrs.filters.exclude("suffix", "webhook_secrets")
        shown = attrs.asdict(account, filter=hidden)
        return {**shown, "entitlements": sorted(account.entitlements)}

    def _check_target(self, url: Any) -> None:
        """Raise ValueError for a URL that no event may go to; what is no URL passes."""
        ours = self.sandbox.sink is not None and url == PARTNER_URL
        if isinstance(url, str) and "://" in url and not ours:
            self.targets.check(url)

    def _revoke(self, order: Order) -> dict[str, Any]:
        """Have the body's `key` refused from now on; return {"revoked": True}; ValueError if it has none."""
        self.sandbox.revoke(_required_text(_checked_object(order.body, {"key"}), "key"))
        return {"revoked": True}

    def _rotate(self, order: Order) -> dict[str, Any]:
        """Make `new` a key of `old`'s partner as well; return {"rotated": True}; or ValueError."""
        wanted = _checked_object(order.body, {"old", "new"})
        self.sandbox.rotate(_required_text(wanted, "old"), _required_text(wanted, "new"))
        return {"rotated": True}

    def _withdraw(self, order: Order) -> dict[str, Any]:
        """Hide an entry for a key's account, or for all; return {"withdrawn": True}; or ValueError."""
        wanted = _checked_object(order.body, {"entry", "key"})
        self.sandbox.withdraw(_required_text(wanted, "entry"), wanted.get("key"))
        return {"withdrawn": True}

    def _undo_withdrawal(self, order: Order) -> dict[str, Any]:
        """Undo a withdrawal of this entry for a key's account, or for all; return {"offered": True}."""
        wanted = _checked_object(order.body, {"entry", "key"})
        self.sandbox.offer(_required_text(wanted, "entry"), wanted.get("key"))
        return {"offered": True}

    # --- events and keeping ---

    def _trigger(self, order: Order) -> dict[str, Any]:
        """Let the shortest story happen that ends in the body's event; return it; ValueError if unknown."""
        wanted = {"key": "sk_test_sandbox", **_checked_object(order.body, {"event", "key"})}
        return self.sandbox.trigger(_required_text(wanted, "event"), _required_text(wanted, "key"))

    def _forward(self, order: Order) -> dict[str, Any]:
        """Send events (`events`, else all) to `url` too; return {"forwarding": True}; or ValueError."""
        wanted = _checked_object(order.body, {"url", "events"})
        self._check_target(wanted.get("url"))
        self.sandbox.forward(_required_text(wanted, "url"), wanted.get("events", []))
        return {"forwarding": True}

    def _stop_forwarding(self, order: Order) -> dict[str, Any]:
        """Send no more events to the body's `url`; return {"forwarding": False}."""
        self.sandbox.stop_forwarding(_required_text(_checked_object(order.body, {"url"}), "url"))
        return {"forwarding": False}

    def _snapshot(self) -> dict[str, Any]:
        """Keep a snapshot here and return its name; only the latest ones are kept."""
        self._taken += 1
        name = f"snapshot_{self._taken}"
        self._snapshots[name] = self.sandbox.snapshot()
        if len(self._snapshots) > KEPT_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return {"snapshot": name}

    def _restore(self, order: Order) -> dict[str, Any]:
        """Replace the world by a kept snapshot (or Refused), or the body (ValueError); return clock state."""
        self.sandbox.restore(self._snapshot_of(order.body))
        return self._clock_state()

    def _snapshot_of(self, body: Any) -> Any:
        """Return the kept snapshot that the body names, Refused (404) if unknown; another body as it is."""
        if not isinstance(body, dict) or "snapshot" not in body:
            return body
        name = _required_text(_checked_object(body, {"snapshot"}), "snapshot")
        if name not in self._snapshots:
            raise Refused(404, f"no snapshot {name!r}; there are {', '.join(self._snapshots)}")
        return self._snapshots[name]

    def _reset(self, order: Order) -> dict[str, Any]:
        """Begin an empty world of this seed, by default 0; return the clock's time and if it is frozen."""
        wanted = {} if order.body is None else _checked_object(order.body, {"seed"})
        self.sandbox.reset(wanted.get("seed", 0))
        return self._clock_state()

    # --- users ---

    def _verify_customer(self, order: Order) -> dict[str, Any]:
        """Set the path's customer's KYC status (default `verified`), return the customer; Refused (404)."""
        wanted = {} if order.body is None else _checked_object(order.body, {"status"})
        return self.sandbox.verify_customer(order.params[0], wanted.get("status", "verified"))

    def _act_on_checkout(self, order: Order) -> dict[str, Any]:
        """Do the body's `do` at the checkout of its `client_secret`; return the page's state. Or Refused."""
        wanted = _checked_object(order.body)
        return checkout.act(
            self.sandbox, _required_text(wanted, "client_secret"), _without(wanted, "client_secret")
        )

    def _act_on_session(self, order: Order) -> Any:
        """Do to the session what the path says; return it or its transactions; Refused (404) for no act."""
        session_id, what = order.params
        acts: dict[str, Callable[..., Any]] = {
            "open": self.sandbox.open,
            "pay": self.sandbox.pay,
            "pay_twice": self.sandbox.pay_twice,
            "start": self.sandbox.start,
            "fail": self.sandbox.fail,
            "cancel": self.sandbox.cancel,
            "run_out": self.sandbox.run_out,
            "expire": self.sandbox.expire,
            "require_kyc": self.sandbox.require_kyc,
            "pass_kyc": self.sandbox.pass_kyc,
        }
        options = {} if order.body is None else _checked_object(order.body)
        return _act(acts, what, session_id, options)

    def _act_on_transaction(self, order: Order) -> Any:
        """Settle or fail the transaction in the path, as it says, and return it; Refused (404) for no act."""
        refid, what = order.params
        acts = {"settle": self.sandbox.settle, "fail": self.sandbox.fail_transaction}
        return _act(acts, what, refid, {})


def _act(acts: dict[str, Callable[..., Any]], what: str, subject: str, options: Any) -> Any:
    """Call the act of this name with the subject and return its result; Refused (404) if unknown."""
    if what not in acts:
        raise Refused(404, f"{what!r} cannot be done here; {', '.join(acts)} can")
    return acts[what](subject, **options)


def _parsed(body: bytes) -> Any:
    """Return the parsed JSON, None for an empty body; Refused for what is no JSON."""
    data = parse_json(body)
    return None if data is NO_BODY else data


def _error_draft(status: int, message: str, request_id: str) -> Draft:
    """Return the draft of an error envelope of this status, message and request id."""
    return Draft(status, envelope(status, message, request_id))


def _bind(pattern: list[str], parts: list[str]) -> list[str] | None:
    """Return the parts that stand at each `*`; None where the pattern does not fit."""
    if len(pattern) != len(parts):
        return None
    pairs = list(zip(pattern, parts, strict=True))
    if any(wanted not in ("*", given) for wanted, given in pairs):
        return None
    return [given for wanted, given in pairs if wanted == "*"]


def _checked_object(body: Any, known: set[str] | None = None) -> dict[str, Any]:
    """Return the body; ValueError if it is no object or has a name that is not *known*."""
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    for name in body:
        if known is not None and name not in known:
            raise ValueError(f"no {name!r} here; there are {', '.join(sorted(known))}")
    return body


def _required_text(wanted: dict[str, Any], name: str) -> str:
    """Return the field of this name; ValueError where it is missing or no string."""
    value = wanted.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing, or no string")
    return value


def _without_secrets(books: dict[str, Any]) -> dict[str, Any]:
    """Return the books with a SHA-256 in place of each client secret."""
    sessions = [
        {
            **_without(one, "client_secret"),
            "client_secret_sha256": sha256(one["client_secret"].encode()).hexdigest(),
        }
        for one in books["sessions"]
    ]
    return {**books, "sessions": sessions}


def _without(wanted: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a copy of the dict without this name."""
    return {key: value for key, value in wanted.items() if key != name}
