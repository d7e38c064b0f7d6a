"""The sums of money on the page: what is in question, by class, and the control totals. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from ..breaks import AGES, CLASSES, MATCHED, WAITING, Break
from ..controls import Control, Parts, Total
from ..findings import Findings
from . import charts
from .markup import breakable, plural, text
from .severity import LEVEL, by_level
from .story import plain_text

#: Ages as the table of classes has room for them.
_SPANS_OF_AGE: Final = (
    ("to 3 days", AGES[:2]),
    ("to 30 days", AGES[2:4]),
    ("older", AGES[4:]),
)


def in_question(found: Findings, urgent: int) -> str:
    """Return the section that comes first, money in question by currency, as HTML.

    urgent: Breaks to look at: without those that are known.
    """
    rows = f"{found.classes.get(MATCHED, 0):,} of {found.ledger_rows:,} ledger rows agree with Gate"
    if not urgent:
        said = "Nothing to look at." if found.breaks else "Both sides agree."
        return (
            f'<section class="card hero good"><h2>No money in question</h2><p class=said>{said} {rows}.'
            "</p></section>\n"
        )
    currencies = _by_currency(found)
    tiles = "".join(_tile(code, total, levels) for code, (total, levels) in currencies.items())
    named = f"{urgent:,} {plural('break', urgent)} to look at"
    whole = [("good", found.classes.get(MATCHED, 0)), *by_level(found.classes)]
    said = ", ".join(f"{count:,} {_SAID[name]}" for name, count in whole)
    meter = charts.meter([part for part in whole if part[1]], said)
    return (
        f'<section class="card hero bad"><h2>Money in question</h2><p class=said><b>{named}</b>; {rows}.'
        f"</p>{meter}<ul class=tiles>{tiles}</ul></section>\n"
    )


#: An amount of more digits takes the room of two.
_LONG: Final = 12
_SAID: Final = {"good": "matched", "act": "to act on", "correct": "to correct", "watch": "to watch"}


def _by_currency(found: Findings) -> dict[str, tuple[Total, dict[str, int]]]:
    """Return currency → (money in question, breaks of each level), most to act on first.

    Breaks that are merely young are left out.
    """
    sums: dict[str, Total] = {}
    levels: dict[str, dict[str, int]] = {}
    for (code, currency, _), total in found.money.items():
        if code == WAITING:
            continue
        sums.setdefault(currency, Total()).add(total.rows, total.amount)
        counts = levels.setdefault(currency, {})
        level = LEVEL[code].code
        counts[level] = counts.get(level, 0) + total.rows
    ranked = sorted(sums, key=lambda one: (-levels[one].get("act", 0), -sums[one].rows, one))
    return {one: (sums[one], levels[one]) for one in ranked}


def _tile(currency: str, total: Total, levels: Mapping[str, int]) -> str:
    """Return one currency's money in question as HTML."""
    counts = ", ".join(
        f'<span class="c-{name}">{levels[name]:,} {_SAID[name]}</span>'
        for name in ("act", "correct", "watch")
        if name in levels
    )
    long = " class=long" if len(plain_text(total.amount)) > _LONG else ""
    return (
        f"<li{long}><div class=amount>{breakable(plain_text(total.amount))} "
        f"<small>{text(currency) or 'no currency'}</small></div><small>{counts}</small>"
    )


def by_class(found: Findings) -> str:
    """Return the table of classes that occur, with money by currency and age; "" for none."""
    seen = [row for row in CLASSES if found.classes.get(row.code)]
    if not seen:
        return ""
    heads = "".join(f"<th scope=col>{name}" for name in ("Amount", *(n for n, _ in _SPANS_OF_AGE)))
    groups = "".join(_class(found, row) for row in seen)
    return (
        "<section class=card><h2>What it is, and what to do</h2><table class='totals money'><thead>"
        f"<tr><th scope=col>Class{heads}</tr></thead>{groups}</table></section>\n"
    )


def _class(found: Findings, row: Break) -> str:
    """Return one class of that table as HTML, a row for each currency."""
    level, count = LEVEL[row.code], found.classes[row.code]
    currencies = sorted({one for code, one, _ in found.money if code == row.code})
    named = (
        f'<th scope=rowgroup rowspan="{len(currencies) + 1}"><div class=kind>'
        f"<span class=level>{level.title}</span> {text(row.title)} <b>{count:,}</b></div>"
        f"<p class=next>{text(row.next_step)}</p></th>"
    )
    rows = "".join(_money_of(found, row.code, currency) for currency in currencies)
    return f"<tbody class={level.code}><tr class=top>{named}</tr>{rows}</tbody>"


