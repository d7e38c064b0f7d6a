"""How commands ask Gate: the client of the environment, and records as a table or as JSON."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from zerogate_cli.tables import Table, show

if TYPE_CHECKING:
    from zerogate import Gate

#: Never shown, whoever asks.
SECRETS: Final = frozenset({"client_secret", "embed_token"})
KEYS: Final = "The key is ZEROGATE_SECRET_KEY (or OBIT_SECRET_KEY)."


def parser_of(command: str, description: str) -> argparse.ArgumentParser:
    """For a command with actions of its own; give each of them `common`."""
    return argparse.ArgumentParser(prog=f"zerogate {command}", description=description, epilog=KEYS)


def common() -> argparse.ArgumentParser:
    """What every action takes."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--json", action="store_true", help="print the records as they are read")
    options.add_argument("--base-url", metavar="URL", help="default: the host of the key's mode")
    options.add_argument("--allow-host", metavar="HOST", help="a host that is not documented")
    return options


def add_walk(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=_count, default=20, help="rows at most (default 20)")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError("a number of rows, 1 to 100000")
    return int(text)


def client(options: argparse.Namespace, *, writes: bool = False) -> Gate:
    """A client by environment and options; one that only reads refuses every write."""
    from zerogate import Gate

    said = {"base_url": options.base_url} if options.base_url else {}
    return Gate.from_env(allow_host=options.allow_host, read_only=not writes, **said)


def page_size(options: argparse.Namespace) -> int:
    return min(int(options.limit), 100)


def tell_rows(rows: Iterable[Any], columns: Mapping[str, str], options: argparse.Namespace) -> None:
    """The first so many rows. columns: Heading → field, a dot for one within."""
    found = [plain(row) for row in itertools.islice(rows, options.limit)]
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    cells = [tuple(_cell(row, path) for path in columns.values()) for row in found]
    numbers = tuple(head for head in columns if "amount" in head)
    show(Table(tuple(columns), tuple(cells), numbers=numbers))


def tell(record: Any, options: argparse.Namespace) -> None:
    told = plain(record)
    if options.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    rows = tuple((name, _text(value)) for name, value in told.items())
    show(Table(("field", "value"), rows))


def plain(record: Any) -> dict[str, Any]:
    """A record as JSON data, without what nobody should see on a screen."""
    told: dict[str, Any] = record.to_dict()
    return {name: value for name, value in told.items() if name not in SECRETS}


def _cell(row: Mapping[str, Any], path: str) -> str:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return _text(value)


def _text(value: Any) -> str:
    """On one line, and with nothing that a terminal would obey."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else "�" for c in text)
