"""What the expression finds, against a slow oracle, over generated ledgers and by hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest
from zerogate_ledger.breaks import BIT, CLASSES, differences, primary
from zerogate_ledger.match_inputs import LEDGER, SESSIONS, TRANSACTIONS, Terms
from zerogate_ledger.pipeline import (
    _query,
    classified_at_once,
    classified_by_place,
    screened_first,
)
from zerogate_ledger.shards import Shard, Sides, one_shard
from zerogate_ledger.statuses import Words

from tests.thorough import thorough

from . import oracle, stories
from .oracle import Found, Row, Rules

WAYS = [
    ("refid", "rail_id", "session_id", "order_id"),
    ("refid",),
    ("session_id",),
    ("order_id",),
    ("refid", "order_id"),
]
#: How many settings: half of the work of one is to compile its query, whatever the number of ledgers.
SEEDS = int(os.environ.get("ZEROGATE_LEDGERS", "7"))
#: The settings that stay in the suite: a lean ledger, and one without sessions.
STAY = (5, 6)
#: What a ledger may leave out; nothing is compared that is not there.
LEAN = ("order_id", "refid", "session_id", "currency", "amount", "created_at", "line")


def rules(ways: tuple[str, ...], **changes: Any) -> Rules:
    return Rules(
        now=stories.NOW,
        ledger_until=stories.NOW,
        gate_until=stories.NOW,
        ways=ways,
        ledger_says=stories.LEDGER_SAYS,
        gate_says=stories.GATE_SAYS,
        **changes,
    )


def terms(r: Rules) -> Terms:
    return Terms(
        as_of=r.now,
        ledger_as_of=r.ledger_until,
        gate_as_of=r.gate_until,
        kinds=r.ways,
        ledger_words=Words.of(r.ledger_says),
        gate_words=Words.of(r.gate_says),
        due_after=r.due,
        missing_after=r.missing,
        stale_after=r.stale,
        mode=r.mode,
        total_basis=r.total,
        dates_within=r.dates,
    )


def table(rows: list[Row], names: tuple[str, ...] | list[str]) -> pa.Table:
    whole = {"created_at", "expires_at", "line"}
    return pa.table(
        {
            name: pa.array(
                [row.get(name) for row in rows], pa.int64() if name in whole else pa.string()
            )
            for name in names
        }
    )


def found_by_duckdb(
    ledger: list[Row],
    transactions: list[Row],
    sessions: list[Row] | None,
    r: Rules,
    columns: tuple[str, ...],
    ask: Callable[..., pa.Table],
) -> list[Row]:
    con = ibis.duckdb.connect(threads=1)
    sides = Sides(
        con.create_table("ledger", table(ledger, columns)),
        con.create_table("transactions", table(transactions, list(TRANSACTIONS.names))),
        None
        if sessions is None
        else con.create_table("sessions", table(sessions, list(SESSIONS.names))),
    )
    answer: list[Row] = ask(con, sides, terms(r)).to_pylist()
    con.disconnect()
    return answer


def shown(found: Found) -> tuple[Any, ...]:
    row, record = found.ledger or {}, found.gate or {}
    line = row.get("line")
    return line, record.get("record"), record.get("refid"), record.get("session_id")


def expected(found: list[Found]) -> tuple[Counter[Any], Counter[Any]]:
    """Breaks by what they show, and the matched as counts."""
    breaks = Counter((f.classes, *shown(f)) for f in found if f.classes)
    matched = Counter(
        side for f in found if not f.classes for side in ("ledger", "gate") if getattr(f, side)
    )
    return breaks, matched


def actual(answer: list[Row]) -> tuple[Counter[Any], Counter[Any]]:
    breaks: Counter[Any] = Counter()
    matched: Counter[Any] = Counter()
    for row in answer:
        if not row["differences"]:
            matched.update(ledger=row["ledger_rows"], gate=row["gate_rows"])
            continue
        classes = frozenset(differences(row["differences"]))
        shows = row["l_line"], row["g_record"], row["g_refid"], row["g_session_id"]
        breaks[(classes, *shows)] += max(row["ledger_rows"], row["gate_rows"])
    return breaks, +matched


def a_batch(seed: int, count: int) -> list[stories.Story]:
    chance = Random(seed)
    batch = [stories.Story(f"s{number}", chance) for number in range(count)]
    line = 2
    for story in batch:
        for row in story.ledger:
            row["line"] = line
            line += 1
    return batch


def test_the_oracle_and_the_product_list_the_same_classes_in_the_same_order() -> None:
    assert [row.code for row in CLASSES] == oracle.SEVERITY


def test_the_worst_difference_names_the_row_and_the_others_are_kept() -> None:
    mask = BIT["fee"] | BIT["currency"] | BIT["broken_link"]
    assert primary(mask) == "currency"
    assert list(differences(mask)) == ["currency", "fee", "broken_link"]
    assert primary(0) == "matched"


def in_three_shards(con: Any, sides: Sides, terms: Terms) -> pa.Table:
    """What three machines find, each of its own rows, one after the other."""
    answers = []
    for number, ask in enumerate((screened_first, classified_at_once, screened_first), 1):
        with one_shard(con, sides, terms, Shard(number, 3)) as part:
            answers.append(ask(con, part, terms))
    return pa.concat_tables(answers, promote_options="default")


def by_place(con: Any, sides: Sides, terms: Terms) -> pa.Table:
    """The rows of each key one after the other, as of a key that has any number of them."""
    return pa.concat_tables(classified_by_place(con, sides, terms, 1))


@pytest.mark.parametrize(
    ("ask", "seed"),
    [
        *(thorough(screened_first, seed) for seed in range(SEEDS) if seed not in STAY),
        *((screened_first, seed) for seed in STAY),
        *((in_three_shards, seed) for seed in range(max(1, SEEDS // 10))),
        (classified_at_once, SEEDS),
        *(thorough(by_place, seed) for seed in range(SEEDS + 2, SEEDS + 1 + max(2, SEEDS // 10))),
        (by_place, SEEDS + 1),
    ],
)
def test_ten_thousand_ledgers_are_classified_as_the_oracle_says(
    ask: Callable[..., pa.Table], seed: int
) -> None:
    """1,500 ledgers at a time in one query; ids keep them apart."""
    chance = Random(1000 + seed)
    columns = LEAN if seed % 6 == 5 else (*LEDGER, "trouble")
    settings = rules(
        tuple(way for way in WAYS[seed % len(WAYS)] if way in columns),
        mode=[None, "test", "live"][seed % 3],
        total=chance.random() < 0.25,
        due=chance.choice([0, 3_600]),
        dates=[None, 3_600, None][seed % 3],
    )
    batch = a_batch(seed, 1_500)
    for story in batch:
        story.ledger = [{name: row[name] for name in columns} for row in story.ledger]
    with_sessions = seed % 7 != 6
    wanted: list[Found] = []
    for story in batch:
        sessions = story.sessions if with_sessions else None
        wanted += oracle.reconcile(story.ledger, story.transactions, sessions, settings)
    answer = found_by_duckdb(
        [row for story in batch for row in story.ledger],
        [row for story in batch for row in story.transactions],
        [row for story in batch for row in story.sessions] if with_sessions else None,
        settings,
        columns,
        ask,
    )
    want, got = expected(wanted), actual(answer)
    assert got[0] - want[0] == Counter()
    assert want[0] - got[0] == Counter()
    assert got[1] == want[1]
    if ask is screened_first:
        # And to the last piece of evidence, as the expression says that sees every row.
        slow = found_by_duckdb(
            [row for story in batch for row in story.ledger],
            [row for story in batch for row in story.transactions],
            [row for story in batch for row in story.sessions] if with_sessions else None,
            settings,
            columns,
            classified_at_once,
        )
        assert breaks_of(answer) == breaks_of(slow)


def test_a_query_that_is_written_once_finds_what_is_in_each_ledger() -> None:
    settings, before = rules(WAYS[0]), _query.cache_info()
    for seed in (50, 51):
        batch = a_batch(seed, 20)
        sides = (
            [row for story in batch for row in story.ledger],
            [row for story in batch for row in story.transactions],
            [row for story in batch for row in story.sessions],
        )
        answer = found_by_duckdb(*sides, settings, (*LEDGER, "trouble"), classified_at_once)
        found = [one for s in batch for one in oracle.reconcile(*_rows_of(s), settings)]
        assert actual(answer) == expected(found)
    assert _query.cache_info().misses == before.misses + 1


def _rows_of(story: stories.Story) -> tuple[list[Row], list[Row], list[Row]]:
    return story.ledger, story.transactions, story.sessions


def breaks_of(answer: list[Row]) -> Counter[Any]:
    """Breaks with all that they show."""
    return Counter(tuple(sorted(row.items())) for row in answer if row["differences"])
