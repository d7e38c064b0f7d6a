"""Knows the callers: API keys, the accounts behind them, and what each account may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

import attrs

from zerogate_sandbox.responses import Refused
from zerogate_sandbox.routes import Operation

Mode = Literal["test", "live"]

#: Where events go that a function takes, and no socket.
PARTNER_URL = "https://partner.example/webhooks"
FEATURES = frozenset({"rails", "customers", "kyc"})
_KEY = re.compile(r"(sk|pk)_(test|live)_([A-Za-z0-9_.-]{1,200})", re.ASCII)
_HOSTS: dict[str, Mode] = {
    "gate-api.0bit.app": "live",
    "gate-api-sandbox.0bit.app": "test",
}


@attrs.define
class Account:
    """A partner in one mode.

    suffix: What its API keys end in.
    webhook_secrets: The first one signs; with two `v1` in a header, the second one as well.
    origins: Origins that may bootstrap the widget; None allows any.
    entitlements: Features this account has.
    region: The country capabilities answer for when a request names none (the caller's IP).
    compliance: `clear`; `limited` (nothing is paid out); `blocked` (nothing at all).
    kyc: Whether users have to be verified before they pay.
    volume_cap: What one user may move by rails before being blocked; None is no cap.
    balance: What can be paid out by rails; None is without end.
    rail_outcome: What becomes of rails by themselves; None leaves them where they are.
    """

    partner_id: str
    mode: Mode
    suffix: str = attrs.field(repr=False)
    webhook_url: str | None = None
    webhook_secrets: list[str] = attrs.field(factory=list, repr=False)
    origins: list[str] | None = None
    entitlements: set[str] = attrs.field(factory=lambda: set(FEATURES))
    region: str = "DE"
    compliance: str = "clear"
    kyc: bool = False
    volume_cap: str | None = None
    balance: str | None = None
    rail_outcome: str | None = "settled"

    @property
    def name(self) -> str:
        """Return what an account is kept under: its partner's id and the mode."""
        return f"{self.partner_id}:{self.mode}"


def partner_id(suffix: str) -> str:
    """Return the partner's id for keys that end so, in either mode: 24 hexadecimal digits."""
    return sha256(f"partner/{suffix}".encode()).hexdigest()[:24]


@attrs.define
class Partners:
    """The accounts of a world, by API key; one is made when its key is first seen.

    aliases: API key → the suffix of the partner it belongs to, for keys that were rotated.
    webhook_url, webhook_secret: What a new account starts with.
    mode: The mode this sandbox is in when the host does not say.
    """

    mode: Mode = "test"
    webhook_url: str | None = None
    webhook_secret: str | None = attrs.field(default=None, repr=False)
    accounts: dict[str, Account] = attrs.field(factory=dict)
    aliases: dict[str, str] = attrs.field(factory=dict, repr=False)
    revoked: set[str] = attrs.field(factory=set, repr=False)

    def account(self, key: str) -> Account:
        """Return an API key's account (that of its partner and mode), made if new; ValueError if no key."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise ValueError("not an API key: sk_test_… and pk_test_… (or live) are")
        suffix = self.aliases.get(key, match[3])
        return self._account(suffix, "live" if match[2] == "live" else "test")

    def _account(self, suffix: str, mode: Mode) -> Account:
        """Return the account of suffix and mode, made with the default settings if new."""
        partner = partner_id(suffix)
        account = self.accounts.get(f"{partner}:{mode}")
        if account is None:
            secret = self.webhook_secret or f"whsec_{mode}_{suffix}"
            account = Account(partner, mode, suffix, self.webhook_url, [secret])
            self.accounts[account.name] = account
        return account

    def rotate(self, old: str, new: str) -> None:
        """Make `new` a key of `old`'s partner as well; ValueError where `old` or `new` is no usable key."""
        match = _KEY.fullmatch(old)
        if match is None or _KEY.fullmatch(new) is None:
            raise ValueError("rotating takes two API keys, sk_test_… or sk_live_…")
        self.account(old)
        self.aliases[new] = self.aliases.get(old, match[3])

    def authenticate(
        self, operation: Operation, origin: str, headers: dict[str, str]
    ) -> tuple[Account, str]:
        """Return the caller's account, made if new, and a digest of its key; Refused (401 or 403)."""
        key = _presented(operation, headers)
        match = _KEY.fullmatch(key or "")
        wanted = "sk" if operation.credential == "secret" else "pk"
        if key is None or match is None or match[1] != wanted:
            raise Refused(401, f"{operation.name} takes a key that begins with {wanted}_")
        refusal = 403 if operation.strict_credentials else 401
        if key in self.revoked:
            raise Refused(refusal, "this key was revoked")
        if match[2] != _HOSTS.get(urlsplit(origin).hostname or "", self.mode):
            raise Refused(refusal, f"a {match[2]} key does not belong to this host")
        return self.account(key), sha256(key.encode()).hexdigest()[:16]

    def configure(self, key: str, settings: dict[str, Any]) -> Account:
        """Set a key's account's settings and return it, made if new; ValueError for a wrong one sets none."""
        account = self.account(key)
        changes = {}
        for name, value in settings.items():
            if name not in _SETTINGS:
                raise ValueError(f"no setting {name!r}; there are {', '.join(_SETTINGS)}")
            changes[name] = _SETTINGS[name](name, value)
        for name, value in changes.items():
            setattr(account, name, value)
        return account


def _presented(operation: Operation, headers: dict[str, str]) -> str | None:
    """Return the bearer key, or, if the operation is publishable, its own header's; None without either."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return key.strip()
    if operation.credential == "publishable":
        return headers.get("x-publishable-key")
    return None


def _strings(name: str, value: Any) -> list[str]:
    """Return a copy of a list of strings; ValueError for anything else."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name} takes a list of strings")
    return list(value)


