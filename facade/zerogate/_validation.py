"""Refuses wrong keys, hosts, ids and settings before anything is sent. Pure; never shows a key."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ._literals import ModeName
from ._transport.hosts import is_loopback
from .errors import GateUsageError

#: The documented hosts, by the mode of their keys.
HOSTS: Final[Mapping[str, str]] = {
    "live": "gate-api.0bit.app",
    "test": "gate-api-sandbox.0bit.app",
}
_KEY: Final = re.compile(r"(sk|pk)_(test|live)_([A-Za-z0-9_.-]{1,240})", re.ASCII)
_ID: Final = re.compile(r"(?!\.+\Z)[^/\\?#%]{1,255}")
_PATH: Final = re.compile(r"(?:/(?!\.+(?:/|\Z))[A-Za-z0-9_.~-]+)*", re.ASCII)
_ADDRESS: Final = re.compile("[!-~]{1,2048}")
_NAMESPACE: Final = re.compile("[!-~]{0,64}")
_WORD: Final = re.compile(r"[^\W_]+")
_FILLER: Final = frozenset(
    {"your", "my", "the", "api", "key", "secret", "here", "example", "placeholder"}
    | {"changeme", "change", "replace", "me", "todo"}
)


def fits(pattern: re.Pattern[str], value: object) -> bool:
    """Return True if *value* is text that the pattern matches from end to end."""
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_placeholder(text: str) -> bool:
    """Return True if *text* is a placeholder: `xxxx…`, `your_key_here`, `<secret>`, `...`."""
    said = text.lower()
    return _FILLER.issuperset(_WORD.findall(said)) or (len(said) > 2 and not said.strip(said[0]))


def checked_secret_key(key: str) -> str:
    """Return the key as plain str; GateUsageError unless sk_test_… or sk_live_…, as it stands."""
    return _checked_key("secret", "sk", key)


def checked_publishable_key(key: str) -> str:
    """Return the key as plain str; GateUsageError unless pk_test_… or pk_live_…, as it stands."""
    return _checked_key("publishable", "pk", key)


def _checked_key(kind: str, prefix: str, key: object) -> str:
    """Return the key; GateUsageError, not showing it, unless it has this prefix and a mode."""
    wanted = f"the {kind} key ({prefix}_test_… or {prefix}_live_…)"
    if not isinstance(key, str | None):
        raise GateUsageError(f"{wanted} must be text, not {type(key).__name__}: give its plain str")
    if key is None or not key.strip():
        raise GateUsageError(f"{wanted} is missing or empty: pass it, or set it in the environment")
    if key != key.strip():
        raise GateUsageError(
            f"{wanted} has white space around it: strip the newline where it is read"
        )
    found = _KEY.fullmatch(key)
    if found and found[1] != prefix:
        raise GateUsageError(
            f"a {found[1]}_ key was given where {wanted} belongs: secret keys stay on the server, "
            "publishable keys only start the embed"
        )
    if not found or is_placeholder(found[3]):
        raise GateUsageError(f"that is not {wanted}: copy the real one from your Gate account")
    return str.__str__(key)


def mode_of(key: str) -> ModeName:
    """Return the mode of a checked key, by its prefix."""
    return "live" if key[3:8] == "live_" else "test"


def base_url_for(mode: str) -> str:
    """Return Gate's documented address for keys of this mode."""
    return f"https://{HOSTS[mode]}/v1"


def checked_base_url(
    base_url: str | None, mode: str, allow_host: str | None = None
) -> tuple[str, str]:
    """Return origin and path; GateUsageError for an address that must not get a key of this mode.

    base_url: None is the documented address of the mode.
    allow_host: The one other host that is meant to receive the key.
    """
    if base_url is None:
        base_url = base_url_for(mode)
    if not isinstance(allow_host, str | None):
        raise GateUsageError(f"allow_host is one host's name, not {type(allow_host).__name__}")
    parts = _split("base_url", base_url)
    host, port = parts.hostname or "", parts.port
    allowed = allow_host is not None and host == allow_host.lower()
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        _check_plain(parts.scheme, host, mode, allowed)
    if not (host in HOSTS.values() or is_loopback(host) or allowed):
        raise GateUsageError(
            f"{host} is not a documented host of Gate and would be given the key: "
            f"if that is meant, say allow_host={host!r}"
        )
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path):
        raise GateUsageError(f"base_url has a path that cannot be right: {parts.path[:80]!r}")
    _check_mode(host, mode, allowed)
    if host in HOSTS.values() and not allowed and (port not in (None, 443) or path != "/v1"):
        raise GateUsageError(f"Gate's address on {host} is https://{host}/v1, not {base_url!r}")
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, default) else ""), path


