"""Acts as a person in the hosted widget: start, pay, fail, give up, walk away."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.embed import TOKEN_LIFE
from zerogate_sandbox.events import SESSION_EVENTS
from zerogate_sandbox.prices import FEE_RATE, exactly, plain, rate, round_fiat, round_token
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.sessions import Session, positive
from zerogate_sandbox.transactions import Transaction

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

ACTIONS = {"on_ramp": "BUY", "off_ramp": "SELL", "swap": "SWAP"}
DEFAULT_TOKEN = "USDC"  # noqa: S105 - a token to trade, not a secret
DEFAULT_NETWORK = "base"
#: Of a session's events those after which it is still open.
_NO_ENDS = ("created", "processing", "failed", "kyc_package_accepted")


@attrs.frozen
class Choice:
    """A user's choice; what is None follows from the session and the fake prices.

    fiat_amount: Less than the session's amount is an underpayment.
    token_amount: Decides the total of a SWAP.
    total: What the user pays in all (BUY) or receives (SELL, SWAP).
    """

    action: str | None = None
    token: str | None = None
    network: str | None = None
    payment_method: str | None = None
    currency: str | None = None
    fiat_amount: str | None = None
    token_amount: str | None = None
    total: str | None = None
    fees: str | None = None

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Choice:
        """Return the choice; ValueError for a wrong name or kind, Refused for an amount of 0."""
        known = [field.name for field in attrs.fields(cls)]
        for name, value in options.items():
            if name not in known:
                raise ValueError(f"a payment has no {name!r}; it takes {', '.join(known)}")
            if value is not None and not isinstance(value, str):
                raise ValueError(f"{name} takes a string, not {value!r}")
        for name in ("fiat_amount", "token_amount", "total"):
            if options.get(name) is not None:
                positive(name, options[name])
        if options.get("action") not in (None, *ACTIONS.values()):
            raise ValueError(f"action is one of {', '.join(ACTIONS.values())}")
        return cls(**options)


class Widget:
    def __init__(self, world: World) -> None:
        self.world = world

    def open(self, session_id: str) -> Session:
        """Open the widget for an hour and return the session; Refused (409) unless the session is open."""
        session = self.session(session_id)
        self._check_open(session)
        session.widget_until = self.world.now + TOKEN_LIFE
        return session

    def start(self, session_id: str, choice: Choice, *, late: bool = False) -> Transaction:
        """Add a payment under way, emit `processing` and return its transaction; or Refused.

        late: Also on a session that is over, like a bank transfer nobody can call back.
        """
        session = self.session(session_id)
        if not late:
            self._check_open(session)
            self._check_kyc(session)
        transaction = self._transaction(session, choice)
        self.world.transactions.add(transaction)
        transaction.move("processing", self.world.now)
        self._emit(session, "gate_session.processing", transaction)
        return transaction

    def settle(self, refid: str) -> Transaction:
        """Complete a transaction and its session (an ended one only by profile); return the transaction.

        Refused: 404 for an unknown transaction, 409 for one that is over.
        """
        transaction, session = self._under_way(refid)
        transaction.move("completed", self.world.now)
        self.succeed(session, transaction)
        return transaction

    def succeed(self, session: Session, transaction: Transaction) -> None:
        """Complete the session, with its event; an ended one only where the profile says so."""
        ended = session.status in ("cancelled", "expired")
        if not ended or self.world.profile.late_success == "completes":
            session.become("completed", self.world.now)
            refid = transaction.refid
            self._emit(session, "gate_session.completed", transaction, tx_refid=refid)

    def fail(self, refid: str) -> Transaction:
        """Fail a transaction under way, with its event, and return it; the session stays open."""
        transaction, session = self._under_way(refid)
        transaction.move("failed", self.world.now)
        self._emit(session, "gate_session.failed", transaction)
        return transaction

    def cancel(self, session_id: str) -> Session:
        """Cancel payments under way, no event; by profile an open session, with event. Return the session."""
        session = self.session(session_id)
        for transaction in self.world.transactions.of(session_id):
            if not transaction.over:
                transaction.move("cancelled", self.world.now)
        if session.status == "open" and self.world.profile.user_cancel == "session":
            self.world.sessions.end(session, "cancelled")
        return session

    def end(self, session_id: str, status: str) -> Session:
        """End an open session as *status*, with its event; ValueError where no event says so."""
        session = self.session(session_id)
        if status in _NO_ENDS or f"gate_session.{status}" not in SESSION_EVENTS:
            raise ValueError(f"no event says that a session ended as {status!r}")
        self._check_open(session)
        self.world.sessions.end(session, status)
        return session

    def require_kyc(self, session_id: str) -> Session:
        """Require verification, with its event; return the session. Refused unless open."""
        session = self.session(session_id)
        self._check_open(session)
        session.kyc = "required"
        self.world.emit_session(session, "kyc.required")
        return session

    def pass_kyc(self, session_id: str) -> Session:
        """Mark the user as verified, without an event; return the session. Refused unless open."""
        session = self.session(session_id)
        self._check_open(session)
        session.kyc = "passed"
        return session

    def run_out(self, session_id: str) -> Session:
        """Make the session overdue now and return it; it reads `open` until a bootstrap."""
        session = self.session(session_id)
        session.expires_at = min(session.expires_at, self.world.now)
        return session

    def expire(self, session_id: str) -> Session:
        """Make the session overdue, expire it if it is open, and return it."""
        session = self.run_out(session_id)
        self.world.sessions.expire(session)
        return session

    def offer(self, session: Session, choice: Choice) -> dict[str, str]:
        """Return the figures of a payment without starting one."""
        network = choice.network or session.target_network or DEFAULT_NETWORK
        return {**self._amounts(session, choice), "network": network}

    def session(self, session_id: str) -> Session:
        """Return the session, of any account; Refused (404) if unknown, TypeError for a record."""
        try:
            session = self.world.sessions.collection.records.get(session_id)
        except TypeError as problem:  # a record has no hash
            kind = type(session_id).__name__
            raise TypeError(
                f"a session is named by its id, not by a {kind}: write .id"
            ) from problem
        if session is None:
            raise Refused(404, f"no such session: {session_id[:40]!r}")
        return session

    def _check_open(self, session: Session) -> None:
        """Raise Refused (409) where the widget takes no actions any more."""
        if self._outlives(session):
            return
        if session.status != "open":
            raise Refused(409, f"the session is {session.status}: its widget accepts no actions")
        if self.world.now >= session.expires_at:
            raise Refused(409, "the session is overdue: its widget accepts no actions")

    def _outlives(self, session: Session) -> bool:
        """Return True where a widget is still open on a session whose own time is up."""
        statuses = {"session": (), "status": ("open",), "token": ("open", "expired")}
        return (
            session.status in statuses[self.world.profile.widget_end]
            and session.expires_at <= self.world.now < session.widget_until
        )

    def _check_kyc(self, session: Session) -> None:
        """Require verification, with its event, if the account does; Refused (409) while it is required."""
        account = self.world.partners.accounts[session.account]
        if account.kyc and session.kyc == "none":
            self.require_kyc(session.id)
        if session.kyc == "required":
            raise Refused(409, "the user has to be verified first", code="kyc_required")

    def _under_way(self, refid: str) -> tuple[Transaction, Session]:
        """Return a transaction that is not over, and its session; Refused: 404, 409."""
        transaction = self.world.transactions.collection.records.get(refid)
        if transaction is None or transaction.session_id is None:
            raise Refused(404, "no such transaction")
        if transaction.over:
            raise Refused(409, f"the transaction is {transaction.status}")
        return transaction, self.session(transaction.session_id)

    def _emit(self, session: Session, type: str, transaction: Transaction, **more: Any) -> None:
        """Emit an event of the session with the transaction, and *more*, in its data."""
        self.world.emit_session(session, type, transaction=transaction.webhook_view(), **more)

    def _transaction(self, session: Session, choice: Choice) -> Transaction:
        """Return a new transaction, CREATED, that is not added yet."""
        now = self.world.now
        return Transaction(
            refid=f"0g_txn_{self.world.seeds.hex('transaction', 16)}",
            account=session.account,
            session_id=session.id,
            status="CREATED",
            network=choice.network or session.target_network or DEFAULT_NETWORK,
            created_at=now,
            updated_at=now,
            timeline=[("CREATED", now)],
            **self._amounts(session, choice),
        )

    def _amounts(self, session: Session, choice: Choice) -> dict[str, str]:
        """Return a payment's figures; the flow decides its action where none is chosen."""
        flow = session.flow or self.world.profile.user_flow
        return _amounts(session, choice, choice.action or ACTIONS[flow])


