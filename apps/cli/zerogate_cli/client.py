"""Client of the environment for commands that ask Gate, and records as a table or as JSON."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from zerogate_cli.parsers import Parser
from zerogate_cli.progress import counted
from zerogate_cli.tables import STATUS_COLOURS, Table, say, show

if TYPE_CHECKING:
    from zerogate import Gate

#: Never shown, whoever asks.
SECRETS: Final = frozenset({"client_secret", "embed_token"})


@attrs.frozen
class Columns:
    """Columns that a list shows of its rows.

    what: What the rows are, in the plural.
    fields: Heading → field; a dot leads to one within, and two fields with a blank between them
        (an amount and its currency) share one cell.
    expendable, prose: Headings, as of a `Table`.
    """

    what: str
    fields: Mapping[str, str]
    expendable: tuple[str, ...] = ()
    prose: tuple[str, ...] = ()


def common(*, hosts: bool = True) -> Parser:
    """Return a parser with the options of every action. hosts: Those of Gate's address as well."""
    options = Parser(add_help=False)
    options.add_argument("--json", action="store_true", help="print JSON instead of a table")
    if hosts:
        options.add_argument(
            "--base-url",
            metavar="URL",
            help="default: ZEROGATE_BASE_URL, or the host of the key's mode",
        )
        options.add_argument("--allow-host", metavar="HOST", help="a host that is not documented")
    return options


def add_walk(parser: argparse.ArgumentParser) -> None:
    """Add the option `--limit` to the parser of a list."""
    parser.add_argument(
        "--limit", metavar="ROWS", type=_row_limit, default=20, help="rows at most (default 20)"
    )


def _row_limit(text: str) -> int:
    """Return the number of rows, from 1 to 100,000; argparse's error for anything else."""
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows from 1 to 100000")
    return int(text)


def client(options: argparse.Namespace, *, writes: bool = False, **more: Any) -> Gate:
    """Return a client by environment and options, read-only unless *writes*; GateUsageError if wrong."""
    from zerogate import Gate

    told = {"base_url": options.base_url} if options.base_url else {}
    return Gate.from_env(allow_host=options.allow_host, read_only=not writes, **told, **more)


def page_size(options: argparse.Namespace) -> int:
    """Return the rows to ask for at a time: `--limit`, at most 100."""
    return min(int(options.limit), 100)


def show_rows(rows: Iterable[Any], columns: Columns, options: argparse.Namespace) -> None:
    """Print a list's first rows, `--limit` at most, as a table or JSON; tell if there are none."""
    first = itertools.islice(rows, options.limit)
    found = [plain(row) for row in counted(first, columns.what)]
    if options.json:
        print_json(found)
        return
    if not found:
        say(f"no {columns.what}")
        return
    show(table_of(found, columns))


def table_of(rows: Iterable[Mapping[str, Any]], columns: Columns) -> Table:
    """Return the table of these rows, their statuses coloured."""
    fields = columns.fields
    return Table(
        tuple(fields),
        tuple(tuple(_cell(row, path) for path in fields.values()) for row in rows),
        numbers=tuple(head for head in fields if "amount" in head),
        prose=columns.prose,
        expendable=columns.expendable,
        colours=STATUS_COLOURS,
        coloured="status",
    )


def show_record(record: Any, options: argparse.Namespace) -> None:
    """Print one record, a field a line, or as JSON; secrets are left out."""
    told = plain(record)
    if options.json:
        print_json(told)
        return
    rows = tuple((name, one_line(value)) for name, value in told.items())
    show(Table(("field", "value"), rows, prose=("value",)))


def print_json(value: Any) -> None:
    """Print the data to stdout as indented JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def plain(record: Any) -> dict[str, Any]:
    """Return a record as JSON data, without client secret and embed token."""
    told: dict[str, Any] = record.to_dict()
    return {name: value for name, value in told.items() if name not in SECRETS}


def short_time(text: str) -> str:
    """Return an ISO time to the minute, in UTC; what has none, or no zone, stays as it is."""
    try:
        at = datetime.fromisoformat(text)
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z" if at.tzinfo else text
    except (ValueError, OverflowError):
        # The second at either end of the calendar: no UTC is left of it.
        return text


def one_line(value: Any) -> str:
    """Return a value as printable text on one line, other data as JSON; "" for None."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else "�" for c in text)


def _cell(row: Mapping[str, Any], paths: str) -> str:
    """Return the values at these paths, separated by a blank; empty ones are left out."""
    return " ".join(filter(None, (_field(row, path) for path in paths.split())))


def _field(row: Mapping[str, Any], path: str) -> str:
    """Return the value at a dotted path on one line, "" for none; `_at` as a short time."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    text = one_line(value)
    return short_time(text) if path.endswith("_at") else text
