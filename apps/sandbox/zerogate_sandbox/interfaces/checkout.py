"""The hosted checkout page: what it shows of a session, and what a person can do there.

Everything goes by the client secret, which the page takes from its own `#fragment`: a fragment is
not sent anywhere, so the secret is in no log.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from zerogate_sandbox import catalogue
from zerogate_sandbox.branding import TOKENS
from zerogate_sandbox.responses import Answer, Refused
from zerogate_sandbox.widget import Choice

if TYPE_CHECKING:
    from zerogate_sandbox.sandbox import Sandbox
    from zerogate_sandbox.sessions import Session

_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": (
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; "
        "img-src https: data:; connect-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'"
    ),
}


def page() -> Answer:
    """Return the checkout page, which is the same for every session."""
    return Answer(200, _HEADERS, files(__package__).joinpath("checkout.html").read_bytes())


def act(sandbox: Sandbox, client_secret: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Do the act that `do` names, if any; return the page's state. Refused: 401 for the secret, 400."""
    with sandbox.lock:
        session = sandbox.world.sessions.by_secret(client_secret)
    if session is None:
        raise Refused(401, "this payment link is not valid")
    what, options = wanted.pop("do", None), wanted
    if what is not None:
        acts: dict[str, Callable[..., Any]] = {
            "pay": sandbox.pay,
            "fail": sandbox.fail,
            "cancel": sandbox.cancel,
            "pass_kyc": sandbox.pass_kyc,
        }
        if what not in acts:
            raise Refused(400, f"{what!r} cannot be done here; {', '.join(acts)} can")
        acts[what](session.id, **options)
    return _state(sandbox, session)


def _state(sandbox: Sandbox, session: Session) -> dict[str, Any]:
    """Return what the page shows; expires an overdue session, opens the widget of an open one."""
    with sandbox.lock:
        world = sandbox.world
        world.tick(sandbox.clock.now())
        world.sessions.expire(session)
        if session.status == "open":
            world.widget.open(session.id)
        account = world.partners.accounts[session.account]
        offer = world.widget.offer(session, Choice())
        side = "off_ramp" if offer["action"] == "SELL" else "on_ramp"
        methods = world.capabilities.methods(account, session.currency, side)
        look = world.branding.looks.get(account.name, {})
        transactions = world.transactions.of(session.id)
        return {
            "status": session.status,
            "mode": session.mode,
            "expires_at": session.view()["expires_at"],
            "return_url": session.return_url,
            "cancel_url": session.cancel_url,
            "verify": session.kyc == "required" or (account.kyc and session.kyc == "none"),
            "offer": offer,
            "methods": [{"id": id, "name": catalogue.METHODS[id]} for id in methods],
            "brand": {token: look.get(token) for token in TOKENS},
            "last": transactions[-1].view() if transactions else None,
        }
