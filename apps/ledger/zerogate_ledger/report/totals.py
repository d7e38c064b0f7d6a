"""The tables of money on the page: what the breaks come to, and the control totals. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..breaks import AGES, CLASSES
from ..controls import Control, Parts, Total
from ..findings import Findings
from .markup import grouped, plural, text
from .story import plain_text

_TITLES: Final = {row.code: row.title for row in CLASSES}
#: Ages as the table of money has room for them.
_SPANS_OF_AGE: Final = (
    ("to 3 days", AGES[:2]),
    ("to 30 days", AGES[2:4]),
    ("older", AGES[4:]),
)


def money(found: Findings) -> str:
    """Return what the breaks come to, by class and currency, and how much of it is old."""
    kinds = dict.fromkeys((code, currency) for code, currency, _ in found.money)
    if not kinds:
        return ""
    heads = "".join(f"<th>{name}" for name in ("Class", "Amount", *(n for n, _ in _SPANS_OF_AGE)))
    ranked = sorted(kinds, key=lambda kind: (list(_TITLES).index(kind[0]), kind[1]))
    rows = "".join(_money_of(found, code, currency) for code, currency in ranked)
    return (
        "<section class=card><h2>Money in breaks</h2><table class='totals money'><thead>"
        f"<tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>\n"
    )


def _money_of(found: Findings, code: str, currency: str) -> str:
    by_age = {age: found.money.get((code, currency, age), Total()) for age in AGES}
    cells = [("Amount", _sum(by_age.values()))]
    cells += [(name, _sum(by_age[age] for age in ages)) for name, ages in _SPANS_OF_AGE]
    drawn = "".join(_total(name, total) if total.rows else "<td>" for name, total in cells)
    named = f"{text(_TITLES[code])} <small>{text(currency) or 'no currency'}</small>"
    return f"<tr><th>{named}</th>{drawn}</tr>"


def _sum(totals: Iterable[Total]) -> Total:
    whole = Total()
    for total in totals:
        whole.add(total.rows, total.amount)
    return whole


_TOTALS: Final = ("Ledger", "Matched", "In breaks", "Gate, matched", "Gate, in breaks")


def control_totals(found: Findings) -> str:
    heads = "".join(f"<th>{name}" for name in ("Currency", *_TOTALS))
    rows = "".join(_control(code, control) for code, control in found.controls.items())
    return (
        "<section class=card><h2>Control totals</h2><p class=ok>✓ For each currency, the rows and the "
        "amount of the ledger are those of the matched rows and the breaks together, and so for what is "
        "settled, in flight, failed and unreadable by itself.</p>"
        f"<table class=totals><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"{_unequal(found)}</section>\n"
    )


def _unequal(found: Findings) -> str:
    """Return what may look wrong in totals that are right."""
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


def _control(code: str, control: Control) -> str:
    states = list(control.in_order())
    rows = [_parts(text(code) or "no currency", control, "")]
    if [name for name, _ in states] != ["settled"]:
        rows += [_parts(_STATES[name], parts, " class=state") for name, parts in states]
    return "".join(rows)


def _parts(name: str, parts: Parts, kind: str) -> str:
    totals = (
        parts.ledger,
        parts.matched,
        parts.breaks,
        parts.gate_matched,
        parts.gate_breaks,
    )
    return f"<tr{kind}><th>{name}</th>{''.join(map(_total, _TOTALS, totals))}</tr>"


def _total(name: str, total: Total) -> str:
    rows = f"{total.rows:,} {plural('row', total.rows)}"
    return (
        f'<td class=n data-name="{name}"><div>{grouped(plain_text(total.amount))}'
        f"<small>{rows}</small></div></td>"
    )
