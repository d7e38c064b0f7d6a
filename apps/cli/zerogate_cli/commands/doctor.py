"""`zerogate doctor`: whether this machine can talk to Gate: key, host, clock, a read, proxy, versions."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from zerogate_cli.asking import client, common
from zerogate_cli.exits import Exit
from zerogate_cli.screen import Table, show

if TYPE_CHECKING:
    from zerogate import Gate

#: Seconds by which clocks may differ: webhooks further away than 300 are refused.
MOST_SKEW: Final = 60.0
VARIABLES: Final = ("ZEROGATE_SECRET_KEY", "OBIT_SECRET_KEY")


@attrs.frozen
class Check:
    """ending: What it means for the exit code; CLEAN where it is well."""

    name: str
    found: str
    ending: Exit = Exit.CLEAN


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="zerogate doctor",
        description="Look at what a call to Gate needs, and make one read. Shows no key.",
        epilog="exit codes: 0 well; 2 the key or address cannot be right; 3 the clocks differ; "
        "4 the key is refused; 6 no answer",
        parents=[common()],
    )
    options = parser.parse_args(argv)
    checks = list(_looked(options))
    if options.json:
        rows = [{"check": c.name, "found": c.found, "well": not c.ending} for c in checks]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        cells = tuple(("well" if not c.ending else "NOT WELL", c.name, c.found) for c in checks)
        colours = (("well", "green"), ("NOT WELL", "red"))
        show(Table(("", "check", "found"), cells, colours=colours))
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
        yield from _reading(gate, options)


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
    from zerogate_probe.talk import MachineClock, Own, Silence, Talk

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
