"""`zerogate reconcile`: brings the mirror up to date, matches, proves, reports. Ends with 3 on breaks."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import duckdb
import pyarrow as pa
from zerogate import Clock, Gate, TransactionStatuses
from zerogate._observers import AttemptRecord, CallRecord
from zerogate_store import RateLimiter

from . import records
from .columns import Settings
from .databases import table_reader
from .errors import LedgerError, Unusable
from .findings import Findings, at_lines
from .folder_lock import hold_lock
from .inbox_changes import changes_heard
from .ingest import Ingested, take_in, take_in_reader
from .ledger_files import ledger_files, passed_over
from .match_engines import opened
from .match_inputs import Terms
from .mirror import Mirror
from .object_storage import RemoteMirror, is_remote
from .options import (
    add_arguments,
    dates_within,
    earlier,
    known_breaks,
    moment,
    parsed,
    period,
    settings,
    tolerance,
)
from .pipeline import LedgerWords, ledger_words, match, newest_row, prove
from .progress import shown
from .provenance import match_id, run_id, settings_used, sources_used
from .report.write import write_report
from .shard_files import read_answers, write_answer
from .shards import Shard, Sides, one_shard
from .sources import GateSource, limited
from .spool import Spool
from .statuses import Words
from .terminal import no_room, result_lines, status_lines

__all__ = ["add_arguments", "main", "run"]

DIFFERENCES: Final = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Reconcile with a shell's arguments; return the exit code. Store: --store, ZEROGATE_STORE."""
    options = parsed(argv)
    options.store = options.store or os.environ.get("ZEROGATE_STORE") or None
    return run(options)


def run(
    options: argparse.Namespace,
    open_gate: Callable[[], Any] | None = None,
    clock: Clock | None = None,
) -> int:
    """Reconcile, print the result and return the exit code: 0, 3 on breaks, that of an error.

    open_gate: A client instead of that of the environment, used as a context manager; not called with
        --offline. From the environment's the rate limiter also hears of a 429 that the client got over.
    clock: The mirror's time.
    """
    try:
        done = _run(options, open_gate, clock)
    except LedgerError as problem:
        print(f"zerogate reconcile: {problem}", file=sys.stderr)
        return problem.exit_code
    except duckdb.Error as problem:
        if isinstance(problem, duckdb.OutOfMemoryException | duckdb.IOException):
            # What was there stays: a report replaces the last one only when it is whole.
            print(f"zerogate reconcile: {no_room(problem, options)}", file=sys.stderr)
            return LedgerError.exit_code
        if (
            not isinstance(problem, duckdb.InvalidInputException)
            and type(problem) is not duckdb.Error
        ):
            raise
        told = str(problem).splitlines()[0]
        print(f"zerogate reconcile: a file is damaged, put it back: {told}", file=sys.stderr)
        return LedgerError.exit_code
    except OSError as problem:
        print(f"zerogate reconcile: {no_room(problem, options)}", file=sys.stderr)
        return LedgerError.exit_code
    if done is None:
        return 0
    found, summary = done
    if options.json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        print("\n".join(result_lines(found, summary, options.out)))
    return DIFFERENCES if summary["breaks_to_look_at"] else 0


def _run(
    options: argparse.Namespace, open_gate: Callable[[], Any] | None, clock: Clock | None
) -> tuple[Findings, dict[str, Any]] | None:
    """Write the report, return findings and summary; for --shard write its answer, return None."""
    told, known = settings(options), known_breaks(options)
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
    with _workplace(_own_folder(options)) as place:
        since = earlier(options, place)
        taken = _ingest(options, place, told)
        _say(taken.columns.told())
        if taken.left_out:
            _say([f"left out      {taken.left_out:,} rows of other kinds than [where] names"])
        mirror = _open_mirror(options, open_gate, clock, kinds)
        with opened(options.engine, options.engine_url, place, options.memory) as engine:
            con = engine.con
            ledger = engine.ledger(taken)
            meant = ledger_words(con, ledger, told.statuses)
            _say(status_lines(meant))
            terms = _terms(options, told, taken, mirror, meant, words, newest_row(con, ledger))
            about = settings_used(options, told, taken, mirror, meant, words)
            sources = sources_used(taken, mirror)
            sides = Sides(
                ledger,
                engine.records(mirror, kinds[0]),
                engine.records(mirror, kinds[1]) if mirror.files(kinds[1]) else None,
            )
            name = match_id(about, sources, terms)
            with shown("matching"):
                if options.shard is not None:
                    _write_shard(con, sides, terms, options, name, place)
                    return None
                if options.merge is None:
                    answer = match(con, sides, terms)
                else:
                    answer = read_answers(options.merge, name)
                found = prove(
                    con,
                    answer,
                    ledger,
                    sides.transactions,
                    terms,
                    tolerance=tolerance(options),
                    most_may_be_missing=options.most_may_be_missing,
                    spool=partial(Spool, place, options.memory),
                )
        found = at_lines(found, taken.places(place))
        run = run_id(about, sources, attrs.asdict(terms), found.ledger_rows, found.gate_rows)
        return found, write_report(
            found,
            options.out,
            {**about, **sources, "run": run},
            known=known,
            since=since,
            also=options.also,
        )


def _own_folder(options: argparse.Namespace) -> Path:
    """Return the folder that one run has to itself: of a shard, one below --out."""
    out: Path = options.out
    shard: Shard | None = options.shard
    return out if shard is None else out / ".shards" / f"{shard.number}-of-{shard.of}"


