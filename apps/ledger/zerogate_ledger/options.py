"""The arguments of `zerogate reconcile`, and what they mean. Reads no file but the one of columns."""

from __future__ import annotations

import argparse
import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs

from .breaks import DAY
from .changes import Since
from .columns import ROWS, Settings, check_standings, settings_of
from .controls import Tolerance
from .dates import NotADate, instant, is_date_alone, next_day, zone
from .engine import MEMORY
from .errors import Unusable
from .exact import is_plain
from .known import Known, known_of
from .match_engines import ENGINES
from .object_storage import is_remote
from .presets import names, preset
from .report.tables import ALSO
from .shards import Shard
from .spool import Spool

#: Under which `--tolerance` keeps days; no currency has such a name.
DAYS: Final = "days"
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add all arguments of `zerogate reconcile` to a parser."""
    parser.add_argument(
        "ledger",
        metavar="LEDGER",
        help="your ledger: a CSV, TSV, JSON Lines, Excel, Arrow or Parquet file, packed by gzip or not, a "
        "folder or pattern of such, here or on s3:// and the like, or a database's URL with --table",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="for the report")
    parser.add_argument(
        "--as-of",
        metavar="T",
        help="the time that the result is about (default: when the mirror was read)",
    )
    parser.add_argument(
        "--ledger-as-of",
        metavar="T",
        help="up to when the ledger is complete; else its newest row",
    )
    for flag, what in (("from", "opening"), ("to", "closing; a date alone is through that day")):
        parser.add_argument(f"--{flag}", metavar="T", dest=f"period_{flag}", help=what)
    _add_mirror(parser.add_argument_group("Gate's records"))
    _add_scale(parser.add_argument_group("where one machine ends"))
    _add_columns(parser.add_argument_group("what your columns say"))
    _add_rules(parser.add_argument_group("what counts as a difference"))
    parser.add_argument(
        "--known", metavar="FILE", type=Path, help="breaks that somebody answers for, as TOML"
    )
    parser.add_argument(
        "--since",
        metavar="DIR",
        type=Path,
        help="an earlier report, to say what is new and what is gone",
    )
    parser.add_argument(
        "--also", action="append", default=[], choices=sorted(ALSO), help="write the breaks so too"
    )
    parser.add_argument("--json", action="store_true", help="print summary.json and nothing else")


def _add_scale(group: argparse._ArgumentGroup) -> None:
    """Add the arguments for memory, shards and engines to a group of the parser."""
    group.add_argument(
        "--memory",
        metavar="SIZE",
        type=_size,
        default=MEMORY,
        help=f"before disk is used (default {MEMORY})",
    )
    parts = group.add_mutually_exclusive_group()
    parts.add_argument(
        "--shard", metavar="I/N", type=_shard, help="match this part, and write its answer to OUT"
    )
    parts.add_argument(
        "--merge", metavar="DIR", type=Path, help="the report of all parts, whose answers are there"
    )
    group.add_argument(
        "--engine",
        choices=ENGINES,
        default="duckdb",
        help="what matches: DuckDB here, a PostgreSQL server, or Spark (default duckdb)",
    )
    group.add_argument(
        "--engine-url",
        metavar="URL",
        help="of the PostgreSQL database, whose temporary tables are used; of a Spark Connect server",
    )


def _place(text: str) -> Path | str:
    """Return a path; the URL of object storage stays text, for a path would lose a slash of it."""
    return text if is_remote(text) else Path(text)


def _shard(text: str) -> Shard:
    """Return the shard that text such as 2/8 names, or refuse the argument."""
    found = re.fullmatch("([0-9]{1,5})/([0-9]{1,5})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part such as 2/8")
    return Shard(int(found[1]), int(found[2]))


def _add_mirror(group: argparse._ArgumentGroup) -> None:
    """Add the arguments for mirror, reads of Gate, rate and store to a group of the parser."""
    group.add_argument(
        "--mirror",
        metavar="DIR",
        type=_place,
        help="where they are kept: OUT/mirror; with --offline also s3://BUCKET/NAME and the like",
    )
    group.add_argument("--offline", action="store_true", help="take the mirror as it is")
    group.add_argument(
        "--settle-days",
        metavar="N",
        type=int,
        default=2,
        help="list younger records again although they are final (default 2)",
    )
    group.add_argument(
        "--audit", action="store_true", help="list every record again: slow, and goes on if cut off"
    )
    group.add_argument(
        "--rate",
        metavar="N",
        type=_rate,
        default=5.0,
        help="requests a second, at most: your checkout shares the limit (default 5)",
    )
    group.add_argument(
        "--store",
        metavar="URL",
        help="share that rate with all workers of the account, and read again what its inbox received "
        "events of (default: ZEROGATE_STORE)",
    )
    group.add_argument(
        "--account", metavar="LABEL", default="", help="of those workers, where they have one"
    )


def _add_columns(group: argparse._ArgumentGroup) -> None:
    """Add the arguments for columns, presets, statuses, zones and layout to a group of the parser."""
    group.add_argument("--columns", metavar="FILE", type=Path, help="all of this, as TOML")
    group.add_argument(
        "--preset", metavar="NAME", help=f"the export of a system: {', '.join(names())}"
    )
    group.add_argument("--table", metavar="NAME", help="of a database; SCHEMA.NAME")
    for flag, what in (
        ("column", "amount=Betrag"),
        ("constant", "currency=EUR"),
        ("status", "bezahlt=success"),
        ("gate-status", "SETTLED=success"),
    ):
        group.add_argument(f"--{flag}", metavar=what, action="append", default=[], type=_pair)
    group.add_argument("--tz", metavar="ZONE", help="of times that name none: Europe/Berlin")
    order = group.add_mutually_exclusive_group()
    order.add_argument("--day-first", action="store_const", const=True, dest="day_first")
    order.add_argument("--month-first", action="store_const", const=False, dest="day_first")
    group.add_argument("--delimiter", metavar="CHARACTER")
    group.add_argument(
        "--skip-rows", metavar="N", type=_whole_number, help="lines above the header of a file"
    )
    group.add_argument("--encoding", metavar="NAME", help="of a CSV file that is not UTF-8")


def _add_rules(group: argparse._ArgumentGroup) -> None:
    """Add the arguments for amounts, tolerance and ages to a group of the parser."""
    group.add_argument(
        "--amount-basis",
        choices=("fiat", "total"),
        default="fiat",
        help="what your amounts are compared with: without or with fees (default fiat)",
    )
    group.add_argument(
        "--tolerance",
        metavar="AMOUNT",
        action="append",
        default=[],
        type=_tolerance,
        help="let amounts differ so much (off): 0.01, JPY=1, or 0.5%%; 2d: compare dates too, and let "
        "them differ so far; each kind once or more",
    )
    for flag, default, what in (
        ("due-after", "1h", "rows younger than this may still be on one side only"),
        ("missing-after", "1d", "older ones are missing, not late"),
        ("stale-after", "3d", "longer in flight is too long"),
    ):
        group.add_argument(
            f"--{flag}",
            metavar="TIME",
            type=_span,
            default=_span(default),
            help=f"{what} ({default})",
        )
    group.add_argument(
        "--most-may-be-missing",
        action="store_true",
        help="report although most rows are not at Gate",
    )


def _pair(text: str) -> tuple[str, str]:
    """Return NAME=VALUE as a pair, or refuse the argument where one of the two is missing."""
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _amount(text: str) -> Decimal:
    """Return a plain decimal that is not negative, or refuse the argument."""
    if not is_plain(text) or text.startswith("-"):
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount such as 0.01")
    return Decimal(text)


def _whole_number(text: str) -> int:
    """Return a number of at most four digits, or refuse the argument."""
    if not re.fullmatch("[0-9]{1,4}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of lines")
    return int(text)


def _tolerance(text: str) -> tuple[str, Decimal]:
    """Return (currency, amount), "" for all, "%" a percentage, "days" days; or refuse the argument."""
    code, sign, amount = text.rpartition("=")
    if sign and not code:
        raise argparse.ArgumentTypeError(f"{text!r} names no currency: write JPY=1, or 1 for all")
    if code == "" and amount.endswith("%"):
        return "%", _amount(amount[:-1])
    if code == "" and re.fullmatch("[0-9]{1,4}d", amount):
        return DAYS, Decimal(amount[:-1])
    return code.upper(), _amount(amount)


def tolerance(options: argparse.Namespace) -> Tolerance | None:
    """Return the tolerance of amounts that `--tolerance` gives; None where it gives none."""
    said = {code: limit for code, limit in options.tolerance if code != DAYS}
    if not said:
        return None
    percent, limit = said.pop("%", Decimal(0)), said.pop("", Decimal(0))
    return Tolerance(limit, said, percent)


def dates_within(options: argparse.Namespace) -> int | None:
    """Return the seconds that dates may differ, of the last `--tolerance Nd`; None without one."""
    days = [limit for code, limit in options.tolerance if code == DAYS]
    return int(days[-1]) * DAY if days else None


def _rate(text: str) -> float:
    """Return a finite number of requests a second above zero, or refuse the argument."""
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of requests a second")
    return rate


def _size(text: str) -> str:
    """Return the text of a size such as 4GB unchanged, or refuse the argument."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})? ?[KMGT]i?B", text, re.IGNORECASE):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1000MB or 4GB")
    return text


