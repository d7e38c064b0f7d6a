"""Hosted sessions: made by the partner's server, paid in the widget, cancelled while open."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from zerogate_sandbox.calls import Call
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.lists import limit_of, page
from zerogate_sandbox.prices import LONGEST_AMOUNT
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.times import millis

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

LIFE = 86_400.0

_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_AS_SENT = (
    "cancel_url",
    "flow",
    "target_token",
    "target_network",
    "wallet_address",
    "user_reference",
    "quote_preview_id",
)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@attrs.define
class Session:
    """One hosted payment, as Gate keeps it.

    kyc: How far its user is: `none`, `required` or `passed`.
    was: Every status it has had before, and until when.
    widget_until: When the embed token of the widget that was opened last ends.
    """

    id: str
    account: str
    partner_id: str
    mode: str
    amount: str
    currency: str
    return_url: str
    created_at: float
    expires_at: float
    client_secret: str = attrs.field(repr=False)
    idempotency_key: str | None = None
    status: str = "open"
    cancel_url: str | None = None
    flow: str | None = None
    target_token: str | None = None
    target_network: str | None = None
    wallet_address: str | None = None
    user_reference: str | None = None
    kyc_pre_verified: bool = False
    metadata: dict[str, Any] = attrs.field(factory=dict)
    quote_preview_id: str | None = None
    kyc: str = "none"
    was: list[tuple[str, float]] = attrs.field(factory=list)
    widget_until: float = 0.0

    def become(self, status: str, now: float) -> None:
        """Set the status, remembering the one before; emits nothing."""
        if status != self.status:
            self.was.append((self.status, now))
        self.status = status

    def status_at(self, moment: float) -> str:
        """Return the status that it had at this Unix time."""
        return next((status for status, until in self.was if moment < until), self.status)

    def view(self) -> dict[str, Any]:
        """Return the session as the API shows it, without its client secret."""
        return {
            "id": self.id,
            "object": "gate_session",
            "partner_id": self.partner_id,
            "mode": self.mode,
            "amount": self.amount,
            "currency": self.currency,
            "return_url": self.return_url,
            "cancel_url": self.cancel_url,
            "status": self.status,
            "expires_at": millis(self.expires_at),
            "created_at": millis(self.created_at),
            "flow": self.flow,
            "target_token": self.target_token,
            "target_network": self.target_network,
            "wallet_address": self.wallet_address,
            "user_reference": self.user_reference,
            "kyc_pre_verified": self.kyc_pre_verified,
            "metadata": self.metadata,
        }


class Sessions:
    def __init__(self, world: World) -> None:
        self.world = world
        self.collection: Collection[Session] = Collection("session")

    def create(self, call: Call) -> dict[str, Any]:
        """Add a session, emit its event and return it with its client_secret; or Refused (400)."""
        verified = _verified(call)
        session = self._new(call, _checked_fields(call.fields, call.account.mode))
        self.collection.add(session)
        self.world.emit_session(session, "gate_session.created")
        if verified:
            session.kyc_pre_verified = True
            session.kyc = "passed"
            self.world.emit_session(session, "gate_session.kyc_package_accepted")
        if self.world.profile.expiry == "timer":
            self.world.scheduler.add(session.expires_at, "expire", session.id)
        return {**session.view(), "client_secret": session.client_secret}

    def _new(self, call: Call, fields: dict[str, Any]) -> Session:
        """Return a session of these fields, with a secret, that is not added yet."""
        id = self._id(call)
        fields["target_network"] = self._network(fields.get("target_network"))
        secret = f"gsec_{id}_{self.world.seeds.hex('client_secret', 32)}"
        return Session(
            id=id,
            account=call.account.name,
            partner_id=call.account.partner_id,
            mode=call.account.mode,
            created_at=call.now,
            expires_at=call.now + LIFE,
            client_secret=secret,
            idempotency_key=call.key,
            **fields,
        )

    def _network(self, sent: str | None) -> str | None:
        """Return the profile's name of the network sent; None if none was sent or the profile shows none."""
        names = self.world.profile.network_names
        if sent is None or names == "null":
            return None
        if names == "own":
            return f"{sent.upper()}_MAINNET"
        if isinstance(names, str):
            return sent
        return {name.lower(): theirs for name, theirs in names.items()}.get(sent.lower(), sent)

    def _id(self, call: Call) -> str:
        """Return a new id in the form of the profile."""
        if self.world.profile.session_ids == "prefixed":
            return f"gs_{call.account.mode}_{self.world.seeds.hex('session', 24)}"
        # As the documentation's ids are made: seconds in hexadecimal first.
        return f"{int(call.now):08x}{self.world.seeds.hex('session', 16)}"

    def retrieve(self, call: Call) -> dict[str, Any]:
        """Return the account's session; Refused (404) if unknown. An overdue one stays open."""
        return self.collection.find(call.account.name, call.params["id"]).view()

    def list(self, call: Call) -> dict[str, Any]:
        """Return a page of sessions of the query's `status`, newest first, as they were a list lag ago."""
        status, seen = call.query.get("status"), self.world.listed_until()
        records = self.collection.newest_first(
            call.account.name, call.query.get("starting_after"), seen
        )
        rows = (
            self._row(one, seen)
            for one in records
            if status is None or one.status_at(seen) == status
        )
        return page(call.path, rows, limit_of(call.query), short=self.world.profile.short_pages)

    def _row(self, session: Session, seen: float) -> dict[str, Any]:
        """Return the session as a list shows it: its status at *seen*, metadata by profile."""
        row = {**session.view(), "status": session.status_at(seen)}
        return row if self.world.profile.list_metadata else {**row, "metadata": {}}

    def cancel(self, call: Call) -> dict[str, Any]:
        """End an open session as cancelled, with its event, and return it; Refused (409) if not open."""
        session = self.collection.find(call.account.name, call.params["id"])
        if session.status != "open":
            raise Refused(409, f"the session is {session.status}; only an open one is cancelled")
        self.end(session, "cancelled")
        return session.view()

    def end(self, session: Session, status: str) -> None:
        """Set the status, whatever it was, and emit `gate_session.{status}`."""
        session.become(status, self.world.now)
        self.world.emit_session(session, f"gate_session.{status}")

    def expire_by_itself(self, session_id: str) -> None:
        """Expire the session if it is open and overdue; do nothing if it is forgotten."""
        session = self.collection.records.get(session_id)
        if session is not None:
            self.expire(session)

    def expire(self, session: Session) -> None:
        """End the session as expired, with its event, if it is open and overdue; else nothing."""
        if session.status == "open" and self.world.now >= session.expires_at:
            self.end(session, "expired")

    def by_secret(self, client_secret: str) -> Session | None:
        """Return the session of a client secret, of any account; None where there is none."""
        id = client_secret.removeprefix("gsec_").rpartition("_")[0]
        session = self.collection.records.get(id)
        return session if session and session.client_secret == client_secret else None


