"""report.html: one page that needs nothing else, for the person who has to act on it.

Whatever came from a ledger or from Gate is text here: escaped, with invisible characters spelled
out, under a policy that runs no script but the page's own and loads nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from ..breaks import AGES, CLASSES, MATCHED, OUTSIDE, REFUNDS, WAITING
from ..exact import is_plain
from ..findings import Findings
from ..match_inputs import Terms
from . import charts
from .choices import SORTING, ages, choice, codes, currencies
from .markup import grouped, plural, text
from .story import TIMES, Story, plain_text, when
from .totals import control_totals, money

#: More would only make the page slow; the files have them all.
MOST_ROWS: Final = 5_000
NOTHING: Final[Mapping[str, Any]] = {}
_BY_CODE: Final = {row.code: row for row in CLASSES}


def page(
    found: Findings,
    stories: Sequence[Story],
    about: Mapping[str, Any],
    numbers: Mapping[str, Any] = NOTHING,
) -> str:
    """The whole page. stories: The breaks that are shown, worst first. numbers: The summary's."""
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
            _head(found, title, numbers),
            _changes(numbers),
            _suspicions(found),
            money(found),
            control_totals(found),
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


def _head(found: Findings, title: str, numbers: Mapping[str, Any]) -> str:
    urgent = numbers.get("breaks_to_look_at", found.urgent)
    known = numbers.get("breaks_known", 0)
    looked_at = "break to look at" if urgent == 1 else "breaks to look at"
    cells = [
        ("bad" if urgent else "good", urgent, looked_at, ""),
        ("", found.classes.get(WAITING, 0), "not yet due", ""),
        ("", found.classes.get(MATCHED, 0), "matched", ""),
        ("", found.ledger_rows, "ledger rows", _in_breaks(found)),
        *_left_out(found),
        *_refunds(found),
        *([("", known, "known", "somebody answers for them")] if known else []),
    ]
    drawn = "".join(
        f'<div class="{kind}"><b>{count:,}</b>{label}<small>{more}</small></div>'
        for kind, count, label, more in cells
    )
    return (
        f"<header><h1>{title}</h1><p class=soft>{_complete(found.terms)}</p>"
        f'<div class="verdict">{drawn}</div></header>\n'
    )


def _refunds(found: Findings) -> list[tuple[str, int, str, str]]:
    count = found.classes.get(REFUNDS, 0)
    return [("", count, plural("refund", count), "borne out by a payment")] if count else []


def _changes(numbers: Mapping[str, Any]) -> str:
    """Return what is new since an earlier report, and what is gone."""
    since, gone = numbers.get("since"), numbers.get("known_and_gone", [])
    lines = []
    if since:
        for change, title in _CHANGES.items():
            money = "; ".join(
                f"{part['rows']:,} of {grouped(part['amount'])} {code or 'no currency'}"
                for code, part in since[change].items()
            )
            lines.append((title, money or "none"))
    if gone:
        orders = ", ".join(f"{one['order']} ({one['class']})" for one in gone)
        lines.append(("known, and gone", f"{orders}: take them out of the file"))
    if not lines:
        return ""
    said = "".join(f"<dt>{text(name)}<dd>{text(value)}" for name, value in lines)
    title = f"Since {_clock_text(since['as_of'])}" if since else "Known breaks"
    return f"<section class=card><h2>{title}</h2><dl class=terms>{said}</dl></section>\n"


_CHANGES: Final = {"new": "new", "carried_over": "carried over", "cleared": "cleared"}


def _clock_text(when: str) -> str:
    return text(when.replace("T", " ").replace("Z", " UTC"))


def _left_out(found: Findings) -> list[tuple[str, int, str, str]]:
    """Return what is outside the period, where there is one."""
    if found.terms.begins is None and found.terms.ends is None:
        return []
    ours = sum(control.outside.rows for control in found.controls.values())
    theirs = sum(control.gate_outside.rows for control in found.controls.values())
    more = f"{ours:,} of the ledger, {theirs:,} of Gate"
    return [("", found.classes.get(OUTSIDE, 0), "outside the period", more)]


