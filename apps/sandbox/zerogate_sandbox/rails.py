"""Pay-ins and pay-outs: a redeemed quote on its way from pending to settled, failed or cancelled."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import attrs

from zerogate_sandbox.calls import Call
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.prices import exactly, plain
from zerogate_sandbox.quotes import Quote
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.sessions import Session
from zerogate_sandbox.times import seconds
from zerogate_sandbox.transactions import Transaction

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

Kind = Literal["pay_in", "pay_out"]
SIDES = {"pay_in": "on_ramp", "pay_out": "off_ramp"}
# From which status each step is possible.
STEPS = {
    "processing": ("pending",),
    "settled": ("pending", "processing"),
    "failed": ("pending", "processing"),
    "cancelled": ("pending",),
}
# Seconds after creation at which a rail that is left alone moves.
PROCESSING_AFTER = 10.0
OUTCOME_AFTER = 60.0


@attrs.define
class Rail:
    """`user` is whom the volume cap counts: the session's user_reference, or the session."""

    id: str
    account: str
    kind: Kind
    gate_session_id: str
    quote_id: str
    method: str
    amount: str
    currency: str
    reference: str | None
    created_at: float
    user: str
    status: str = "pending"
    account_blocked: bool = False
    idempotency_key: str | None = None

    def view(self) -> dict[str, Any]:
        """Return the rail as the API shows it; `account_blocked` stands there only if true."""
        shown: dict[str, Any] = {
            "object": f"rail_{self.kind}",
            "id": self.id,
            "kind": self.kind,
            "status": self.status,
            "gate_session_id": self.gate_session_id,
            "quote_id": self.quote_id,
            "method": self.method,
            "amount": self.amount,
            "currency": self.currency,
            "reference": self.reference,
            "created_at": seconds(self.created_at),
        }
        if self.account_blocked:
            shown["account_blocked"] = True
        return shown