def _span(text: str) -> int:
    """Return the seconds of a text such as 90m, 1h or 3d, or refuse the argument."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90m, 1h or 3d")
    return int(found[1]) * _UNITS[found[2]]


def settings(options: argparse.Namespace) -> Settings:
    """Return the settings of preset, columns file and flags, the later over the earlier; or Unusable.

    Raises:
        Unusable: the file is not what it should be, or a zone or meaning is not known.
    """
    own = {} if options.columns is None else _toml(options.columns)
    # Checked by itself first, so that a mistake is named with its own file.
    settings_of(own, str(options.columns))
    base = {} if options.preset is None else preset(options.preset)
    told = settings_of(_laid_over(base, own), str(options.columns or f"preset {options.preset}"))
    told = attrs.evolve(
        told,
        columns={**told.columns, **dict(options.column)},
        constants={**told.constants, **dict(options.constant)},
        statuses={**told.statuses, **dict(options.status)},
        gate_statuses={**told.gate_statuses, **dict(options.gate_status)},
    )
    for name in ("tz", "day_first", "delimiter", "encoding", "skip_rows"):
        if getattr(options, name) is not None:
            told = attrs.evolve(told, **{name: getattr(options, name)})
    check_standings(told.statuses, "--status", ledger=True)
    check_standings(told.gate_statuses, "--gate-status")
    if told.tz is not None:
        zone(told.tz)
    if told.delimiter is not None and len(told.delimiter) != 1:
        raise Unusable(f"a delimiter is one character, not {told.delimiter!r}")
    return told


def _laid_over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return *base* under *own*: tables are joined, `[where]` and `[refunds]` replaced."""
    found = {**base, **own}
    for name in base.keys() & own.keys():
        if isinstance(base[name], dict) and isinstance(own[name], dict) and name not in ROWS:
            found[name] = {**base[name], **own[name]}
    return found


