"""Gate's records on disk: a folder of Parquet files by day, brought up to date a bit at a time.

A refresh walks each list from the newest row to those already held, and on through the days in which
rows still change; then it asks for older rows that are not final, many by their status, few by id,
because a list by creation never shows that an old row did. What that costs follows from what is new, not
from what is held. Each step ends with a file put in place at once, so a kill at any point costs the last bit,
and the next run goes on from there.

    mirror.json                 how far each list has been walked, whose records these are
    transactions/new/…          rows as they come, in order
    transactions/2026-01-05…    the same by day of creation, each row once, sorted by id
    sessions/…
"""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from zerogate import GateUsageError

from . import walk_state
from .atomic_files import replace, write_parquet
from .breaks import DAY
from .errors import Unusable, WrongAccount
from .folder_lock import hold_lock
from .inbox_changes import Changed
from .partitions import Days
from .progress import Progress, Reached, Walk, silent
from .records import UNDATED, Kind, partner_of
from .sources import Source, askable
from .unsettled import Wanted, named, paid_sessions, unsettled

#: Rows in memory before they go to disk; about 20 MB.
BATCH: Final = 10_000
#: Fewer of those that cost a request each.
SINGLES: Final = 500
#: More rows of one status than this are looked for in the list of that status.
FEW: Final = 20
_FORMAT: Final = 1
#: After so many seconds what a cut-off refresh has read is read again.
_TOO_OLD: Final = 6 * 3_600


@attrs.frozen
class Refreshed:
    """Result of a refresh: rows new in the lists, rows read again by id, ids that Gate no longer has."""

    listed: int
    reread: int
    gone: int


