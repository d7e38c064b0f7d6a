"""One expression, three engines, the same verdicts, counts and sums."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
import sqlglot
from zerogate_ledger.exact import exact, is_plain
from zerogate_ledger.match import classified
from zerogate_ledger.match_inputs import LEDGER, SESSIONS, TRANSACTIONS

from . import oracle, stories
from .engines import ENGINES
from .test_match import WAYS, a_batch, actual, expected, rules, table, terms

#: Text that somebody writes for an amount, and what it is.
WRITTEN = [
    *stories.ILLEGIBLE,
    *stories.AMOUNTS,
    *("-5.00", "0", "-0", "0.0", "00", "1.00\r\n", "1.00\x00", "--1", "1-", "0x10", "1.0.0", "\n1"),
    *(
        "١٢",
        "1 000",
        "1'000",
        "$5",
        "5 EUR",
        "1E2",
        "inf",
        "-",
        ".",
        "99999999999999999999.999999999999999999",
    ),
]
#: NUL cannot be stored as text in PostgreSQL, so no engine is asked.
TEXTS = [text for text in WRITTEN if text is None or "\x00" not in text]

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
each_engine = pytest.mark.parametrize(
    "engine",
    [
        "duckdb",
        "postgres",
        pytest.param("spark", marks=pytest.mark.spark),
    ],
)


@each_engine
def test_text_is_an_exact_decimal_or_nothing_alike_on_every_engine(
    engine: str, tmp_path: Path
) -> None:
    rows = pa.table({"n": list(range(len(TEXTS))), "text": pa.array(TEXTS, pa.string())})
    with ENGINES[engine]({"texts": rows}, tmp_path) as (con, tables):
        texts = tables["texts"]
        said = con.to_pyarrow(texts.select("n", value=exact(texts.text))).to_pylist()
    read = {row["n"]: row["value"] for row in said}
    for number, text in enumerate(TEXTS):
        wanted = Decimal(text) if is_plain(text) else None
        assert read[number] == wanted, text
        assert wanted == oracle.number(text), text


@each_engine
@pytest.mark.parametrize("ways", [WAYS[0], WAYS[1]], ids=["any name", "refid"])
def test_engines_agree_with_the_oracle_in_verdicts_counts_and_sums(
    engine: str, ways: tuple[str, ...], tmp_path: Path
) -> None:
    batch = a_batch(77, 400)
    settings = rules(ways, mode="test")
    columns = (*LEDGER, "trouble")
    sides = {
        "ledger": table([row for story in batch for row in story.ledger], columns),
        "transactions": table(
            [row for story in batch for row in story.transactions], list(TRANSACTIONS.names)
        ),
        "sessions": table([row for story in batch for row in story.sessions], list(SESSIONS.names)),
    }
    wanted = [
        found
        for story in batch
        for found in oracle.reconcile(story.ledger, story.transactions, story.sessions, settings)
    ]
    with ENGINES[engine](sides, tmp_path) as (con, tables):
        expression = classified(
            tables["ledger"], tables["transactions"], tables["sessions"], terms(settings)
        )
        answer = con.to_pyarrow(expression).to_pylist()
    want, got = expected(wanted), actual(answer)
    assert got[0] - want[0] == Counter()
    assert want[0] - got[0] == Counter()
    assert got[1] == want[1]
    with localcontext(prec=200):
        assert _sums(answer) == _sums_by_hand(batch)


def _sums(answer: list[dict[str, Any]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in answer:
        for name in ("ledger_sum", "ledger_large"):
            code = row["l_code"] or ""
            sums[code] = sums.get(code, Decimal(0)) + (row[name] or 0)
    return {code: amount for code, amount in sums.items() if amount}


def _sums_by_hand(batch: list[stories.Story]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for story in batch:
        for row in story.ledger:
            value = oracle.number(row["amount"])
            if value is not None:
                code = (row["currency"] or "").upper()
                sums[code] = sums.get(code, Decimal(0)) + value
    return sums


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "trino"])
def test_the_expression_compiles_to_the_sql_of_warehouses_that_no_test_runs_on(
    dialect: str,
) -> None:
    whole = {"created_at": "int64", "line": "int64"}
    sides = (
        ibis.table({name: whole.get(name, "string") for name in LEDGER}, name="ledger"),
        ibis.table(TRANSACTIONS, name="transactions"),
        ibis.table(SESSIONS, name="sessions"),
    )
    sql = str(ibis.to_sql(classified(*sides, terms(rules(("refid",)))), dialect=dialect))
    read = sqlglot.parse_one(sql, read=dialect)
    assert {table.name for table in read.find_all(sqlglot.exp.Table)} >= {"ledger", "transactions"}
