"""Checks what a client is given to work with; refuses the wrong kind, with what to write. Pure."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn

import attrs

from .._clocks import Clock
from .._httpx.names import HTTPX
from .._idempotency.retries import RetryPolicy
from .._observers import Observer
from ..errors import GateUsageError

_TRANSPORT: Final = "transport= takes an object with send(request, until)"
_SSL: Final = "ssl_context= takes an ssl.SSLContext"
_STORE: Final = "store= takes a zerogate_store.Store"
_INBOX: Final = "inbox= takes an Inbox of zerogate_store"
_OBSERVER: Final = "observer= takes a plain function of one record"
_CLOCK: Final = "clock= takes an object with now() and monotonic(), both of seconds"
_PROXY: Final = "proxy= takes a URL"
_RETRIES: Final = "retries= takes a RetryPolicy"


@attrs.frozen
class Half:
    """One of the two halves: `Gate`, or `AsyncGate` with the prefix of its names, which may await."""

    prefix: str

    @property
    def awaits(self) -> bool:
        """Return True for the async half."""
        return bool(self.prefix)

    @property
    def client(self) -> str:
        """Return the name of the half's client: `Gate` or `AsyncGate`."""
        return f"{self.prefix}Gate"


@attrs.frozen(kw_only=True, repr=False)
class Given:
    """The objects one client was given, each of the right kind, or None where it was left out.

    Its repr shows nothing: a URL may hold a password.

    mode: Of the key: a live one is given to nobody who has not shown who he is.

    Raises:
        GateUsageError: one is of another kind, of the other half, or two exclude each other.
    """

    half: Half
    mode: str
    store: Any
    observer: Observer | None
    clock: Clock | None
    retries: RetryPolicy | None
    transport: Any
    http_client: Any
    proxy: str | None
    ssl_context: Any

    def __attrs_post_init__(self) -> None:
        for name, check in _CHECKS.items():
            value = getattr(self, name)
            if value is not None:
                check(value, self.half)
        _check_alone(self)
        if self.mode == "live" and self.doubt is not None:
            raise GateUsageError(f"{self.doubt}, and it is a live one")

    @property
    def doubt(self) -> str | None:
        """Return why the TLS context could let others read the key; None where it is sound or not given."""
        if self.ssl_context is None:
            return None
        if not self.ssl_context.verify_mode:
            return "ssl_context= verifies no certificate: whoever answers is given the key"
        if not self.ssl_context.check_hostname:
            return "ssl_context= checks no host name: any other site's certificate gets the key"
        return None


def checked_transport(transport: Any, half: Half) -> Any:
    """Return the transport; GateUsageError unless its send(request, until) is of this half."""
    send = getattr(transport, "send", None)
    sound = callable(send) and _is_instance(transport) and _takes(send, "request", "until")
    if not sound or is_http_client(transport):
        _refuse(_TRANSPORT, transport, _transport_instead(transport, half))
    if half.awaits:
        return transport
    only_awaited = hasattr(transport, "aclose") and not hasattr(transport, "close")
    if only_awaited or _is_awaited(send):
        _refuse(_TRANSPORT, transport, "its send is awaited: give it to AsyncGate")
    return transport


def _transport_instead(transport: Any, half: Half) -> str:
    """Return what to write instead of a wrong `transport=`, for the message."""
    if is_http_client(transport):
        return "write http_client= for it"
    for method, prefix in (("handle_async_request", "Async"), ("handle_request", "")):
        if hasattr(transport, method):
            wrapped = f"{prefix}HttpxAdapter(…)"
            if prefix == half.prefix:
                return f"wrap it, transport=zerogate.transports.{wrapped}"
            return f"that is one for {prefix}Gate(transport=zerogate.transports.{wrapped})"
    if isinstance(transport, type):
        return _MADE
    return f"leave it out, or write http_client=httpx.{half.prefix}Client(…)"


