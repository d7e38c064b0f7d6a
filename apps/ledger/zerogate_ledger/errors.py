"""Errors that stop a reconciliation, with their exit codes. Rows that cannot be read never do.

LedgerError
├── Unusable       the ledger, its columns or an option cannot be right: correct and run again
├── WrongAccount   most rows are not at Gate: the key, the mode or the mirror is another one's
└── DoesNotAddUp   a proof failed: report it, believe nothing of this run
"""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """A run that ended without a report."""

    exit_code: ClassVar[int] = 1


class Unusable(LedgerError):
    """A file, column or option that cannot be worked with; the message says what to give instead."""

    exit_code = 2


class WrongAccount(LedgerError):
    """The ledger and Gate's records are of different accounts, as it seems."""

    exit_code = 4


class DoesNotAddUp(LedgerError):
    """Matched rows and breaks together are not what went in."""
