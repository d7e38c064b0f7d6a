"""The breaks on the page, one story per payment: what it is, both sides, what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..breaks import AGES, CLASSES
from ..findings import Findings
from .choices import SORTING, ages, choice, classes, codes, currencies
from .markup import breakable, grouped, text
from .payments import Payment, Side, payments
from .severity import LEVEL
from .story import GATE_FIELDS, LEDGER_FIELDS, Story

_BY_CODE: Final = {row.code: row for row in CLASSES}
#: Fields in their order, each once, whichever side has it.
_FIELDS: Final = tuple(dict.fromkeys(name for name, _ in (*LEDGER_FIELDS, *GATE_FIELDS)))
#: What every story shows of both sides; the rest is folded away where it makes no difference.
_ALWAYS: Final = ("amount", "currency", "status")
#: More records stand under each other, so that none becomes too narrow to read.
_MOST_BESIDE: Final = 4
_NONE: Final = {"Ledger": "no row", "Gate": "no record"}
_ALONE: Final = {"Ledger": "not at Gate", "Gate": "not in the ledger"}


def breaks(found: Findings, stories: Sequence[Story]) -> str:
    """Return the section of breaks as HTML. stories: Those that are shown, worst first."""
    if not stories:
        return (
            "<section class=card id=breaks><h2>Breaks</h2><p>None. Every row of the ledger has its "
            "record at Gate, and both say the same.</p></section>\n"
        )
    left = found.breaks - len(stories)
    more = (
        f'<p class="soft small">The worst {len(stories):,} of {found.breaks:,}; breaks.csv and '
        "breaks.jsonl beside this page have them all.</p>"
        if left
        else ""
    )
    told = payments(stories)
    drawn = "\n".join(map(story_of, told))
    return (
        '<section class="card breaks-card" id=breaks><h2>Payments with breaks, worst first '
        f"<small>{len(told):,}</small></h2>{more}"
        f"{_tools(found, stories)}<ol class=stories>\n{drawn}\n</ol>"
        "<p class=none hidden>Nothing fits this search.</p></section>\n"
    )


def _tools(found: Findings, stories: Sequence[Story]) -> str:
    """Return the search, filters and buttons above the breaks as HTML; a script shows them."""
    return (
        '<div class=tools hidden><input type=search id=search placeholder="Order, id, amount, status…" '
        'aria-label="Search breaks" title="Press / to search" autocomplete=off>'
        f"{classes(found.classes)}"
        f"{choice('currency', 'Currency', 'All currencies', currencies(stories))}"
        f"{choice('age', 'Age', 'Any age', [age for age in AGES if age in ages(stories)])}"
        f"{SORTING}<button type=button id=save>Save these as CSV</button>"
        '<span id=count class="soft small" role=status></span></div>'
    )


def story_of(told: Payment) -> str:
    """Return one payment with its breaks as HTML."""
    kind, level = _BY_CODE[told.worst], LEVEL[told.worst]
    sides = told.sides()
    cases = "".join(_case(one, sides) for one in told.stories)
    also = ", ".join(_in_sentence(_BY_CODE[code].title) for code in told.also)
    also = f"<p class=also>also: {also}</p>" if also else ""
    shown, folded = _fields(sides)
    rest = ""
    if folded:
        rest = f"<details><summary>All fields of both sides</summary>{_tables(sides, folded)}</details>"
    return (
        f'<li class="story {level.code}" {_sort_data(told)}><article><header><div><h3>'
        f"<span class=level>{level.title}</span> {text(kind.title)}</h3>"
        f"<p class=where><span class=id>{text(told.order)}</span> "
        f"<span class=soft>{text(told.age)}</span></p>"
        f"</div><div class=sum>{_money(told)}</div></header>"
        f"{also}<ul class=cases>{cases}</ul>{_tables(sides, shown)}"
        f"<p class=next>{text(kind.next_step)}</p>{rest}</article></li>"
    )


def _sort_data(told: Payment) -> str:
    """Return the data attributes by which the page's script sorts payments."""
    amounts = [amount for amount, _ in told.money]
    said = {
        "order": told.order,
        "age": told.age,
        "amount": amounts[0] if amounts else "",
        "difference": told.difference or "",
    }
    return _attributes(said)


def _case(told: Story, sides: Sequence[Side]) -> str:
    """Return one break as HTML, with the data by which the script filters and saves it."""
    data = {
        "classes": " ".join(told.classes),
        "levels": " ".join(dict.fromkeys(LEVEL[code].code for code in told.classes)),
        "currency": "|".join(codes(told)),
        "age": told.age,
        "difference": told.difference or "",
        "note": told.note or "",
        "ledger": _place(sides, "Ledger", told.ledger),
        "gate": _place(sides, "Gate", told.gate),
    }
    said = "".join(f"<p>{text(line)}</p>" for line in _remarks(told))
    return f"<li {_attributes(data)}>{said}</li>"