def checked_http_client(client: Any, half: Half) -> Any:
    """Return the client; GateUsageError unless it is an open one of httpx's, of this half."""
    wanted = f"http_client= takes an httpx.{half.prefix}Client"
    if not _is_from(client, HTTPX, f"{half.prefix}Client"):
        _refuse(wanted, client, _http_client_instead(client, half))
    if client.is_closed:
        _refuse(wanted, client, "it is closed: make another, and close it after this client")
    return client


def _http_client_instead(client: Any, half: Half) -> str:
    """Return what to write instead of a wrong `http_client=`, for the message."""
    if is_http_client(client):
        other = "Gate" if half.awaits else "AsyncGate"
        return f"that one is for {other}"
    if hasattr(client, "handle_request") or hasattr(client, "handle_async_request"):
        return f"write http_client=httpx.{half.prefix}Client(transport=…)"
    if isinstance(client, type):
        return _MADE
    return f"write http_client=httpx.{half.prefix}Client(…)"


def is_http_client(value: object) -> bool:
    """Return True for a client of httpx or httpx2, of either half."""
    return _is_from(value, HTTPX, "Client") or _is_from(value, HTTPX, "AsyncClient")


def checked_store(store: Any, half: Half) -> Any:
    """Return the store; GateUsageError unless this half can bind it."""
    bind = getattr(store, "bind_async" if half.awaits else "bind", None)
    if not _is_instance(store) or not callable(bind):
        _refuse(_STORE, store, _store_instead(store))
    return store


def _store_instead(store: object) -> str:
    """Return what to write instead of a wrong `store=`, without showing it."""
    # A database's URL may hold a password.
    if isinstance(store, type):
        return "make one, Store('sqlite:///gate.db')"
    if isinstance(store, str) or _is_from(store, {"sqlalchemy"}, "Engine", "AsyncEngine"):
        return "write store=Store(…) around it"
    return "write store=Store('sqlite:///gate.db')"


def checked_inbox(inbox: Any, half: Half) -> Any:
    """Return the inbox, None for None; GateUsageError unless this half can ask it."""
    if inbox is None:
        return None
    about = getattr(inbox, "about", None)
    if not _is_instance(inbox) or not callable(about):
        _refuse(_INBOX, inbox, "write inbox=Inbox(store, …)")
    if not half.awaits and _is_awaited(about):
        _refuse(_INBOX, inbox, "an AsyncInbox is for AsyncGate: write inbox=Inbox(store, …)")
    return inbox


def checked_observer(observer: Any, _half: Half) -> Any:
    """Return the observer; GateUsageError unless it is a plain function of one record."""
    if not callable(observer) or isinstance(observer, type):
        _refuse(_OBSERVER, observer, "write observer=records.append, or a function of your own")
    if _is_awaited(observer) or inspect.isgeneratorfunction(observer):
        _refuse(_OBSERVER, observer, "nobody would await it: make it a plain one that hands over")
    if not _takes(observer, "record"):
        _refuse(
            _OBSERVER,
            observer,
            "it is called with an AttemptRecord or a CallRecord, and nothing else",
        )
    return observer


def checked_clock(clock: Any, _half: Half) -> Clock:
    """Return the clock, read once; GateUsageError unless both readings are numbers of seconds."""
    if not _is_instance(clock) or not all(
        callable(read) and not _is_awaited(read) for read in _readings(clock)
    ):
        _refuse(_CLOCK, clock, "leave it out, or give zerogate_sandbox's sandbox.clock")
    # A bool is a number to Python.
    if not all(
        type(value := read()) in (int, float) and math.isfinite(value) for read in _readings(clock)
    ):
        _refuse(
            _CLOCK, clock, "its readings are no numbers: Unix seconds, and seconds that only grow"
        )
    made: Clock = clock
    return made


