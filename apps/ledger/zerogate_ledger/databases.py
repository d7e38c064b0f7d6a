"""A table of a database as rows of text: figures cast where they live, nothing written, no password told.

PostgreSQL by psycopg, SQLite by the standard library, each opened for reading only; every other by Ibis.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pyarrow as pa

from .batches import Batch, Reader, in_order
from .errors import Unusable

_ROWS: Final = 20_000
#: PostgreSQL's names of types whose digits are gone, and how others become text.
_FLOATS: Final = ("float4", "float8")
#: Times that ISO 8601 has a text for: years before Christ would be written as those after.
_PG_TIME: Final = "CASE WHEN isfinite({{0}}) AND {{0}} >= '0001-01-02' THEN {} ELSE {{0}}::text END"
_PG_TEXT: Final[Mapping[str, str]] = {
    "money": "{0}::numeric::text",
    # Blanks up to the width of the column are no part of the value.
    "bpchar": "rtrim({0}::text)",
    "timestamptz": _PG_TIME.format(
        "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    ),
    "timestamp": _PG_TIME.format("to_char({0}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"),
    "date": _PG_TIME.format("to_char({0}, 'YYYY-MM-DD')"),
}
#: Declared types of SQLite that make a number of a text, and a float of a decimal.
_SQLITE_NUMBERS: Final = ("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL")


def table_reader(url: str, table: str) -> Reader:
    """Return a reader of one table; Unusable, never with the URL, which may hold a password, if it cannot.

    url: As SQLAlchemy reads it. table: Its name, with a schema before a point.

    Raises:
        Unusable: no such database or table, or what reads it is not installed.
    """
    scheme = url.partition("://")[0].partition("+")[0].lower()
    try:
        match scheme:
            case "postgresql" | "postgres":
                return _Postgres(url, table)
            case "sqlite":
                return _Sqlite(url, table)
        return _Ibis(url, table)
    except Unusable:
        raise
    except Exception as problem:
        reason = _reason(problem, scheme)
    # Every engine has errors of its own; a URL may hold a password, and an engine may repeat it. So the
    # error stands alone: nothing of theirs is its cause or its context.
    raise Unusable(f"cannot read table {table!r}: {reason}")


#: What PostgreSQL means by its codes, and what to do.
_STATES: Final = {
    "42P01": "there is no such table: say --table SCHEMA.NAME",
    "3F000": "there is no such schema: say --table SCHEMA.NAME",
    "3D000": "the server has no such database: see the end of the URL",
    "28P01": "the server refuses this user and password",
    "28000": "the server refuses this user",
    "42501": "this user may not read it: GRANT SELECT is all that is needed",
}


def _reason(problem: Exception, scheme: str) -> str:
    """Return why a table can't be read, in our words: the engine's may repeat a password."""
    kind, state = type(problem).__name__, getattr(problem, "sqlstate", None)
    if state is not None:
        return _STATES.get(state, f"the server says {state} ({kind})")
    if isinstance(problem, ImportError):
        return f"what reads {scheme}:// is not installed: export the table as CSV or Parquet"
    if scheme.startswith("postgres") and kind == "OperationalError":
        return "no server answers so: see host, port, user and database of the URL"
    if scheme.startswith("postgres") and kind == "ProgrammingError":
        return "the URL is none: write postgresql://USER@HOST:PORT/DATABASE"
    return kind


def _quoted_table(table: str) -> str:
    """Return a table's name quoted for SQL, each part between points by itself."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


class _Rows:
    """Rows of text from a cursor, in the order it gives them, under the numbers they come by."""

    schema: pa.Schema

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield nothing: a row's number is all the place it has."""
        return iter(())

    def _numbered_batches(self, names: Sequence[str], cursor: Any) -> Iterator[Batch]:
        """Yield a cursor's remaining rows as batches of text, numbered from 1 as they come."""

        def batches() -> Iterator[pa.RecordBatch]:
            """Yield the cursor's rows as Arrow batches of at most _ROWS rows."""
            schema = pa.schema([(name, pa.string()) for name in names])
            while rows := cursor.fetchmany(_ROWS):
                columns = zip(*rows, strict=True)
                arrays = [pa.array(column, pa.string()) for column in columns]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

        yield from in_order(batches())


