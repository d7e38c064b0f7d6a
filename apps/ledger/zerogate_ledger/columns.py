"""Columns of a ledger and what each says: told, else guessed from its name, and always shown. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from .dates import NUMBERED
from .errors import Unusable
from .match_inputs import KINDS, LEDGER
from .number_formats import NumberFormat, number_format
from .presets import presets_for
from .statuses import REFUND, STANDINGS

#: What can be mapped: all that a row may say, but not its place in the file; and parts of that: an
#: amount in two columns, and the time of day where `created_at` is a date.
PARTS: Final = ("debit", "credit", "time")
FIELDS: Final = (*(name for name in LEDGER if name != "line"), *PARTS)
#: Names in use for a field, the plainest first; compared in lower case with underscores.
_NAMES: Final[Mapping[str, str]] = {
    "order_id": "order_id order order_no order_number order_reference order_ref merchant_reference",
    "refid": "refid ref_id gate_refid transaction_refid tx_refid transaction_id tx_id txid",
    "session_id": "session_id gate_session_id gate_session session",
    "rail_id": "rail_id local_rail_transaction_id rail_transaction_id pay_in_id pay_out_id",
    "mode": "mode environment env",
    "action": "action flow direction",
    "currency": "currency currency_code ccy fiat_currency",
    "amount": "amount fiat_amount order_amount",
    "token": "token asset target_token",
    "network": "network chain target_network",
    "token_amount": "token_amount crypto_amount",
    "fee": "fee fees total_fees",
    "rate": "rate exchange_rate",
    "status": "status state order_status payment_status",
    "created_at": "created_at created date timestamp booked_at booking_date order_date created_on",
}
_REQUIRED: Final = ("amount", "currency")


@attrs.frozen
class Columns:
    """Field → the ledger's column. guessed: Fields that nobody named. constants: Field → its value."""

    found: Mapping[str, str]
    guessed: frozenset[str]
    constants: Mapping[str, str]
    unused: tuple[str, ...]

    def told(self) -> Iterable[str]:
        """Yield a line for each field: its column or constant, guessed or told; then the unused."""
        for field in FIELDS:
            if field in self.constants:
                yield f"{field:<13} {self.constants[field]} on every row, as told"
            elif field in self.found:
                how = "guessed from its name" if field in self.guessed else "as told"
                yield f"{field:<13} column {self.found[field]!r}, {how}"
        if self.unused:
            yield f"not used      {', '.join(repr(name) for name in self.unused)}"

    def kinds(self) -> tuple[str, ...]:
        """Return the id fields that have a column, the most certain first."""
        return tuple(kind for kind in KINDS if kind in self.found)

    def fields(self) -> tuple[str, ...]:
        """Return the fields of a row once debit and credit are its amount, in FIELDS' order."""
        said = {*self.found, *self.constants} - set(PARTS)
        if "debit" in self.found:
            said.add("amount")
        return tuple(name for name in FIELDS if name in said)


def columns_of(
    header: Iterable[str],
    told: Mapping[str, str],
    constants: Mapping[str, str],
    *,
    guess: bool = True,
) -> Columns:
    """Return the column of each field: as told, else guessed by its name, else left out; Unusable if wrong.

    told: Field → column, from a file or flags; wins over every guess.
    guess: Whether columns that nobody named may be taken by their names; amount and currency always may.

    Raises:
        Unusable: a column or field that is not there, two columns for one field, or no amount,
            currency or id.
    """
    names = list(header)
    _check_header(names)
    _check_told(names, told, constants)
    found = dict(told)
    free = [name for name in names if name not in set(told.values())]
    for field in FIELDS if guess else _REQUIRED:
        if field not in found and field not in constants and field in _NAMES:
            if field == "amount" and "debit" in found:
                continue
            candidates = _candidates(field, free)
            if len(candidates) > 1:
                raise Unusable(
                    f"{' and '.join(map(repr, candidates))} may both be {field}: "
                    f"say --column {field}={candidates[0]}"
                )
            if candidates:
                found[field] = candidates[0]
    _check_single(found, names)
    _check_enough(found, constants, names)
    return Columns(
        found=found,
        guessed=frozenset(found) - frozenset(told),
        constants=dict(constants),
        unused=tuple(name for name in names if name not in set(found.values())),
    )


