"""Matching millions of rows on two cores: seconds, memory, how both grow, and the bare join beside it.

    python bench/ledger_match.py            1 M × 1 M, then 10 M × 10 M
    python bench/ledger_match.py 1000000    only so many

Each size runs in a process of its own. Rows are shuffled, with breaks of every common kind; the
clock runs from the files to the proven totals and the sorted breaks. The floor is what DuckDB takes
to join the same two files by their id, read both amounts, and add them up where they are equal: no
verdict can cost less. Then with a third side, a session for each transaction; and, of a million rows, ledgers
that are as bad as can be: every amount another one, every row under one key, no amount at all, and none bad.
A mark says whether a target holds; the ratio is to the floor of the same run, both by CPU time, which says
the most on a machine that does other things as well.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

FLOOR, MATCH, SESSIONS = "the bare join", "ledger × transactions", "and sessions"
LIMITS = {1_000_000: (3.0, None), 10_000_000: (30.0, 1_500)}
RATIOS = {(10_000_000, MATCH): 2.5, (10_000_000, SESSIONS): 4.0}
#: What becomes of the ledger, in SQL over the files of the usual one.
SHAPES = {
    "all breaks": "select * replace ((amount::decimal(14, 2) + 1)::varchar as amount) from ledger",
    "one key": "select * replace ('0g_txn_same' as refid) from ledger",
    "no amounts": "select * replace ('' as amount) from ledger",
    "no breaks": """select refid as order_id, refid, fiat_amount as amount, currency, total_fees as fee,
        'paid' as status, to_timestamp(created_at) as created_at
        from transactions where status = 'completed'""",
}
#: Of a million rows: seconds of CPU and megabytes.
SHAPE_LIMITS = (30.0, 1_000)
NOW = 1_772_000_000


def make(folder: Path, rows: int) -> None:
    """Three shuffled files. Amounts of 2 to 18 decimals; about 0.3 % of the rows have a break."""
    con = duckdb.connect()
    con.execute("set threads=2; set memory_limit='6GB'; set preserve_insertion_order=false")
    con.execute(f"set temp_directory='{folder}'")
    con.execute(f"""create view base as select i,
        'A-' || md5(i::varchar)[:16] as order_id,
        '0g_txn_' || md5((i + 7)::varchar)[:20] as refid,
        'gs_test_' || md5((i + 9)::varchar)[:20] as session_id,
        (['EUR', 'USD', 'BRL'])[1 + i % 3] as currency,
        cast((hash(i) % 10000000) / 100 as decimal(12, 2)) as amount,
        cast((hash(i + 1) % 500) / 100 as decimal(8, 2)) as fee,
        to_timestamp({NOW} - 7776000 + (i * 7919) % 7000000) as made
        from range({rows}) t(i)""")
    con.execute(f"""copy (
        select order_id, refid, amount::varchar as amount, currency, fee::varchar as fee,
            case when i % 1000 = 1 then 'open' else 'paid' end as status, made as created_at
        from base where i % 5000 <> 3
        union all
        select order_id, refid, amount::varchar, currency, fee::varchar, 'paid', made
        from base where i % 20000 = 9
        order by hash(order_id)
        ) to '{folder}/ledger.parquet' (format parquet)""")
    con.execute(f"""copy (
        select refid, session_id, null::varchar as rail_id, 'BUY' as action,
            case when i % 2500 = 5 then 'FAILED' when i % 50000 = 6 then 'frobnicated'
                else 'completed' end as status,
            'USDC' as token, 'base' as network,
            case when i % 30000 = 11 then 'GBP' else currency end as currency,
            case when i % 4000 = 2 then (amount + 0.000000000000000001)::varchar
                else amount::varchar end as fiat_amount,
            '1.5' as token_amount, (amount + fee)::varchar as total_pay_or_receive,
            '1.0875' as exchange_rate,
            case when i % 7000 = 13 then (fee + 0.01)::varchar else fee::varchar end as total_fees,
            '["CREATED","completed"]' as past_statuses, epoch(made)::bigint as created_at
        from base where i % 6000 <> 4 order by hash(i)
        ) to '{folder}/transactions.parquet' (format parquet)""")
    con.execute(f"""copy (
        select session_id as id, order_id, 'test' as mode, 'completed' as status,
            'on_ramp' as flow, amount::varchar as amount, currency, 'USDC' as target_token,
            'base' as target_network, epoch(made)::bigint + 86400 as expires_at,
            epoch(made)::bigint as created_at
        from base order by hash(i + 3)
        ) to '{folder}/sessions.parquet' (format parquet)""")
    # Or what is measured shares the machine with the writing of them.
    os.sync()


def reshape(folder: Path, shape: str) -> None:
    """The ledger of another shape, in place of the usual one, which is kept beside."""
    usual = folder / "usual.parquet"
    if not usual.exists():
        (folder / "ledger.parquet").rename(usual)
    con = duckdb.connect()
    con.execute(f"create view ledger as select * from '{usual}'")
    con.execute(f"create view transactions as select * from '{folder}/transactions.parquet'")
    con.execute(f"copy ({SHAPES[shape]}) to '{folder}/ledger.parquet' (format parquet)")
    os.sync()


def floor(folder: Path) -> dict[str, float]:
    """In this process: nothing but the join, and the sums of what is equal."""
    with warm(folder) as con:
        start, cpu = time.perf_counter(), time.process_time()
        con.raw_sql(f"""
            select currency, count(*), sum(a) from (
                select l.currency, l.amount::decimal(38, 18) a, t.fiat_amount::decimal(38, 18) b
                from '{folder}/ledger.parquet' l full join '{folder}/transactions.parquet' t
                    on l.refid = t.refid
            ) where a = b group by currency""").fetchall()
    return spent(start, cpu)


def measure(folder: Path, with_sessions: bool) -> dict[str, float]:
    """In this process: from the files to totals and sorted breaks."""
    from zerogate_ledger.columns import Settings
    from zerogate_ledger.ingest import take_in
    from zerogate_ledger.match_inputs import Terms
    from zerogate_ledger.pipeline import ledger_words, reconcile
    from zerogate_ledger.statuses import Words

    with warm(folder) as con:
        start, cpu = time.perf_counter(), time.process_time()
        taken = take_in(folder / "ledger.parquet", folder, Settings())
        ledger = taken.table(con)
        words = ledger_words(con, ledger, {})
        assert words is not None
        sessions = con.read_parquet(str(folder / "sessions.parquet")) if with_sessions else None
        found = reconcile(
            con,
            ledger,
            con.read_parquet(str(folder / "transactions.parquet")),
            sessions,
            Terms(
                as_of=NOW,
                ledger_as_of=NOW,
                gate_as_of=NOW,
                kinds=("refid",),
                ledger_words=words.words,
                gate_words=Words(("completed",), ("CREATED",), ("FAILED",)),
            ),
            most_may_be_missing=True,
        )
        return spent(start, cpu) | {"breaks": found.breaks}


@contextmanager
def warm(folder: Path) -> Iterator[Any]:
    """An engine that is loaded: to import it is the start of a process, not of a match."""
    import ibis
    from zerogate_ledger.engine import embedded

    with embedded(folder, threads=2) as con:
        con.to_pyarrow(ibis.memtable({"one": [1]}))
        yield con


def spent(start: float, cpu: float) -> dict[str, float]:
    return {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def best(folder: Path, what: str, times: int) -> dict[str, float]:
    """The cheapest of some runs, each in a process of its own."""
    words = [sys.executable, __file__, "--measure", str(folder), what]
    runs = [
        json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
        for _ in range(times)
    ]
    return min(runs, key=lambda run: run["cpu"])


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"


def _say(rows: int, what: str, one: dict[str, float], about: str, mark: str) -> None:
    print(
        f"{rows:>12,} × {rows:,} {what:<24} {one['seconds']:6.1f} s {about:>17} "
        f"{one['cpu']:6.1f} s of CPU {one['megabytes']:6.0f} MB  {mark}",
        flush=True,
    )


def main() -> int:
    if sys.argv[1:2] == ["--measure"]:
        folder, what = Path(sys.argv[2]), sys.argv[3]
        print(json.dumps(floor(folder) if what == FLOOR else measure(folder, what == SESSIONS)))
        return 0
    if sys.argv[1:2] == ["--reshape"]:
        reshape(Path(sys.argv[2]), sys.argv[3])
        return 0
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
        return 0
    sizes = [int(text) for text in sys.argv[1:]] or list(LIMITS)
    seconds: dict[int, float] = {}
    good = True
    for rows in sizes:
        with tempfile.TemporaryDirectory() as name:
            # In a process of its own, whose memory no other inherits the peak of.
            subprocess.run([sys.executable, __file__, "--make", name, str(rows)], check=True)
            for what in (FLOOR, MATCH, SESSIONS):
                one = best(Path(name), what, 3 if rows <= 1_000_000 else 1)
                if what == FLOOR:
                    bare = one["cpu"]
                ratio = one["cpu"] / bare
                wanted = RATIOS.get((rows, what))
                mark = "" if wanted is None else f"{_mark(ratio <= wanted)} ≤ {wanted:g} ×"
                good &= wanted is None or ratio <= wanted
                _say(rows, what, one, f"{ratio:5.1f} × the floor", mark)
                if what == MATCH:
                    seconds[rows] = one["seconds"]
                    limit, memory = LIMITS.get(rows, (None, None))
                    good &= limit is None or one["seconds"] <= limit
                    good &= memory is None or one["megabytes"] <= memory
            for shape in SHAPES if rows <= 1_000_000 else ():
                command = [sys.executable, __file__, "--reshape", name, shape]
                subprocess.run(command, check=True)
                one = best(Path(name), MATCH, 1)
                most, memory = SHAPE_LIMITS
                holds = one["cpu"] <= most and one["megabytes"] <= memory
                good &= holds
                mark = f"{_mark(holds)} ≤ {most:g} s of CPU, {memory:,} MB"
                _say(rows, shape, one, f"{one['breaks']:>9,} breaks", mark)
    if len(seconds) > 1:
        small, large = min(seconds), max(seconds)
        growth = seconds[large] / seconds[small]
        print(f"{large // small} × the rows cost {growth:.1f} × the time (limit 15)")
        good &= growth <= 15
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