def _check_plain(scheme: str, host: str, mode: str, allowed: bool) -> None:
    """Raise GateUsageError unless it is http, to an allowed host that is none of Gate's, and not live.

    So one container may call another.
    """
    if scheme != "http" or mode == "live" or host in HOSTS.values():
        raise GateUsageError(
            f"base_url must be https, only loopback may be http, not {scheme}://{host}"
        )
    if not allowed:
        raise GateUsageError(
            "base_url must be https, only loopback may be http; with a test key also a host of yours "
            f"that you name, allow_host={host!r}"
        )


def _check_mode(host: str, mode: str, allowed: bool) -> None:
    """Raise GateUsageError where a key of this mode must not be given to this host."""
    if mode == "live" and (host == HOSTS["test"] or is_loopback(host)):
        raise GateUsageError(f"a live key must not be given to {host}: use a test key there")
    if mode == "test" and host == HOSTS["live"] and not allowed:
        raise GateUsageError(
            f"a test key on the live host: use {base_url_for('test')}, or allow_host={host!r} if "
            "your account has its test mode there"
        )


def _split(name: str, url: str) -> SplitResult:
    """Return an absolute URL's parts; GateUsageError if not absolute, with a user, or base_url's query."""
    if not fits(_ADDRESS, url):
        raise GateUsageError(
            f"{name} must be an address such as 'https://partner.example/done', "
            f"not {_shown_url(name, url)}"
        )
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0 and "\\" not in url
    except ValueError:
        parts, sound = urlsplit(""), False
    # Of a URL with userinfo nothing is shown: what stands before the @ may be a password.
    if not sound or "@" in parts.netloc:
        raise GateUsageError(
            f"{name} must be scheme://host/path, without user or password, not {_shown_url(name, url)}: "
            "begin it with https:// (on loopback also http://)"
        )
    if name == "base_url" and ("?" in url or "#" in url):
        raise GateUsageError(f"{name} must not have a query or fragment")
    return parts


def kind_of(value: object) -> str:
    """Return the name of a value's type; `None` for None."""
    return "None" if value is None else type(value).__name__


def _shown_url(name: str, url: object) -> str:
    """Return an address for messages: base_url without its query; of others, maybe personal, the scheme."""
    if not isinstance(url, str):
        return kind_of(url)
    if "@" in url:
        return "one with user or password"
    if name == "base_url":
        return ascii(url.partition("?")[0])[:80]
    scheme = re.match(r"[a-z]{1,16}(?=:)", url)
    return f"{scheme[0]}:…" if scheme else "a relative one"


def checked_return_url(url: str, mode: str, name: str = "return_url") -> str:
    """Return the URL; GateUsageError unless https, or, in test mode, http on loopback."""
    parts = _split(name, url)
    local = mode == "test" and parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not local:
        raise GateUsageError(
            f"{name} must be https (http only on loopback, in test mode), not "
            f"{parts.scheme}://…: write it with https://"
        )
    return str.__str__(url)


def checked_id(id: str, name: str = "id") -> str:
    """Return the id; GateUsageError unless 1 to 255 printable characters that are safe in a path.

    It is percent-encoded there.
    """
    if not isinstance(id, str) or not id:
        given = "an empty text" if id == "" else kind_of(id)
        raise GateUsageError(
            f"{name} must be an id as Gate sent it, not {given}: take it from the object's .{name}"
        )
    if not fits(_ID, id) or not id.isprintable() or id != id.strip():
        raise GateUsageError(
            f"{name} must be 1 to 255 printable characters without / \\ ? # %, without blanks around "
            f"them and not dots alone, not {str(id)[:40]!a}"
        )
    return str.__str__(id)


def _shown(number: object) -> str:
    """Return a value for messages where a number belongs, text in quotes; 40 characters at most."""
    return (repr(number) if isinstance(number, str | bytes) else str(number))[:40]


def checked_timeout(seconds: float | None) -> float | None:
    """Return the seconds, None for None; GateUsageError unless 0.05 to 600."""
    return None if seconds is None else checked_seconds(seconds)


