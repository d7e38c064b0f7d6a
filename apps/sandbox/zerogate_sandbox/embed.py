"""Bootstrapping the widget: the one operation of the publishable key."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zerogate_sandbox.calls import NO_BODY, Call
from zerogate_sandbox.partners import Account
from zerogate_sandbox.responses import Refused, dumps
from zerogate_sandbox.sessions import Session
from zerogate_sandbox.times import millis

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

TOKEN_LIFE = 3_600
# Browsers bootstrap from the partner's pages. Which of these may, `_check_origin` decides.
CORS = {"access-control-allow-origin": "*", "access-control-expose-headers": "X-Request-Id"}
PREFLIGHT = {
    **CORS,
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "Authorization, Content-Type, X-Publishable-Key",
    "access-control-max-age": "600",
}
_SESSION_FIELDS = (
    "amount",
    "currency",
    "target_token",
    "target_network",
    "return_url",
    "flow",
)


class Embed:
    def __init__(self, world: World) -> None:
        self.world = world
        self.bootstraps = 0

    def bootstrap(self, call: Call) -> dict[str, Any]:
        """Return an embed token and, of a `clientSecret`, the session, with its widget opened; or Refused."""
        _check_origin(call.account, call.headers)
        fields = {} if call.body is NO_BODY else call.fields
        session = self._session(call.account, fields.get("clientSecret"))
        scopes = fields.get("requested_scopes")
        expires_at = call.now + TOKEN_LIFE
        self.bootstraps += 1
        return {
            "embed_token": self._token(call.account, session, scopes, call.now),
            "expires_at": millis(expires_at),
            "partner_id": call.account.partner_id,
            "mode": call.account.mode,
            "session_id": session.id if session else None,
            **{name: getattr(session, name, None) for name in _SESSION_FIELDS},
        }

    def _session(self, account: Account, client_secret: str | None) -> Session | None:
        """Return the secret's session, widget open for an hour; expires an overdue one, then Refused.

        Raises Refused: 401 for an unknown secret or another account's, 403 for a session not open.
        """
        if client_secret is None:
            return None
        session = self.world.sessions.by_secret(client_secret)
        if session is None or session.account != account.name:
            raise Refused(401, "no session of yours has this client secret")
        self.world.sessions.expire(session)
        if session.status != "open":
            raise Refused(403, f"the session is {session.status}", code="session_not_open")
        session.widget_until = self.world.now + TOKEN_LIFE
        return session

    def _token(
        self, account: Account, session: Session | None, scopes: list[str] | None, now: float
    ) -> str:
        """Return a JWT that lives an hour, signed with a key that only this sandbox has."""
        claims = {
            "sub": account.partner_id,
            "mode": account.mode,
            "session_id": session.id if session else None,
            "scopes": scopes or [],
            "iat": int(now),
            "exp": int(now) + TOKEN_LIFE,
            "jti": self.world.seeds.hex("embed_token", 16),
        }
        signed = b".".join(_part(dumps(one)) for one in ({"alg": "HS256", "typ": "JWT"}, claims))
        key = f"embed/{self.world.seeds.seed}".encode()
        return (signed + b"." + _part(hmac.new(key, signed, sha256).digest())).decode()


def _part(data: bytes) -> bytes:
    """Return the bytes in URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _check_origin(account: Account, headers: dict[str, str]) -> None:
    """Raise Refused (403) if the account lists origins, and Origin (else Referer) is not one of them.

    Compared to the letter. An account without a list allows any.
    """
    if account.origins is None:
        return
    origin = headers.get("origin")
    if origin is None and "referer" in headers:
        parts = urlsplit(headers["referer"])
        origin = f"{parts.scheme}://{parts.netloc}"
    if origin not in account.origins:
        raise Refused(403, "this origin may not use the widget")
