"""Held rows that may have changed although no list shows it, which a refresh asks for again. Reads files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .breaks import DAY
from .records import Kind, day_of

#: Days after which a row that is not final is left to an audit.
GIVEN_UP: Final = 180
#: Days in which a payment ends its session; later, an audit sees it.
PAYS_WITHIN: Final = 30
#: Id → status and time.
Wanted: TypeAlias = dict[str, tuple[str | None, int | None]]


def unsettled(
    kind: Kind,
    files: Sequence[str],
    new: Sequence[Path],
    *,
    settled_before: int,
    seen_until: int | None,
    paid: pa.Array,
) -> Wanted:
    """Return held rows, not final, under 180 days old, that no list of this run has shown.

    files, new: The days that are held, and the rows of this run. seen_until: When the last refresh began.
    paid: Sessions that were paid, whatever they said when they were read.
    """
    ends = pa.array(sorted(kind.terminal), pa.string())
    wanted: Wanted = {}
    given_up = settled_before - GIVEN_UP * DAY
    names = [kind.id, "status", "created_at"]
    expires = "expires_at" in kind.schema.names
    for file in files:
        rows = pq.read_table(file, columns=[*names, *(["expires_at"] if expires else [])])
        open_ = pc.invert(pc.fill_null(pc.is_in(rows["status"], value_set=ends), False))
        open_ = pc.and_(open_, pc.fill_null(pc.greater(rows["created_at"], given_up), True))
        if expires:
            # Nobody ends an abandoned session. Seen after its end, it changes only by a payment.
            alive = pc.fill_null(pc.greater(rows["expires_at"], seen_until or 0), True)
            alive = pc.or_(alive, pc.is_in(rows[kind.id], value_set=paid))
            open_ = pc.and_(open_, alive)
        left = rows.filter(open_).select(names)
        for id, status, at in zip(*(column.to_pylist() for column in left.columns), strict=True):
            wanted[id] = status, at
    return _not_shown(wanted, kind, new)


def named(kind: Kind, files: Sequence[str], new: Sequence[Path], names: Collection[str]) -> Wanted:
    """Return held rows that have one of these ids, or whose session has, not shown by this run."""
    wanted: Wanted = {}
    if not names:
        return wanted
    value_set = pa.array(sorted(names), pa.string())
    ids = [n for n in (kind.id, "session_id", "rail_id") if n in kind.schema.names]
    for file in files:
        rows = pq.read_table(file, columns=list(dict.fromkeys([*ids, "status", "created_at"])))
        meant = pc.is_in(rows[ids[0]], value_set=value_set)
        for id in ids[1:]:
            meant = pc.or_(meant, pc.is_in(rows[id], value_set=value_set))
        left = rows.filter(meant).select([kind.id, "status", "created_at"])
        for id, status, at in zip(*(column.to_pylist() for column in left.columns), strict=True):
            wanted[id] = status, at
    return _not_shown(wanted, kind, new)


def _not_shown(wanted: Wanted, kind: Kind, new: Sequence[Path]) -> Wanted:
    """Take the ids in these files out of *wanted*, and return it."""
    # This way round: a first walk that was cut off may have left many more rows than these.
    for path in new if wanted else ():
        for id in pq.read_table(path, columns=[kind.id])[kind.id].to_pylist():
            wanted.pop(id, None)
    return wanted


def paid_sessions(files: Mapping[Kind, Sequence[str]], settled_before: int) -> pa.Array:
    """Return the ids of sessions that successes among the last month's transactions paid; reads files.

    files: By kind, a file for each day; those of the last month count.
    """
    first = day_of(settled_before - PAYS_WITHIN * DAY)
    found: dict[str, None] = {}
    for kind, days in files.items():
        if kind.success:
            value_set = pa.array(sorted(kind.success), pa.string())
            for file in (file for file in days if Path(file).stem >= first):
                rows = pq.read_table(file, columns=["session_id", "status"])
                paid = pc.fill_null(pc.is_in(rows["status"], value_set=value_set), False)
                found |= dict.fromkeys(rows.filter(paid)["session_id"].drop_null().to_pylist())
    return pa.array(list(found), pa.string())
