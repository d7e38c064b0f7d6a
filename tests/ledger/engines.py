"""The engines that the expression runs on in tests: embedded, a real PostgreSQL, a local Spark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from tests.services import unavailable

Tables = dict[str, pa.Table]

POSTGRES = os.environ.get("ZEROGATE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@contextmanager
def duckdb(tables: Tables, folder: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    con = ibis.duckdb.connect(threads=2)
    yield con, {name: con.create_table(name, table) for name, table in tables.items()}
    con.disconnect()


@contextmanager
def postgres(tables: Tables, folder: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    at = urlsplit(POSTGRES)
    try:
        con = ibis.postgres.connect(
            host=at.hostname,
            port=at.port or 5432,
            user=at.username or "postgres",
            password=at.password,
            database=at.path.lstrip("/"),
        )
    except Exception as problem:
        unavailable(f"no PostgreSQL at {at.hostname}:{at.port} (ZEROGATE_TEST_POSTGRES): {problem}")
        raise
    # A name of its own for each run, so that runs may share a server.
    names = {name: f"zerogate_test_{uuid4().hex[:12]}_{name}" for name in tables}
    try:
        yield (
            con,
            {
                name: con.create_table(names[name], table, schema=ibis.schema(table.schema))
                for name, table in tables.items()
            },
        )
    finally:
        for name in names.values():
            con.drop_table(name, force=True)
        con.disconnect()


#: A JVM that lives for a few queries: most of its time went into making them fast for later ones.
SOON_OVER = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@contextmanager
def spark(tables: Tables, folder: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as problem:
        unavailable(f"no PySpark (pip install --group engines): {problem}")
        raise
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.extraJavaOptions", SOON_OVER)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    con = ibis.pyspark.connect(session)
    found = {}
    for name, table in tables.items():
        file = folder / f"{name}.parquet"
        pq.write_table(table, file)
        found[name] = con.read_parquet(str(file), table_name=f"spark_{name}")
    yield con, found
    with suppress(Exception):
        session.stop()


ENGINES = {"duckdb": duckdb, "postgres": postgres, "spark": spark}