def _suspicions(found: Findings) -> str:
    """One mistake that would explain many rows, before any of these."""
    said = "".join(f"<p>{text(one.says)}.</p>" for one in found.suspicions)
    return (
        f'<section class="card suspicion"><h2>Look at this first</h2>{said}</section>\n'
        if said
        else ""
    )


def _in_breaks(found: Findings) -> str:
    """Explain why breaks and matched rows are more than the ledger has."""
    here = sum(control.breaks.rows for control in found.controls.values())
    beyond = found.breaks - here
    more = f"; {beyond:,} more {plural('break', beyond)} only at Gate" if beyond else ""
    return f"{here:,} in breaks{more}"


def _complete(terms: Terms) -> str:
    as_of, ledger, gate = map(_clock, (terms.as_of, terms.ledger_as_of, terms.gate_as_of))
    if terms.begins is not None or terms.ends is not None:
        start = "the beginning" if terms.begins is None else _clock(terms.begins)
        end = as_of if terms.ends is None else _clock(terms.ends)
        return (
            f"From {start} to before {end}, as of {as_of}. The ledger is complete until {ledger}, Gate’s "
            f"records until {gate}."
        )
    if ledger == gate == as_of:
        return f"As of {as_of}; both sides are complete until then."
    return f"As of {as_of}. The ledger is complete until {ledger}, Gate’s records until {gate}."


def _clock(seconds: int) -> str:
    return when(seconds).replace("T", " ").replace("Z", " UTC")


