"""A row of a list that does not fit the contract, set aside by itself. Plain data."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen
class UnreadableRow:
    """One row that could not be read as a record; the rows beside it could.

    id: Its id (of a transaction the refid), or None where that cannot be read either.
    field: What does not fit, or None where it is not one field.
    why: The same as a sentence. It names no value, for a value may be personal.
    raw: The row as Gate wrote it: parsed JSON, numbers as Decimal or int. It stands in no repr.
    """

    id: str | None
    field: str | None
    why: str
    raw: Any = attrs.field(repr=False)