def _verified(call: Call) -> bool:
    """Return True if the body has a `kyc_package`; Refused (400) if the account may not send one."""
    if "kyc_package" not in call.fields:
        return False
    if "kyc" not in call.account.entitlements:
        raise Refused(400, "kyc_package: not enabled for this account")
    return True


def _checked_fields(fields: dict[str, Any], mode: str) -> dict[str, Any]:
    """Return the fields of a session to make; Refused (400) for a wrong currency, amount or URL.

    By the rules that the contract states in words only.
    """
    currency = fields["currency"]
    if not _CURRENCY.fullmatch(currency):
        raise Refused(400, "currency: three letters of ISO 4217")
    if "cancel_url" in fields:
        _url("cancel_url", fields["cancel_url"], mode)
    return {
        **{name: fields[name] for name in _AS_SENT if name in fields},
        "amount": positive("amount", fields["amount"]),
        "currency": currency.upper(),
        "return_url": _url("return_url", fields["return_url"], mode),
        "metadata": fields.get("metadata", {}),
    }


def positive(name: str, value: str) -> str:
    """Return the decimal string above zero, as it was written; Refused (400) for any other."""
    if len(value) > LONGEST_AMOUNT or not _DECIMAL.fullmatch(value) or not Decimal(value):
        raise Refused(400, f"{name}: a decimal string above zero")
    return value


def _url(name: str, value: str, mode: str) -> str:
    """Return an https URL, in test mode also http on loopback; Refused (400) for any other."""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    loopback = mode == "test" and host in _LOOPBACK
    if not host or not (parts.scheme == "https" or (loopback and parts.scheme == "http")):
        raise Refused(400, f"{name}: an https URL (in test, http on loopback as well)")
    return value