def _attributes(said: Mapping[str, str]) -> str:
    """Return data attributes as HTML, their values escaped."""
    return " ".join(f'data-{name}="{text(value)}"' for name, value in said.items())


def _place(sides: Sequence[Side], name: str, fields: Mapping[str, str]) -> str:
    """Return the place of a record among the sides, as text; "" where the break has none."""
    found = (at for at, side in enumerate(sides) if (side.name, side.fields) == (name, fields))
    return str(next(found, "")) if fields else ""


def _remarks(told: Story) -> Iterator[str]:
    """Yield what is said of a break besides its sides: note, new, known by whom; not escaped."""
    if told.note:
        yield told.note
    if told.change == "new":
        yield "new since the last report"
    if (known := told.known) is not None:
        held = "was known" if told.expired else "known"
        yield f"{held} until {known.until}, {known.owner}: {known.reason}"


def _in_sentence(title: str) -> str:
    """Return a title as part of a sentence: its first letter small, unless it begins with Gate."""
    return title if title.startswith("Gate") else title[0].lower() + title[1:]


def _money(told: Payment) -> str:
    """Return a payment's amounts and difference as HTML."""
    lines = [
        f"<div class=amount>{breakable(amount)} <small>{text(code) or 'no currency'}</small></div>"
        for amount, code in told.money
    ] or ["<div class=soft>no amount</div>"]
    if told.difference:
        sign = "" if told.difference.startswith("-") else "+"
        lines.append(f"<div class=off>Gate {sign}{grouped(told.difference)}</div>")
    return "".join(lines)


# ── Both sides ───────────────────────────────────────────────────────────────────────────────────


def _fields(sides: Sequence[Side]) -> tuple[list[str], list[str]]:
    """Return (shown, folded) names of fields that a side has; those that differ come first."""
    marked = {name for side in sides for name in side.marked}
    there = [name for name in _FIELDS if any(name in side.fields for side in sides)]
    differing = [name for name in there if name in marked]
    always = [name for name in _ALWAYS if name in there and name not in marked]
    return differing + always, [n for n in there if n not in marked and n not in always]


def _tables(sides: Sequence[Side], fields: Sequence[str]) -> str:
    """Return tables of the records side by side as HTML, two by two where they are many."""
    numbers = {name: [side for side in sides if side.name == name] for name in _NONE}
    heads = [
        f"{side.name} {numbers[side.name].index(side) + 1}"
        if len(numbers[side.name]) > 1
        else side.name
        for side in sides
    ]
    both = all(any(side.fields for side in named) for named in numbers.values())
    missing = {at: _missing(side, both) for at, side in enumerate(sides)}
    together = list(enumerate(zip(heads, sides, strict=True)))
    step = len(sides) if len(sides) <= _MOST_BESIDE else 2
    return "".join(
        _table(together[at : at + step], fields, missing) for at in range(0, len(together), step)
    )


def _table(
    columns: Sequence[tuple[int, tuple[str, Side]]],
    fields: Sequence[str],
    missing: Mapping[int, str],
) -> str:
    """Return one table of some records as HTML, a row for each field."""
    heads = "".join(
        f"<th scope=col data-side={at}>{head}{missing[at]}" for at, (head, _) in columns
    )
    rows = "".join(_field(name, columns) for name in fields)
    return (
        f'<table class="sides n{len(columns)}"><thead><tr><td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _missing(side: Side, both: bool) -> str:
    """Return what a column's head says where a record is missing, as HTML; "" if none is.

    both: Each side has some record of this payment, if not of this break.
    """
    if not side.fields:
        return f" <strong class=differs>{_NONE[side.name]}</strong>"
    return f" <strong class=differs>{_ALONE[side.name]}</strong>" if both and side.alone else ""


def _field(name: str, columns: Sequence[tuple[int, tuple[str, Side]]]) -> str:
    """Return a table's row for one field as HTML, marked where it shows why it is a break."""
    differs = any(name in side.marked and name in side.fields for _, (_, side) in columns)
    # Where a phone has no room for so many columns, each value names its own.
    named = len(columns) > 2
    cells = "".join(_cell(name, head if named else "", side) for _, (head, side) in columns)
    mark = " <span class=mark title=differs>≠</span>" if differs else ""
    return f"<tr data-field={name}><th scope=row>{_words(name)}{mark}{cells}"


def _cell(name: str, head: str, side: Side) -> str:
    """Return a cell for one field of a record as HTML, escaped; a dash where it has none."""
    if name not in side.fields:
        return "<td class=nothing>–"
    kind = " class=differs" if name in side.marked else ""
    said = f' data-name="{head}"' if head else ""
    return f"<td{kind}{said}>{text(side.fields[name])}"


def _words(name: str) -> str:
    """Return a field's name with blanks for underscores."""
    return name.replace("_", " ")