def _money_of(found: Findings, code: str, currency: str) -> str:
    """Return a class's row for one currency as HTML: its sum, and by age."""
    by_age = {age: found.money.get((code, currency, age), Total()) for age in AGES}
    name = text(currency) or "no currency"
    cells = [_amount("Amount", _sum(by_age.values()), name)]
    cells += [_amount(span, _sum(by_age[age] for age in ages)) for span, ages in _SPANS_OF_AGE]
    return f"<tr>{''.join(cells)}</tr>"


def _amount(name: str, total: Total, currency: str = "") -> str:
    """Return a cell with an amount as HTML; an empty cell where there are no rows."""
    if not total.rows:
        return '<td class="n nothing">'
    code = f" <small>{currency}</small>" if currency else ""
    return f'<td class=n data-name="{name}"><div>{breakable(plain_text(total.amount))}{code}</div>'


def _sum(totals: Iterable[Total]) -> Total:
    """Return the sum of totals, rows and amounts, as a new Total."""
    whole = Total()
    for total in totals:
        whole.add(total.rows, total.amount)
    return whole


_LEDGER: Final[Mapping[str, Callable[[Parts], Total]]] = {
    "Ledger": lambda parts: parts.ledger,
    "Matched": lambda parts: parts.matched,
    "In breaks": lambda parts: parts.breaks,
}
_ELSEWHERE: Final[Mapping[str, Callable[[Parts], Total]]] = {
    "Refunds": lambda parts: parts.refunds,
    "Outside the period": lambda parts: parts.outside,
}
_GATE: Final[Mapping[str, Callable[[Parts], Total]]] = {
    "Gate, matched": lambda parts: parts.gate_matched,
    "Gate, in breaks": lambda parts: parts.gate_breaks,
}
Columns: TypeAlias = Mapping[str, Callable[[Parts], Total]]


def control_totals(found: Findings) -> str:
    """Return the table of control totals as HTML; it says that they add up, and proves nothing."""
    there = found.controls.values()
    # Else a reader adds up what is there, and it is not the ledger.
    elsewhere = {name: of for name, of in _ELSEWHERE.items() if any(of(one).rows for one in there)}
    columns = {**_LEDGER, **elsewhere, **_GATE}
    heads = "".join(f"<th>{name}" for name in ("Currency", *columns))
    rows = "".join(_control(code, control, columns) for code, control in found.controls.items())
    named = "".join(f", {name[0].lower()}{name[1:]}" for name in elsewhere)
    return (
        "<section class=card id=totals><h2>Control totals</h2><p class=ok>✓ For each currency, the rows "
        f"and the amount of the ledger are those of the matched rows{named} and the breaks together, and so "
        "for what is settled, in flight, failed and unreadable by itself.</p>"
        f"<table class=totals><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"{_unequal(found)}</section>\n"
    )


def _unequal(found: Findings) -> str:
    """Return a note where both sides' matched amounts differ, which is no mistake; else ""."""
    if all(one.matched.amount == one.gate_matched.amount for one in found.controls.values()):
        return ""
    return (
        '<p class="soft small">Gate’s matched amount is another one where a swap was never paid, so '
        "that its session names no tokens, or where the tolerance let a difference pass.</p>"
    )


_STATES: Final = {
    "settled": "settled",
    "in_flight": "in flight",
    "unknown": "unknown status",
    "failed": "failed",
    "unsaid": "no status named",
    "unreadable": "unreadable",
}


def _control(code: str, control: Control, columns: Columns) -> str:
    """Return a currency's rows as HTML, states below it unless all is settled."""
    states = list(control.in_order())
    rows = [_parts(text(code) or "no currency", control, "", columns)]
    if [name for name, _ in states] != ["settled"]:
        rows += [_parts(_STATES[name], parts, " class=state", columns) for name, parts in states]
    return "".join(rows)


def _parts(name: str, parts: Parts, kind: str, columns: Columns) -> str:
    """Return one row of control totals as HTML."""
    cells = "".join(_total(title, of(parts)) for title, of in columns.items())
    return f"<tr{kind}><th>{name}</th>{cells}</tr>"


def _total(name: str, total: Total) -> str:
    """Return a cell with amount and rows as HTML; a dash where there are no rows."""
    if not total.rows:
        return '<td class="n nothing">–'
    rows = f"{total.rows:,} {plural('row', total.rows)}"
    return (
        f'<td class=n data-name="{name}"><div>{breakable(plain_text(total.amount))}'
        f"<small>{rows}</small></div></td>"
    )
