"""Draws tables: columns are left out where a terminal is narrow, and an id or an amount is never cut."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

WIDTH: Final = 80
#: A column of prose narrower than this is hard to read: then each row becomes a block of lines.
LEAST_PROSE: Final = 20
INDENT: Final = "  "
#: Colour → its ANSI code; the sixteen that every terminal has in its own palette.
_CODES: Final[Mapping[str, str]] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}
#: Status of any record → its colour. One that is not here, such as a new one, has none.
STATUS_COLOURS: Final[Mapping[str, str]] = {
    "open": "cyan",
    "pending": "cyan",
    "processing": "cyan",
    "in_flight": "cyan",
    "completed": "green",
    "succeeded": "green",
    "cancelled": "dim",
    "expired": "dim",
    "failed": "red",
    "dead_lettered": "red",
    "refunded": "yellow",
}


@attrs.frozen
class Table:
    """Rows of text under their columns.

    numbers: Columns whose cells stand to the right.
    prose: Columns whose cells may be broken into lines, between words.
    expendable: Columns that are left out where the width is small, the first one first.
    coloured: Column whose cells take a colour from *colours*, by their text; None: the first.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    prose: tuple[str, ...] = ()
    expendable: tuple[str, ...] = ()
    colours: Mapping[str, str] = attrs.field(factory=dict)
    coloured: str | None = None

    def without(self, heads: Sequence[str]) -> Table:
        """Return a copy of the table without these columns."""
        kept = [place for place, head in enumerate(self.columns) if head not in heads]
        return attrs.evolve(
            self,
            columns=tuple(self.columns[place] for place in kept),
            rows=tuple(tuple(row[place] for place in kept) for row in self.rows),
            coloured=self.coloured or self.columns[0],
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the width of each column with its longest cell, in cells of a terminal."""
        return tuple(max(map(cells, each)) for each in zip(self.columns, *self.rows, strict=True))


def say(text: str) -> None:
    """Print the text to stderr: words for a person; data goes to stdout."""
    print(text, file=sys.stderr, flush=True)


def show(table: Table) -> None:
    """Print a table to stdout; on stderr the columns left out, as a terminal is narrow; a pipe gets all."""
    width = terminal_width()
    fitting, left_out = fit(table, width)
    print("\n".join(drawn(fitting, width, coloured=has_colour())))
    if left_out:
        say(f"{INDENT}(not shown at {width} columns: {', '.join(left_out)})")


def terminal_width() -> int | None:
    """Return the columns of the terminal that stdout is; None where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def has_colour() -> bool:
    """Return True where stdout is a terminal with colours, not turned off by NO_COLOR or TERM."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return sys.stdout.isatty() and not plain


def wrapped(text: str, indent: str = INDENT) -> str:
    """Return a paragraph in lines that fit; a word longer than a line stays whole."""
    width = min(terminal_width() or WIDTH, 100)
    return "\n".join(_lines(text, max(width - len(indent), LEAST_PROSE), indent))


def fit(table: Table, width: int | None) -> tuple[Table, list[str]]:
    """Return the table without expendable columns, till it fits or none is left; and the heads left out."""
    left_out: list[str] = []
    waiting = [head for head in table.expendable if head in table.columns]
    while width is not None and waiting and _least(table) > width:
        left_out.append(waiting.pop(0))
        table = table.without(left_out[-1:])
    return table, left_out


def drawn(table: Table, width: int | None, *, coloured: bool = False) -> Iterator[str]:
    """Yield the lines of a table; one too wide even so becomes a block of lines for each row."""
    if width is not None and _least(table) > width:
        yield from _blocks(table, width, coloured)
        return
    widths = _fitted(table, width)
    rule = tuple("─" * one for one in widths)
    for place, row in enumerate((table.columns, rule, *table.rows)):
        yield from _row(table, row, widths, coloured=coloured and place > 1)


def cells(text: str) -> int:
    """Return the terminal cells that a text takes: 2 for a wide character, 0 for a mark."""
    if text.isascii():
        return len(text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(c) in "WF" for c in text)


def _least(table: Table) -> int:
    """Return the width below which something would be cut."""
    least = [
        min(one, LEAST_PROSE) if head in table.prose else one
        for head, one in zip(table.columns, table.widths, strict=True)
    ]
    return len(INDENT) * len(least) + sum(least)


def _fitted(table: Table, width: int | None) -> tuple[int, ...]:
    """Return the columns' widths; prose shares what the others leave."""
    widths = list(table.widths)
    prose = [place for place, head in enumerate(table.columns) if head in table.prose]
    if width is None or not prose:
        return tuple(widths)
    room = width - len(INDENT) * len(widths) - sum(widths) + sum(widths[one] for one in prose)
    for left, place in enumerate(sorted(prose, key=widths.__getitem__)):
        widths[place] = min(widths[place], max(room // (len(prose) - left), LEAST_PROSE))
        room -= widths[place]
    return tuple(widths)


def _row(
    table: Table, row: tuple[str, ...], widths: tuple[int, ...], *, coloured: bool
) -> Iterator[str]:
    """Yield the lines of one row, its prose broken to the widths."""
    broken = [
        _lines(cell, width) if head in table.prose else [cell]
        for head, cell, width in zip(table.columns, row, widths, strict=True)
    ]
    for number in range(max(map(len, broken))):
        line = ""
        for head, parts, width in zip(table.columns, broken, widths, strict=True):
            part = parts[number] if number < len(parts) else ""
            blank = " " * (width - cells(part))
            part = _painted(table, head, part) if coloured else part
            line += INDENT + (blank + part if head in table.numbers else part + blank)
        yield line.rstrip()


def _blocks(table: Table, room: int, coloured: bool) -> Iterator[str]:
    """Yield each row as lines of head and cell, only prose wrapped; an empty line in between."""
    width = max(map(cells, table.columns))
    left = max(room - width - 2 * len(INDENT), LEAST_PROSE)
    for place, row in enumerate(table.rows):
        if place:
            yield ""
        for head, cell in zip(table.columns, row, strict=True):
            shown = _painted(table, head, cell) if coloured else cell
            first, *rest = _lines(shown, left) if head in table.prose else [shown]
            yield f"{INDENT}{head:<{width}}{INDENT}{first}".rstrip()
            for line in rest:
                yield f"{INDENT}{'':<{width}}{INDENT}{line}"


def _painted(table: Table, head: str, text: str) -> str:
    """Return the text in its colour's codes; as it is in a column that has no colours."""
    code = _CODES.get(table.colours.get(text.strip(), ""))
    if code is None or head != (table.coloured or table.columns[0]):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def _lines(text: str, width: int, indent: str = "") -> list[str]:
    """Return the text in lines of that width, indented; the indent alone for an empty text."""
    lines = textwrap.wrap(
        text,
        width + len(indent),
        initial_indent=indent,
        subsequent_indent=indent,
        # An address or an id that was broken in two cannot be copied.
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [indent]