class _Postgres(_Rows):
    def __init__(self, url: str, table: str) -> None:
        try:
            import psycopg
        except ImportError as missing:
            raise Unusable(
                f"{missing}: a table of PostgreSQL needs psycopg: in a clone of the project, run "
                "`python -m pip install -e '.[postgres]'`"
            ) from missing
        self._connect, self._error = psycopg.connect, psycopg.Error
        # SQLAlchemy names the driver behind a plus, which the server's own library does not know.
        _, _, rest = url.partition("://")
        self._url, self._table = f"postgresql://{rest}", _quoted_table(table)
        with self._open_read_only() as con:
            self._types = {
                column.name: con.adapters.types.get(column.type_code)
                for column in con.execute(f"SELECT * FROM {self._table} LIMIT 0").description or ()
            }
        self.schema = pa.schema(
            [
                (name, pa.float64() if kind is not None and kind.name in _FLOATS else pa.string())
                for name, kind in self._types.items()
            ]
        )

    def _open_read_only(self) -> Any:
        """Open a connection whose transactions can only read."""
        # Not by `options=`, which would replace the URL's own, and with them its search_path.
        con = self._connect(self._url)
        con.read_only = True
        return con

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows as text, cast by the server, over a new connection; Unusable on its errors."""
        names = list(self._types if only is None else only)
        cells = ", ".join(self._as_text(name) for name in names)
        try:
            with self._open_read_only() as con, con.cursor(name="zerogate_ledger") as cursor:
                cursor.itersize = _ROWS
                cursor.execute(f"SELECT {cells} FROM {self._table}")
                yield from self._numbered_batches(names, cursor)
        except self._error as problem:
            reason = _reason(problem, "postgresql")
        else:
            return
        raise Unusable(f"cannot read table {self._table}: {reason}")

    def _as_text(self, name: str) -> str:
        """Return the SQL that gives a column as text: timestamptz in UTC, char(n) unpadded."""
        kind = self._types[name]
        cast = _PG_TEXT.get("" if kind is None else kind.name, "{0}::text")
        return cast.format(_quoted_name(name))


def _quoted_name(name: str) -> str:
    """Return a column's name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


class _Sqlite(_Rows):
    def __init__(self, url: str, table: str) -> None:
        # Not by urlsplit: a # is part of the path.
        host, _, file = url.partition("://")[2].partition("?")[0].partition("/")
        path = Path(unquote(file))
        if host:
            raise Unusable(
                f"{url[:80]!r} names a host, and a file has none: write sqlite:///{host}"
            )
        if not path.is_file():
            # As SQLAlchemy reads it, three slashes begin a path from here.
            remedy = "; a path from the root has four slashes" if not path.is_absolute() else ""
            raise Unusable(f"no SQLite database at {path}{remedy}")
        self._uri = f"{path.resolve().as_uri()}?mode=ro"
        self._table = _quoted_table(table)
        with closing(self._open_read_only()) as con:
            try:
                said = con.execute(f"SELECT * FROM {self._table} LIMIT 0").description
            except sqlite3.Error as problem:
                raise Unusable(f"cannot read table {table!r}: {problem}") from problem
            declared = {
                row[1]: str(row[2]).upper()
                for row in con.execute("SELECT * FROM pragma_table_info(?)", [table.split(".")[-1]])
            }
        self.schema = pa.schema(
            [
                (name, pa.float64() if _is_number(declared.get(name, "")) else pa.string())
                for name, *_ in said
            ]
        )

    def _open_read_only(self) -> sqlite3.Connection:
        """Open the file for reading only, its texts decoded by `_decoded`."""
        con = sqlite3.connect(self._uri, uri=True)
        con.text_factory = _decoded
        return con

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows as text; a float in a column of another type is "(a float) …". Unusable on errors."""
        names = list(self.schema.names if only is None else only)
        # A float in a column of another type is no figure that was written; its row is put aside.
        cells = ", ".join(
            f"CASE typeof({cell}) WHEN 'real' THEN '(a float) ' || {cell} ELSE CAST({cell} AS TEXT) END"
            for cell in map(_quoted_name, names)
        )
        with closing(self._open_read_only()) as con:
            try:
                cursor = con.execute(f"SELECT {cells} FROM {self._table}")
                yield from self._numbered_batches(names, cursor)
            except sqlite3.Error as problem:
                raise Unusable(f"cannot read {self._table}: {problem}") from problem


def _decoded(held: bytes) -> str:
    """Return SQLite's bytes as text; "(no UTF-8) …" for other bytes."""
    try:
        return held.decode("utf-8")
    except UnicodeDecodeError:
        return f"(no UTF-8) {held.decode('utf-8', 'backslashreplace')}"


def _is_number(declared: str) -> bool:
    """Return whether SQLite makes numbers of texts in a column of this type (digits are lost)."""
    return any(word in declared for word in _SQLITE_NUMBERS)


class _Ibis:
    """Any other database that Ibis knows, a batch at a time."""

    def __init__(self, url: str, table: str) -> None:
        import ibis

        *where, name = table.split(".")
        self._reader = IbisReader(ibis.connect(url).table(name, database=".".join(where) or None))
        self.schema = self._reader.schema

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows in batches, with the types of the engine, counted from 1."""
        return self._reader.batches(only)

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield nothing: a row's number is all the place it has."""
        return self._reader.lines(last)


class IbisReader:
    """A table of an Ibis connection, read once from top to bottom, in the order it comes."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows
        self.schema = rows.schema().to_pyarrow()

    def batches(self, only: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield rows, numbered from 1, with the engine's types; DuckDB's are fetched at once."""
        rows = self._rows if only is None else self._rows.select(*only)
        if rows.get_backend().name == "duckdb":
            # DuckDB 2 has another name for what Ibis 12 calls to read one in batches.
            yield from in_order(rows.to_pyarrow().to_batches(max_chunksize=_ROWS))
        else:
            yield from in_order(rows.to_pyarrow_batches(chunk_size=_ROWS))

    def lines(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield nothing: a row's number is all the place it has."""
        return iter(())
