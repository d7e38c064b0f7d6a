"""Engines that a match runs on: DuckDB in this process, a PostgreSQL server, or Spark. Puts both sides there.

DuckDB and Spark read the files where they are. Into PostgreSQL they are copied, as temporary tables that end
with the connection; nothing else of that database is written.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import uuid4

import attrs
import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .engine import embedded
from .errors import Unusable
from .ingest import Ingested
from .match_inputs import SESSIONS, TRANSACTIONS
from .object_storage import is_remote
from .records import Kind

ENGINES: Final = ("duckdb", "postgres", "spark")
_COLUMNS: Final = {"transactions": TRANSACTIONS.names, "sessions": SESSIONS.names}
_TYPES: Final = {pa.string(): "text", pa.int64(): "bigint"}
_ROWS: Final = 20_000


class Records(Protocol):
    """Gate's records as files, and as a table of DuckDB."""

    def files(self, kind: Kind) -> list[str]:
        """Return paths or URLs of the Parquet files of one kind; may be none."""
        ...

    def table(self, con: Any, kind: Kind) -> Any:
        """Return the records of one kind as a table of a DuckDB connection."""
        ...


class Engine(Protocol):
    """A connection of Ibis, with both sides as its tables."""

    @property
    def con(self) -> Any:
        """The Ibis connection."""
        ...

    def ledger(self, taken: Ingested) -> Any:
        """Return the ledger as a table of this engine; copied there only for PostgreSQL."""
        ...

    def records(self, mirror: Records, kind: Kind) -> Any:
        """Return Gate's records of one kind as a table; copied there only for PostgreSQL."""
        ...


@contextmanager
def opened(name: str, url: str | None, folder: Path, memory: str) -> Iterator[Engine]:
    """Yield an engine's connection, closed in the end; Unusable where it cannot be reached or is missing.

    folder: Where DuckDB puts what does not fit into *memory*.

    Raises:
        Unusable: it cannot be reached, or what speaks to it is not installed.
    """
    match name:
        case "duckdb":
            with embedded(folder, memory=memory) as con:
                yield _Embedded(con)
        case "postgres":
            yield from _postgres(url)
        case _:
            yield from _spark(url)


@attrs.frozen
class _Embedded:
    con: Any

    def ledger(self, taken: Ingested) -> Any:
        """Return the ledger as a table that DuckDB reads from its file."""
        return taken.table(self.con)

    def records(self, mirror: Records, kind: Kind) -> Any:
        """Return Gate's records of one kind as a table that DuckDB reads from their files."""
        return mirror.table(self.con, kind)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


def _postgres(url: str | None) -> Iterator[Engine]:
    """Yield a connection to PostgreSQL, closed in the end; Unusable, without the URL, if it can't connect."""
    if url is None:
        raise Unusable(
            "--engine postgres needs --engine-url postgresql://USER@HOST/DATABASE; the user needs no "
            "more than the right to make temporary tables"
        )
    try:
        con = ibis.connect("postgres://" + url.partition("://")[2])
    except ImportError as missing:
        raise Unusable(
            f"{missing}: --engine postgres needs pip install 'ibis-framework[postgres]'"
        ) from missing
    except Exception as problem:
        con, kind = None, type(problem).__name__
    if con is None:
        # Outside of the block: a URL may hold a password, and a driver's error may repeat it.
        raise Unusable(f"cannot reach --engine-url: {kind}")
    try:
        yield _Postgres(con)
    finally:
        con.disconnect()


@attrs.frozen
class _Postgres:
    con: Any

    def ledger(self, taken: Ingested) -> Any:
        """Copy the ledger to a temporary table and return it."""
        names = pq.read_schema(taken.file).names
        return self._copy_to_table("zerogate_ledger", [str(taken.file)], names)

    def records(self, mirror: Records, kind: Kind) -> Any:
        """Copy Gate's records of one kind to a temporary table and return it."""
        return self._copy_to_table(f"zerogate_{kind.name}", mirror.files(kind), _COLUMNS[kind.name])

    def _copy_to_table(self, name: str, files: list[str], columns: Any) -> Any:
        """Copy the rows of all files to a new temporary table and return it; Unusable if remote."""
        if any(map(is_remote, files)):
            raise Unusable(
                "--engine postgres copies the mirror from a folder: bring it there first"
            )
        # Under a name that no table of that database has: temporary ones stand before it.
        name = f"{name}_{uuid4().hex[:12]}"
        schema = pq.read_schema(files[0]) if files else None
        types = {c: _TYPES[schema.field(c).type] if schema else "text" for c in columns}
        if schema is None:
            types |= {c: "bigint" for c in types if c.endswith("_at")}
        said = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        into = ", ".join(f'"{column}"' for column in types)
        with self.con.con.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({said})")
            with cursor.copy(f"COPY {name} ({into}) FROM STDIN") as copy:
                for file in files:
                    for batch in pq.ParquetFile(file).iter_batches(_ROWS, columns=list(types)):
                        cells = (_without_nul(batch[column]).to_pylist() for column in types)
                        for row in zip(*cells, strict=True):
                            copy.write_row(row)
            cursor.execute(f"ANALYZE {name}")
        return self.con.table(name)


def _without_nul(cells: Any) -> Any:
    """Return a column with U+FFFD for each NUL of its texts, which PostgreSQL cannot hold."""
    return pc.replace_substring(cells, "\0", "\ufffd") if pa.types.is_string(cells.type) else cells


# ── Spark ────────────────────────────────────────────────────────────────────────────────────────


def _spark(url: str | None) -> Iterator[Engine]:
    """Yield a Spark session, started here or at *url*, stopped in the end; Unusable without pyspark."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise Unusable(f"{missing}: --engine spark needs pip install pyspark") from missing
    builder = SparkSession.builder.appName("zerogate reconcile")
    session = (builder if url is None else builder.remote(url)).getOrCreate()
    try:
        yield _Spark(ibis.pyspark.connect(session), session)
    finally:
        session.stop()


@attrs.frozen
class _Spark:
    con: Any
    session: Any

    def ledger(self, taken: Ingested) -> Any:
        """Return the ledger's file as a table of Spark."""
        return self._read("zerogate_ledger", [str(taken.file)])

    def records(self, mirror: Records, kind: Kind) -> Any:
        """Return Gate's records of one kind as a table of Spark; an empty one for no file."""
        files = mirror.files(kind)
        if not files:
            return ibis.memtable(kind.schema.empty_table())
        return self._read(f"zerogate_{kind.name}", files)

    def _read(self, name: str, files: list[str]) -> Any:
        """Return Parquet files as a table, and put a view of that name into the session."""
        # Spark takes a name for a pattern, as a shell does.
        paths = [f if is_remote(f) else glob.escape(str(Path(f).absolute())) for f in files]
        rows = self.session.read.parquet(*paths)
        rows.createOrReplaceTempView(name)
        return self.con.table(name)
