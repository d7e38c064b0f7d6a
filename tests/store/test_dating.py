"""A first send that no answer dated is dated by the clock of leases, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from zerogate._idempotency.keys import identify
from zerogate._reconciliation.list_search import SearchResult
from zerogate_store import Store
from zerogate_store._journal import steps as journal
from zerogate_store._journal.intents import Intent
from zerogate_store._journal.leases import DATABASE, UNNAMED, LeaseClock
from zerogate_store._journal.moments import Moment
from zerogate_store._journal.store_loss import seconds_before_sent
from zerogate_store._scope import Scope
from zerogate_store._store import sync_run_in_transaction

from tests.databases import KINDS, database

SCOPE = Scope("", "test", "")
BODY = b'{"amount": "1.00", "currency": "EUR", "metadata": {}}'
#: Gate's clock at the send, and how wrong its sender's was.
SENT_AT, WRONG = 1_780_000_000.0, 3600.0
ELAPSED = 90.0


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with database(request.param, tmp_path) as url:
        made = Store(url)
        yield made
        made.close()


def clock_of(store: Store, after: float, dated: float | None) -> LeaseClock:
    """The clock of leases so many seconds after the send."""
    if store.engine.dialect.name == "postgresql":
        return LeaseClock(DATABASE, ahead=after, dated=dated)
    return LeaseClock("this boot", 5_000.0 + after, dated=dated)


def sent(store: Store, clock: LeaseClock, gate: float | None = None) -> Intent:
    """A create that was marked as sent by a host whose clock is an hour ahead."""
    identity = identify("", "createSession", "order-1", 1, None)
    at = Moment(SENT_AT + WRONG if gate is None else gate, gate, SENT_AT + WRONG)
    asked = journal.new_intent(SCOPE, "createSession", identity, BODY, at.now)

    def step() -> Any:
        return journal.claim_intent(asked, at=at, lease=clock.lasting(8), holder="me", trust=600)

    decision = sync_run_in_transaction(store, step)
    assert isinstance(decision, journal.Send)
    return decision.intent


def read(store: Store, key: str, clock: LeaseClock) -> Intent:
    [row] = sync_run_in_transaction(store, lambda: journal.intents_under(SCOPE, key, clock))
    return row


def test_who_knows_gates_clock_dates_the_send(store: Store) -> None:
    key = sent(store, clock_of(store, 0, None)).key
    row = read(store, key, clock_of(store, ELAPSED, SENT_AT + ELAPSED))
    # PostgreSQL's clock goes on while this runs.
    for at in (row.first_sent_at, row.last_sent_at, row.trusted_from):
        assert at == pytest.approx(SENT_AT, abs=30)
    assert row.sent_own == SENT_AT + WRONG
    # Who does not know it has to wait.
    assert read(store, key, clock_of(store, ELAPSED, None)).first_sent_at is None


def test_what_is_recorded_of_it_keeps_the_reading_and_a_date_replaces_it(store: Store) -> None:
    intent = sent(store, clock_of(store, 0, None))
    doubtful = intent.doubtful(SENT_AT + WRONG + 1, "no answer")
    assert sync_run_in_transaction(store, lambda: journal.save_intent(doubtful))
    dated = read(store, intent.key, clock_of(store, ELAPSED, SENT_AT + ELAPSED))
    assert dated.first_sent_at == pytest.approx(SENT_AT, abs=30)
    assert sync_run_in_transaction(store, lambda: journal.save_intent(dated))
    # From now on it stands there, for whatever clock.
    again = read(store, intent.key, LeaseClock("another boot", 3.0))
    assert again.first_sent_at == dated.first_sent_at


def test_a_send_that_an_answer_dated_is_not_dated_again(store: Store) -> None:
    key = sent(store, clock_of(store, 0, None), gate=SENT_AT).key
    row = read(store, key, clock_of(store, ELAPSED, SENT_AT + 7_000))
    assert row.first_sent_at == SENT_AT


@pytest.mark.parametrize("name", ["another boot", UNNAMED])
def test_by_another_clock_its_sender_is_taken_at_its_word(store: Store, name: str) -> None:
    key = sent(store, clock_of(store, 0, None)).key
    row = read(store, key, LeaseClock(name, 5_000.0 + ELAPSED, dated=SENT_AT + ELAPSED))
    assert row.first_sent_at is None
    word = SENT_AT + WRONG
    assert seconds_before_sent(row, {"created_at": "2001-01-01T00:00:00Z"}) is not None
    assert seconds_before_sent(row, _made(word - 4)) is None
    assert seconds_before_sent(row, _made(word - 6)) == pytest.approx(6)


def test_a_clock_without_a_name_dates_nothing(store: Store) -> None:
    key = sent(store, LeaseClock(UNNAMED, 5_000.0)).key
    row = read(store, key, LeaseClock(UNNAMED, 5_090.0, dated=SENT_AT + ELAPSED))
    assert row.first_sent_at is None


@pytest.mark.parametrize("anew", [True, False])
def test_each_send_is_dated_by_itself(store: Store, anew: bool) -> None:
    first, wrong = sent(store, clock_of(store, 0, None)), SENT_AT + WRONG + 1_000
    lease, at = clock_of(store, 1_000, None).lasting(8), Moment(wrong, None, wrong)
    again = first.again("me", lease, at, anew=anew)
    assert sync_run_in_transaction(store, lambda: journal.save_intent(again))
    row = read(store, first.key, clock_of(store, 2_000, SENT_AT + 2_000))
    assert row.first_sent_at == pytest.approx(SENT_AT, abs=30)
    assert row.last_sent_at == pytest.approx(SENT_AT + 1_000, abs=30)
    assert row.trusted_from == pytest.approx(SENT_AT + (1_000 if anew else 0), abs=30)


def test_a_reading_of_before_a_reboot_is_forgotten_with_the_next_send(store: Store) -> None:
    first = sent(store, clock_of(store, 0, None))
    lease = LeaseClock("another boot", 3.0).lasting(8)
    again = first.again("me", lease, Moment(SENT_AT, None, SENT_AT), anew=False)
    assert sync_run_in_transaction(store, lambda: journal.save_intent(again))
    row = read(store, first.key, LeaseClock("another boot", 10.0, dated=SENT_AT + 7))
    assert (row.first_sent_at, row.trusted_ago, row.last_ago) == (None, None, 7.0)


def test_what_lets_a_key_be_sent_again_is_counted_by_each_clock_that_tells(store: Store) -> None:
    """The Date came out of a cache, or from a proxy that is ahead: neither makes haste."""
    key = sent(store, clock_of(store, 0, None), gate=SENT_AT).key
    late = read(store, key, clock_of(store, 700, SENT_AT + 5))
    assert not late.is_trusted(SENT_AT + 5, 600)
    early = read(store, key, clock_of(store, 5, SENT_AT + 700))
    assert not early.is_trusted(SENT_AT + 700, 600)
    row = attrs.evolve(early, marks=("zerogate_key",))
    looked = SearchResult(complete=True, began=SENT_AT + 700)
    assert "on its way" in str(journal.why_not_absent(row, looked, 600, is_echoing=True))
    row = attrs.evolve(late, marks=("zerogate_key",))
    assert journal.why_not_absent(row, looked, 600, is_echoing=True) is None


def _made(at: float) -> dict[str, str]:
    from datetime import UTC, datetime

    return {"created_at": datetime.fromtimestamp(at, UTC).isoformat()}
