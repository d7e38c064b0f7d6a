"""Results of a write as its caller gets them: its object, and a warning if something is amiss."""

from __future__ import annotations

from typing import Any

from zerogate import errors
from zerogate._observers import LOG


def answered(record: Any, failure: errors.GateError | None) -> tuple[Any, str]:
    """Return the object that answered a write, on any terms, and its id; None and '' without."""
    if record is not None:
        return record, record.id
    if isinstance(failure, errors.UnexpectedAnswer):
        return failure.raw, str(failure.id or "")
    return None, ""


def with_warning(record: Any, warning: str) -> Any:
    """Add a warning of ours to a record's additional properties; log it; return the record."""
    LOG.warning("%s %s: %s", type(record).__name__, record.id, warning)
    record.additional_properties["zerogate_warning"] = warning
    return record
