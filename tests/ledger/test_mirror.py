"""The mirror: what Gate says reaches the disk once, late changes are seen, kills cost nothing."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pyarrow.parquet as pq
import pytest
from zerogate_ledger import mirror as mirrors
from zerogate_ledger import records
from zerogate_ledger.errors import Unusable, WrongAccount
from zerogate_ledger.inbox_changes import changes_heard
from zerogate_ledger.mirror import Mirror
from zerogate_store import Inbox, Store

from tests.inbox.shop import SECRET, event, signed
from tests.thorough import divided

NOW = 1_772_000_000
DAY = 86_400
KIND = records.transactions({"completed"})


@attrs.frozen
class Page:
    items: Sequence[Mapping[str, Any]]
    next_cursor: str | None


class Killed(BaseException):
    """What a kill does: nothing after it runs, what is on disk stays."""


class FakeGate:
    """Transactions as Gate lists them, newest first. fuse: Requests until it all ends."""

    def __init__(self, count: int = 0, size: int = 100) -> None:
        self.rows: list[dict[str, Any]] = []
        self.size, self.fuse = size, -1
        self.reads: list[str] = []
        self.listed = 0
        for number in range(count):
            self.add(number)

    def add(self, number: int, status: str = "completed", **said: Any) -> None:
        at = NOW - 90 * DAY + number * 600
        row = {
            "object": "transaction",
            "refid": f"tx_{number:06d}",
            "session_id": None,
            "status": status,
            "fiat_amount": "10.00",
            "created_at": _iso(at),
            "status_timeline": [{"status": "CREATED", "at": _iso(at)}, {"status": status}],
            **said,
        }
        self.rows.append(row)

    def __getitem__(self, refid: str) -> dict[str, Any]:
        return next(row for row in self.rows if row["refid"] == refid)

    def _burn(self) -> None:
        if self.fuse == 0:
            raise Killed
        self.fuse -= 1

    def pages(self, starting_after: str | None) -> Iterator[Page]:
        while True:
            self._burn()
            self.listed += 1
            newest = self.rows[::-1]
            ids = [row["refid"] for row in newest]
            start = 0 if starting_after is None else ids.index(starting_after) + 1
            items = newest[start : start + self.size]
            more = start + self.size < len(newest)
            yield Page(items, items[-1]["refid"] if more else None)
            if not more:
                return
            starting_after = items[-1]["refid"]

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        self._burn()
        self.reads.append(id)
        return next((row for row in self.rows if row["refid"] == id), None)


def _iso(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def refresh(folder: Path, gate: FakeGate, now: int = NOW, **options: Any) -> mirrors.Refreshed:
    return Mirror(folder, "test").refresh([(KIND, gate)], now=now, **options)


def held(folder: Path) -> list[dict[str, Any]]:
    files = Mirror(folder, "test").files(KIND)
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def image(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")
    }


def test_every_record_is_held_once_by_its_day(tmp_path: Path) -> None:
    gate = FakeGate(1_234)
    refresh(tmp_path, gate)
    rows = held(tmp_path)
    assert sorted(row["refid"] for row in rows) == sorted(row["refid"] for row in gate.rows)
    first = pq.read_table(Mirror(tmp_path, "test").files(KIND)[0])["created_at"].to_pylist()
    assert {at // DAY for at in first} == {min(first) // DAY}
    assert not list((tmp_path / "transactions" / "new").iterdir())


def test_a_mirror_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    refresh(folder, FakeGate(10))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for inside in (path for path in folder.rglob("*") if path.is_dir()):
        reachable = stat.S_IMODE(folder.stat().st_mode) & stat.S_IMODE(inside.stat().st_mode)
        assert reachable & 0o077 == 0, inside


def test_a_second_refresh_reads_only_the_new_rows_and_the_overlap(tmp_path: Path) -> None:
    gate = FakeGate(5_000)
    refresh(tmp_path, gate, settle_days=0)
    gate.add(5_000)
    before = gate.listed
    done = refresh(tmp_path, gate, settle_days=0)
    assert gate.listed - before <= 4
    assert done.reread == 0
    assert len(held(tmp_path)) == 5_001


def test_a_transaction_that_settles_days_after_it_was_mirrored_is_seen(tmp_path: Path) -> None:
    gate = FakeGate(3_000)
    gate["tx_000500"]["status"] = "CREATED"
    refresh(tmp_path, gate)
    # Nothing about the list shows the change: same place, no updated_at.
    gate["tx_000500"]["status"] = "completed"
    refresh(tmp_path, gate, now=NOW + 9 * DAY, settle_days=0)
    (row,) = [row for row in held(tmp_path) if row["refid"] == "tx_000500"]
    assert row["status"] == "completed"


def test_a_final_row_is_read_again_while_it_is_young(tmp_path: Path) -> None:
    gate = FakeGate(3_000)
    refresh(tmp_path, gate, now=NOW - 60 * DAY)
    gate["tx_002700"]["status"] = "reversed"
    refresh(tmp_path, gate, now=NOW - 60 * DAY, settle_days=20)
    (row,) = [row for row in held(tmp_path) if row["refid"] == "tx_002700"]
    assert row["status"] == "reversed"
    assert "tx_000001" not in gate.reads
    assert json.loads(row["past_statuses"]) == ["CREATED", "completed", "reversed"]


@pytest.mark.parametrize("seed", divided(range(6), lambda seed: seed == 0))
def test_a_refresh_killed_at_any_request_and_run_again_leaves_the_same_bytes(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrors, "BATCH", 150)
    monkeypatch.setattr(mirrors, "SINGLES", 20)
    chance = Random(seed)
    gate = FakeGate(1_000)
    for row in chance.sample(gate.rows, 60):
        row["status"] = "CREATED"
    refresh(tmp_path / "whole", gate)
    refresh(tmp_path / "cut", gate)
    for row in chance.sample(gate.rows, 60):
        row["status"] = chance.choice(["completed", "FAILED", "CREATED"])
    for number in range(1_000, 1_700):
        gate.add(number)
    refresh(tmp_path / "whole", gate, now=NOW + DAY, settle_days=83)
    for _ in range(500):
        gate.fuse = chance.randint(1, 120)
        try:
            refresh(tmp_path / "cut", gate, now=NOW + DAY, settle_days=83)
        except Killed:
            continue
        break
    else:
        pytest.fail("it never came to an end")
    assert image(tmp_path / "cut") == image(tmp_path / "whole")


def test_a_refresh_killed_between_any_two_files_leaves_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrors, "BATCH", 100)
    gate = FakeGate(600)
    refresh(tmp_path / "whole", gate)
    replace = Path.replace
    for point in range(60):
        count = 0

        def counted(self: Path, target: Path, point: int = point) -> Path:
            nonlocal count
            count += 1
            if count == point % 15 + 1:
                raise Killed
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", counted)
        try:
            refresh(tmp_path / "cut", gate)
        except Killed:
            continue
    monkeypatch.setattr(Path, "replace", replace)
    refresh(tmp_path / "cut", gate)
    assert image(tmp_path / "cut") == image(tmp_path / "whole")


def test_what_was_read_again_before_a_kill_is_not_read_a_second_time(tmp_path: Path) -> None:
    gate, other = FakeGate(300), FakeGate(3)
    for row in gate.rows:
        row["status"] = "CREATED"
    sources = [(KIND, gate), (attrs.evolve(KIND, name="sessions"), other)]
    refresh(tmp_path, gate, now=NOW - DAY)
    gate.add(300)
    other.fuse = 0
    with pytest.raises(Killed):
        Mirror(tmp_path, "test").refresh(sources, now=NOW)
    first = len(gate.reads)
    assert first > 0
    other.fuse = -1
    done = Mirror(tmp_path, "test").refresh(sources, now=NOW + 60)
    assert (len(gate.reads), done.reread) == (first, 0)
    assert Mirror(tmp_path, "test").as_of == NOW


def test_a_walk_that_was_cut_off_and_finds_no_more_rows_does_not_keep_the_next_from_the_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrors, "BATCH", 100)
    gate = FakeGate(300)
    gate.fuse = 2
    with pytest.raises(Killed):
        refresh(tmp_path, gate)
    gate.fuse = -1
    gate.add(300)

    class Emptied(FakeGate):
        def pages(self, starting_after: str | None) -> Iterator[Page]:
            return iter(()) if starting_after else super().pages(None)

    emptied = Emptied()
    emptied.rows = gate.rows[200:]
    refresh(tmp_path, emptied)
    assert "tx_000300" in {row["refid"] for row in held(tmp_path)}


def test_a_row_that_gets_its_date_later_is_held_once(tmp_path: Path) -> None:
    gate = FakeGate(10)
    gate.add(10, created_at=None)
    refresh(tmp_path, gate)
    assert (tmp_path / "transactions" / "undated.parquet").exists()
    gate["tx_000010"]["created_at"] = _iso(NOW)
    refresh(tmp_path, gate)
    rows = [row for row in held(tmp_path) if row["refid"] == "tx_000010"]
    assert [row["created_at"] for row in rows] == [NOW]


def test_rows_that_come_while_the_list_is_read_are_held(tmp_path: Path) -> None:
    gate = FakeGate(500)

    class Busy(FakeGate):
        def pages(self, starting_after: str | None) -> Iterator[Page]:
            for place, page in enumerate(super().pages(starting_after)):
                if place == 2:
                    self.add(500)
                yield page

    busy = Busy()
    busy.rows = gate.rows
    refresh(tmp_path, busy)
    refresh(tmp_path, gate)
    assert len({row["refid"] for row in held(tmp_path)}) == len(held(tmp_path)) == 501


def test_a_record_that_gate_no_longer_has_stays_held(tmp_path: Path) -> None:
    gate = FakeGate(3)
    gate.add(3, status="CREATED")
    refresh(tmp_path, gate)
    gate.rows = [row for row in gate.rows if row["refid"] != "tx_000003"]
    done = refresh(tmp_path, gate)
    assert done.gone >= 1
    assert "tx_000003" in {row["refid"] for row in held(tmp_path)}


def test_amounts_stay_as_gate_wrote_them_and_the_whole_object_is_kept(tmp_path: Path) -> None:
    gate = FakeGate()
    gate.add(1, fiat_amount="10.50", token_amount=Decimal("0.100000000000000001"), new="field")
    refresh(tmp_path, gate)
    (row,) = held(tmp_path)
    assert (row["fiat_amount"], row["token_amount"]) == ("10.50", "0.100000000000000001")
    assert json.loads(row["raw"])["new"] == "field"


def test_the_deprecated_rail_id_counts_only_where_its_successor_is_missing(tmp_path: Path) -> None:
    gate = FakeGate()
    gate.add(1, facilita_transaction_id="old")
    gate.add(2, facilita_transaction_id="old", local_rail_transaction_id="new")
    refresh(tmp_path, gate)
    assert [row["rail_id"] for row in held(tmp_path)] == ["old", "new"]


def test_a_mirror_of_another_mode_is_refused(tmp_path: Path) -> None:
    refresh(tmp_path, FakeGate(1))
    with pytest.raises(WrongAccount, match="mirrors test"):
        Mirror(tmp_path, "live")


def test_two_refreshes_at_once_are_refused(tmp_path: Path) -> None:
    gate = FakeGate(3)

    class Nested(FakeGate):
        def pages(self, starting_after: str | None) -> Iterator[Page]:
            with pytest.raises(Unusable, match="another refresh"):
                refresh(tmp_path, gate)
            return super().pages(starting_after)

    nested = Nested()
    nested.rows = gate.rows
    refresh(tmp_path, nested)
    assert len(held(tmp_path)) == 3


class ByStatus(FakeGate):
    """One that lists by status too. asked: Requests of every kind."""

    id = "refid"

    @property
    def asked(self) -> int:
        return self.listed + len(self.reads)

    def pages_of(self, status: str) -> Iterator[Page]:
        rows = [row for row in self.rows if row["status"] == status][::-1]
        for start in range(0, len(rows), self.size):
            self.listed += 1
            yield Page(rows[start : start + self.size], None)


def test_many_rows_of_one_status_are_looked_for_in_its_list(tmp_path: Path) -> None:
    gate = ByStatus(1_000)
    for row in gate.rows[:300]:
        row["status"] = "CREATED"
    refresh(tmp_path, gate)
    for row in gate.rows[:8]:
        row["status"] = "completed"
    before = gate.asked
    done = refresh(tmp_path, gate, now=NOW + DAY)
    assert done.reread == 300
    assert gate.reads == [f"tx_{number:06d}" for number in range(8)]
    # Three pages from the top, three of those that are still as they were, and the eight.
    assert gate.asked - before == 3 + 3 + 8
    states = {row["refid"]: row["status"] for row in held(tmp_path)}
    assert {states[f"tx_{number:06d}"] for number in range(8)} == {"completed"}


class Nightly(ByStatus):
    """A shop's transactions, or its sessions, of which two in five are never paid and stay open."""

    def __init__(self, id: str) -> None:
        super().__init__()
        self.id = id

    def order(self, number: int, place: int) -> None:
        at = NOW + number * DAY + place * 1_000
        paid, name = place % 5 > 1, f"{number:04d}_{place:03d}"
        if self.id == "refid" and place % 20 == 0:
            self.rows.append({"refid": name, "status": "CREATED", "created_at": _iso(at)})
        elif self.id == "refid" and paid:
            said = {"refid": name, "status": "completed", "session_id": name}
            self.rows.append({**said, "created_at": _iso(at)})
        elif self.id == "id":
            said = {"id": name, "status": "completed" if paid else "open", "partner_id": "p"}
            self.rows.append({**said, "created_at": _iso(at), "expires_at": _iso(at + DAY)})

    def pages(self, starting_after: str | None) -> Iterator[Page]:
        newest = self.rows[::-1]
        ids = [row[self.id] for row in newest]
        start = 0 if starting_after is None else ids.index(starting_after) + 1
        for first in range(start, len(newest), self.size):
            self.listed += 1
            more = first + self.size < len(newest)
            items = newest[first : first + self.size]
            yield Page(items, items[-1][self.id] if more else None)

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        self.reads.append(id)
        return next((row for row in self.rows if row[self.id] == id), None)