class Rails:
    """`moved` is what each user has moved so far, per account and user; `blocked` who may not."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.collections: dict[str, Collection[Rail]] = {
            "pay_in": Collection("pay-in"),
            "pay_out": Collection("pay-out"),
        }
        self.moved: dict[str, str] = {}
        self.blocked: set[str] = set()

    def create_pay_in(self, call: Call) -> dict[str, Any]:
        """Redeem a quote as a pending pay-in of an open session, return it; Refused: 400 to 409."""
        return self._create(call, "pay_in")

    def create_pay_out(self, call: Call) -> dict[str, Any]:
        """Redeem a quote as a pending pay-out, taken from the balance, return it; Refused: 400 to 409."""
        return self._create(call, "pay_out")

    def retrieve_pay_in(self, call: Call) -> dict[str, Any]:
        """Return the account's pay-in by id; Refused (404) if the account has no such pay-in."""
        return self.collections["pay_in"].find(call.account.name, call.params["id"]).view()

    def retrieve_pay_out(self, call: Call) -> dict[str, Any]:
        """Return the account's pay-out by id; Refused (404) if the account has no such pay-out."""
        return self.collections["pay_out"].find(call.account.name, call.params["id"]).view()

    def find(self, id: str) -> Rail:
        """Return a pay-in or pay-out of any account by id; Refused (404) if there is no such rail."""
        for collection in self.collections.values():
            if id in collection.records:
                return collection.records[id]
        raise Refused(404, "no such pay-in or pay-out")

    # --- making one ---

    def _create(self, call: Call, kind: Kind) -> dict[str, Any]:
        """Consume the quote, debit a pay-out, add a pending rail and plan its steps; return it or Refused."""
        quote = self.world.quotes.redeemable(call, SIDES[kind])
        session = self._session(call)
        rail = self._new(call, kind, quote, session)
        if rail.user in self.blocked:
            raise Refused(403, "this user is blocked for rails until reviewed")
        if kind == "pay_out":
            self._take_from_balance(call, rail)
        self._count_volume(call, rail)
        self.collections[kind].add(rail)
        self.world.quotes.consume(quote, session.id)
        self.world.scheduler.add(call.now + PROCESSING_AFTER, "process_rail", rail.id)
        self.world.scheduler.add(call.now + OUTCOME_AFTER, "finish_rail", rail.id)
        return rail.view()

    def _session(self, call: Call) -> Session:
        """Return the body's session; Refused: 400 missing, 422 unknown, 409 not open or overdue."""
        id = call.fields.get("gate_session_id")
        if id is None:
            raise Refused(400, "gate_session_id: a rail belongs to a session")
        session = self.world.sessions.collection.named("gate_session_id", call.account.name, id)
        if session.status != "open" or call.now >= session.expires_at:
            raise Refused(409, "the session accepts no actions any more")
        return session

    def _new(self, call: Call, kind: Kind, quote: Quote, session: Session) -> Rail:
        """Return a pending rail of quote and session that is not added yet."""
        prefix = "rpi" if kind == "pay_in" else "rpo"
        return Rail(
            id=f"{prefix}_{call.account.mode}_{self.world.seeds.hex(kind, 16)}",
            account=call.account.name,
            kind=kind,
            gate_session_id=session.id,
            quote_id=quote.id,
            method=quote.priced.payment_method,
            amount=_amount(kind, quote),
            currency=quote.priced.currency,
            reference=call.fields.get("reference"),
            created_at=call.now,
            user=f"{call.account.name}/{session.user_reference or session.id}",
            idempotency_key=call.key,
        )

    @exactly
    def _take_from_balance(self, call: Call, rail: Rail) -> None:
        """Take the pay-out off the balance, if there is one; Refused (402) if it is short."""
        balance = call.account.balance
        if balance is None:
            return
        left = Decimal(balance) - Decimal(rail.amount)
        if left < 0:
            raise Refused(402, "the balance does not cover this pay-out")
        call.account.balance = plain(left)

    @exactly
    def _count_volume(self, call: Call, rail: Rail) -> None:
        """Add a rail to its user's volume; one beyond the cap passes, marked, and blocks the user's next.

        The rail that passes the cap still happens; the user's next one does not.
        """
        total = Decimal(self.moved.get(rail.user, "0")) + Decimal(rail.amount)
        self.moved[rail.user] = plain(total)
        cap = call.account.volume_cap
        if cap is not None and total > Decimal(cap):
            rail.account_blocked = True
            self.blocked.add(rail.user)

    # --- moving it ---

    def move(self, id: str, status: str) -> Rail:
        """Set and emit a rail's status; `settled` completes its session. ValueError: unknown; or Refused."""
        rail = self.find(id)
        if status not in STEPS:
            raise ValueError(f"a rail becomes {', '.join(STEPS)}, not {status!r}")
        if rail.status not in STEPS[status]:
            raise Refused(409, f"the rail is {rail.status} and cannot become {status}")
        rail.status = status
        account = self.world.partners.accounts[rail.account]
        self.world.emit(account, f"rail.{rail.kind}.{status}", rail.view(), rail.gate_session_id)
        if status == "settled":
            self._complete_session(rail)
        return rail

    def process_by_itself(self, id: str) -> None:
        """Move a pending rail to processing where its account lets it settle or fail."""
        rail = self.find(id)
        account = self.world.partners.accounts[rail.account]
        if rail.status == "pending" and account.rail_outcome in ("settled", "failed"):
            self.move(id, "processing")

    def finish_by_itself(self, id: str) -> None:
        """Move a rail to its account's outcome, where there is one it can still take."""
        rail = self.find(id)
        outcome = self.world.partners.accounts[rail.account].rail_outcome
        if outcome is not None and rail.status in STEPS[outcome]:
            self.move(id, outcome)

    def _complete_session(self, rail: Rail) -> None:
        """Complete the rail's session (an ended one only by profile); by profile, add a transaction, too."""
        session = self.world.widget.session(rail.gate_session_id)
        transaction = self._transaction(rail, session)
        if self.world.profile.rail_transactions:
            self.world.transactions.add(transaction)
        self.world.widget.succeed(session, transaction)

    def _transaction(self, rail: Rail, session: Session) -> Transaction:
        """Return the completed transaction of a settled rail; it is not added yet."""
        quote = self.world.quotes.collection.records[rail.quote_id]
        now = self.world.now
        alias = self.world.profile.rail_alias
        return Transaction(
            refid=f"0g_txn_{self.world.seeds.hex('transaction', 16)}",
            account=rail.account,
            session_id=session.id,
            action="BUY" if rail.kind == "pay_in" else "SELL",
            status="completed",
            token=quote.priced.asset,
            network=quote.network or session.target_network or "base",
            currency=quote.priced.currency,
            payment_method=quote.priced.payment_method,
            fiat_amount=quote.priced.fiat_amount,
            token_amount=quote.priced.crypto_amount,
            total=rail.amount,
            exchange_rate=quote.priced.exchange_rate,
            total_fees=quote.priced.fees,
            created_at=now,
            updated_at=now,
            timeline=[("CREATED", rail.created_at), ("completed", now)],
            local_rail_transaction_id=None if alias else rail.id,
            facilita_transaction_id=rail.id if alias else None,
        )


@exactly
def _amount(kind: Kind, quote: Quote) -> str:
    """Return the amount the customer pays, fees included; of a pay-out, the amount they get."""
    fiat, fees = Decimal(quote.priced.fiat_amount), Decimal(quote.priced.fees)
    return plain(fiat + fees if kind == "pay_in" else fiat - fees)
