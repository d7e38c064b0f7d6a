"""A client that the mirror can read, over rows in memory: what the command needs of a Gate."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Self

import attrs
from zerogate import NotFound, Page

Row = dict[str, Any]


#: Last number and day of January of a few payments that were made together. Each day is a file of the
#: mirror, and writing one for every day of a month was a third of what a reconciliation of forty rows takes.
DAYS: Final = ((8, 4), (18, 10), (26, 20), (27, 28))


def made_at(number: int) -> str:
    """Return when the payment of this number was made; after 28 of them the days come again."""
    day = next(day for last, day in DAYS if number % 28 <= last)
    return f"2026-01-{day:02d}T10:00:00Z"


@attrs.define
class Resource:
    """`gate.transactions` or `gate.sessions`, newest first."""

    rows: list[Row]
    id: str

    def list(self, *, limit: int, starting_after: str | None, status: str | None = None) -> _Items:
        rows = [row for row in self.rows if status in (None, row["status"])]
        return _Items(Resource(rows, self.id), limit, starting_after)

    def retrieve_raw(self, id: str) -> Row:
        for row in self.rows:
            if row[self.id] == id:
                return row
        raise NotFound(f"no {id}", status=404)


@attrs.frozen
class _Items:
    of: Resource
    limit: int
    starting_after: str | None

    def raw_pages(self) -> Iterator[Page[Row]]:
        rows = self.of.rows[::-1]
        ids = [row[self.of.id] for row in rows]
        at = 0 if self.starting_after is None else ids.index(self.starting_after) + 1
        while True:
            items = rows[at : at + self.limit]
            at += self.limit
            more = at < len(rows)
            yield Page(items, ids[at - 1] if more else None)
            if not more:
                return


class MemoryGate:
    """A Gate of rows; a context manager as the real one."""

    def __init__(self, mode: str = "test", partner_id: str = "partner_1") -> None:
        self.mode, self.partner_id = mode, partner_id
        self.transactions = Resource([], "refid")
        self.sessions = Resource([], "id")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def pay(
        self, number: int, amount: str = "10.00", status: str = "completed", **said: Any
    ) -> Row:
        """A session and its transaction, as they read afterwards."""
        at = made_at(number)
        self.sessions.rows.append(
            {
                "id": f"gs_{number}",
                "object": "gate_session",
                "partner_id": self.partner_id,
                "mode": self.mode,
                "amount": amount,
                "currency": "EUR",
                "status": "completed" if status == "completed" else "open",
                "expires_at": "2026-03-01T00:00:00Z",
                "created_at": at,
                "return_url": "https://shop.example/",
                "cancel_url": None,
                "flow": "on_ramp",
                "target_token": "USDC",
                "target_network": "base",
                "wallet_address": None,
                "user_reference": None,
                "kyc_pre_verified": False,
                "metadata": {"order_id": f"A-{number}"},
                "client_secret": "gsec_never_here",
            }
        )
        row = {
            "object": "transaction",
            "refid": f"tx_{number}",
            "session_id": f"gs_{number}",
            "action": "BUY",
            "status": status,
            "token": "USDC",
            "network": "base",
            "currency": "EUR",
            "payment_method": "bank_transfer",
            "fiat_amount": amount,
            "token_amount": "9.5",
            "total_pay_or_receive": amount,
            "total_fees": "0",
            "exchange_rate": None,
            "created_at": at,
            "updated_at": at,
            "status_timeline": [{"status": "CREATED", "at": at}, {"status": status, "at": at}],
            **said,
        }
        self.transactions.rows.append(row)
        return row


class StillClock:
    """A clock that only moves when somebody waits."""

    def __init__(self, now: float = 1_770_000_000.0) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