def _toml(path: Path) -> dict[str, object]:
    """Return a TOML file's content; raise Unusable where it can't be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise Unusable(f"{path} cannot be read as TOML: {problem}") from problem


def moment(text: str | None, name: str, told: Settings) -> int | None:
    """Return Unix seconds of a flag's text, None for None; Unusable where it is no instant."""
    if text is None:
        return None
    try:
        return instant(text, None if told.tz is None else zone(told.tz), told.day_first)
    except NotADate as problem:
        raise Unusable(f"{name}: {problem}; write 2026-01-31T18:00:00+01:00") from problem


def known_breaks(options: argparse.Namespace) -> tuple[Known, ...]:
    """Return the known breaks of --known's file; () without one, Unusable if it is wrong."""
    return () if options.known is None else known_of(_toml(options.known), str(options.known))


def earlier(options: argparse.Namespace, place: Path) -> Since | None:
    """Read --since's report into *place*; None if --since is not given, Unusable if it has no report."""
    folder: Path | None = options.since
    if folder is None:
        return None
    try:
        as_of = json.loads((folder / "summary.json").read_text("utf-8"))["as_of"]
        with (folder / "breaks.jsonl").open(encoding="utf-8") as lines:
            spool = partial(Spool, place, options.memory)
            return Since.of(as_of, lines, f"{folder}/breaks.jsonl", spool)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Unusable(
            f"no report in {folder}: --since names the folder of an earlier one"
        ) from problem


def period(options: argparse.Namespace, told: Settings) -> tuple[int | None, int | None]:
    """Return (first second, first after) of the period, None where open; Unusable if empty."""
    begins = moment(options.period_from, "--from", told)
    ends = moment(options.period_to, "--to", told)
    if ends is not None and is_date_alone(options.period_to):
        ends = next_day(ends, UTC if told.tz is None else zone(told.tz))
    if begins is not None and ends is not None and begins >= ends:
        raise Unusable(f"--to {options.period_to} is not after --from {options.period_from}")
    return begins, ends


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments of a command line; on a mistake print the usage and exit with 2."""
    parser = argparse.ArgumentParser(
        prog="zerogate reconcile",
        description="Compare a ledger with Gate's records, row by row and to the last digit.",
        epilog="Ends with 3 where there is something to look at, 0 where both sides agree.",
    )
    add_arguments(parser)
    return parser.parse_args(argv)
