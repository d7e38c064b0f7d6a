"""Movements of money in a session, as the partner reads them and as session webhooks show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.calls import Call
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.lists import limit_of, page
from zerogate_sandbox.times import seconds

if TYPE_CHECKING:
    from zerogate_sandbox.world import World


@attrs.define
class Transaction:
    """`timeline` holds (status, when) from the first to the current one."""

    refid: str
    account: str
    session_id: str | None
    action: str
    status: str
    token: str
    network: str
    currency: str
    payment_method: str
    fiat_amount: str
    token_amount: str
    total: str
    exchange_rate: str | None
    total_fees: str | None
    created_at: float
    updated_at: float
    timeline: list[tuple[str, float]]
    local_rail_transaction_id: str | None = None
    facilita_transaction_id: str | None = None

    @property
    def id(self) -> str:
        """Return the refid, for collections know records by an id."""
        return self.refid

    def move(self, status: str, now: float) -> None:
        """Set the status and append it to the timeline; emits nothing."""
        self.status = status
        self.updated_at = now
        self.timeline.append((status, now))

    def as_of(self, moment: float) -> dict[str, Any]:
        """Return the API's view as of this Unix time; the current one if that is too early."""
        known = [(status, when) for status, when in self.timeline if when <= moment]
        if not known or len(known) == len(self.timeline):
            return self.view()
        status, when = known[-1]
        return attrs.evolve(self, status=status, updated_at=when, timeline=known).view()

    @property
    def over(self) -> bool:
        """Return True once it is completed, failed or cancelled."""
        return self.status in ("completed", "failed", "cancelled")

    def view(self) -> dict[str, Any]:
        """Return the transaction as the API shows it; ids of rails only where there are any."""
        shown = {
            "object": "transaction",
            "refid": self.refid,
            "session_id": self.session_id,
            "action": self.action,
            "status": self.status,
            "token": self.token,
            "network": self.network,
            "currency": self.currency,
            "payment_method": self.payment_method,
            "fiat_amount": self.fiat_amount,
            "token_amount": self.token_amount,
            "total_pay_or_receive": self.total,
            "exchange_rate": self.exchange_rate,
            "total_fees": self.total_fees,
            "created_at": seconds(self.created_at),
            "updated_at": seconds(self.updated_at),
            "status_timeline": [
                {"status": status, "at": seconds(when)} for status, when in self.timeline
            ],
        }
        for name in ("local_rail_transaction_id", "facilita_transaction_id"):
            if getattr(self, name) is not None:
                shown[name] = getattr(self, name)
        return shown

    def webhook_view(self) -> dict[str, Any]:
        """Return the transaction as session webhooks show it: fewer fields, some under other names."""
        return {
            "refid": self.refid,
            "action": self.action,
            "status": self.status,
            "token": self.token,
            "network": self.network,
            "currency": self.currency,
            "fiat_amount": self.fiat_amount,
            "crypto_amount": self.token_amount,
            "total_paid_or_received": self.total,
            "exchange_rate": self.exchange_rate,
            "total_fees": self.total_fees,
        }


class Transactions:
    def __init__(self, world: World) -> None:
        self.world = world
        self.collection: Collection[Transaction] = Collection("transaction")
        self.of_session: dict[str, list[str]] = {}

    def add(self, transaction: Transaction) -> None:
        """Add the transaction, also to those of its session where it has one."""
        self.collection.add(transaction)
        if transaction.session_id:
            self.of_session.setdefault(transaction.session_id, []).append(transaction.refid)

    def of(self, session_id: str) -> list[Transaction]:
        """Return a session's transactions, oldest first; [] where there are none."""
        return [self.collection.records[refid] for refid in self.of_session.get(session_id, ())]

    def forget(self, session_id: str) -> None:
        """Remove all transactions of the session."""
        for refid in self.of_session.pop(session_id, ()):
            self.collection.forget(refid)

    def retrieve(self, call: Call) -> dict[str, Any]:
        """Return the account's transaction by refid, as it is now; Refused (404) where there is none."""
        return self.collection.find(call.account.name, call.params["refid"]).view()

    def list(self, call: Call) -> dict[str, Any]:
        """Return a page of the query's transactions, newest first, as they were a list lag ago."""
        status, session_id = call.query.get("status"), call.query.get("session_id")
        seen = self.world.listed_until(self.world.profile.transaction_lag)
        records = self.collection.newest_first(
            call.account.name, call.query.get("starting_after"), seen
        )
        rows = (
            row
            for one in records
            if session_id is None or one.session_id == session_id
            for row in (one.as_of(seen),)
            if status is None or row["status"] == status
        )
        return page(call.path, rows, limit_of(call.query), short=self.world.profile.short_pages)
