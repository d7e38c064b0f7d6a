"""Reconciles a ledger with Gate's records: mirror, match, breaks, report."""
