"""Choices above the page's table: by what its rows may be filtered and ordered. Pure; see page.js."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..breaks import CLASSES
from .markup import text
from .severity import LEVEL, LEVELS
from .story import Story


def choice(id: str, label: str, every: str, values: Sequence[str]) -> str:
    """Return a select box as HTML; its values are escaped, its first option is "all"."""
    options = "".join(f"<option>{text(value)}</option>" for value in values)
    return (
        f'<select id={id} aria-label="{label}"><option value="">{every}</option>{options}</select>'
    )


def classes(counts: Mapping[str, int]) -> str:
    """Return a select box of the classes that occur, each level's under it, as HTML."""
    groups = []
    for level in LEVELS:
        found = [row for row in CLASSES if LEVEL[row.code] is level and counts.get(row.code)]
        if found:
            every = f"<option value={level.code}>{level.title}: all of these</option>"
            options = "".join(
                f'<option value="{row.code}">{text(row.title)} ({counts[row.code]:,})</option>'
                for row in found
            )
            groups.append(f'<optgroup label="{level.title}">{every}{options}</optgroup>')
    return (
        '<select id=kind aria-label="Class"><option value="">All classes</option>'
        f"{''.join(groups)}</select>"
    )


def currencies(stories: Sequence[Story]) -> list[str]:
    """Return the currencies of all stories, sorted, each once."""
    return sorted({code for told in stories for code in codes(told)})


def codes(told: Story) -> list[str]:
    """Return the currencies of a break in capitals, the ledger's first, each once."""
    both = [side["currency"].upper() for side in (told.ledger, told.gate) if "currency" in side]
    return list(dict.fromkeys(both))


def ages(stories: Sequence[Story]) -> frozenset[str]:
    """Return the ages of all stories."""
    return frozenset(told.age for told in stories)


#: By what the rows may be ordered; see page.js.
SORTING: Final = (
    '<select id=sort aria-label="Order of rows"><option value="">Worst first</option>'
    "<option value=difference>Largest difference first</option>"
    "<option value=amount>Largest amount first</option><option value=age>Oldest first</option>"
    "<option value=order>By order</option></select>"
)
