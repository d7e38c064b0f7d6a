"""What an outcome has to be, slowly: one sentence of the documentation after the other.

It is written from the vendor's words and from what was agreed about ends and directions, with plain
values instead of records, and it decides no order of precedence: it says everything that is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Paid:
    """One transaction as its documentation describes it."""

    status: str
    action: str = "BUY"
    fiat: Decimal = Decimal("100.00")
    total: Decimal = Decimal("101.50")
    token_amount: Decimal = Decimal("107.5")
    currency: str = "EUR"
    token: str = "USDC"
    network: str = "BASE"


@dataclass(frozen=True)
class Asking:
    """What the shop agreed with its customer.

    amount: None opts out. flow: Which way the money goes, as the caller says it.
    network: Where tokens have to move. failed: Statuses that Gate has told this shop are final.
    """

    amount: Decimal | None = Decimal("100.00")
    code: str = "EUR"
    flow: str | None = None
    network: str | None = None
    failed: frozenset[str] = frozenset({"failed"})


@dataclass(frozen=True)
class Seen:
    """One session, and when it is looked at, in seconds after its `expires_at`.

    token, network: What it was bound to when it was made: `target_token`, `target_network`.
    ended: When its event, the store or the caller says that it ended; None: nobody does.
    secret_out: Whether a browser may hold its client secret.
    """

    status: str
    now: float
    flow: str | None = None
    amount: Decimal = Decimal("100.00")
    currency: str = "EUR"
    token: str | None = None
    network: str | None = None
    ended: float | None = None
    secret_out: bool = True
    grace: float = 600.0
    rows: Sequence[Paid] = field(default_factory=tuple)


@dataclass(frozen=True)
class Opinion:
    """kinds: Every kind of outcome that is right; more than one where more than one thing is wrong."""

    kinds: frozenset[str]


def opinion(seen: Seen, asked: Asking) -> Opinion:
    wrong = complaints(seen, asked)
    return Opinion(frozenset(wrong) if wrong else frozenset({_unless_wrong(seen)}))


def complaints(seen: Seen, asked: Asking) -> set[str]:
    """Everything that is wrong, as the kinds of outcome that say so."""
    wrong: set[str] = set()

    # "`open` accepts actions; `completed` = at least one intent against the session succeeded;
    # `expired` = past expires_at without completing; `cancelled` = by the partner." No fifth.
    if seen.status not in ("open", "completed", "expired", "cancelled"):
        wrong.add("Hold")

    # "status: free-form string (seen: CREATED, completed; case mixes)"; "branch on the exact status
    # value, case included". What nobody has told us means nothing we may act on.
    for row in seen.rows:
        if row.status not in {"completed", "CREATED"} | asked.failed:
            wrong.add("Hold")

    succeeded = [row for row in seen.rows if row.status == "completed"]

    # "One session settles one order once"; "two successes are always a mismatch"; and an order whose
    # money went both ways is held.
    if len(succeeded) > 1 and len({row.action for row in succeeded}) > 1:
        wrong.add("Hold")
    if len(succeeded) > 1:
        return wrong | {"Mismatch"}
    if not succeeded:
        return wrong

    # "The last three are terminal"; "nothing says that it stops a bank transfer under way".
    if seen.status in ("expired", "cancelled"):
        wrong.add("Hold")
    # "Reading never expires a session: an overdue one still reads `open`", and "`completed` = at
    # least one intent succeeded": paid, long over, and neither completed nor expired fits nothing.
    if seen.status == "open" and seen.now >= 0:
        wrong.add("Hold")

    return wrong | _about_payment(succeeded[0], seen, asked)


def _about_payment(row: Paid, seen: Seen, asked: Asking) -> set[str]:
    wrong: set[str] = set()

    # "action: BUY|SELL|SWAP (open set)".
    way = {"BUY": "on_ramp", "SELL": "off_ramp", "SWAP": "swap"}.get(row.action)
    if way is None:
        return {"Hold"}

    # "flow: on_ramp|off_ramp|swap (omit: the user chooses)". Money the wrong way never settles, and
    # where nobody named a way, a success is no proof of being paid.
    named = {flow for flow in (seen.flow, asked.flow) if flow is not None}
    if not named:
        wrong.add("Hold")
    if named - {way}:
        wrong.add("Mismatch")

    # Networks in any case: "`arbitrum`, `BASE`, `tron`: case is not uniform". What the caller names
    # goes before what the session was made with.
    network = asked.network or seen.network
    if network is not None and network.lower() != row.network.lower():
        wrong.add("Mismatch")

    # "target_token: The token it is bound to": another one was not agreed, whichever the action. As with
    # networks and fiat codes, the case of a token says nothing.
    if seen.token is not None and seen.token.lower() != row.token.lower():
        wrong.add("Mismatch")

    if row.action == "SWAP":
        # "On a SWAP total_pay_or_receive and total_fees are not in `currency`"; its fiat reads 0.00:
        # the token amount is what counts, and a token means nothing without its network.
        if asked.amount is not None:
            if network is None:
                wrong.add("Hold")
            if asked.code != row.token.upper() or asked.amount != row.token_amount:
                wrong.add("Mismatch")
        return wrong

    # "total_pay_or_receive: fee-inclusive": a shop that says only "100" means what is bought or sold;
    # where the other amount is the one that fits, nobody knows which one it meant.
    # "Fiat codes are ISO 4217, uppercased in output", and not everywhere: their case says nothing.
    if row.currency.upper() != seen.currency.upper():
        wrong.add("Mismatch")
    if asked.amount is None:
        # "At least one intent succeeded": of nothing, nothing is proven.
        if row.fiat <= 0:
            wrong.add("Mismatch")
        return wrong
    if asked.code != row.currency.upper():
        wrong.add("Mismatch")
    elif row.fiat != asked.amount and row.total == asked.amount:
        wrong.add("Hold")
    elif row.fiat != asked.amount:
        wrong.add("Mismatch")
    if row.fiat != seen.amount and asked.amount is not None:
        wrong.add("Mismatch")
    return wrong


def _unless_wrong(seen: Seen) -> str:
    """What it is where nothing is wrong with it."""
    states = {row.status for row in seen.rows}
    if "completed" in states:
        # "Server-owned state is the truth": the session says so as well, or it is not over.
        return "Settled" if seen.status == "completed" else "Pending"
    if "CREATED" in states:
        return "Pending"
    # "`completed` = at least one intent succeeded", so its transaction is still to be listed; and an
    # open session can be paid, however late: its embed token "lives 1 h", its clock is Gate's.
    if seen.status in ("open", "completed"):
        return "Pending"
    return "Failed" if nothing_can_show(seen) else "Pending"


def nothing_can_show(seen: Seen) -> bool:
    """Whether a session that is over by its status is over with everything that may still be listed."""
    if not seen.secret_out:
        return True
    end = seen.ended
    if end is None and seen.status == "expired":
        end = 3600.0
    # Of a cancelled one nobody knows the end but who saw it: without that it is now, for ever.
    return end is not None and seen.now >= end + seen.grace
