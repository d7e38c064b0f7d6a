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
    """Add the options `--store`, `--account` and `--namespace` to a parser."""
    parser.add_argument("--store", metavar="URL", help=f"the service's store (default: {VARIABLE})")
    parser.add_argument("--account", default="", metavar="LABEL", help="as Gate(account=…) has it")
    parser.add_argument("--namespace", default="", help="as Gate(namespace=…) has it")


@contextmanager
def opened_store(options: argparse.Namespace) -> Iterator[Store]:
    """Yield the store of --store or the environment, unmigrated; CommandFailed without a URL."""
    from zerogate_store import Store

    url = options.store or os.environ.get(VARIABLE)
    if not url:
        raise CommandFailed(f"which store? give --store URL, or set {VARIABLE}", Exit.USAGE)
    keys = [key for key in os.environ.get(KEYS, "").split(",") if key]
    store = Store(url, encryption_key=keys or None, migrate=False)
    try:
        if (missing := missing_file(store)) is not None:
            raise CommandFailed(missing, Exit.USAGE)
        yield store
    finally:
        store.close()


def missing_file(store: Store) -> str | None:
    """Return a sentence where a SQLite store's file is not there; None for any other store."""
    url = store.engine.url
    path = os.path.abspath(str(url.database))
    if url.get_backend_name() != "sqlite" or "file:" in path or os.path.exists(path):
        return None
    # SQLite would make it, and an empty store has nothing that could be told of.
    return f"there is no file {path}: check the URL of the store (sqlite:///gate.db is relative)"


def whose(options: argparse.Namespace) -> dict[str, Any]:
    """Return account and namespace of the options, as a client and an inbox take them."""
    return {"account": options.account, "namespace": options.namespace}


def mode_of_key() -> ModeName:
    """Return the mode of the API key in the environment; CommandFailed if no usable key is set."""
    key = os.environ.get("ZEROGATE_SECRET_KEY") or os.environ.get("OBIT_SECRET_KEY") or ""
    modes: tuple[ModeName, ...] = ("test", "live")
    for mode in modes:
        if key.startswith(f"sk_{mode}_"):
            return mode
    raise CommandFailed(
        "which mode? give --mode test or --mode live, or set ZEROGATE_SECRET_KEY, whose mode counts",
        Exit.USAGE,
    )
