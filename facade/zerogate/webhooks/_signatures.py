"""Verifies that Gate signed a webhook with our secret. Pure but for a default clock."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, NoReturn, overload

import attrs

from .._frames import discreet
from .._literals import ModeName
from .._validation import is_placeholder
from ..errors import GateUsageError, SignatureRejected, quietly
from ._events import Event, UnknownEvent, read_event

_HEADER: Final = "gate-signature"
#: Where headers stand in an ASGI scope and in a Lambda event.
_HOLDERS: Final = ("headers", "multiValueHeaders")
_LENGTHS: Final = (len(_HEADER), len("http-" + _HEADER))
#: As Gate writes it; the scheme allows for more.
_USUAL: Final = re.compile(rb"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
_SECONDS: Final = re.compile(rb"[0-9]{1,12}")
_PRINTABLE: Final = re.compile(r"(?!['\"])(?!.*,whsec_)[!-~]{8,512}")
_CREDENTIAL: Final = re.compile(r"(?:sk|pk)_(?:test|live)_|gsec_")
_LONGEST_HEADER: Final = 4096
#: The one clock here, where none is given.
_clock: Final[Callable[[], float]] = time.time


def _secret(value: object) -> bytes:
    """Return a webhook secret's bytes for HMAC; GateUsageError, not showing it, if wrong."""
    if not isinstance(value, str) or not _PRINTABLE.fullmatch(value):
        raise GateUsageError(
            "a webhook secret is text of at least 8 printable characters (whsec_…): pass it as it "
            "stands in your Gate account, stripped, unquoted, alone"
        )
    if _CREDENTIAL.match(value) or is_placeholder(value.removeprefix("whsec_")):
        raise GateUsageError(
            "that is an API key or a placeholder, not the webhook secret (whsec_…) of this endpoint"
        )
    return value.encode("ascii")


@attrs.frozen(init=False, repr=False)
class WebhookSecret:
    """A secret that signs webhooks, and the mode whose events it signs.

    mode: Say it wherever live and test meet: an event has the mode of the secret that matched it.
    """

    value: bytes
    mode: ModeName | None = None

    @discreet
    def __init__(self, value: str, mode: ModeName | None = None) -> None:
        checked = quietly(_secret, value)
        if mode not in (None, "test", "live"):
            checked = GateUsageError("a webhook secret is of mode 'test' or 'live'")
        del value
        if isinstance(checked, GateUsageError):
            raise checked
        object.__setattr__(self, "value", checked)
        object.__setattr__(self, "mode", mode)

    def __repr__(self) -> str:
        return f"WebhookSecret(mode={getattr(self, 'mode', None)!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a webhook secret is not pickled or copied: read it where it is needed")


Secrets = str | WebhookSecret | Iterable[str | WebhookSecret]


@overload
def verify(
    body: bytes,
    headers: Any,
    secrets: Secrets,
    *,
    now: float | None = None,
    tolerance: float = 300,
    max_bytes: int = 262_144,
    typed: Literal[False],
) -> UnknownEvent: ...
@overload
def verify(
    body: bytes,
    headers: Any,
    secrets: Secrets,
    *,
    now: float | None = None,
    tolerance: float = 300,
    max_bytes: int = 262_144,
    typed: bool = True,
) -> Event: ...
@discreet
def verify(
    body: bytes,
    headers: Any,
    secrets: Secrets,
    *,
    now: float | None = None,
    tolerance: float = 300,
    max_bytes: int = 262_144,
    typed: bool = True,
) -> Event:
    """Return the event that Gate signed; SignatureRejected for anything else, GateUsageError: misuse.

    body: The request body as received; parsing it first changes the bytes.
    headers: As your framework has them: a mapping, pairs, or names and values in turn.
    secrets: One or several (while one is being rotated); a plain text is one secret.
    now: Unix seconds; left out, this machine's clock.
    tolerance: Seconds that the signature's time may differ from now, either way. 0 is zero seconds.
    max_bytes: A longer body is refused; set your server's own limit as well.
    typed: False leaves the event's data as the mapping that was signed, for who only keeps it.

    Raises:
        SignatureRejected: answer 400. Its reason is missing, malformed, mismatch, stale,
            stale_but_genuine (signed by Gate, but late or replayed: look at your clock and queue),
            too_large, or unreadable (signed by Gate, and not an event).
        GateUsageError: an argument that cannot be right, such as a body that is not bytes.
    """
    if not isinstance(body, _RAW):
        raise GateUsageError(_RAW_BODY.format(type(body).__name__))
    known = quietly(_secret_list, secrets)
    del secrets
    if isinstance(known, GateUsageError):
        raise known
    now = _clock() if now is None else now
    _check(now=now, tolerance=tolerance, max_bytes=max_bytes, typed=typed)
    if memoryview(body).nbytes > max_bytes:
        raise _rejected("too_large", f"a body of more than {max_bytes} bytes")
    body = bytes(body)
    seconds, signatures = _signature(headers)
    signed = seconds + b"." + body
    # Every pair is compared, so that the time taken says nothing about which of them matched.
    matched = [secret for secret in known if _signs(secret, signed, signatures)]
    age = now - int(seconds)
    if abs(age) > tolerance:
        what = f"signed {age:.0f} seconds before now"
        raise (
            _rejected("stale_but_genuine", what, matched[0])
            if matched
            else _rejected("stale", what)
        )
    if not matched:
        packed = body.startswith(_GZIP)
        what = "the body is gzip, and what was signed is not" if packed else _NOBODYS
        raise _rejected("mismatch", what)
    try:
        return read_event(body, matched[0].mode, typed)
    except ValueError as problem:
        raise _rejected("unreadable", f"a signed body with {problem}", matched[0]) from None


