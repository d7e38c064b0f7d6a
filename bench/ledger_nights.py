"""Requests of the mirror, night after night, of a shop with late payments and checkouts left open.

    python bench/ledger_nights.py [ORDERS_A_DAY] [NIGHTS]

Two in five orders are never paid, and their sessions stay open for ever. Of the payments one in seventeen is
in flight when its night comes, and settles the next day, or up to twelve later. A night may cost two requests
for each hundred new or changed rows, and fifty more.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import attrs
from zerogate import Page
from zerogate_ledger.breaks import DAY
from zerogate_ledger.mirror import Mirror
from zerogate_ledger.records import sessions, transactions

BEGAN = 1_772_000_000
PAGE = 100
Row = dict[str, Any]


@attrs.define
class Listed:
    """One kind of Gate's records, oldest first; counts what is asked of it."""

    id: str
    rows: list[Row] = attrs.Factory(list)
    by_id: dict[str, Row] = attrs.Factory(dict)
    pages_asked: int = 0
    read: int = 0

    def add(self, row: Row) -> Row:
        self.rows.append(row)
        self.by_id[row[self.id]] = row
        return row

    def pages(self, starting_after: str | None) -> Iterator[Page[Row]]:
        newest = self.rows[::-1]
        start = 0
        if starting_after is not None:
            start = newest.index(self.by_id[starting_after]) + 1
        return self._paged(newest[start:])

    def pages_of(self, status: str) -> Iterator[Page[Row]]:
        return self._paged([row for row in self.rows if row["status"] == status][::-1])

    def _paged(self, rows: list[Row]) -> Iterator[Page[Row]]:
        for start in range(0, len(rows), PAGE):
            self.pages_asked += 1
            items = rows[start : start + PAGE]
            more = start + PAGE < len(rows)
            yield Page(items, items[-1][self.id] if more else None)

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        self.read += 1
        return self.by_id.get(id)


def main() -> int:
    told = [int(text) for text in sys.argv[1:]]
    orders, nights = (*told, *(500, 300)[len(told) :])
    chance, paid, asked = Random(1), Listed("refid"), Listed("id")
    late: dict[int, list[Row]] = {}
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for night in range(nights):
            changed = sum(_settle(row, asked) for row in late.pop(night, []))
            before = len(paid.rows) + len(asked.rows)
            for place in range(orders):
                slow = _order(chance, paid, asked, BEGAN + night * DAY + place * DAY // orders)
                if slow is not None:
                    wait = 1 if chance.random() < 0.9 else chance.randint(2, 12)
                    late.setdefault(night + wait, []).append(slow)
            new = len(paid.rows) + len(asked.rows) - before
            kinds = transactions({"completed"}, {"completed"}), sessions()
            counts = paid.pages_asked + asked.pages_asked, paid.read + asked.read
            cpu = time.process_time()
            Mirror(Path(folder), "test").refresh(
                [(kinds[0], paid), (kinds[1], asked)], now=BEGAN + (night + 1) * DAY
            )
            cpu = time.process_time() - cpu
            pages = paid.pages_asked + asked.pages_asked - counts[0]
            read = paid.read + asked.read - counts[1]
            allowed = 2 * (new + changed) / 100 + 50
            worst = max(worst, (pages + read) / allowed if night else 0)
            if night + 1 in (1, 10, 100, nights):
                print(
                    f"night {night + 1:>4}: {before + new:>9,} rows held, {new:,} new, {changed:,} changed: "
                    f"{pages + read} requests ({pages} pages, {read} by id) of {allowed:.0f}, "
                    f"{cpu:.1f} s of CPU",
                    flush=True,
                )
    print(f"the dearest night cost {worst:.2f} of what it may")
    return 0 if worst <= 1 else 1


def _order(chance: Random, paid: Listed, asked: Listed, at: int) -> Row | None:
    """Place an order; return its payment where it is in flight."""
    name, is_paid = f"{len(asked.rows):08d}", chance.random() < 0.6
    slow = is_paid and chance.random() < 0.06
    made = {"created_at": _written(at)}
    status = "completed" if is_paid and not slow else "open"
    ends = {"expires_at": _written(at + DAY)}
    asked.add({"id": name, "status": status, "partner_id": "p", **ends, **made})
    if not is_paid:
        return None
    status = "CREATED" if slow else "completed"
    row = paid.add({"refid": name, "session_id": name, "status": status, **made})
    return row if slow else None


def _settle(row: Row, asked: Listed) -> int:
    """Complete a payment and its session; return how many rows changed."""
    row["status"] = asked.by_id[row["session_id"]]["status"] = "completed"
    return 2


def _written(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


if __name__ == "__main__":
    sys.exit(main())
