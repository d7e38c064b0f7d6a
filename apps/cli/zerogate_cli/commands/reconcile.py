"""`zerogate reconcile`: the ledger's own command, under this roof."""

from __future__ import annotations


def main(argv: list[str]) -> int:
    from zerogate_ledger.command import main as reconcile

    return reconcile(argv)
