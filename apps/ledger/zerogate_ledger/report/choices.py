"""Choices above the page's table: by what its rows may be filtered and ordered. Pure; see page.js."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .markup import text
from .story import Story


def choice(id: str, label: str, every: str, values: Sequence[str]) -> str:
    options = "".join(f"<option>{text(value)}</option>" for value in values)
    return (
        f'<select id={id} aria-label="{label}"><option value="">{every}</option>{options}</select>'
    )


def currencies(stories: Sequence[Story]) -> list[str]:
    return sorted({code for told in stories for code in codes(told)})


def codes(told: Story) -> list[str]:
    """The currencies that a break speaks of, the ledger's first."""
    both = [side["currency"].upper() for side in (told.ledger, told.gate) if "currency" in side]
    return list(dict.fromkeys(both))


def ages(stories: Sequence[Story]) -> frozenset[str]:
    return frozenset(told.age for told in stories)


#: By what the rows may be ordered; see page.js.
SORTING: Final = (
    '<select id=sort aria-label="Order of rows"><option value="">Worst first</option>'
    "<option value=difference>Largest difference first</option>"
    "<option value=amount>Largest amount first</option><option value=age>Oldest first</option>"
    "<option value=order>By order</option></select>"
)
