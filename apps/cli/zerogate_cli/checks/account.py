"""Checks of the account: a read, the clocks, what its key may do and offer. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from zerogate_cli.checks.check import Check
from zerogate_cli.exit_codes import Exit, ending_of

if TYPE_CHECKING:
    from zerogate import Gate

#: Seconds by which clocks may differ: webhooks further away than 300 are refused.
MOST_SKEW: Final = 60.0
_KEYS: Final = ("ZEROGATE_SECRET_KEY", "OBIT_SECRET_KEY")
#: What the default namespace means, told to whoever may have two services.
DEFAULT_NAMESPACE: Final = (
    "the default: right for one service per account; a second one needs its own"
)


def key(gate: Gate, namespace: str) -> Iterator[Check]:
    """Yield two checks: the key's mode and its variable, and the namespace."""
    source = next((name for name in _KEYS if os.environ.get(name)), "")
    yield Check("key", f"{gate.mode} mode, from {source}")
    yield Check("namespace", namespace or DEFAULT_NAMESPACE)


def reading(gate: Gate, base_url: str | None) -> Iterator[Check]:
    """Yield checks of the host, of one read and, where it succeeded, of the clocks' distance."""
    from zerogate_probe.client import MachineClock, Own, ProbeClient, Silence

    client = ProbeClient(gate, MachineClock(), Own(""))
    host = urlsplit(base_url or os.environ.get("ZEROGATE_BASE_URL") or "").netloc
    yield Check("host", host or "the documented one of the key's mode")
    try:
        heard = client.list("/gate_sessions", limit=1)
    except Silence as silence:
        todo = "check the address, the network, the proxy, and that a sandbox is running"
        yield Check("a read", str(silence), Exit.UNAVAILABLE, todo)
        return
    told = f"{heard} in {heard.ended - heard.began:.2f} s, request {heard.request_id or 'unnamed'}"
    if heard.ok:
        yield Check("a read", told)
    elif heard.status in (401, 403):
        todo = "check that the key is not revoked, is of this host, and that the account is enabled"
        yield Check("a read", told, Exit.CREDENTIALS, todo)
        return
    else:
        todo = "check that base_url ends in /v1; else call again later, and give support the request id"
        yield Check("a read", told, Exit.UNAVAILABLE, todo)
        return
    skew = client.skew
    if skew is None:
        yield Check("clock", "the answer says no time")
    elif abs(skew) <= MOST_SKEW:
        yield Check("clock", f"Gate's is {skew:+.1f} s from this machine's")
    else:
        todo = "set this machine's clock (NTP): webhooks 300 s away are refused"
        told = f"Gate's is {skew:+.1f} s from this machine's"
        yield Check("clock", told, Exit.DIFFERENCES, todo)


def capabilities(gate: Gate) -> Iterator[Check]:
    """Yield checks of what is offered to the account, and what it is enabled for."""
    from zerogate import BY_CALLER_IP

    yield _check_count("countries", lambda: len(list(gate.capabilities.countries())))
    yield _check_count(
        "assets", lambda: len(list(gate.capabilities.assets(country_code=BY_CALLER_IP)))
    )
    yield _check_enabled("customers", lambda: gate.customers.list(limit=1).first())
    yield _check_enabled("webhook log", lambda: gate.deliveries.list(limit=1).first())


def _check_count(name: str, ask: Callable[[], int]) -> Check:
    """Return a check that fails where *ask* counts 0, or raises a GateError."""
    from zerogate import GateError

    try:
        count = ask()
    except GateError as problem:
        return _failed_check(name, problem)
    if count:
        return Check(name, f"{count} are offered to this account")
    todo = "offer nothing in your interface, and ask Gate what your account is enabled for"
    return Check(name, "none is offered to this account", Exit.DIFFERENCES, todo)


def _check_enabled(name: str, ask: Callable[[], object]) -> Check:
    """Return a check: well if *ask* succeeds, or Gate says not enabled; failed for any other GateError."""
    from zerogate import Forbidden, GateError

    try:
        ask()
    except Forbidden:
        return Check(name, "not enabled for this account", todo="use it only once Gate enables it")
    except GateError as problem:
        return _failed_check(name, problem)
    return Check(name, "enabled")


def _failed_check(name: str, problem: Exception) -> Check:
    """Return the check of a call that failed, with the exit code of its error."""
    ending = ending_of(problem)
    return Check(name, str(problem), Exit.FAILED if ending is None else ending[0])