def checked_seconds(seconds: float) -> float:
    """Return the seconds as float; GateUsageError unless 0.05 to 600: no call is without an end."""
    if type(seconds) not in (int, float) or not 0.05 <= seconds <= 600:
        raise GateUsageError(
            f"timeout must be 0.05 to 600 seconds, not {_shown(seconds)}: one number for the whole "
            "call, attempts and waits included"
        )
    return float(seconds)


def checked_within(seconds: float) -> float:
    """Return the seconds as float; GateUsageError unless 0 to 86,400."""
    if isinstance(seconds, bool) or not (
        isinstance(seconds, int | float) and 0 <= seconds <= 86_400
    ):
        raise GateUsageError(
            f"within must be 0 to 86400 seconds, not {_shown(seconds)}: write a number, 300 for five "
            "minutes"
        )
    return float(seconds)


def checked_limit(limit: int, most: int) -> int:
    """Return the rows of a page; GateUsageError unless a whole number, 1 to *most*."""
    return _checked_count("limit", limit, 1, most)


def checked_skip(skip: int) -> int:
    """Return the rows to leave out, newest first; GateUsageError unless a whole number from 0."""
    return _checked_count("skip", skip, 0, 2**31 - 1)


def _checked_count(name: str, count: object, least: int, most: int) -> int:
    """Return the count; GateUsageError unless it is a whole number within these bounds."""
    if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= most:
        raise GateUsageError(
            f"{name} must be {least} to {most}, not {_shown(count)}: it is of one page, and a list "
            "goes on by itself"
        )
    return count


def checked_choice(name: str, value: str, choices: Collection[str]) -> str:
    """Return the value as plain text; GateUsageError unless it is one of the choices."""
    if not (isinstance(value, str) and str.__str__(value) in choices):
        near = get_close_matches(str(value).replace("-", "_").lower(), choices, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise GateUsageError(
            f"{name} must be {' or '.join(sorted(choices))}, not {str(value)[:40]!r}{meant}"
        )
    return str.__str__(value)


def checked_country(code: str) -> str:
    """Return the two-letter code in capitals; GateUsageError for anything but two letters."""
    if not (isinstance(code, str) and re.fullmatch("[A-Za-z]{2}", code)):
        raise GateUsageError(f"a country is two letters, such as 'DE', not {str(code)[:40]!r}")
    return code.upper()


def checked_namespace(namespace: str) -> str:
    """Return the namespace; GateUsageError unless 0 to 64 printable ASCII characters, no spaces."""
    if not fits(_NAMESPACE, namespace):
        raise GateUsageError("namespace must be at most 64 printable ASCII characters, no spaces")
    return str.__str__(namespace)


def checked_account(label: str | None) -> str | None:
    """Return the label; GateUsageError unless it is text or None."""
    if label is not None and not isinstance(label, str):
        raise GateUsageError(f"account is a label of your own, text, not {type(label).__name__}")
    return label


def checked_read_only(read_only: bool) -> bool:
    """Return *read_only*; GateUsageError unless True or False: 'false' would count as True."""
    if not isinstance(read_only, bool):
        raise GateUsageError(f"read_only is True or False, not {type(read_only).__name__}")
    return read_only


class Somewhere(enum.Enum):
    """The choice to name no country, on purpose."""

    BY_CALLER_IP = "BY_CALLER_IP"


#: Let Gate answer for the address the request comes from: from a server, the data centre's.
BY_CALLER_IP: Final = Somewhere.BY_CALLER_IP


def named_country(country: str | Somewhere) -> str | None:
    """Return the code in capitals; None for BY_CALLER_IP. GateUsageError for anything else."""
    return None if isinstance(country, Somewhere) else checked_country(country)


def checked_origin(origin: str) -> str:
    """Return a page's origin; GateUsageError unless scheme://host[:port] and no more."""
    parts = _split("origin", origin)
    if parts.scheme not in ("https", "http") or parts.path or "?" in origin or "#" in origin:
        raise GateUsageError(
            f"origin must be scheme://host[:port] and nothing more, not {origin[:80]!r}"
        )
    return str.__str__(origin)


def checked_new_order(new_order: bool, attempt: int) -> bool:
    """Return *new_order*; GateUsageError unless True or False, or if True for an attempt after the first."""
    if not isinstance(new_order, bool):
        raise GateUsageError(f"new_order= is True or False, not {str(new_order)[:80]!r}")
    if new_order and attempt != 1:
        raise GateUsageError(
            "an order that is new has no attempt before: new_order=True, attempt=1"
        )
    return new_order
