"""The store of a service, as a command is told of it: whose part of it, and how it is opened."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from zerogate_cli.exit_codes import CommandFailed, Exit

if TYPE_CHECKING:
    from zerogate.types import ModeName
    from zerogate_store import Store

#: Where a service has the URL of its store, and the keys that open what is encrypted in it.
VARIABLE: Final = "ZEROGATE_STORE"
KEYS: Final = "ZEROGATE_ENCRYPTION_KEY"


def add_store(parser: argparse.ArgumentParser) -> None:
    """Give a command the options that name a store, and whose rows of it."""
    parser.add_argument("--store", metavar="URL", help=f"the service's store (default: {VARIABLE})")
    parser.add_argument("--account", default="", metavar="LABEL", help="as Gate(account=…) has it")
    parser.add_argument("--namespace", default="", help="as Gate(namespace=…) has it")


@contextmanager
def opened_store(options: argparse.Namespace) -> Iterator[Store]:
    """The store that the options name; its tables have to be there."""
    from zerogate_store import Store

    url = options.store or os.environ.get(VARIABLE)
    if not url:
        raise CommandFailed(f"which store? give --store URL, or set {VARIABLE}", Exit.USAGE)
    keys = [key for key in os.environ.get(KEYS, "").split(",") if key]
    store = Store(url, encryption_key=keys or None, migrate=False)
    try:
        yield store
    finally:
        store.close()


def whose(options: argparse.Namespace) -> dict[str, Any]:
    """Return whose rows are meant, as a client and an inbox take it."""
    return {"account": options.account, "namespace": options.namespace}


def mode_of_key() -> ModeName:
    """Return the mode of the key that is set: by it an account's events are told apart."""
    key = os.environ.get("ZEROGATE_SECRET_KEY") or os.environ.get("OBIT_SECRET_KEY") or ""
    modes: tuple[ModeName, ...] = ("test", "live")
    for mode in modes:
        if key.startswith(f"sk_{mode}_"):
            return mode
    raise CommandFailed(
        "which mode? give --mode test or --mode live, or set ZEROGATE_SECRET_KEY, whose mode counts",
        Exit.USAGE,
    )