def _optional(name: str, value: Any) -> str | None:
    """Return the string, or None; ValueError for anything else."""
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} takes a string or null")
    return value


def _url(name: str, value: Any) -> str | None:
    """Return the http or https URL, or None; ValueError for anything else."""
    text = _optional(name, value)
    if text is not None and not re.match(r"https?://[^/]", text):
        raise ValueError(f"{name} takes a URL that begins with https:// or http://")
    return text


def _secrets(name: str, value: Any) -> list[str]:
    """Return a copy of a list of secrets; ValueError where it, or one of them, is empty."""
    secrets = _strings(name, value)
    if not secrets or not all(secrets):
        raise ValueError(f"{name} takes at least one secret")
    return secrets


def _country(name: str, value: Any) -> str:
    """Return two letters in capitals; ValueError for anything else."""
    if not isinstance(value, str) or not re.fullmatch("[A-Za-z]{2}", value):
        raise ValueError(f"{name} takes a country's two letters")
    return value.upper()


def _features(name: str, value: Any) -> set[str]:
    """Return the features as a set; ValueError for an unknown one."""
    features = set(_strings(name, list(value) if isinstance(value, set) else value))
    if features - FEATURES:
        raise ValueError(f"{name} are among {', '.join(sorted(FEATURES))}")
    return features


def _truth(name: str, value: Any) -> bool:
    """Return the value if it is a bool, else raise ValueError with *name* in it."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} takes true or false")
    return value


def _decimal(name: str, value: Any) -> str | None:
    """Return a decimal string without a sign, or None; ValueError for anything else."""
    text = _optional(name, value)
    if text is not None and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text, re.ASCII):
        raise ValueError(f'{name} takes a decimal string like "100.00", or null')
    return text


def _one_of(*allowed: str | None) -> Callable[[str, Any], Any]:
    """Return a check that returns one of these values, and raises ValueError for others."""

    def check(name: str, value: Any) -> Any:
        """Return the value; ValueError unless it is one of those allowed."""
        if value not in allowed:
            raise ValueError(f"{name} is one of {', '.join(map(str, allowed))}")
        return value

    return check


_SETTINGS: dict[str, Callable[[str, Any], Any]] = {
    "webhook_url": _url,
    "webhook_secrets": _secrets,
    "origins": lambda name, value: None if value is None else _strings(name, value),
    "entitlements": _features,
    "region": _country,
    "compliance": _one_of("clear", "limited", "blocked"),
    "kyc": _truth,
    "volume_cap": _decimal,
    "balance": _decimal,
    "rail_outcome": _one_of("settled", "failed", "cancelled", None),
}
