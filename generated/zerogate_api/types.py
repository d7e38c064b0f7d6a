# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""Contains some shared types for properties"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from functools import cache, partial, wraps
from typing import IO, TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal, NoReturn, TypeVar
from urllib.parse import quote

import attrs
from attrs import Attribute, define


class Unset:
    """The type of UNSET: a field left out, which is not null."""

    def __reduce__(self) -> str:
        return "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Unset = Unset()

# The types that `httpx.Client(files=)` can accept, copied from that library.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, file (or bytes), content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, file (or bytes), content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """Contains information for file uploads"""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return a tuple representation that httpx will accept for multipart/form-data"""
        return self.file_name, self.payload, self.mime_type


E = TypeVar("E", bound=Enum)
T = TypeVar("T")
is_plain_decimal = re.compile(r"-?+(?:[1-9][0-9]*+|0)(?:\.[0-9]++)?+", re.ASCII).fullmatch


def exact(value: object) -> Decimal:
    """What an answer says, digit for digit: plain decimal text, or a number that was parsed as one.

    A float has lost digits before it comes here, so parse JSON with `parse_float=Decimal`.
    """
    if isinstance(value, str) and is_plain_decimal(value):
        return Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise ValueError(f"not a plain decimal: {type(value).__name__} {str(value)[:40]!r}")


if TYPE_CHECKING:
    from typing_extensions import deprecated
