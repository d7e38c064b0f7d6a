"""Draws docs/pictures from tables: `python docs/site/pictures.py [--check]`. SVG of our own, no script."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

PICTURES: Final = Path(__file__).resolve().parents[1] / "pictures"
#: From, to, and what goes along the arrow. The same lane twice is something done there.
Step = tuple[int, int, str]

SEQUENCES: Final[dict[str, tuple[str, tuple[str, ...], tuple[Step, ...]]]] = {
    "payment": (
        "The way of a payment",
        ("your code", "façade", "store", "transport", "Gate"),
        (
            (0, 1, "sessions.create(amount, order)"),
            (1, 1, "check, derive the key, build the body once"),
            (1, 2, "intent: key and exact bytes, committed"),
            (1, 3, "request, until the deadline"),
            (3, 4, "POST, Idempotency-Key"),
            (4, 3, "201, or silence"),
            (3, 1, "reply, or: some bytes may have left"),
            (1, 1, "whose is it? which terms?"),
            (1, 2, "id and state, recorded"),
            (1, 0, "session with its secret, or OutcomeUnknown"),
            (0, 1, "the same order again, or recover()"),
            (1, 4, "the same key; or look for it first"),
        ),
    ),
    "webhook": (
        "The way of a webhook",
        ("Gate", "your receiver", "inbox", "worker", "your handler"),
        (
            (0, 1, "POST, Gate-Signature over the raw body"),
            (1, 2, "inbox.receive(body, headers)"),
            (2, 2, "verify: signature, age, mode, size"),
            (2, 2, "event committed, once by its id"),
            (2, 1, "receipt"),
            (1, 0, "200 (400: not signed; 5xx: not kept)"),
            (3, 2, "drain(): lease on one session"),
            (3, 0, "read session and transactions"),
            (3, 4, "received, in one transaction"),
            (4, 3, "your rows; outcome.may_fulfil"),
            (3, 2, "handled, committed with your rows"),
        ),
    ),
    "ledger": (
        "The way of a ledger row",
        ("your file or table", "ingest", "match", "mirror", "Gate"),
        (
            (3, 4, "lists, then what may have changed"),
            (4, 3, "records, kept one file a day"),
            (0, 1, "cells as text"),
            (1, 1, "columns, exact decimals, times; else unreadable"),
            (1, 2, "one row, one way to name the record"),
            (3, 2, "records by refid, rail, session, order"),
            (2, 2, "compare: one expression, on any engine"),
            (2, 2, "worst difference names the break"),
            (2, 1, "control totals: rows and sums of both sides"),
            (1, 0, "report: matched + breaks = ledger"),
        ),
    ),
}
_LANE, _ROW, _TOP, _SIDE = 190, 44, 84, 95
_STYLE: Final = """
  .paper { fill: #ffffff; stroke: #c9d1da }
  .head { fill: #eaf1fb; stroke: #5b83b8 }
  .lane { stroke: #c9d1da; stroke-dasharray: 4 4 }
  .arrow { stroke: #33506f; stroke-width: 1.4; fill: none }
  .tip { fill: #33506f }
  .done { fill: #fff8e6; stroke: #c9a13b }
  text { font: 13px system-ui, sans-serif; fill: #1c2733 }
  .title { font-weight: 600; font-size: 16px }
  .name { font-weight: 600 }
"""


def _open(width: int, height: int, title: str, told: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="title told">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="told">{escape(told)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        f'<text class="title" x="24" y="32">{escape(title)}</text>',
    ]


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def _arrow(x1: float, y1: float, x2: float, y2: float) -> list[str]:
    """Return a line with its tip: along one axis, or down to the right."""
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    bx, by = x2 - 9 * dx, y2 - 9 * dy
    tip = f"{x2:g},{y2:g} {bx - 4 * dy:.1f},{by + 4 * dx:.1f} {bx + 4 * dy:.1f},{by - 4 * dx:.1f}"
    return [
        f'<line class="arrow" x1="{x1:g}" y1="{y1:g}" x2="{bx:.1f}" y2="{by:.1f}"/>',
        f'<polygon class="tip" points="{tip}"/>',
    ]


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5"/>'
    )


def sequence(title: str, lanes: Sequence[str], steps: Sequence[Step]) -> str:
    """Return lanes from left to right and steps from top to bottom, as SVG."""
    width, height = _LANE * len(lanes), _TOP + _ROW * len(steps) + 24
    told = ". ".join(
        f"{lanes[a]}: {words}" if a == b else f"{lanes[a]} to {lanes[b]}: {words}"
        for a, b, words in steps
    )
    at = [_SIDE + _LANE * number for number in range(len(lanes))]
    parts = _open(width, height, title, told)
    for x, name in zip(at, lanes, strict=True):
        parts.append(f'<line class="lane" x1="{x}" y1="{_TOP}" x2="{x}" y2="{height - 14}"/>')
        parts.append(_box(x - 78, 50, 156, 28, "head"))
        parts.append(_text(x, 69, name, "name"))
    for number, (start, end, words) in enumerate(steps):
        y = _TOP + _ROW * number + 32
        told = f"{number + 1}. {words}"
        wide = 7.0 * len(told) + 16
        if start == end:
            left = min(max(at[start] - wide / 2, 8), width - wide - 8)
            parts.append(_box(left, y - 20, wide, 26, "done"))
            parts.append(_text(left + wide / 2, y - 3, told))
        else:
            middle = min(max((at[start] + at[end]) / 2, wide / 2 + 8), width - wide / 2 - 8)
            parts.append(_box(middle - wide / 2, y - 22, wide, 18, "paper"))
            parts.append(_text(middle, y - 8, told))
            parts += _arrow(at[start], y + 2, at[end], y + 2)
    return "\n".join([*parts, "</svg>", ""])


def concepts() -> str:
    """Return how order, attempt, session, transaction, event and outcome hang together, as SVG."""
    boxes = {
        "order": (30, 120, "order-1001", "yours"),
        "one": (240, 70, "attempt 1", "session, expired"),
        "two": (240, 180, "attempt 2", "session, completed"),
        "paid": (470, 150, "transaction", "refid, amount, status"),
        "again": (470, 230, "transaction", "a second tab"),
        "event": (470, 60, "events", "webhooks, by their id"),
        "outcome": (710, 140, "outcome", "Settled … Hold"),
    }
    arrows = (
        ("order", "one"),
        ("order", "two"),
        ("two", "paid"),
        ("two", "again"),
        ("two", "event"),
        ("one", "event"),
        ("event", "outcome"),
        ("paid", "outcome"),
        ("again", "outcome"),
    )
    told = (
        "An order has attempts; each makes one session; a session has transactions; events tell of it; "
        "an outcome judges all of it together."
    )
    parts = _open(900, 300, "One order, and what belongs to it", told)
    for start, end in arrows:
        (x1, y1, *_), (x2, y2, *_) = boxes[start], boxes[end]
        parts += _arrow(x1 + 160, y1 + 24, x2, y2 + 24)
    for name, (x, y, head, below) in boxes.items():
        parts.append(_box(x, y, 160, 48, "done" if name == "outcome" else "head"))
        parts.append(_text(x + 80, y + 20, head, "name"))
        parts.append(_text(x + 80, y + 38, below))
    return "\n".join([*parts, "</svg>", ""])


def drawn() -> dict[str, str]:
    """Return every picture by the name of its file."""
    told = {f"{name}.svg": sequence(*given) for name, given in SEQUENCES.items()}
    return {"concepts.svg": concepts(), **told}


def main(argv: list[str]) -> int:
    stale = [
        name
        for name, text in drawn().items()
        if not (PICTURES / name).exists() or (PICTURES / name).read_text("utf-8") != text
    ]
    if "--check" in argv:
        return 1 if stale else 0
    for name in stale:
        (PICTURES / name).write_text(drawn()[name], "utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
