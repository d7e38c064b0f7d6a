"""`zerogate doctor`: checks all that a payment needs on this machine, and says what to do."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator

from zerogate_cli.checks import account, machine, receiver
from zerogate_cli.checks.check import Check
from zerogate_cli.client import client, common, print_json
from zerogate_cli.exit_codes import CommandFailed, Exit
from zerogate_cli.extras import missing
from zerogate_cli.parsers import parser_of
from zerogate_cli.progress import Tell, progress
from zerogate_cli.tables import Table, show


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate doctor`: host, store and webhook receiver to look at."""
    made = parser_of(
        "doctor",
        "Check what a payment needs: key, host, clock, proxy and certificates, what the account may do, "
        "and where named the store, its inbox and your webhook receiver. Makes reads only, but for "
        "--test-webhook. Shows no key.",
        "Ends with 0 where all is well, else with the code of the first thing that is not: 2 the key, "
        "an address or the store cannot be right; 3 something does not agree, such as the clocks; "
        "4 the key is refused; 6 no answer.",
        common(),
    )
    made.add_argument(
        "--store", metavar="URL", help="look at this store too (default: $ZEROGATE_STORE)"
    )
    made.add_argument("--account", default="", metavar="LABEL", help="as Gate(account=…) has it")
    made.add_argument("--namespace", default="", help="as Gate(namespace=…) has it")
    made.add_argument(
        "--webhook-url",
        metavar="URL",
        help="send your receiver an event without a signature, and one that is signed with "
        f"${receiver.SECRET}",
    )
    made.add_argument(
        "--test-webhook",
        action="store_true",
        help="have Gate send a webhook.test to the account's URL, and wait for how it is answered",
    )
    return made


def main(argv: list[str]) -> int:
    """Run and print all checks; return the first bad one's code, else 0. CommandFailed: no store extra."""
    options = parser().parse_args(argv)
    options.store = options.store or os.environ.get("ZEROGATE_STORE") or None
    if options.store and (install := missing(("store",))) is not None:
        raise CommandFailed(install)
    with progress() as tell:
        checks = list(_with_progress(_checks(options), tell))
    if options.json:
        print_json(
            [{"check": c.name, "found": c.found, "well": c.well, "todo": c.todo} for c in checks]
        )
    else:
        cells = tuple(
            ("well" if c.well else "NOT WELL", c.name, f"{c.found}{c.todo and f' → {c.todo}'}")
            for c in checks
        )
        colours = {"well": "green", "NOT WELL": "red"}
        show(Table(("", "check", "found"), cells, colours=colours, prose=("found",)))
    return next((one.ending for one in checks if not one.well), Exit.CLEAN)


def _with_progress(checks: Iterable[Check], tell: Tell) -> Iterator[Check]:
    """Yield the checks, showing after each which was looked at."""
    for check in checks:
        tell(f"{check.name}: looked at …")
        yield check


def _checks(options: argparse.Namespace) -> Iterator[Check]:
    """Yield the checks of machine and account; posts to the receiver only if its URL is given."""
    yield machine.versions()
    yield machine.environment()
    yield machine.proxy()
    yield from machine.certificates()
    yield from _of_the_account(options)
    if options.webhook_url:
        yield from receiver.receiver(options.webhook_url)


def _of_the_account(options: argparse.Namespace) -> Iterator[Check]:
    """Yield checks of key, account and store, one without a client; --test-webhook has an event sent."""
    from zerogate import GateUsageError

    try:
        gate = client(options, writes=options.test_webhook)
    except GateUsageError as problem:
        todo = "take the key as it stands in your Gate account, and see `zerogate doctor --help`"
        yield Check("key and host", str(problem), Exit.USAGE, todo)
        return
    with gate:
        yield from account.key(gate, options.namespace)
        read = list(account.reading(gate, options.base_url))
        yield from read
        if all(one.well or one.name == "clock" for one in read):
            yield from account.capabilities(gate)
            if options.test_webhook:
                yield receiver.through_gate(gate)
        mode = gate.mode
    if options.store:
        from zerogate_cli.checks.remembered import remembered

        scope = {"account": options.account, "mode": mode, "namespace": options.namespace}
        yield from remembered(options.store, **scope)