@exactly
def _amounts(session: Session, choice: Choice, action: str) -> dict[str, str]:
    """Return a payment's figures: those chosen as they are, the others by the fake prices."""
    token = choice.token or session.target_token or DEFAULT_TOKEN
    currency = (choice.currency or session.currency).upper()
    if action == "SWAP":
        return {
            **_swap(choice, session.amount, token),
            "action": action,
            "token": token,
            "currency": currency,
        }
    fiat = Decimal(choice.fiat_amount or session.amount)
    price = rate(token, currency)
    fees = Decimal(choice.fees or round_fiat(fiat * FEE_RATE, currency, up=True))
    total = fiat + fees if action == "BUY" else fiat - fees
    return {
        "action": action,
        "token": token,
        "currency": currency,
        "payment_method": choice.payment_method or "bank_transfer",
        "fiat_amount": choice.fiat_amount or session.amount,
        "token_amount": choice.token_amount or plain(round_token(fiat / price, token)),
        "total": choice.total or plain(total),
        "exchange_rate": plain(price),
        "total_fees": plain(fees),
    }


def _swap(choice: Choice, amount: str, token: str) -> dict[str, str]:
    """Return a swap's figures: no fiat, and a total whose unit is not named.

    As in the documentation's example.
    """
    token_amount = Decimal(choice.token_amount or amount)
    price = Decimal("0.9976")
    total = round_token(token_amount * price, token)
    return {
        "payment_method": choice.payment_method or "balance",
        "fiat_amount": choice.fiat_amount or "0.00",
        "token_amount": choice.token_amount or amount,
        "total": choice.total or plain(total),
        "exchange_rate": plain(price),
        "total_fees": choice.fees or plain(token_amount - total),
    }