def _read_state(path: Path) -> dict[str, Any] | None:
    """Read mirror.json; None where there is no such file, Unusable where it can't be read."""
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        str(told["format"]), str(told["mode"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Unusable(
            f"{path} cannot be read: put it back from a copy, or mirror into a new folder"
        ) from problem
    return told


class Mirror:
    """A folder that holds the records of one account and mode."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder, self.mode = folder, mode
        self.work = folder / ".work"
        #: What a refresh reads; of all kinds it knows what the others hold.
        self.kinds: tuple[Kind, ...] = ()
        self._path = folder / "mirror.json"
        self._load()

    def _load(self) -> None:
        """Take the state from mirror.json, if any; Unusable for another format, WrongAccount: other mode."""
        data = _read_state(self._path) or {}
        if data and data["format"] != _FORMAT:
            raise Unusable(
                f"{self.folder} was written by another version: mirror into a new folder"
            )
        if data and data["mode"] != self.mode:
            raise WrongAccount(f"{self.folder} mirrors {data['mode']}, the key is for {self.mode}")
        #: Up to when the mirror is complete; None before its first refresh has ended.
        self.as_of: int | None = data.get("as_of")
        self._began: int | None = data.get("began")
        #: Whose records these are; None before a record that says so is held.
        self.partner_id: str | None = data.get("partner_id")
        self.states = {
            name: walk_state.WalkState.of(state) for name, state in data.get("kinds", {}).items()
        }

    @classmethod
    def held(cls, folder: Path) -> Mirror:
        """Return the mirror held in *folder*, of any mode; Unusable if no mirror is there."""
        told = _read_state(folder / "mirror.json")
        if told is None:
            raise Unusable(f"no mirror in {folder}: run once without --offline")
        return cls(folder, told["mode"])

    def complete_until(self) -> int:
        """Return Unix seconds up to which all is held; Unusable before a first refresh ended."""
        if self.as_of is None:
            raise Unusable(f"the mirror in {self.folder} is not complete: run without --offline")
        return self.as_of

    def refresh(
        self,
        sources: list[tuple[Kind, Source]],
        *,
        now: int,
        settle_days: int = 2,
        audit: bool = False,
        changed: Changed | None = None,
        progress: Progress = silent,
    ) -> Refreshed:
        """Read from Gate into the folder what is new or may have changed, by kind; return the counts.

        now: The time at which it begins, in Unix seconds; the mirror is complete up to it, or up to
            when a refresh began that was cut off and now goes on.
        settle_days: Younger rows are listed again even where they are final.
        audit: List every row again, which takes a request for each hundred; cut off, it goes on when
            asked for again.
        changed: Ids that may have changed since an instant, as an inbox heard of them; they are read
            again by id, however old and final they are.

        Raises:
            WrongAccount: the sources are another partner's; nothing was written.
        """
        listed = reread = gone = 0
        with hold_lock(self.folder, "refresh"):
            self._load()
            self.kinds = tuple(kind for kind, _ in sources)
            self._check_partner(sources)
            afresh = self._begin(now)
            heard = frozenset[str]()
            if changed is not None and self.as_of is not None:
                heard = changed(self.as_of)
            for kind, source in sources:
                step = _Step(self, kind, source, progress)
                if not step.state.read:
                    settled = (self._began or now) - settle_days * DAY
                    until = None if audit else settled
                    if step.state.cursor is not None:
                        listed += step.walk(until)
                        until = settled
                    if afresh:
                        step.compact()
                    listed += step.walk(until)
                    again, lost = step.read_again(settled, heard)
                    reread, gone = reread + again, gone + lost
                step.compact()
            self._end()
        return Refreshed(listed, reread, gone)

    def _check_partner(self, sources: list[tuple[Kind, Source]]) -> None:
        """Read a row of Gate; WrongAccount unless its partner is the mirror's; keep the partner's id."""
        for kind, source in sources:
            if kind.names_partner:
                page = next(source.pages(None), None)
                theirs = partner_of(page.items) if page else None
                ours = self.partner_id or self._partner_held(kind)
                if ours is not None and theirs != ours:
                    has = f"is of partner {theirs}" if theirs else f"lists no {kind.name} at all"
                    raise WrongAccount(
                        f"{self.folder} mirrors partner {ours}, and the key {has}: take that "
                        "account's key, or give this one a folder of its own with --mirror"
                    )
                self.partner_id = theirs

    def _partner_held(self, kind: Kind) -> str | None:
        """Return the partner_id of the first rows held; None where no row is held."""
        for file in self.files(kind):
            for batch in pq.ParquetFile(file).iter_batches(batch_size=100, columns=["raw"]):
                return partner_of(map(json.loads, batch["raw"].to_pylist()))
        return None

    def _begin(self, now: int) -> bool:
        """Delete leftovers; begin anew and return True, or False: one cut off, begun < 6 h ago, goes on."""
        for part in self.folder.rglob("*.part"):
            part.unlink()
        shutil.rmtree(self.work, ignore_errors=True)
        if self._began is not None and now - self._began <= _TOO_OLD:
            return False
        self._began = now
        self._mark_unread()
        return True

    def _end(self) -> None:
        """Write that the mirror is complete up to when this refresh began."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.as_of, self._began = self._began, None
        self._mark_unread()

    def _mark_unread(self) -> None:
        """Mark every kind as not yet read by a refresh, and save that."""
        self.states = {name: attrs.evolve(s, read=False) for name, s in self.states.items()}
        self.save()

    def files(self, kind: Kind) -> list[str]:
        """Return paths of a kind's Parquet files, oldest day first; [] before a refresh."""
        return [str(path) for path in Days(kind, self.folder / kind.name, self.work).files()]

    def check(self, kinds: Sequence[Kind]) -> None:
        """Raise Unusable for the first day's file of these kinds that is damaged."""
        for kind in kinds:
            Days(kind, self.folder / kind.name, self.work).check()

    def table(self, con: Any, kind: Kind) -> Any:
        """Return all rows of a kind in DuckDB, read from its files; an empty table for no file."""
        files = self.files(kind)
        if not files:
            return con.create_table(kind.name, kind.schema.empty_table(), temp=True)
        return con.read_parquet([glob.escape(file) for file in files], table_name=kind.name)

    def save(self) -> None:
        """Write mirror.json, whole and synced to the disk."""
        data = {
            "format": _FORMAT,
            "mode": self.mode,
            "partner_id": self.partner_id,
            "as_of": self.as_of,
            "began": self._began,
            "kinds": {name: attrs.asdict(state) for name, state in self.states.items()},
        }
        part = self._path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        replace(part, self._path)


class _Step:
    """One kind being brought up to date."""

    def __init__(self, mirror: Mirror, kind: Kind, source: Source, progress: Progress) -> None:
        self.mirror, self.kind, self.source, self.progress = mirror, kind, source, progress
        self.folder = mirror.folder / kind.name
        self.new = self.folder / "new"
        self.new.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._last = max((int(file.stem) for file in self._new_files()), default=0)

    @property
    def state(self) -> walk_state.WalkState:
        """Progress of this kind's walk; a new state before it began."""
        return self.mirror.states.get(self.kind.name, walk_state.WalkState())

    @state.setter
    def state(self, state: walk_state.WalkState) -> None:
        """Keep the progress of this kind's walk in the mirror's states; nothing is written yet."""
        self.mirror.states[self.kind.name] = state

    # ── From the top of the list ─────────────────────────────────────────────────────────────────

    def walk(self, until: int | None) -> int:
        """Read the list to held rows and to *until* (None: all); write rows, return how many.

        Goes on from where an earlier walk was cut off.
        """
        walk, waiting = self._walk_start(), list[dict[str, Any]]()
        with self._keep_when_cut_off(waiting):
            for page in self.source.pages(self.state.cursor):
                rows = self.kind.rows(page.items)
                waiting += rows
                # At once, and after the rows: whatever happens in between, these come again.
                ids = [row[self.kind.id] for row in rows]
                times = [row["created_at"] for row in rows]
                self.state = walk_state.advanced(
                    self.state, ids, page.next_cursor, walk_state.is_beyond(times, until)
                )
                over = self.state.cursor is None
                left = self.state.left
                self.progress(walk.on(times, 0 if over else left and max(left, 0)))
                if over:
                    break
                if len(waiting) >= BATCH:
                    self._write_rows(waiting)
            else:
                self.state = walk_state.advanced(self.state, (), None)
        self._write_rows(waiting)
        return walk.rows

    def _walk_start(self) -> Walk:
        """Return the progress of a walk at its start; its end is the newest row held, or None."""
        dated = [file for file in self.mirror.files(self.kind) if Path(file).stem != UNDATED]
        until = None
        if self.state.newest and dated:
            times = pq.read_table(dated[-1], columns=["created_at"])["created_at"]
            until = pc.max(times).as_py()
        return Walk(self.kind.name, until, walk_state.OVERLAP)

    @contextmanager
    def _keep_when_cut_off(self, waiting: list[dict[str, Any]]) -> Iterator[None]:
        """Write *waiting* rows to disk where the block raises, so that they aren't read again."""
        try:
            yield
        except (Exception, KeyboardInterrupt):
            self._write_rows(waiting)
            raise

    def _write_rows(self, rows: list[dict[str, Any]]) -> None:
        """Write rows to a new file and clear the list, then save how far the walk has come."""
        if rows:
            self._last += 1
            table = pa.Table.from_pylist(rows, schema=self.kind.schema)
            write_parquet([table], self.kind.schema, self.new / f"{self._last:08d}.parquet")
            rows.clear()
        self.mirror.save()

    # ── By id ────────────────────────────────────────────────────────────────────────────────────

    def read_again(self, settled_before: int, heard: frozenset[str]) -> tuple[int, int]:
        """Read unsettled and *heard* rows that this run did not list, write them; return (read, gone).

        heard: Ids that events named. Returns how many were read, and how many are gone.
        """
        kinds = {kind: self.mirror.files(kind) for kind in self.mirror.kinds}
        wanted = unsettled(
            self.kind,
            kinds[self.kind],
            self._new_files(),
            settled_before=settled_before,
            seen_until=self.mirror.as_of,
            paid=paid_sessions(kinds, settled_before),
        )
        wanted |= named(self.kind, kinds[self.kind], self._new_files(), heard)
        count, gone, waiting = 0, 0, list[dict[str, Any]]()
        with self._keep_when_cut_off(waiting):
            count += self._list_by_status(wanted, waiting)
            ids = askable(wanted)
            for place, id in enumerate(ids, 1):
                item = self.source.retrieve(id)
                waiting += [] if item is None else self.kind.rows([item])
                gone, count = gone + (item is None), count + (item is not None)
                self.progress(Reached(self.kind.name, "read again", place, len(ids)))
                if len(waiting) >= SINGLES:
                    self._write_rows(waiting)
        self.state = attrs.evolve(self.state, read=True)
        self._write_rows(waiting)
        return count, gone

    def _list_by_status(self, wanted: Wanted, waiting: list[dict[str, Any]]) -> int:
        """List Gate's rows by status; move those *wanted* from there to *waiting*, return how many."""
        # A source need not be able to.
        listing = getattr(self.source, "pages_of", None)
        statuses = Counter(status for status, _ in wanted.values())
        count = 0
        if listing is None:
            return 0
        for status, rows in sorted((said, n) for said, n in statuses.items() if said and n > FEW):
            oldest = min(
                (at for said, at in wanted.values() if said == status and at), default=None
            )
            try:
                pages = listing(status)
            except GateUsageError:
                # No list is of a status that the contract has not; each of its rows has an id.
                continue
            for page in pages:
                read = self.kind.rows(page.items)
                found = [row for row in read if wanted.pop(row[self.kind.id], None)]
                waiting += found
                count += len(found)
                rows -= len(found)
                self.progress(Reached(self.kind.name, f"still {status}", count, count + rows))
                if len(waiting) >= BATCH:
                    self._write_rows(waiting)
                if rows <= 0 or walk_state.is_beyond([row["created_at"] for row in read], oldest):
                    break
        return count

    def _new_files(self) -> list[Path]:
        """Return the files of rows that are not in their days yet, oldest first."""
        return sorted(self.new.glob("*.parquet"))

    # ── By day ───────────────────────────────────────────────────────────────────────────────────

    def compact(self) -> None:
        """Merge new rows into their days' files and delete their own; safe to repeat."""
        files = self._new_files()
        Days(self.kind, self.folder, self.mirror.work).take_in(files)
        for file in files:
            file.unlink()
