"""Provenance of a result: settings, versions, the ledger's digest, and one name for all of it. Pure."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs
from zerogate import __version__

from .batches import shown_name
from .columns import Settings
from .ingest import Ingested
from .match_inputs import Terms
from .mirror import Mirror
from .object_storage import RemoteMirror
from .pipeline import LedgerWords
from .report.story import plain_text
from .statuses import Words


def settings_used(
    options: argparse.Namespace,
    told: Settings,
    taken: Ingested,
    mirror: Mirror | RemoteMirror,
    meant: LedgerWords | None,
    words: Words,
) -> dict[str, Any]:
    """Return the settings for the report; they are the same for equal runs."""
    columns = taken.columns
    return {
        "ledger": shown_name(options.table or Path(options.ledger).name),
        "mode": mirror.mode,
        "columns": {
            **columns.found,
            **{k: f"{v} (constant)" for k, v in columns.constants.items()},
        },
        "columns_guessed": sorted(columns.guessed),
        "columns_unused": list(columns.unused),
        "preset": options.preset,
        "rows_of_other_kinds": taken.left_out,
        "ledger_statuses": {} if meant is None else dict(meant.meanings),
        "ledger_statuses_guessed": [] if meant is None else sorted(meant.guessed),
        "gate_statuses": {said: list(known) for said, known in words.sets()},
        "matched_by": list(columns.kinds()),
        "amounts_compared_with": f"{options.amount_basis} amount",
        "tolerance": _tolerance_in_words(options),
        "time_zone_of_naive_times": told.tz,
        "seconds_until_due": options.due_after,
        "seconds_until_missing": options.missing_after,
        "seconds_until_stale": options.stale_after,
    }


def _tolerance_in_words(options: argparse.Namespace) -> str:
    """Return the tolerances in words, `off` for none; days are among them."""
    said = [
        f"{plain_text(limit)}%" if code == "%" else f"{plain_text(limit)} {code}".strip()
        for code, limit in sorted(options.tolerance)
    ]
    return ", ".join(said) or "off"


def sources_used(taken: Ingested, mirror: Mirror | RemoteMirror) -> dict[str, Any]:
    """Read the ledger's files; return their SHA-256 (None: a database), the partner and the versions."""
    return {
        "ledger_sha256": taken.digest(),
        "partner_id": mirror.partner_id,
        "versions": {name: version(name) for name in ("duckdb", "ibis-framework", "pyarrow")}
        | {"zerogate": __version__},
    }


def run_id(*said: Any) -> str:
    """Return 16 hex digits of the SHA-256 of all these values as JSON: equal for equal ones."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def match_id(about: Mapping[str, Any], sources: Mapping[str, Any], terms: Terms) -> str:
    """Return the run_id that all shards of one match share: of settings, sources and terms."""
    return run_id(about, sources, attrs.asdict(terms))
