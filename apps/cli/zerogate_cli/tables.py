"""How a command shows tables: plain text, or rich where it is installed and a person is looking."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec

import attrs

WIDTH = 80


@attrs.frozen
class Table:
    """
    numbers: The columns whose cells stand to the right.
    colours: Of a row's first cell, by its text; only where there is colour.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    colours: tuple[tuple[str, str], ...] = ()


def say(text: str) -> None:
    """Words for whoever is watching; data goes to stdout."""
    print(text, file=sys.stderr)


def show(table: Table) -> None:
    if sys.stdout.isatty() and find_spec("rich") is not None:
        _show_rich(table)
    else:
        print("\n".join(_plain(table)))


def wrapped(text: str, indent: str = "  ") -> str:
    """A paragraph, in lines that fit."""
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _plain(table: Table) -> Iterator[str]:
    rows = [table.columns, *table.rows]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    rule = tuple("─" * width for width in widths)
    for row in (table.columns, rule, *table.rows):
        placed = [
            cell.rjust(width) if head in table.numbers else cell.ljust(width)
            for head, cell, width in zip(table.columns, row, widths, strict=True)
        ]
        yield ("  " + "  ".join(placed)).rstrip()


def _show_rich(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=True)
    for head in table.columns:
        number = head in table.numbers
        drawn.add_column(head, justify="right" if number else "left", no_wrap=number)
    colours = dict(table.colours)
    for row in table.rows:
        cells = [Text(cell) for cell in row]
        cells[0].stylize(colours.get(row[0], ""))
        drawn.add_row(*cells)
    Console().print(drawn)