def night(gates: Sequence[Nightly], number: int) -> None:
    for place in range(60):
        for gate in gates:
            gate.order(number, place)


@pytest.mark.parametrize("nights", [10, 100])
def test_a_night_costs_what_is_new_and_not_what_is_held(nights: int, tmp_path: Path) -> None:
    gates = Nightly("refid"), Nightly("id")
    kinds = records.transactions({"completed"}, {"completed"}), records.sessions()
    sources = list(zip(kinds, gates, strict=True))
    for number in range(nights + 1):
        night(gates, number)
        if number < nights - 1:
            continue
        asked = sum(gate.asked for gate in gates)
        Mirror(tmp_path, "test").refresh(sources, now=NOW + (number + 1) * DAY)
    new = sum(len(gate.rows) for gate in gates) / (nights + 1)
    assert sum(gate.asked for gate in gates) - asked <= 2 * new / 100 + 50


def test_a_reversal_after_months_is_seen_by_an_audit_which_goes_on_where_it_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrors, "BATCH", 100)
    gate = FakeGate(1_000)
    refresh(tmp_path, gate)
    gate["tx_000005"]["status"] = "reversed"
    refresh(tmp_path, gate, now=NOW + DAY)
    assert "reversed" not in {row["status"] for row in held(tmp_path)}
    gate.fuse = 6
    with pytest.raises(Killed):
        refresh(tmp_path, gate, now=NOW + 2 * DAY, audit=True)
    gate.fuse, before = -1, gate.listed
    refresh(tmp_path, gate, now=NOW + 2 * DAY + 60, audit=True)
    assert gate.listed - before <= 8
    assert "reversed" in {row["status"] for row in held(tmp_path)}