@discreet
def sign(body: bytes, secret: str | WebhookSecret, *, now: float | None = None) -> dict[str, str]:
    """Return headers with which Gate would send this body, for tests; GateUsageError if misused.

    body: The bytes that the receiver will get.
    secret: That of the receiver. now: Unix seconds; left out, this machine's clock.

    >>> headers = sign(b"{}", "whsec_test_0123456789", now=1_779_796_800)
    >>> headers["Gate-Signature"][:13]
    't=1779796800,'
    """
    if not isinstance(body, _RAW):
        raise GateUsageError(
            f"sign() takes the body as bytes, not {type(body).__name__}: sign what is sent, body.encode()"
        )
    known = quietly(_secret_list, secret if isinstance(secret, str | WebhookSecret) else [secret])
    del secret
    if isinstance(known, GateUsageError):
        raise known
    now = _clock() if now is None else now
    _check(now=now)
    seconds = str(int(now))
    signature = _signature_of(known[0], seconds.encode("ascii") + b"." + bytes(body))
    return {
        "Content-Type": "application/json",
        "Gate-Signature": f"t={seconds},v1={signature}",
        "X-0bit-Timestamp": seconds,
    }


_RAW: Final = (bytes, bytearray, memoryview)
_GZIP: Final = b"\x1f\x8b"
_NOBODYS: Final = "no secret of ours gives this signature"
_RAW_BODY: Final = (
    "the body must be the raw bytes of the request, not {}: await request.body() in FastAPI and "
    "Starlette, request.body in Django, request.get_data() in Flask, in Lambda event['body'] "
    "encoded (or base64-decoded where isBase64Encoded)"
)
_HEADERS: Final = (
    "the headers must be those of the request, not {}: request.headers in FastAPI, Django and Flask, "
    "in Lambda the event"
)
_SECONDS_WANTED: Final = (
    (int, float),
    "a number of seconds, a finite one",
    "leave it out, or write 300 (now=time.time())",
)
_WANTED: Final[Mapping[str, tuple[tuple[type, ...], str, str]]] = {
    "now": _SECONDS_WANTED,
    "tolerance": _SECONDS_WANTED,
    "max_bytes": ((int,), "a whole number of bytes", "leave it out, or write 262_144"),
    "typed": ((bool,), "True or False", "leave it out, or write typed=False"),
}
_NONE: Final = _HEADERS.format("None")
_REMEDY: Final = {
    "missing": "the request is not from Gate, or a proxy drops the header",
    "malformed": "the request is not from Gate, or a proxy rewrites its headers",
    "mismatch": "check the secret, its mode, and that the body is the raw bytes",
    "stale": "a replay, or a clock that is wrong",
    "stale_but_genuine": "a replay, a slow queue in front, or this machine's clock",
    "too_large": "the request is not from Gate, or raise max_bytes=",
    "unreadable": "keep the delivery's id and ask support",
}


def _rejected(reason: str, what: str, signed_by: WebhookSecret | None = None) -> SignatureRejected:
    """Return (not raise) the SignatureRejected of this reason, with what to do about it."""
    mode = None if signed_by is None else signed_by.mode
    return SignatureRejected(f"{what}: {_REMEDY[reason]}", reason=reason, mode=mode)


def _secret_list(secrets: Secrets) -> list[WebhookSecret]:
    """Return the secrets as a list; GateUsageError for none, a wrong one, or one for two modes."""
    if isinstance(secrets, WebhookSecret):
        return [secrets]
    several: object = [secrets] if isinstance(secrets, str) else secrets
    given = list(several) if isinstance(several, Iterable) else []
    known = [s if isinstance(s, WebhookSecret) else WebhookSecret(s) for s in given]
    if not known:
        raise GateUsageError(
            "no webhook secret was given: pass the endpoint's whsec_… from your Gate account; "
            "without it no webhook can be verified"
        )
    if len(known) > 1 and len({secret.value for secret in known}) < len(set(known)):
        raise GateUsageError("one webhook secret is given for two modes: each has its own")
    return known


