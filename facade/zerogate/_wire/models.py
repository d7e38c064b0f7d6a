"""A record of the contract from the JSON object that carries it; the models load on first use."""

from __future__ import annotations

import copyreg
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from itertools import chain
from operator import attrgetter
from typing import Any, Final, Generic, TypeAlias, TypeVar

import attrs

from .._unreadable import UnreadableRow
from .names import RENAMED

Json: TypeAlias = dict[str, Any]
M = TypeVar("M")

_MISFITS: Final = (KeyError, ValueError, TypeError, AttributeError, ArithmeticError)
#: How a generated reader names a field that is of another kind.
_TEXT: Final = frozenset({str})
_ZONE: Final = attrgetter("tzinfo")
_LIST_OF: Final = re.compile(r"list\[(\w+)\]")
_OTHER_KIND: Final = re.compile(r"(\w{1,64}) is no \w+")


class Misfit(ValueError):
    """Raised where data does not fit the contract; has the field, if known, and no value."""

    def __init__(self, why: str, field: str | None) -> None:
        super().__init__(why)
        self.field = field


@cache
def named(name: str) -> Any:
    """Return the generated model or enum of our name; ValueError where the contract has none."""
    try:
        model = getattr(
            import_module("zerogate_api.models"),
            next((theirs for theirs, ours in RENAMED.items() if ours == name), name),
        )
    except AttributeError:
        raise ValueError(
            f"the contract has no {name}: say what it is called there in RENAMED of "
            "zerogate/_wire/names.py"
        ) from None
    if name == "CreatedGateSession":
        copyreg.pickle(model, _pickled_without_secret)
    return model


def _pickled_without_secret(record: Any) -> tuple[Any, ...]:
    """Return the call and arguments that rebuild a session, without its client secret.

    A session that was just made, as caches and queues may keep it; so is a copy of it.
    """
    told = record.to_dict()
    told.pop("client_secret", None)
    return type(record).from_dict, (told,)


def read(name: str, data: Mapping[str, Any]) -> object:
    """Return the record of this name; raises Misfit, naming no value, if the data does not fit."""
    reader: Callable[[Mapping[str, Any]], object] = named(name).from_dict
    try:
        record = reader(data)
    except _MISFITS as problem:
        misfit = _misfit(name, reader, data, problem)
    else:
        field = _zoneless(record)
        if field is None:
            return record
        misfit = Misfit(f"{name} whose {field!r} has no time zone", field)
    raise misfit


def read_rows(name: str, rows: list[Any], known_by: str) -> list[Any]:
    """Return a list's rows as records, in order, an UnreadableRow for each that does not fit.

    known_by: The field that rows are known by; "" where they have none.
    """
    model = named(name)
    try:
        records = [model.from_dict(row) for row in rows]
        ids = [row[known_by] for row in rows] if known_by else ()
    except _MISFITS:
        return [_row(name, row, known_by) for row in rows]
    if all(ids) and {*map(type, ids)} <= _TEXT and _all_zoned(model, records):
        return records
    return [_row(name, row, known_by) for row in rows]


def _row(name: str, row: Any, known_by: str) -> Any:
    """Return one row as its record, or as an UnreadableRow that says why there is none."""
    if not isinstance(row, dict):
        return UnreadableRow(None, None, f"{type(row).__name__} where an object belongs", row)
    id = id_in(row, known_by) if known_by else None
    if known_by and id is None:
        return UnreadableRow(None, known_by, f"{name} without {known_by!r}", row)
    try:
        return read(name, row)
    except Misfit as misfit:
        return UnreadableRow(id, misfit.field, str(misfit), row)


def id_in(row: Mapping[str, Any], known_by: str) -> str | None:
    """Return the text that an object is known by; None where it is missing, empty or no text."""
    id = row.get(known_by)
    return id if isinstance(id, str) and id else None


def _zoneless(record: object) -> str | None:
    """Return the record's first field with a time of no zone; None where all have one.

    Which instant such a time means nobody can say.
    """
    kind: Any = type(record)
    return next((time.name for time in _times_of(kind) if not _zoned(time, [record])), None)


def _all_zoned(model: Any, records: list[Any]) -> bool:
    """Return True if every time of these records has a zone; null needs none."""
    return all(_zoned(time, records) for time in _times_of(model))


def _zoned(time: _Time, records: list[Any]) -> bool:
    """Return True if this field's times have a zone in every record; null needs none."""
    # For a page of rows this runs in C from end to end: it is looked at on every one.
    if time.inner is not None:
        return _all_zoned(time.inner, [*chain.from_iterable(filter(None, map(time.get, records)))])
    try:
        return all(map(time.zone, records))
    except AttributeError:  # null has no zone and needs none
        return all(map(_ZONE, filter(None, map(time.get, records))))


