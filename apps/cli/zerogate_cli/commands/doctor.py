"""`zerogate doctor`: whether this machine can talk to Gate: key, host, clock, a read, proxy, store."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from zerogate_cli.client import client, common
from zerogate_cli.exit_codes import CommandFailed, Exit
from zerogate_cli.extras import missing
from zerogate_cli.parsers import parser_of
from zerogate_cli.tables import Table, show

if TYPE_CHECKING:
    from zerogate import Gate

#: Seconds by which clocks may differ: webhooks further away than 300 are refused.
MOST_SKEW: Final = 60.0
VARIABLES: Final = ("ZEROGATE_SECRET_KEY", "OBIT_SECRET_KEY")


#: What the default namespace means, told to whoever may have two services.
DEFAULT: Final = "the default: right for one service per account; a second one needs its own"


@attrs.frozen
class Check:
    """ending: What it means for the exit code; CLEAN where it is well."""

    name: str
    found: str
    ending: Exit = Exit.CLEAN


def parser() -> argparse.ArgumentParser:
    """Return the command's parser."""
    made = parser_of(
        "doctor",
        "Look at what a call to Gate needs, and make one read. Shows no key.",
        "exit codes: 0 well; 2 the key, address or store cannot be right; 3 the clocks differ, "
        "or the store has forgotten; 4 the key is refused; 6 no answer",
        common(),
    )
    made.add_argument("--store", metavar="URL", help="look whether this store has forgotten")
    made.add_argument("--account", default="", metavar="LABEL", help="as Gate(account=…) has it")
    made.add_argument("--namespace", default="", help="as Gate(namespace=…) has it")
    return made


def main(argv: list[str]) -> int:
    """Look at everything, and show it."""
    options = parser().parse_args(argv)
    if options.store and (install := missing(("store",))) is not None:
        raise CommandFailed(install)
    checks = list(_looked(options))
    if options.json:
        rows = [{"check": c.name, "found": c.found, "well": not c.ending} for c in checks]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        cells = tuple(("well" if not c.ending else "NOT WELL", c.name, c.found) for c in checks)
        colours = {"well": "green", "NOT WELL": "red"}
        show(Table(("", "check", "found"), cells, colours=colours, prose=("found",)))
    return next((one.ending for one in checks if one.ending), Exit.CLEAN)


def _looked(options: argparse.Namespace) -> Iterator[Check]:
    from zerogate import GateUsageError, __version__

    yield Check("versions", f"zerogate {__version__}, Python {platform.python_version()}")
    yield Check("proxy", _proxies() or "none")
    try:
        gate = client(options)
    except GateUsageError as problem:
        yield Check("key and host", str(problem), Exit.USAGE)
        return
    with gate:
        source = next((name for name in VARIABLES if os.environ.get(name)), "")
        yield Check("key", f"{gate.mode} mode, from {source}")
        yield Check("namespace", options.namespace or DEFAULT)
        yield from _reading(gate, options)
        if options.store:
            yield _remembering(gate.mode, options)


def _proxies() -> str:
    """By scheme, without who may use them."""
    from urllib.request import getproxies

    found = []
    for scheme, url in sorted(getproxies().items()):
        parts = urlsplit(url)
        host = parts.hostname or "…"
        found.append(f"{scheme}: {host}{f':{parts.port}' if parts.port else ''}")
    return ", ".join(found)


def _reading(gate: Gate, options: argparse.Namespace) -> Iterator[Check]:
    from zerogate_probe.client import MachineClock, Own, Silence, Talk

    talk = Talk(gate, MachineClock(), Own(""))
    host = urlsplit(options.base_url or os.environ.get("ZEROGATE_BASE_URL") or "").netloc
    yield Check("host", host or "the documented one of the key's mode")
    try:
        heard = talk.list("/gate_sessions", limit=1)
    except Silence as silence:
        yield Check("a read", str(silence), Exit.UNAVAILABLE)
        return
    told = f"{heard} in {heard.ended - heard.began:.2f} s, request {heard.request_id or 'unnamed'}"
    denied = heard.status in (401, 403)
    failing = Exit.CREDENTIALS if denied else Exit.UNAVAILABLE
    yield Check("a read", told, Exit.CLEAN if heard.ok else failing)
    skew = talk.skew
    if skew is None:
        yield Check("clock", "the answer says no time")
    else:
        ending = Exit.CLEAN if abs(skew) <= MOST_SKEW else Exit.DIFFERENCES
        yield Check("clock", f"Gate's is {skew:+.1f} s from this machine's", ending)


def _remembering(mode: str, options: argparse.Namespace) -> Check:
    """Whether the store knows all that its service made, by what its workers have noticed."""
    from zerogate import GateError
    from zerogate.journal import Scope
    from zerogate.store_loss import read_loss
    from zerogate.stores import Store

    scope = Scope(options.account, mode, options.namespace)
    try:
        store = Store(options.store, migrate=False)
        try:
            loss = store.transact(lambda: read_loss(scope))
        finally:
            store.close()
    except GateError as problem:
        return Check("store", str(problem), Exit.USAGE)
    if loss is None:
        return Check("store", "nobody has noticed that it has forgotten anything")
    well = loss.over and not loss.another_writes
    return Check("store", str(loss), Exit.CLEAN if well else Exit.DIFFERENCES)