def _write_shard(
    con: Any,
    sides: Sides,
    terms: Terms,
    options: argparse.Namespace,
    name: str,
    place: Path,
) -> None:
    """Match one shard; write its answer below --out, its path to stderr. Unusable if not with DuckDB."""
    if options.engine != "duckdb":
        raise Unusable(
            "--shard is for DuckDB on several machines: another engine spreads by itself"
        )
    with one_shard(con, sides, terms, options.shard) as part:
        answer = Spool(place, options.memory)
        for table in match(con, part, terms):
            answer.add(table)
    path = write_answer(answer, options.shard, name, options.out)
    _say([f"shard {options.shard}: {path}; --merge {options.out} makes the report of all"])


@contextmanager
def _workplace(home: Path) -> Iterator[Path]:
    """Lock *home* and yield its folder `.work`, empty; delete it in the end, also on error."""
    place = home / ".work"
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(home, "run"))
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        except OSError as problem:
            raise Unusable(
                f"cannot write to {home}, which is to be a folder: {problem.strerror}"
            ) from problem
        held.callback(shutil.rmtree, place, ignore_errors=True)
        yield place


def _ingest(options: argparse.Namespace, place: Path, told: Settings) -> Ingested:
    """Read the ledger from files, object storage or a database into Parquet files of *place*; or Unusable."""
    try:
        if "://" not in options.ledger or is_remote(options.ledger):
            ours = [options.out, *([options.mirror] if isinstance(options.mirror, Path) else [])]
            files = ledger_files(options.ledger, place, but=ours)
            if over := passed_over(options.ledger, files, but=ours):
                _say(
                    [f"passed over   {len(over):,} files that are no tables: {', '.join(over[:5])}"]
                )
            return take_in(files, place, told, in_place=options.engine == "duckdb")
        if options.ledger.partition("://")[0].lower() in ("http", "https", "ftp"):
            raise Unusable(f"{options.ledger[:80]} is not on this machine: download it first")
        if not options.table:
            raise Unusable("a database's URL needs --table NAME")
        return take_in_reader(table_reader(options.ledger, options.table), place, told)
    except (pa.ArrowException, OSError) as problem:
        # Whatever is in a file, its owner gets a sentence.
        name = options.table or options.ledger
        raise Unusable(f"{name} cannot be read: {str(problem)[:200]}") from problem


def _open_mirror(
    options: argparse.Namespace,
    open_gate: Callable[[], Any] | None,
    clock: Clock | None,
    kinds: tuple[records.Kind, records.Kind],
) -> Mirror | RemoteMirror:
    """Return the mirror, updated from Gate unless --offline; Unusable for a remote one without --offline."""
    folder = options.mirror or options.out / "mirror"
    if is_remote(folder):
        if not options.offline:
            raise Unusable(
                f"{folder} is only read: say --offline, and bring the mirror up to date in a folder"
            )
        return RemoteMirror.open(folder)
    if options.offline:
        mirror = Mirror.held(folder)
        mirror.check(kinds)
        return mirror
    with (
        _open_client(options, open_gate, clock) as (gate, limiter),
        changes_heard(options.store, mode=gate.mode, account=options.account) as changed,
    ):
        mirror = Mirror(folder, gate.mode)
        mirror.check(kinds)
        with shown("reading Gate's records") as progress:
            done = mirror.refresh(
                [
                    (kinds[0], GateSource(gate.transactions, limiter)),
                    (kinds[1], GateSource(gate.sessions, limiter)),
                ],
                now=int(time.time() if clock is None else clock.now()),
                settle_days=options.settle_days,
                audit=options.audit,
                changed=changed,
                progress=progress,
            )
    _say([f"mirror: {done.listed:,} rows from the lists, {done.reread:,} read again by id"])
    if done.gone:
        _say([f"mirror: {done.gone:,} held rows are no longer at Gate; they stay as they were"])
    return mirror


@contextmanager
def _open_client(
    options: argparse.Namespace, open_gate: Callable[[], Any] | None, clock: Clock | None
) -> Iterator[tuple[Any, RateLimiter]]:
    """Yield a client and the rate limiter of its reads; close both in the end."""

    def observe(told: AttemptRecord | CallRecord) -> None:
        """Tell the rate limiter of an attempt or a call."""
        # The limit is that of the client's mode, so it is made after the client, and before it asks.
        limiter.observe(told)

    def from_env() -> Gate:
        """Open a client of the environment, for reads only."""
        account = options.account or None
        return Gate.from_env(account=account, observer=observe, clock=clock, read_only=True)

    with (
        (open_gate or from_env)() as gate,
        limited(
            options.store,
            mode=gate.mode,
            account=options.account,
            rate=options.rate,
            clock=clock,
        ) as limiter,
    ):
        yield gate, limiter


def _terms(
    options: argparse.Namespace,
    told: Settings,
    taken: Ingested,
    mirror: Mirror | RemoteMirror,
    meant: LedgerWords | None,
    words: Words,
    newest: int | None,
) -> Terms:
    """Return the match's terms, times in Unix seconds; Unusable for a period without times."""
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
        dates_within=dates_within(options),
    )


def _say(lines: Any) -> None:
    """Print lines to stderr."""
    for line in lines:
        print(line, file=sys.stderr)
