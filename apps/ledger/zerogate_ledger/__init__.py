"""Reconciles a ledger with Gate's records: mirror, match, breaks, report."""

from .breaks import CLASSES, Break, differences, primary
from .engine import embedded
from .errors import DoesNotAddUp, LedgerError, Unusable, WrongAccount
from .exact import exact, plain
from .findings import Findings
from .match import classified
from .match_inputs import LEDGER, SESSIONS, TRANSACTIONS, Terms
from .mirror import Mirror
from .pipeline import reconcile
from .report.write import write_report
from .sources import GateSource
from .statuses import Words

__all__ = [
    "CLASSES",
    "LEDGER",
    "SESSIONS",
    "TRANSACTIONS",
    "Break",
    "DoesNotAddUp",
    "Findings",
    "GateSource",
    "LedgerError",
    "Mirror",
    "Terms",
    "Unusable",
    "Words",
    "WrongAccount",
    "classified",
    "differences",
    "embedded",
    "exact",
    "plain",
    "primary",
    "reconcile",
    "write_report",
]