def _check(**given: Any) -> None:
    """Raise GateUsageError for an option that is of another type, negative or not finite."""
    for name, value in given.items():
        kinds, wanted, remedy = _WANTED[name]
        if type(value) not in kinds or not 0 <= value < 1e15:
            # Python writes no integer of very many digits.
            plain = isinstance(value, str | float | None) or (type(value) is int and value < 1e40)
            found = repr(value)[:40] if plain else type(value).__name__
            raise GateUsageError(f"{name} must be {wanted}, not {found}: {remedy}")


def _signature(headers: Any) -> tuple[bytes, list[bytes]]:
    """Return the signed time and every v1; SignatureRejected if bad, GateUsageError for a wrong type."""
    found = list(dict.fromkeys(_ascii(value) for value in _values(headers)))
    if not found:
        if isinstance(headers, (str, *_RAW)) or not (
            headers is None or hasattr(headers, "keys") or isinstance(headers, Iterable)
        ):
            raise GateUsageError(_HEADERS.format(type(headers).__name__))
        # A gateway has None for none.
        raise _rejected("missing", "no Gate-Signature header" if headers is not None else _NONE)
    if len(found) > 1:
        # Equal ones are one that a proxy doubled.
        raise _rejected("malformed", "several Gate-Signature headers that differ")
    if usual := _USUAL.fullmatch(found[0]):
        return usual[1], [usual[2]]
    parts = [part.strip(b" \t").partition(b"=") for part in found[0].split(b",")]
    times = {given for name, _, given in parts if name == b"t"}
    signatures = [_lower(given) for name, _, given in parts if name == b"v1"]
    [time] = times if len(times) == 1 else [b""]
    if not _SECONDS.fullmatch(time) or not signatures:
        raise _rejected("malformed", "Gate-Signature is not t=<seconds>,v1=<hex>")
    return time, signatures


def _lower(signature: bytes) -> bytes:
    """Return an all-capitals signature in lower case; one of both cases, a forgery's, as it is."""
    return signature.lower() if signature == signature.upper() else signature


def _values(headers: Any) -> list[object]:
    """Return all values of our header, in whatever form headers come; [] where there is none.

    Mappings, pairs, names and values in turn (Node's rawHeaders), a list of values under one name (an
    ALB's), WSGI's environ; the whole of an ASGI scope or a Lambda event.
    """
    pairs = list(_pairs(headers))
    ours = [
        value
        for name, value in pairs
        # The length first: every header is asked.
        if isinstance(name, (str, bytes)) and len(name) in _LENGTHS and _is_ours(name)
    ]
    if ours:
        return [o for v in ours for o in (v if isinstance(v, (list, tuple)) else (v,))]
    inner = [value for name, value in pairs if name in _HOLDERS and value is not headers]
    return [value for one in inner for value in _values(one) if not isinstance(one, (str, bytes))]


def _pairs(headers: Any) -> Iterable[tuple[Any, Any]]:
    """Return headers, in whatever form they come, as name and value pairs; others are left out."""
    if hasattr(headers, "items"):
        found: Iterable[tuple[Any, Any]] = headers.items()
        return found
    if hasattr(headers, "keys"):
        return [(name, headers[name]) for name in headers.keys()]  # noqa: SIM118
    given: Iterable[Any] = (
        headers if isinstance(headers, Iterable) and not isinstance(headers, str | bytes) else ()
    )
    given = list(given)
    if all(isinstance(one, str | bytes) for one in given):
        # By place alone: what stands where a value stands is no name, whatever it says.
        return list(zip(given[::2], given[1::2], strict=False))
    return [(one[0], one[1]) for one in given if isinstance(one, tuple | list) and len(one) == 2]


def _is_ours(name: str | bytes) -> bool:
    """Return True for Gate-Signature, however written: also WSGI's HTTP_GATE_SIGNATURE."""
    text = name if isinstance(name, str) else name.decode("latin-1")
    return text.lower().replace("_", "-").removeprefix("http-") == _HEADER


def _ascii(value: object) -> bytes:
    """Return a header's value as bytes, stripped; empty unless ASCII of 4096 bytes at most."""
    if isinstance(value, str) and value.isascii():
        value = value.encode("ascii")
    if isinstance(value, bytes):
        value = value.strip(b" \t\r\n")
    fits = isinstance(value, bytes) and value.isascii() and len(value) <= _LONGEST_HEADER
    return value if fits and isinstance(value, bytes) else b""


def _signs(secret: WebhookSecret, signed: bytes, signatures: list[bytes]) -> bool:
    """Return True if one of the signatures is this secret's; all are compared, in constant time."""
    # Bytes on both sides: compare_digest raises TypeError on text that is not ASCII.
    ours = _signature_of(secret, signed).encode("ascii")
    return True in [hmac.compare_digest(ours, theirs) for theirs in signatures]


def _signature_of(secret: WebhookSecret, signed: bytes) -> str:
    """Return the HMAC-SHA256 of what is signed, in hex."""
    return hmac.new(secret.value, signed, "sha256").hexdigest()