def _readings(clock: Any) -> Iterable[Any]:
    """Return the clock's two methods, None in place of one that it lacks."""
    return (getattr(clock, name, None) for name in ("now", "monotonic"))


def checked_retries(retries: Any, _half: Half) -> RetryPolicy:
    """Return the policy; GateUsageError for anything but a RetryPolicy."""
    if not isinstance(retries, RetryPolicy):
        _refuse(_RETRIES, retries, "write retries=RetryPolicy(attempts=4), the first send included")
    return retries


def checked_ssl_context(context: Any, _half: Half) -> Any:
    """Return the context; GateUsageError unless it is a client's ssl.SSLContext."""
    if not _is_instance(context) or not _is_from(context, {"ssl"}, "SSLContext"):
        file = "cafile=…" if not isinstance(context, bool | type) else ""
        _refuse(_SSL, context, f"write ssl_context=ssl.create_default_context({file})")
    if context.protocol.name == "PROTOCOL_TLS_SERVER":
        _refuse(_SSL, context, "that one is a server's: write ssl.create_default_context()")
    return context


def checked_proxy(proxy: Any, _half: Half) -> str:
    """Return the URL as it is, unread; GateUsageError for what is no text."""
    if not isinstance(proxy, str):
        _refuse(_PROXY, proxy, "write proxy='http://proxy.example:3128', or proxy='' for none")
    return str.__str__(proxy)


#: The check of each one.
_CHECKS: Final[Mapping[str, Callable[[Any, Half], Any]]] = {
    "store": checked_store,
    "observer": checked_observer,
    "clock": checked_clock,
    "retries": checked_retries,
    "transport": checked_transport,
    "http_client": checked_http_client,
    "ssl_context": checked_ssl_context,
    "proxy": checked_proxy,
}
#: They would be passed over in silence beside one of the first.
_OWN_CONNECTIONS: Final = ("proxy", "ssl_context")


def _check_alone(given: Given) -> None:
    """Raise GateUsageError where `transport=` or `http_client=` meets another way to connect."""
    ways = [name for name in ("http_client", "transport") if getattr(given, name) is not None]
    ways += [name for name in _OWN_CONNECTIONS if getattr(given, name) is not None]
    if len(ways) > 1 and ways[0] not in _OWN_CONNECTIONS:
        first, *rest = (f"{way}=" for way in ways)
        raise GateUsageError(
            f"{first} and {', '.join(rest)} cannot both say how to connect: give {first} alone, and "
            "say the rest where that is made"
        )


_MADE: Final = "make one of it"


def _refuse(wanted: str, given: object, instead: str) -> NoReturn:
    """Raise the GateUsageError that says what is wanted, which type was given, what to write."""
    raise GateUsageError(f"{wanted}, not {_kind(given)}: {instead}")


def _kind(value: object) -> str:
    """Return the type of *value* for a message, never its content."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    kind = type(value)
    home = kind.__module__.partition(".")[0]
    return kind.__name__ if home == "builtins" else f"{home}.{kind.__name__}"


def _is_instance(value: object) -> bool:
    """Return True for an object that is neither None nor a class."""
    return value is not None and not isinstance(value, type)


def _is_from(value: object, packages: Iterable[str], *names: str) -> bool:
    """Return True if a base of its class has one of these names, in one of these packages."""
    # By name, so that nothing is imported.
    return any(
        base.__name__ in names and base.__module__.partition(".")[0] in packages
        for base in type(value).__mro__
    )


def _is_awaited(call: Any) -> bool:
    """Return True if the call is a coroutine function or an async generator's."""
    calls = (call, getattr(call, "__call__", None))  # noqa: B004 - its code, not whether it has one
    return any(inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in calls)


def _takes(call: Callable[..., Any], *given: str) -> bool:
    """Return True if *call* takes these arguments by place, or if its signature cannot be read."""
    try:
        signature = inspect.signature(call)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*given)
    except TypeError:
        return False
    return True
