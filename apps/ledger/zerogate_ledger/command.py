"""`zerogate reconcile`: brings the mirror up to date, matches, proves, reports. Ends with 3 on breaks."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import attrs
import duckdb
import pyarrow as pa
from zerogate import Clock, Gate, TransactionStatuses, __version__
from zerogate._observers import Attempted, Called

from . import records
from .columns import Settings
from .databases import table_reader
from .engine import embedded
from .errors import LedgerError, Unusable
from .findings import Findings
from .folder_lock import locked
from .ingest import Intake, ledger_files, take_in, take_in_reader
from .match_inputs import Terms
from .mirror import Mirror
from .options import (
    add_arguments,
    earlier,
    known_breaks,
    moment,
    parsed,
    period,
    settings,
    tolerance,
)
from .pacing import Turns, paced
from .pipeline import LedgerWords, ledger_words, newest_row, reconcile
from .progress import shown
from .report.story import plain_text, when
from .report.write import write_report
from .sources import GateSource
from .statuses import Words

__all__ = ["add_arguments", "main", "run"]

DIFFERENCES: Final = 3


def main(argv: Sequence[str] | None = None) -> int:
    """The command, for a shell. A store is that of `--store`, or of ZEROGATE_STORE."""
    options = parsed(argv)
    options.store = options.store or os.environ.get("ZEROGATE_STORE") or None
    return run(options)


def run(
    options: argparse.Namespace,
    open_gate: Callable[[], Any] | None = None,
    clock: Clock | None = None,
) -> int:
    """The command with its arguments read; returns the exit code.

    open_gate: A client instead of that of the environment, used as a context manager; not called with
        --offline. From the environment's the pace also hears of a 429 that the client got over.
    clock: The mirror's time.
    """
    try:
        found, summary = _run(options, open_gate, clock)
    except LedgerError as problem:
        print(f"zerogate reconcile: {problem}", file=sys.stderr)
        return problem.exit_code
    except (duckdb.OutOfMemoryException, duckdb.IOException, OSError) as problem:
        # What was there stays: a report replaces the last one only when it is whole.
        print(f"zerogate reconcile: {_no_room(problem, options)}", file=sys.stderr)
        return LedgerError.exit_code
    if options.json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_told(found, summary, options.out)))
    return DIFFERENCES if summary["breaks_to_look_at"] else 0


def _run(
    options: argparse.Namespace, open_gate: Callable[[], Any] | None, clock: Clock | None
) -> tuple[Findings, dict[str, Any]]:
    told, known, since = settings(options), known_breaks(options), earlier(options)
    statuses = TransactionStatuses().extended(
        **{
            said: {word for word, meaning in told.gate_statuses.items() if meaning == said}
            for said in ("success", "in_flight", "failure")
        }
    )
    ends = statuses.success | statuses.failure
    kinds = records.transactions(ends, statuses.success), records.sessions()
    words = Words(
        tuple(sorted(statuses.success)),
        tuple(sorted(statuses.in_flight)),
        tuple(sorted(statuses.failure)),
    )
    with _workplace(options.out) as place:
        taken = _taken_in(options, place, told)
        _say(taken.columns.told())
        if taken.left_out:
            _say([f"left out      {taken.left_out:,} rows of other kinds than [where] names"])
        mirror = _mirror(options, open_gate, clock, kinds)
        with embedded(place, memory=options.memory) as con:
            ledger = taken.table(con)
            meant = ledger_words(con, ledger, told.statuses)
            _say(_meanings(meant))
            terms = _terms(options, told, taken, mirror, meant, words, newest_row(con, ledger))
            with shown("matching"):
                found = reconcile(
                    con,
                    ledger,
                    mirror.table(con, kinds[0]),
                    mirror.table(con, kinds[1]) if mirror.files(kinds[1]) else None,
                    terms,
                    tolerance=tolerance(options),
                    most_may_be_missing=options.most_may_be_missing,
                )
        found = found.at_lines(taken.lines, taken.files)
        about = _about(options, told, taken, mirror, meant, words)
        return found, write_report(
            found,
            options.out,
            {**about, **_provenance(about, found, taken, mirror)},
            known=known,
            since=since,
            also=options.also,
        )


def _no_room(problem: Exception, options: argparse.Namespace) -> str:
    """What a run that found no memory or no disk says of it, and what to do."""
    if isinstance(problem, duckdb.OutOfMemoryException):
        return (
            f"{options.memory} of memory are too little for this ledger: say --memory 4GB, or match it in "
            "parts with --from and --to; the last report in this folder is as it was"
        )
    told = problem.strerror if isinstance(problem, OSError) else str(problem).splitlines()[0]
    return f"{told or problem}: see whether {options.out} has room; the last report is as it was"


@contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """A folder for what is needed only now; one that a kill left behind is cleared first."""
    place = out / ".work"
    with ExitStack() as held:
        try:
            held.enter_context(locked(out, "run"))
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        except OSError as problem:
            raise Unusable(f"cannot write to {out}: {problem.strerror}") from problem
        held.callback(shutil.rmtree, place, ignore_errors=True)
        yield place


def _taken_in(options: argparse.Namespace, place: Path, told: Settings) -> Intake:
    try:
        if "://" not in options.ledger:
            return take_in(ledger_files(options.ledger), place, told)
        if not options.table:
            raise Unusable("a database's URL needs --table NAME")
        return take_in_reader(table_reader(options.ledger, options.table), place, told)
    except (pa.ArrowException, OSError) as problem:
        # Whatever is in a file, its owner gets a sentence.
        name = options.table or options.ledger
        raise Unusable(f"{name} cannot be read: {str(problem)[:200]}") from problem


def _mirror(
    options: argparse.Namespace,
    open_gate: Callable[[], Any] | None,
    clock: Clock | None,
    kinds: tuple[records.Kind, records.Kind],
) -> Mirror:
    folder = options.mirror or options.out / "mirror"
    if options.offline:
        return Mirror.held(folder)
    with _reading(options, open_gate, clock) as (gate, pace):
        mirror = Mirror(folder, gate.mode)
        with shown("reading Gate's records") as progress:
            done = mirror.refresh(
                [
                    (kinds[0], GateSource(gate.transactions, pace)),
                    (kinds[1], GateSource(gate.sessions, pace)),
                ],
                now=int(time.time() if clock is None else clock.now()),
                settle_days=options.settle_days,
                audit=options.audit,
                progress=progress,
            )
    _say([f"mirror: {done.listed:,} rows from the lists, {done.reread:,} read again by id"])
    if done.gone:
        _say([f"mirror: {done.gone:,} held rows are no longer at Gate; they stay as they were"])
    return mirror


@contextmanager
def _reading(
    options: argparse.Namespace, open_gate: Callable[[], Any] | None, clock: Clock | None
) -> Iterator[tuple[Any, Turns]]:
    """A client, and the pace at which it is read."""

    def observe(told: Attempted | Called) -> None:
        # The pace is that of the client's mode, so it is made after the client, and before it asks.
        pace.observe(told)

    def from_env() -> Gate:
        account = options.account or None
        return Gate.from_env(account=account, observer=observe, clock=clock, read_only=True)

    with (
        (open_gate or from_env)() as gate,
        paced(
            options.store,
            mode=gate.mode,
            account=options.account,
            rate=options.rate,
            clock=clock,
        ) as pace,
    ):
        yield gate, pace


def _terms(
    options: argparse.Namespace,
    told: Settings,
    taken: Intake,
    mirror: Mirror,
    meant: LedgerWords | None,
    words: Words,
    newest: int | None,
) -> Terms:
    complete = mirror.complete_until()
    begins, ends = period(options, told)
    if (begins, ends) != (None, None) and "created_at" not in taken.columns.found:
        raise Unusable("--from and --to need the rows' time: say --column created_at=NAME")
    as_of = moment(options.as_of, "--as-of", told)
    as_of = complete if as_of is None else as_of
    ledger_as_of = moment(options.ledger_as_of, "--ledger-as-of", told)
    if ledger_as_of is None:
        ledger_as_of = min((at for at in (newest, ends) if at is not None), default=None)
    return Terms(
        as_of=as_of,
        ledger_as_of=as_of if ledger_as_of is None else min(as_of, ledger_as_of),
        gate_as_of=min(as_of, complete),
        kinds=taken.columns.kinds(),
        ledger_words=Words() if meant is None else meant.words,
        gate_words=words,
        due_after=options.due_after,
        missing_after=options.missing_after,
        stale_after=options.stale_after,
        mode=mirror.mode,
        total_basis=options.amount_basis == "total",
        refund_words=() if meant is None else meant.refunds,
        begins=begins,
        ends=ends,
    )


def _about(
    options: argparse.Namespace,
    told: Settings,
    taken: Intake,
    mirror: Mirror,
    meant: LedgerWords | None,
    words: Words,
) -> dict[str, Any]:
    """What the report says of how it was made; nothing that differs from run to run."""
    columns = taken.columns
    return {
        "ledger": options.table or Path(options.ledger).name,
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
        "tolerance": _tolerance(options),
        "time_zone_of_naive_times": told.tz,
        "seconds_until_due": options.due_after,
        "seconds_until_missing": options.missing_after,
        "seconds_until_stale": options.stale_after,
    }


def _tolerance(options: argparse.Namespace) -> str:
    said = [
        f"{plain_text(limit)}%" if code == "%" else f"{plain_text(limit)} {code}".strip()
        for code, limit in sorted(options.tolerance)
    ]
    return ", ".join(said) or "off"


def _provenance(
    about: Mapping[str, Any], found: Findings, taken: Intake, mirror: Mirror
) -> dict[str, Any]:
    """Which run this is: the same name for the same ledger, mirror, settings and versions."""
    said = {
        "ledger_sha256": taken.digest(),
        "partner_id": mirror.partner_id,
        "versions": {name: version(name) for name in ("duckdb", "ibis-framework", "pyarrow")}
        | {"zerogate": __version__},
    }
    terms = attrs.asdict(found.terms)
    everything = json.dumps(
        [about, said, terms, found.ledger_rows, found.gate_rows], sort_keys=True
    )
    return {**said, "run": hashlib.sha256(everything.encode()).hexdigest()[:16]}


def _meanings(meant: LedgerWords | None) -> Iterator[str]:
    if meant is None:
        yield "status        no column for it: every row is held to be booked, and needs a success at Gate"
        return
    for word, said in meant.meanings.items():
        how = "guessed" if word in meant.guessed else "as told"
        yield f"status        {word!r} means {said}, {how}"


def _told(found: Findings, summary: Mapping[str, Any], out: Path) -> Iterator[str]:
    """The result for whoever ran it."""
    yield f"As of {when(found.terms.as_of)}: {found.ledger_rows:,} ledger rows, {found.breaks:,} breaks"
    for code, count in found.classes.items():
        yield f"  {code:<18} {count:>10,}"
    if known := summary["breaks_known"]:
        yield f"  {known:,} of them are known, and somebody answers for them"
    for change, parts in summary.get("since", {}).items():
        if change != "as_of":
            money = ", ".join(f"{p['rows']:,} of {p['amount']} {code}" for code, p in parts.items())
            yield f"  {change.replace('_', ' '):<18} {money or 'none'}"
    if found.in_parts:
        yield f"  {found.in_parts:,} orders match in several payments or rows"
    for one in found.suspicions:
        yield f"  Look at this first: {one.says}"
    yield ""
    for code, control in found.controls.items():
        parts = [control.ledger, control.matched, control.breaks]
        ledger, matched, breaks = (f"{plain_text(p.amount)} ({p.rows:,})" for p in parts)
        yield f"  {code or 'none':<6} ledger {ledger} = matched {matched} + breaks {breaks}"
        states = [
            f"{name.replace('_', ' ')} {plain_text(part.ledger.amount)} ({part.ledger.rows:,})"
            for name, part in control.in_order()
            if part.ledger.rows
        ]
        if states:
            yield f"         of it {', '.join(states)}"
    yield ""
    yield f"Report: {out / 'report.html'}"


def _say(lines: Any) -> None:
    for line in lines:
        print(line, file=sys.stderr)