else:

    def deprecated(message: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Warn whoever calls the function; type checkers strike it through."""

        def mark(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def warning(*args: Any, **keywords: Any) -> Any:
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*args, **keywords)

            warning.__deprecated__ = message
            return warning

        return mark


def as_number(value: Decimal) -> int | float:
    """The JSON number of the same digits; an amount that no such number holds is refused: ValueError."""
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"no JSON number holds {value} exactly")
    return number


def member(kind: type[E], value: object) -> E:
    """kind(value), but sooner: what the enum lists is looked up before it is called."""
    found: Any = kind._value2member_map_.get(value)
    return kind(value) if found is None else found


def only_decimal(
    *, null: bool = False, unset: bool = False
) -> Callable[[Any, Attribute[Any], Any], None]:
    """An attrs validator: an amount to send is a finite Decimal from the moment it is set."""

    def check(record: Any, field: Attribute[Any], value: Any) -> None:
        if isinstance(value, Decimal) and value.is_finite():
            return
        if (null and value is None) or (unset and isinstance(value, Unset)):
            return
        name = f"{type(record).__name__}.{field.name}"
        raise TypeError(
            f"{name} takes a finite Decimal, not {type(value).__name__} {str(value)[:40]!r}"
        )

    return check


def fitting(fields: dict[str, Any], name: str, kind: type[T]) -> T | None | Unset:
    """Take a field that nobody documents; what is of another kind stays in *fields*, as it came."""
    given: T | None | Unset = fields.pop(name, UNSET)
    if given is None or given is UNSET or type(given) is kind:
        return given
    fields[name] = given
    return UNSET


def fitted(fields: dict[str, Any], name: str, read: Callable[[Any], T]) -> T | None | Unset:
    """Take a field that nobody documents, and read it; what *read* refuses stays in *fields*, as it came."""
    given = fields.pop(name, UNSET)
    if given is None or given is UNSET:
        return given
    try:
        return read(given)
    except (AttributeError, KeyError, TypeError, ValueError):
        fields[name] = given
        return UNSET


def nullable(read: Callable[[Any], T], value: Any) -> T | None:
    """read(value), or null."""
    return None if value is None else read(value)


def optional(read: Callable[[Any], T], value: Any) -> T | None | Unset:
    """read(value), null, or nothing where the field is left out."""
    return value if value is None or value is UNSET else read(value)


def present(read: Callable[[Any], T], value: Any) -> T | Unset:
    """read(value), or nothing where the field is left out; null is not read."""
    return value if value is UNSET else read(value)


def listed(kind: type[E]) -> Callable[[Any], E]:
    """The reader of one enum's values."""
    return partial(member, kind)


#: What a field may be beside null, as from_dict asks.
TEXT: tuple[type, type] = (str, type(None))
FLAG: tuple[type, type] = (bool, type(None))
COUNT: tuple[type, type] = (int, type(None))
OBJECT: tuple[type, type] = (dict, type(None))
_KINDS = {"text": TEXT, "flag": FLAG, "count": COUNT, "object_": OBJECT}


def other_kind(fields: Mapping[str, Any], **names: str) -> TypeError:
    """The first of these fields that is neither of its kind nor null; it is named, its value is not."""
    for kind, spoken in names.items():
        for name in spoken.split():
            if type(fields[name]) not in _KINDS[kind]:
                return TypeError(f"{name} is no {_KINDS[kind][0].__name__}")
    raise AssertionError("each of these fields is of its kind")


def others(fields: Mapping[str, Any], known: Container[str]) -> dict[str, Any]:
    """The fields that the contract does not name."""
    return {name: value for name, value in fields.items() if name not in known}


def as_json(value: Any) -> Any:
    """A field's value as it is sent: exact amounts in plain digits, times by ISO 8601, records as objects."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value


class UnknownField(AttributeError):
    """An attribute that a record has not got.

    Its sentence is made when it is read: most who ask only want to know whether a record has it.
    """

    def __str__(self) -> str:
        kind: Any = type(self.obj)
        return super().__str__() if self.obj is None else str(kind.instead(self.name))

    def __reduce__(self) -> tuple[type[AttributeError], tuple[str]]:
        return AttributeError, (str(self),)


class UnknownItem(KeyError):
    """An item that a record has not got."""

    # A KeyError shows the repr of what it was given, which here is a sentence.
    __str__ = Exception.__str__


#: A name of other libraries → the fields that may be meant; a method of theirs → ours.
OTHER_NAMES: Mapping[str, Sequence[str]] = {
    "id": ("refid",),
    "amount": ("fiat_amount", "token_amount"),
    "state": ("status",),
    "created": ("created_at",),
    "order": ("metadata",),
    "order_id": ("metadata",),
    "url": ("client_secret",),
    "checkout_url": ("client_secret",),
}
FORMS: Mapping[str, Sequence[str]] = dict.fromkeys(
    ("dict", "json", "model_dump", "model_dump_json", "as_dict", "items", "keys", "values", "get"),
    ("to_dict()",),
)


def refuse_change(record: Any, name: str) -> NoReturn:
    """Refuse to set a field as an item: that would stand beside the field, and tell another story."""
    raise AttributeError(
        f"a {type(record).__name__} is what was answered, and its {name!r} stays: read it again for what holds "
        "now, or change a copy, attrs.evolve(record, …)"
    )


#: Values that JSON has as Python has them.
_AS_IT_IS = frozenset({str, int, bool, dict, type(None)})


@cache
def _wire_fields(model: Any) -> list[tuple[str, str]]:
    """Each field of a model, and its name in JSON."""
    names = [field.name for field in attrs.fields(model) if field.name != "additional_properties"]
    return [(name, model._wire_names.get(name, name)) for name in names]


class Record:
    """A model of the contract. What the contract does not name is in `additional_properties`, and its items."""

    __slots__ = ()
    _wire_names: ClassVar[Mapping[str, str]] = {}
    additional_properties: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this record, without the fields that are left out."""
        written = dict(self.additional_properties)
        model: Any = type(self)  # an attrs class, as each model is
        for name, wire in _wire_fields(model):
            value = getattr(self, name)
            if value is not UNSET:
                written[wire] = value if type(value) in _AS_IT_IS else as_json(value)
        return written

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        if key in self.additional_properties:
            return self.additional_properties[key]
        raise UnknownItem(self.instead(key))

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._fields():
            refuse_change(self, key)
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

    if not TYPE_CHECKING:  # so that checkers still refuse what is not there

        def __getattr__(self, name: str) -> NoReturn:
            raise UnknownField(name=name, obj=self)

    @classmethod
    def _fields(cls) -> dict[str, str]:
        """Each field by its name, and by the wire's where that is another one."""
        model: Any = cls
        names = [field.name for field in attrs.fields(model)]
        return {
            **dict(zip(names, names, strict=True)),
            **{w: n for n, w in cls._wire_names.items()},
        }

    @classmethod
    def instead(cls, name: object) -> str:
        """A sentence for whoever asks for a name that is not there."""
        kind, known = cls.__name__, cls._fields()
        # What begins with an underscore is asked for by Python and by tools.
        if str(name).startswith("_"):
            return f"{kind!r} object has no attribute {name!r}"
        if not isinstance(name, str):
            return (
                f"a {kind} is no dict and no list: read a field by its name, or all with .to_dict()"
            )
        if name in known:
            return f"a {kind} is no dict, and {name!r} is one of its fields: write .{known[name]}, or .to_dict()"
        ways = [
            OTHER_NAMES.get(name, ()),
            get_close_matches(str(name), known, n=1),
            FORMS.get(name, ()),
        ]
        near = next((one for way in ways for one in way if one in known or way is ways[-1]), None)
        listed = ", ".join(dict.fromkeys(known.values()))
        meant = f"did you mean .{known.get(near, near)}?" if near else f"there are {listed}"
        return f"a {kind} has no {str(name)[:40]!r}: {meant}"


def path_segment(value: object) -> str:
    """An id as one segment of a path. Empty and dotted ones would name another resource: ValueError."""
    text = str(value)
    if value is None or isinstance(value, Unset) or not text.strip("."):
        raise ValueError(f"{value!r} cannot be an id in a path")
    return quote(text, safe="")


def misfit(model: str, wrong: Exception) -> ValueError:
    """The error of from_dict: which model, and what does not fit."""
    if isinstance(wrong, KeyError):
        return ValueError(f"{model}: the required field {wrong} is missing")
    return ValueError(f"{model}: {wrong}")


__all__ = [
    "COUNT",
    "FLAG",
    "OBJECT",
    "TEXT",
    "UNSET",
    "File",
    "FileTypes",
    "Record",
    "RequestFiles",
    "Unset",
    "as_json",
    "as_number",
    "deprecated",
    "exact",
    "fitted",
    "fitting",
    "listed",
    "member",
    "misfit",
    "nullable",
    "only_decimal",
    "optional",
    "other_kind",
    "others",
    "path_segment",
    "present",
    "refuse_change",
]