def test_a_reversal_after_months_is_seen_where_an_inbox_heard_of_it(tmp_path: Path) -> None:
    gate = FakeGate(1_234)
    gate["tx_000005"]["session_id"] = "gs_5"
    asked = []

    def changed(since: float) -> frozenset[str]:
        asked.append(since)
        return frozenset({"gs_5", "gs_of_nobody"})

    refresh(tmp_path, gate, changed=changed)
    # A first walk has everything.
    assert asked == []
    gate["tx_000005"]["status"] = "reversed"
    gate.reads.clear()
    refresh(tmp_path, gate, now=NOW + 100 * DAY)
    assert gate.reads == []
    refresh(tmp_path, gate, now=NOW + 101 * DAY, changed=changed)
    assert (gate.reads, asked) == (["tx_000005"], [NOW + 100 * DAY])
    [row] = [row for row in held(tmp_path) if row["refid"] == "tx_000005"]
    assert row["status"] == "reversed"
    assert json.loads(row["past_statuses"]) == ["CREATED", "completed", "reversed"]


def test_an_inbox_names_what_it_heard_of_since_an_instant(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    store = Store(url)
    inbox = Inbox(store, SECRET, mode="test", match=False)
    for number, name in enumerate(("completed", "cancelled")):
        body = event(f"evt_{number}", f"gate_session.{name}", NOW, id=f"gs_{number}", mode="test")
        assert inbox.receive(body, signed(body, time.time())).status == 200
    store.close()
    now = time.time()
    with changes_heard(url, mode="test", account="") as changed:
        assert changed is not None
        assert changed(now - 60) == {"gs_0", "gs_1"}
        assert changed(now + 2 * 3_600) == frozenset()
    with changes_heard(url, mode="live", account="") as changed:
        assert changed is not None
        assert changed(now - 60) == frozenset()
    with changes_heard(None, mode="test", account="") as changed:
        assert changed is None
