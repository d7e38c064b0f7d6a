"""Every combination of what Gate may say with what was agreed, against an opinion of its own."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from zerogate._reconciliation import (
    ANY_AMOUNT,
    DEFAULT_STATUSES,
    REASONS,
    Failed,
    Outcome,
    Settled,
    outcome_of_session,
)
from zerogate.money import Money

from tests.facade.outcome_oracle import Asking, Paid, Seen, nothing_can_show, opinion

EXPIRES = datetime(2026, 5, 26, 12, tzinfo=UTC)
STATUSES = DEFAULT_STATUSES.extended(failure={"failed"})
SESSION = ("open", "completed", "expired", "cancelled", "paused")
FLOWS = (None, "on_ramp", "off_ramp", "swap")
AGREED = (
    Asking(),
    Asking(amount=None),
    Asking(amount=Decimal("101.50")),
    Asking(code="USD"),
    Asking(amount=Decimal("107.5"), code="USDC", network="base"),
    Asking(amount=Decimal("107.5"), code="USDC"),
    Asking(network="tron"),
)
#: Exact, a cent less, a cent more, nothing; of each the total is fee-inclusive.
AMOUNTS = (Decimal("100.00"), Decimal("99.99"), Decimal("100.01"), Decimal("0.00"))
ROWS = tuple(
    Paid(status, action, fiat, fiat + Decimal("1.50"), currency=currency)
    for status, action, fiat, currency in itertools.product(
        ("completed", "CREATED", "failed", "COMPLETED"),
        ("BUY", "SELL", "SWAP", "STAKE"),
        AMOUNTS,
        ("EUR", "eur", "USD"),
    )
)
#: When it is looked at, when it ended, and whether a browser may hold its secret: every side of the
#: end, of the grace after it, and of the last hour of a widget.
TIMES: tuple[dict[str, Any], ...] = (
    {"now": -60.0},
    {"now": 0.0},
    {"now": 4199.0},
    {"now": 4200.0},
    {"now": 4200.0, "secret_out": False},
    {"now": -60.0, "secret_out": False},
    {"now": 699.0, "ended": 100.0},
    {"now": 700.0, "ended": 100.0},
    {"now": -100.0, "ended": -700.0},
    {"now": 99_999.0, "ended": 99_400.0},
    {"now": 1299.0, "ended": 100.0, "grace": 1200.0},
)


def judged(seen: Seen, asked: Asking) -> Outcome:
    session = SimpleNamespace(
        id="gs_1",
        mode="test",
        status=seen.status,
        amount=seen.amount,
        currency=seen.currency,
        flow=seen.flow,
        target_token=seen.token,
        target_network=seen.network,
        expires_at=EXPIRES,
        metadata={"order_id": "order_1"},
    )
    ended = None if seen.ended is None else EXPIRES + timedelta(seconds=seen.ended)
    return outcome_of_session(
        session,
        [_row(number, row) for number, row in enumerate(seen.rows)],
        expect=ANY_AMOUNT if asked.amount is None else Money(asked.amount, asked.code),
        order="order_1",
        flow=asked.flow,
        network=asked.network,
        now=EXPIRES.timestamp() + seen.now,
        ended_at=ended,
        secret_out=seen.secret_out,
        late_payment_grace=seen.grace,
        statuses=STATUSES,
    )


def _row(number: int, row: Paid) -> Any:
    return SimpleNamespace(
        refid=f"tx_{number}",
        session_id="gs_1",
        action=row.action,
        status=row.status,
        token=row.token,
        network=row.network,
        currency=row.currency,
        fiat_amount=row.fiat,
        token_amount=row.token_amount,
        total_pay_or_receive=row.total,
        status_timeline=[],
    )


def differing(cases: Iterable[tuple[Seen, Asking]]) -> tuple[int, list[str]]:
    """How many were looked at, and what the two say where they are of two minds."""
    wrong: list[str] = []
    count = 0
    for seen, asked in cases:
        count += 1
        outcome, right = judged(seen, asked), opinion(seen, asked).kinds
        if type(outcome).__name__ not in right:
            wrong.append(f"{outcome.reason}, not {sorted(right)}: {seen} {asked}")
        assert type(outcome) is REASONS[outcome.reason][0]
        assert outcome.may_fulfil == (right == {"Settled"})
        assert outcome.may_retry == (right == {"Failed"})
        late = outcome.reason == "may_still_show"
        assert (outcome.look_again_at is not None) == late == (outcome.status is not None)
    return count, wrong


def flows() -> Iterable[tuple[str | None, str | None]]:
    """Bound when the session was made, or now, or by both, or by nobody."""
    return [(bound, None) for bound in FLOWS] + [(None, "on_ramp"), ("on_ramp", "off_ramp")]


def test_no_transaction_and_one_agree_in_every_combination() -> None:
    shapes: list[tuple[Paid, ...]] = [(), *((row,) for row in ROWS)]
    cases = (
        (Seen(status, flow=bound, rows=rows, **time), replace(asked, flow=named))
        for status, rows, time in itertools.product(SESSION, shapes, (TIMES[0], TIMES[3]))
        for asked in AGREED
        for bound, named in flows()
    )
    count, wrong = differing(cases)
    assert count == 5 * 193 * 2 * 7 * 6
    assert not wrong, wrong[:5]


def test_a_session_bound_to_a_token_and_a_network_agrees_in_every_combination() -> None:
    rows = [
        Paid("completed", action, fiat, fiat + Decimal("1.50"), token=token, network=network)
        for action, fiat, token, network in itertools.product(
            ("BUY", "SELL", "SWAP", "STAKE"),
            AMOUNTS[:2],
            ("USDC", "usdc", "SHIB"),
            ("BASE", "tron"),
        )
    ]
    cases = (
        (
            Seen("completed", -60.0, flow=bound, token=token, network=network, rows=(row,)),
            replace(asked, flow=named),
        )
        for row in rows
        for token, network in itertools.product((None, "USDC", "Usdc", "SHIB"), (None, "base"))
        for asked in AGREED
        for bound, named in flows()
    )
    count, wrong = differing(cases)
    assert count == 48 * 8 * 7 * 6
    assert not wrong, wrong[:5]


def test_ends_and_graces_agree_with_every_set_of_three_statuses() -> None:
    plain = [Paid(status) for status in ("completed", "CREATED", "failed", "COMPLETED")]
    shapes = [
        rows for count in range(4) for rows in itertools.combinations_with_replacement(plain, count)
    ]
    cases = (
        (Seen(status, flow=bound, rows=rows, **time), Asking(flow=named))
        for status, rows, time in itertools.product(SESSION, shapes, TIMES)
        for bound, named in flows()
    )
    count, wrong = differing(cases)
    assert count == 5 * 35 * 11 * 6
    assert not wrong, wrong[:5]


def test_three_transactions_of_every_kind_agree() -> None:
    """Billions of combinations: so many by a seed that is printed where it fails."""
    seed = random.SystemRandom().randrange(2**32)
    draw = random.Random(seed)
    amounts = (Decimal("100.00"), Decimal("90.00"))

    def drawn() -> tuple[Seen, Asking]:
        bound, named = draw.choice(list(flows()))
        rows = tuple(draw.choices(ROWS, k=draw.choice((2, 3))))
        seen = Seen(draw.choice(SESSION), flow=bound, rows=rows, **draw.choice(TIMES))
        seen = replace(seen, amount=draw.choice(amounts))
        return seen, replace(draw.choice(AGREED), flow=named)

    _, wrong = differing(drawn() for _ in range(5_000))
    assert not wrong, (seed, wrong[:5])


def test_the_opinion_itself_releases_money_and_a_second_try_on_the_few_combinations_it_should() -> (
    None
):
    """A control: two that say nothing agree as well."""
    one = Paid("completed")
    assert opinion(Seen("completed", 0.0, "on_ramp", rows=[one]), Asking()).kinds == {"Settled"}
    assert opinion(Seen("completed", 0.0, rows=[one]), Asking()).kinds == {"Hold"}
    assert not nothing_can_show(Seen("cancelled", 1e9))
    assert nothing_can_show(Seen("cancelled", 1e9, ended=0.0))
    kinds = {
        next(iter(opinion(Seen(status, 1e6, "on_ramp", rows=rows), Asking()).kinds))
        for status, rows in itertools.product(SESSION, ((), (one,), (one, one)))
    }
    assert kinds == {"Settled", "Pending", "Failed", "Mismatch", "Hold"}
    assert (Settled.may_fulfil, Failed.may_retry) == (True, True)
