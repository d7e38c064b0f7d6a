"""Results of a write as its caller gets them: its object, and a warning if something is amiss."""

from __future__ import annotations

from typing import Any

from zerogate import errors
from zerogate._observers import LOG


def answered(record: Any, failure: errors.GateError | None) -> tuple[Any, str]:
    """Return the object that answered a write, on whatever terms, and its id; None where none did."""
    if record is not None:
        return record, record.id
    if isinstance(failure, errors.UnexpectedAnswer):
        return failure.raw, str(failure.id)
    return None, ""


def with_warning(record: Any, warning: str) -> Any:
    """Return the record, which stands, with a warning of ours in its additional properties; log that."""
    LOG.warning("%s %s: %s", type(record).__name__, record.id, warning)
    record.additional_properties["zerogate_warning"] = warning
    return record