@attrs.frozen
class _Time:
    """A field that holds a time, or a list of records that do. inner: Their model."""

    name: str
    inner: Any
    get: Callable[[Any], Any]
    zone: Callable[[Any], Any]


@cache
def _times_of(model: Any) -> tuple[_Time, ...]:
    """Return a model's fields that hold times, or lists of records that do; cached."""
    found: list[_Time] = []
    models = import_module("zerogate_api.models")
    for field in attrs.fields(model) if attrs.has(model) else ():
        name, listed = field.name, _LIST_OF.match(str(field.type))
        inner = getattr(models, listed[1], None) if listed else None
        if "datetime" in str(field.type) or (inner is not None and _times_of(inner)):
            found.append(_Time(name, inner, attrgetter(name), attrgetter(f"{name}.tzinfo")))
    return tuple(found)


class _Watched(dict[str, Any]):
    """Remembers which field was looked at last: a reader looks at one and reads it at once."""

    last: str | None = None

    def __getitem__(self, name: str) -> Any:
        self.last = name
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, and remember the field in `last`."""
        self.last = name
        return super().get(name, default)


def _misfit(
    name: str, reader: Callable[[Mapping[str, Any]], object], data: Any, problem: Exception
) -> Misfit:
    """Return the error for data that does not fit; it names a field, never its value."""
    cause = problem.__cause__ or problem
    if isinstance(cause, KeyError) and cause.args:
        missing = str(cause.args[0])[:64]
        return Misfit(f"{name} without {missing!r}", missing)
    field = _field(reader, data, cause)
    of_it = "that" if field is None else f"whose {field!r}"
    return Misfit(f"{name} {of_it} does not fit the contract ({type(cause).__name__})", field)


def _field(
    reader: Callable[[Mapping[str, Any]], object], data: Any, cause: BaseException
) -> str | None:
    """Return the field that a reader failed at; None where that cannot be told."""
    said = _OTHER_KIND.fullmatch(str(cause)) if isinstance(cause, TypeError) else None
    if said is not None:
        return said[1]
    if not isinstance(data, dict):
        return None
    watched = _Watched(data)
    try:
        reader(watched)
    except _MISFITS:
        return watched.last
    return None


# --- what an operation reads its answer by ---


@attrs.frozen
class Rows(Generic[M]):
    """A page of a list: records, or rows as they came, and an UnreadableRow in place of what is neither.

    rows: In the list's order.
    """

    rows: list[M | UnreadableRow]
    has_more: bool
    unreadable: tuple[UnreadableRow, ...] = ()

    @classmethod
    def of(cls, rows: list[M | UnreadableRow], has_more: bool) -> Rows[M]:
        """Return a page of these rows; its `unreadable` are the UnreadableRows among them."""
        if UnreadableRow not in {*map(type, rows)}:
            return cls(rows, has_more)
        return cls(rows, has_more, tuple(row for row in rows if type(row) is UnreadableRow))

    @property
    def data(self) -> list[M]:
        """Return the rows that could be read, in the list's order."""
        if not self.unreadable:
            rows: list[Any] = self.rows
            return rows
        return [row for row in self.rows if not isinstance(row, UnreadableRow)]


@attrs.frozen
class Reader(Generic[M]):
    """Reads one record. kind: Its model, for whoever asks what is read; a test holds it against the name."""

    name: str
    kind: Callable[[], type[M]]

    def __call__(self, told: Json, /) -> M:
        record: Any = read(self.name, told)
        made: M = record
        return made


@attrs.frozen
class RowsReader(Generic[M]):
    """Reads the rows of a list, each by itself. kind: As of `Reader`."""

    name: str
    kind: Callable[[], type[M]]
    known_by: str

    def __call__(self, told: Json, /) -> Rows[M]:
        return Rows.of(read_rows(self.name, told["data"], self.known_by), told["has_more"])


@attrs.frozen
class RawRows:
    """Leaves the rows of a list as they came."""

    known_by: str

    def __call__(self, told: Json, /) -> Rows[Json]:
        return Rows.of([_as_it_came(row, self.known_by) for row in told["data"]], told["has_more"])


def as_it_came(told: Json, /) -> Json:
    """Return an object as it came."""
    return told


def _as_it_came(row: Any, known_by: str) -> Any:
    """Return a row as it came; an UnreadableRow if it is no object or has no id."""
    if not isinstance(row, dict):
        return UnreadableRow(None, None, f"{type(row).__name__} where an object belongs", row)
    less = UnreadableRow(None, known_by, f"a row without {known_by!r}", row)
    return less if id_in(row, known_by) is None else row
