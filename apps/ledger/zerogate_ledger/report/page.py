"""report.html: one page that needs nothing else, for the person who has to act on it.

Whatever came from a ledger or from Gate is text here: escaped, with invisible characters spelled
out, under a policy that runs no script but the page's own and loads nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from ..breaks import MATCHED, OUTSIDE, REFUNDS, WAITING
from ..findings import Findings
from ..match_inputs import Terms
from . import charts
from .markup import grouped, plural, text
from .severity import LEVELS, by_level
from .stories import breaks
from .story import Story, plain_text, when
from .totals import by_class, control_totals, in_question

#: More would only make the page slow; the files have them all.
MOST_ROWS: Final = 5_000
NOTHING: Final[Mapping[str, Any]] = {}


def page(
    found: Findings,
    stories: Sequence[Story],
    about: Mapping[str, Any],
    numbers: Mapping[str, Any] = NOTHING,
) -> str:
    """Return the whole page as HTML; all texts are escaped.

    stories: The breaks that are shown, worst first. numbers: The summary's.
    """
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
            by_class(found),
            breaks(found, stories),
            _charts_section(found),
            control_totals(found),
            _terms(found, about),
            f"</main><script>{js}</script></body></html>\n",
        ]
    )


def _digest(source: str) -> str:
    """Return the SHA-256 of a script or style as the page's policy writes it."""
    digest = hashlib.sha256(source.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _head(found: Findings, title: str, numbers: Mapping[str, Any]) -> str:
    """Return the title, the money in question and the counts as HTML."""
    urgent = numbers.get("breaks_to_look_at", found.urgent)
    known = numbers.get("breaks_known", 0)
    cells = [
        (found.classes.get(MATCHED, 0), "matched", ""),
        (found.classes.get(WAITING, 0), "not yet due", ""),
        (found.ledger_rows, "ledger rows", _in_breaks(found)),
        *_left_out(found),
        *_refunds(found),
        *([(known, "known", "somebody answers for them")] if known else []),
    ]
    drawn = "".join(
        f"<li><b>{count:,}</b> {label}{f'<small>{more}</small>' if more else ''}"
        for count, label, more in cells
    )
    return (
        f"<header><h1>{title}</h1><p class=soft>{_completeness(found.terms)}</p></header>\n"
        f"{in_question(found, urgent)}<ul class=counts>{drawn}</ul>\n"
    )


def _refunds(found: Findings) -> list[tuple[int, str, str]]:
    """Return the count of refunds as one cell of the head; [] for none."""
    count = found.classes.get(REFUNDS, 0)
    return [(count, plural("refund", count), "borne out by a payment")] if count else []


def _changes(numbers: Mapping[str, Any]) -> str:
    """Return the section on changes since an earlier report, and known breaks gone; "" for none."""
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
    """Return an RFC 3339 time as HTML for people: 2026-01-05 12:00:00 UTC."""
    return text(when.replace("T", " ").replace("Z", " UTC"))


def _left_out(found: Findings) -> list[tuple[int, str, str]]:
    """Return the count of rows outside the period as one cell; [] where there is no period."""
    if found.terms.begins is None and found.terms.ends is None:
        return []
    ours = sum(control.outside.rows for control in found.controls.values())
    theirs = sum(control.gate_outside.rows for control in found.controls.values())
    more = f"{ours:,} of the ledger, {theirs:,} of Gate"
    return [(found.classes.get(OUTSIDE, 0), "outside the period", more)]


def _suspicions(found: Findings) -> str:
    """Return the section of suspicions as HTML; "" for none."""
    said = "".join(f"<p>{text(one.says)}.</p>" for one in found.suspicions)
    return (
        f'<section class="card suspicion"><h2>Look at this first</h2>{said}</section>\n'
        if said
        else ""
    )


def _in_breaks(found: Findings) -> str:
    """Return how many ledger rows are in breaks, and how many more breaks only Gate has."""
    here = sum(control.breaks.rows for control in found.controls.values())
    beyond = found.breaks - here
    more = f"; {beyond:,} more {plural('break', beyond)} only at Gate" if beyond else ""
    return f"{here:,} in breaks{more}"


def _completeness(terms: Terms) -> str:
    """Return a sentence: the period, and up to when each side is complete."""
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
    """Return Unix seconds as text for people: 2026-01-05 12:00:00 UTC."""
    return when(seconds).replace("T", " ").replace("Z", " UTC")


def _charts_section(found: Findings) -> str:
    """Return the section of charts as HTML; "" without breaks."""
    if not found.breaks:
        return ""
    legend = "".join(
        f'<li><i class="b-{level.code}"></i>{level.title}: {level.says}</li>'
        for level in LEVELS
        if level.code in dict(by_level(found.classes))
    )
    time = charts.by_time(found.hours, found.terms.ledger_as_of)
    in_time = ""
    if time is not None:
        earlier = (
            f"<p class='soft small'>{time.earlier:,} more began earlier.</p>"
            if time.earlier
            else ""
        )
        in_time = f"<div class=card><h2>By the {time.period} they began (UTC)</h2>{time.drawn}{earlier}</div>"
    return (
        f"<section class=pictures>{in_time}<div class=card><h2>By age</h2>"
        f"{charts.by_age(found.ages)}</div><ul class=legend>{legend}</ul></section>\n"
    )


_SPANS: Final = {
    "seconds_until_due": "may be on one side only for",
    "seconds_until_missing": "missing after",
    "seconds_until_stale": "in flight for too long after",
}


def _terms(found: Findings, about: Mapping[str, Any]) -> str:
    """Return the section of settings as HTML."""
    lines = [_setting_in_words(name, value) for name, value in about.items()]
    if found.forgiven.rows:
        rows = f"{found.forgiven.rows:,} {plural('row', found.forgiven.rows)}"
        total = grouped(plain_text(found.forgiven.amount))
        lines.append(("within tolerance", f"{rows}, together {total}"))
    said = "".join(f"<dt>{text(name)}<dd>{text(value)}" for name, value in lines)
    return (
        f"<section class=card><h2>How it was compared</h2><dl class=terms>{said}</dl></section>\n"
    )


def _setting_in_words(name: str, value: Any) -> tuple[str, str]:
    """Return (name, value) of a setting in words for people."""
    if name in _SPANS:
        return _SPANS[name], _span(value)
    if isinstance(value, Mapping):
        said = (_pair(key, _value_in_words(part)) for key, part in value.items())
        return name.replace("_", " "), "; ".join(said) or "none"
    return name.replace("_", " "), _value_in_words(value)


def _pair(key: str, value: str) -> str:
    """Return "key: value", or the key alone where both are the same."""
    return key if key == value else f"{key}: {value}"


def _value_in_words(value: Any) -> str:
    """Return a value as text; lists with commas, None and empty lists as `none`."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _span(seconds: int) -> str:
    """Return seconds in the largest unit that leaves no rest: 90m, 1h, 3d."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