def _candidates(field: str, free: list[str]) -> list[str]:
    """Return the free columns named *field*, else those with another name in use for it."""
    plain = {name: re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") for name in free}
    own = [name for name in free if plain[name] == field]
    return own or [name for name in free if plain[name] in _NAMES[field].split()]


def _check_header(names: list[str]) -> None:
    """Raise Unusable where two columns have one name."""
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise Unusable(f"the ledger has several columns called {doubled[0]!r}: rename all but one")


def _check_single(found: Mapping[str, str], names: list[str]) -> None:
    """Raise Unusable where the heading of a column that is read is repeated in the file."""
    for name in found.values():
        if any(other.startswith(f"{name} (column ") for other in names):
            raise Unusable(f"the ledger has several columns called {name!r}: rename all but one")


def _check_told(names: list[str], told: Mapping[str, str], constants: Mapping[str, str]) -> None:
    """Raise Unusable for an unknown field, a missing column, or fields that contradict."""
    for field in (*told, *constants):
        if field not in FIELDS:
            raise Unusable(f"{field!r} is not a field; there are {', '.join(FIELDS)}")
    for field, name in told.items():
        if name not in names:
            have = ", ".join(map(repr, names))
            near = difflib.get_close_matches(name, names, 1, 0.7)
            meant = f": is it {near[0]!r}?" if near else ""
            raise Unusable(
                f"the ledger has no column {name!r} for {field}{meant}; export it with that column, or "
                f"say --column {field}=NAME; it has {have}"
            )
    if ("debit" in told) != ("credit" in told):
        raise Unusable(
            "an amount in two columns needs both: --column debit=NAME --column credit=NAME"
        )
    if "debit" in told and "amount" in told:
        raise Unusable("amount is one column, or debit and credit are two: give either")
    if "time" in told and "created_at" not in told:
        raise Unusable("time is the time of day of created_at: give --column created_at=NAME too")
    for field in constants:
        if field in told or field in (*KINDS, "amount", "created_at"):
            raise Unusable(f"{field} differs from row to row: give its column, not a value")


def _check_enough(found: Mapping[str, str], constants: Mapping[str, str], names: list[str]) -> None:
    """Raise Unusable if neither column nor constant gives amount, currency or any id."""
    have = ", ".join(map(repr, names))
    for field in _REQUIRED:
        given = field in found or field in constants
        if not given and not (field == "amount" and "debit" in found):
            also = " or --constant currency=EUR" if field == "currency" else ""
            raise Unusable(
                f"no column says {field}{_likely_columns(field, names)}: give --column {field}=NAME{also}; "
                f"there are {have}{_known_export(names)}"
            )
    if not any(kind in found for kind in KINDS):
        raise Unusable(
            "no column names Gate's record: give --column refid=NAME, session_id=NAME or "
            f"order_id=NAME (the order_id of your sessions' metadata){_likely_columns('order_id', names)}; "
            f"there are {have}{_known_export(names)}"
        )


def _known_export(names: list[str]) -> str:
    """Return a clause that names the presets which these headings fit; "" for none."""
    known = presets_for(names)
    return f"; it looks like an export: say --preset {' or '.join(known)}" if known else ""


#: Words in headings that may well say a field, and never surely enough to take them unasked.
_NEAR: Final[Mapping[str, str]] = {
    "amount": "amount gross net total betrag montant importe importo bedrag valor sum value price",
    "currency": "currency curr ccy devise divisa moneda waehrung währung valuta",
    "order_id": "order reference ref invoice bestell commande pedido merchant number no nr num",
}


def _likely_columns(field: str, names: list[str]) -> str:
    """Return " (perhaps …)" with up to three columns whose names come near *field*; else ""."""
    words = _NEAR[field].split()
    near = [
        name for name in names if set(re.findall(r"[a-zäöüß]+", name.lower())) & set(words)
    ] or [name for name in names if any(word in name.lower() for word in words if len(word) > 4)]
    return f" (perhaps {' or '.join(map(repr, near[:3]))})" if near else ""


@attrs.frozen
class Settings:
    """Content of a file of columns; flags are laid over it."""

    columns: Mapping[str, str] = attrs.field(factory=dict)
    constants: Mapping[str, str] = attrs.field(factory=dict)
    statuses: Mapping[str, str] = attrs.field(factory=dict)
    gate_statuses: Mapping[str, str] = attrs.field(factory=dict)
    tz: str | None = None
    day_first: bool | None = None
    delimiter: str | None = None
    encoding: str | None = None
    skip_rows: int = 0
    format: NumberFormat | None = None
    trim: bool = False
    guess: bool = True
    money_in: str = "credit"
    time: str = "text"
    two_digit_years: bool = False
    where: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    refunds: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)


