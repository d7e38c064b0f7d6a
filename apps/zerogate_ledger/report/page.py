"""report.html: one page that needs nothing else, for the person who has to act on it.

Whatever came from a ledger or from Gate is text here: escaped, with invisible characters spelled
out, under a policy that runs no script but the page's own and loads nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

from ..breaks import CLASSES, MATCHED, WAITING
from ..findings import Control, Findings, Total
from . import pictures
from .story import Story, plain_text, when

#: More would only make the page slow; the files have them all.
MOST_ROWS: Final = 5_000
_BY_CODE: Final = {row.code: row for row in CLASSES}
#: Characters that are not seen, or that turn the text around them.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def text(value: object) -> str:
    """Anything as text of a page: escaped, and nothing hidden in it."""
    shown = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
    return escape(shown, quote=True)


def page(found: Findings, stories: Sequence[Story], about: Mapping[str, Any]) -> str:
    """The whole page. stories: The breaks that are shown, worst first."""
    css, js = (
        files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js")
    )
    policy = (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src '{_digest(js)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"Reconciliation of {text(about['ledger'])}"
    return "".join(
        [
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{title}</title><style>{css}</style></head>\n<body><main>\n",
            _head(found, title),
            _totals(found),
            _drawn(found),
            _breaks(found, stories),
            _glossary(found),
            _terms(found, about),
            f"</main><script>{js}</script></body></html>\n",
        ]
    )


def _digest(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _head(found: Findings, title: str) -> str:
    urgent, waiting = found.urgent, found.classes.get(WAITING, 0)
    cells = [
        (
            "bad" if urgent else "good",
            urgent,
            "breaks to look at" if urgent != 1 else "break to look at",
        ),
        ("", waiting, "not yet due"),
        ("", found.classes.get(MATCHED, 0), "matched"),
        ("", found.ledger_rows, "ledger rows"),
    ]
    drawn = "".join(
        f'<div class="{kind}"><b>{count:,}</b>{label}</div>' for kind, count, label in cells
    )
    terms = found.terms
    return (
        f"<header><h1>{title}</h1><p class=soft>As of {when(terms.as_of)}. The ledger is complete "
        f"until {when(terms.ledger_as_of)}, Gate’s records until {when(terms.gate_as_of)}.</p>"
        f'<div class="verdict">{drawn}</div></header>\n'
    )


def _totals(found: Findings) -> str:
    rows = "".join(_control(code, control) for code, control in found.controls.items())
    return (
        "<section class=card><h2>Control totals</h2><div class=wide><table class=totals><thead><tr>"
        "<th>Currency<th>Ledger<th>Matched<th>Breaks<th>Ledger = matched + breaks<th>Gate, matched"
        f"<th>Gate, breaks</tr></thead><tbody>{rows}</tbody></table></div></section>\n"
    )


def _control(code: str, control: Control) -> str:
    cells = [
        ("Ledger", control.ledger),
        ("Matched", control.matched),
        ("Breaks", control.breaks),
        (None, None),
        ("Gate, matched", control.gate_matched),
        ("Gate, breaks", control.gate_breaks),
    ]
    drawn = "".join(
        _total(name, total)
        if name and total
        else '<td data-name="Adds up"><div class=ok>✓ rows and amounts</div></td>'
        for name, total in cells
    )
    return f"<tr><th>{text(code) or 'none'}</th>{drawn}</tr>"


def _total(name: str, total: Total) -> str:
    rows = "row" if total.rows == 1 else "rows"
    return (
        f'<td class=n data-name="{name}"><div>{grouped(plain_text(total.amount))}'
        f"<small>{total.rows:,} {rows}</small></div></td>"
    )


def grouped(amount: str) -> str:
    """An amount with its thousands apart, every digit kept, two decimals where it has one."""
    sign, digits = ("−", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, _, part = digits.partition(".")
    point = f".{part:0<2}" if part else ""
    return f"{sign}{int(whole):,}{point}"


def _drawn(found: Findings) -> str:
    if not found.breaks:
        return ""
    legend = "".join(
        f'<li><i class="f-{name}"></i>{title}, {count:,}</li>'
        for name, title, count in pictures.legend(found.classes)
    )
    days = pictures.by_day(found.days)
    by_day = f"<div class=card><h2>By the day they began (UTC)</h2>{days}</div>" if days else ""
    return (
        f"<section class=pictures><div class=card><h2>By class</h2>"
        f"{pictures.by_class(found.classes)}<ul class=legend>{legend}</ul></div>"
        f"<div class=stack><div class=card><h2>By age</h2>{pictures.by_age(found.ages)}</div>"
        f"{by_day}</div></section>\n"
    )


def _breaks(found: Findings, stories: Sequence[Story]) -> str:
    if not stories:
        return (
            "<section class=card><h2>Breaks</h2><p>None. Every row of the ledger has its record at "
            "Gate, and both say the same.</p></section>\n"
        )
    kinds = "".join(
        f'<option value="{row.code}">{text(row.title)} ({found.classes[row.code]:,})</option>'
        for row in CLASSES
        if found.classes.get(row.code)
    )
    left = found.breaks - len(stories)
    more = (
        f'<p class="soft small">The worst {len(stories):,} of {found.breaks:,}; breaks.csv and '
        "breaks.jsonl beside this page have them all.</p>"
        if left
        else ""
    )
    rows = "\n".join(_row(told) for told in stories)
    return (
        f'<section class="card breaks-card"><h2>Breaks, worst first</h2>{more}'
        '<div class=tools hidden><input type=search id=search placeholder="Search orders, ids, '
        'amounts… (press /)" aria-label="Search breaks" autocomplete=off>'
        f'<select id=kind aria-label="Class"><option value="">All classes</option>{kinds}</select>'
        '<span id=count class="soft small" role=status></span></div>'
        "<table class=breaks><colgroup><col class=c1><col class=c2><col class=c3><col class=c3>"
        "<col class=c4><col class=c5></colgroup><thead><tr><th>What<th>Order<th>Ledger<th>Gate"
        "<th>Difference<th>Age"
        f"</tr></thead>\n{rows}\n</table>"
        "<p class=none hidden>Nothing fits this search.</p></section>\n"
    )


def _row(told: Story) -> str:
    first, *others = told.classes
    kind = _BY_CODE[first]
    also = ", ".join(_BY_CODE[code].title.lower() for code in others)
    also = f"<div class=also>also: {also}</div>" if also else ""
    note = f"<p class=also>{text(told.note)}</p>" if told.note else ""
    both = _side("Ledger", told.ledger) + _side("Gate", told.gate)
    difference = grouped(told.difference) if told.difference else ""
    if difference and not difference.startswith("−"):
        difference = f"+{difference}"
    return (
        f'<tbody data-classes="{" ".join(told.classes)}"><tr><td class=what><div class=kind>'
        f'<i class="f-{pictures.FAMILY[first]}"></i>{text(kind.title)}</div>{also}{note}</td>'
        f"<td data-name=Order><div class=id>{text(told.order)}</div></td>"
        f"<td data-name=Ledger>{_short(told.ledger)}</td>"
        f"<td data-name=Gate>{_short(told.gate)}</td>"
        f"<td class=n data-name=Difference>{difference}</td>"
        f"<td class=age data-name=Age>{text(told.age)}</td></tr>"
        "<tr class=more><td colspan=6><details><summary>Both sides, and what to do</summary>"
        f"<p class=next>{text(kind.next_step)}</p><div class=both>{both}</div></details></td></tr></tbody>"
    )


def _short(side: Mapping[str, str]) -> str:
    if not side:
        return "<div class=soft>nothing</div>"
    amount = " ".join(text(side[name]) for name in ("amount", "currency") if name in side)
    status = side.get("status") or side.get("problem") or ""
    return f"<div>{amount or '<span class=soft>no amount</span>'}<div class=note>{text(status)}</div></div>"


def _side(name: str, side: Mapping[str, str]) -> str:
    if not side:
        return f"<div><h3>{name}</h3><p class=note>nothing</p></div>"
    said = "".join(f"<dt>{key.replace('_', ' ')}<dd>{text(value)}" for key, value in side.items())
    return f"<div><h3>{name}</h3><dl>{said}</dl></div>"


def _glossary(found: Findings) -> str:
    seen = [row for row in CLASSES if found.classes.get(row.code)]
    if not seen:
        return ""
    said = "".join(
        f'<div><strong>{text(row.title)}</strong><p class="soft small">{text(row.next_step)}</p></div>'
        for row in seen
    )
    return f"<section class=card><h2>What to do</h2><div class=classes>{said}</div></section>\n"


def _terms(found: Findings, about: Mapping[str, Any]) -> str:
    lines: list[tuple[str, object]] = []
    for name, value in about.items():
        for key, said in _flat(name, value):
            lines.append((key.replace("_", " "), said))
    if found.forgiven.rows:
        total = grouped(plain_text(found.forgiven.amount))
        lines.append(("within tolerance", f"{found.forgiven.rows:,} rows, together {total}"))
    said = "".join(f"<dt>{text(name)}<dd>{text(value)}" for name, value in lines)
    return (
        f"<section class=card><h2>How it was compared</h2><dl class=terms>{said}</dl></section>\n"
    )


def _flat(name: str, value: Any) -> Iterable[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield name, "; ".join(f"{key}: {said}" for key, said in value.items()) or "none"
    elif isinstance(value, list | tuple):
        yield name, ", ".join(map(str, value)) or "none"
    else:
        yield name, "none" if value is None else value