def _drawn(found: Findings) -> str:
    if not found.breaks:
        return ""
    legend = "".join(
        f'<li><i class="f-{name}"></i>{title}, {count:,}</li>'
        for name, title, count in charts.legend(found.classes)
    )
    period, days = charts.by_time(found.days)
    by_day = (
        f"<div class=card><h2>By the {period} they began (UTC)</h2>{days}</div>" if days else ""
    )
    return (
        f"<section class=pictures><div class=card><h2>By class</h2>"
        f"{charts.by_class(found.classes)}<ul class=legend>{legend}</ul></div>"
        f"<div class=stack><div class=card><h2>By age</h2>{charts.by_age(found.ages)}</div>"
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
        '<div class=tools hidden><input type=search id=search placeholder="Order, id, amount, status…" '
        'aria-label="Search breaks" title="Press / to search" autocomplete=off>'
        f'<select id=kind aria-label="Class"><option value="">All classes</option>{kinds}</select>'
        f"{choice('currency', 'Currency', 'All currencies', currencies(stories))}"
        f"{choice('age', 'Age', 'Any age', [age for age in AGES if age in ages(stories)])}"
        f"{SORTING}<button type=button id=save>Save these as CSV</button>"
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
    also = ", ".join(_within(_BY_CODE[code].title) for code in others)
    also = f"<div class=also>also: {also}</div>" if also else ""
    note = "".join(f"<p class=also>{text(said)}</p>" for said in _said_of(told))
    both = "".join(
        _side(name, side, told.differing)
        for name, side in (("Ledger", told.ledger), ("Gate", told.gate))
    )
    return (
        f'<tbody data-classes="{" ".join(told.classes)}" {_data(told)}><tr><td class=what><div class=kind>'
        f'<i class="f-{charts.FAMILY[first]}"></i>{text(kind.title)}</div>{also}{note}</td>'
        f"<td data-name=Order><div class=id>{text(told.order)}</div></td>"
        f"<td data-name=Ledger>{_short(told.ledger, told.about, 'no row')}</td>"
        f"<td data-name=Gate>{_short(told.gate, told.about, 'no record')}</td>"
        f"<td class=n data-name=Difference>{_difference(told)}</td>"
        f"<td class=age data-name=Age>{text(told.age)}</td></tr>"
        "<tr class=more><td colspan=6><details><summary>Both sides, and what to do</summary>"
        f"<p class=next>{text(kind.next_step)}</p><div class=both>{both}</div></details></td></tr></tbody>"
    )


def _data(told: Story) -> str:
    """Return what the page's script filters and orders by."""
    amount = told.ledger.get("amount") or told.gate.get("amount") or ""
    said = {
        "currency": "|".join(codes(told)),
        "age": told.age,
        "amount": amount if is_plain(amount) else "",
        "difference": told.difference or "",
        "note": told.note or "",
    }
    return " ".join(f'data-{name}="{text(value)}"' for name, value in said.items())


def _said_of(told: Story) -> Iterator[str]:
    """Return what is said of a break besides its two sides."""
    if told.note:
        yield told.note
    if told.change == "new":
        yield "new since the last report"
    if (known := told.known) is not None:
        held = "was known" if told.expired else "known"
        yield f"{held} until {known.until}, {known.owner}: {known.reason}"


def _within(title: str) -> str:
    """A title as part of a sentence."""
    return title if title.startswith("Gate") else title[0].lower() + title[1:]


def _short(side: Mapping[str, str], about: Sequence[str], nothing: str) -> str:
    if not side:
        return f"<div class=soft>{nothing}</div>"
    amount = text(side["amount"]) if "amount" in side else "<span class=soft>no amount</span>"
    code = text(side["currency"]) if "currency" in side else "<span class=soft>no currency</span>"
    notes = [text(side.get("status") or side.get("problem") or "")]
    notes += [f"{_words(name)} {_brief(name, side[name])}" for name in about if name in side]
    said = "".join(f"<div class=note>{note}</div>" for note in notes if note)
    return f"<div>{amount} {code}{said}</div>"


def _brief(name: str, value: str) -> str:
    """A value where there is little room; times without their seconds."""
    if name not in TIMES or not value.endswith("Z"):
        return text(value)
    return f"<time>{text(value[:16].replace('T', ' '))} UTC</time>"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _difference(told: Story) -> str:
    if not told.difference:
        return ""
    shown = grouped(told.difference)
    shown = shown if shown.startswith("−") else f"+{shown}"
    return f"<div>{shown}<div class=note>{text(told.ledger.get('currency', ''))}</div></div>"


def _side(name: str, side: Mapping[str, str], about: Container[str]) -> str:
    if not side:
        return f"<div><h3>{name}</h3><p class=note>nothing</p></div>"
    said = "".join(
        f"<dt>{_words(key)}<dd{' class=differs' if key in about else ''}>{text(value)}"
        for key, value in side.items()
    )
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


_SPANS: Final = {
    "seconds_until_due": "may be on one side only for",
    "seconds_until_missing": "missing after",
    "seconds_until_stale": "in flight for too long after",
}


def _terms(found: Findings, about: Mapping[str, Any]) -> str:
    lines = [_told(name, value) for name, value in about.items()]
    if found.forgiven.rows:
        rows = f"{found.forgiven.rows:,} {plural('row', found.forgiven.rows)}"
        total = grouped(plain_text(found.forgiven.amount))
        lines.append(("within tolerance", f"{rows}, together {total}"))
    said = "".join(f"<dt>{text(name)}<dd>{text(value)}" for name, value in lines)
    return (
        f"<section class=card><h2>How it was compared</h2><dl class=terms>{said}</dl></section>\n"
    )


def _told(name: str, value: Any) -> tuple[str, str]:
    """A line for people of what the summary says for programs."""
    if name in _SPANS:
        return _SPANS[name], _span(value)
    if isinstance(value, Mapping):
        said = (_pair(key, _listed(part)) for key, part in value.items())
        return _words(name), "; ".join(said) or "none"
    return _words(name), _listed(value)


def _pair(key: str, value: str) -> str:
    return key if key == value else f"{key}: {value}"


def _listed(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _span(seconds: int) -> str:
    """A length of time as it is asked for: 90m, 1h, 3d."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