_TABLES: Final = ("columns", "constants", "statuses", "gate_statuses")
#: Tables of column → the values of the rows that are meant.
ROWS: Final = ("where", "refunds")
_FORMAT: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(("decimal", "thousands", "sign", "money_in", "time", "encoding"), (str,)),
    **dict.fromkeys(("delimiter",), (str,)),
    **dict.fromkeys(("symbols", "parentheses", "trailing_minus", "trim"), (bool,)),
    "two_digit_years": (bool,),
    "minor_units": (bool, int),
    "skip_rows": (int,),
}
_MONEY_IN: Final = ("credit", "debit")
_TIMES: Final = ("text", *NUMBERED)
_VALUES: Final[Mapping[str, type]] = {
    "tz": str,
    "day_first": bool,
    "delimiter": str,
    "encoding": str,
    "guess": bool,
}


def settings_of(data: Mapping[str, Any], source: str) -> Settings:
    """Return a columns file's content as Settings; raise Unusable, naming *source*, if wrong."""
    for name, value in data.items():
        if name in _TABLES:
            if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
                raise Unusable(f'{source}: [{name}] holds lines like NAME = "text"')
        elif name not in _VALUES and name not in ROWS and name != "format":
            known = ", ".join((*_TABLES, "format", *ROWS, *_VALUES))
            raise Unusable(f"{source}: {name!r} means nothing here; there are {known}")
        elif name in _VALUES and not isinstance(value, _VALUES[name]):
            raise Unusable(f"{source}: {name} is {_VALUES[name].__name__}, not {value!r}")
    for table in ("statuses", "gate_statuses"):
        check_standings(data.get(table, {}), source, ledger=table == "statuses")
    plain = {name: value for name, value in data.items() if name not in (*ROWS, "format")}
    rows = {name: _row_filter(name, data.get(name, {}), source) for name in ROWS}
    return Settings(**{**_format_settings(data.get("format", {}), source), **plain, **rows})


def _format_settings(said: Any, source: str) -> dict[str, Any]:
    """Return `[format]` as arguments of Settings (number format: `format`); Unusable if not well formed."""
    if not isinstance(said, dict):
        raise Unusable(f'{source}: [format] holds lines like decimal = ","')
    for name, value in said.items():
        kinds = _FORMAT.get(name)
        if kinds is None:
            raise Unusable(f"{source}: [format] knows no {name!r}; there are {', '.join(_FORMAT)}")
        if type(value) not in kinds:
            raise Unusable(f"{source}: {name} is {kinds[0].__name__}, not {value!r}")
    for name, known in (("money_in", _MONEY_IN), ("time", _TIMES)):
        if said.get(name, known[0]) not in known:
            raise Unusable(f"{source}: {name} is one of {', '.join(known)}, not {said[name]!r}")
    if not 0 <= said.get("skip_rows", 0) <= 1_000:
        raise Unusable(f"{source}: skip_rows is a number of lines, not {said['skip_rows']}")
    figures = attrs.fields_dict(NumberFormat)
    rest = {name: value for name, value in said.items() if name not in figures}
    told = number_format(said, source) if said.keys() & figures.keys() else None
    return {**rest, "format": told}


def _row_filter(name: str, said: Any, source: str) -> dict[str, tuple[str, ...]]:
    """Return `[where]` or `[refunds]` as column → values, a text as a tuple of one; or raise Unusable."""
    if not isinstance(said, dict):
        raise Unusable(f'{source}: [{name}] holds lines like Type = ["payment", "charge"]')
    meant = {}
    for column, values in said.items():
        listed = [values] if isinstance(values, str) else values
        if not isinstance(listed, list) or not all(isinstance(value, str) for value in listed):
            raise Unusable(
                f"{source}: [{name}] {column} is a text or a list of texts, not {values!r}"
            )
        meant[column] = tuple(listed)
    return meant


def check_standings(words: Mapping[str, str], source: str, ledger: bool = False) -> None:
    """Raise Unusable for a status mapped to an unknown standing; `refund` is a ledger's only."""
    known = (*STANDINGS[:3], *([REFUND] if ledger else []))
    for word, said in words.items():
        if said not in known:
            meant = f"{', '.join(known[:-1])} or {known[-1]}"
            raise Unusable(f"{source}: {word!r} means {meant}, not {said!r}")
