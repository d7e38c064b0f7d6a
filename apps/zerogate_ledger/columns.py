"""Which column of a ledger says what: told, else guessed from its name, and always shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from .errors import Unusable
from .match_inputs import KINDS, LEDGER
from .statuses import STANDINGS

#: What can be mapped: all that a row may say, but not its place in the file.
FIELDS: Final = tuple(name for name in LEDGER if name != "line")
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
        """What was found and guessed, a line each."""
        for field in FIELDS:
            if field in self.constants:
                yield f"{field:<13} {self.constants[field]} on every row, as told"
            elif field in self.found:
                how = "guessed from its name" if field in self.guessed else "as told"
                yield f"{field:<13} column {self.found[field]!r}, {how}"
        if self.unused:
            yield f"not used      {', '.join(repr(name) for name in self.unused)}"

    def kinds(self) -> tuple[str, ...]:
        """How rows may name their record, the most certain first."""
        return tuple(kind for kind in KINDS if kind in self.found)


def columns_of(
    header: Iterable[str], told: Mapping[str, str], constants: Mapping[str, str]
) -> Columns:
    """What each column of *header* says.

    told: Field → column, from a file or flags; wins over every guess.

    Raises:
        Unusable: a column or field that is not there, two columns for one field, or no amount,
            currency or id.
    """
    names = list(header)
    _check_header(names)
    _check_told(names, told, constants)
    found = dict(told)
    free = [name for name in names if name not in set(told.values())]
    for field in FIELDS:
        if field not in found and field not in constants:
            candidates = _candidates(field, free)
            if len(candidates) > 1:
                raise Unusable(
                    f"{' and '.join(map(repr, candidates))} may both be {field}: "
                    f"say --column {field}={candidates[0]}"
                )
            if candidates:
                found[field] = candidates[0]
    _check_enough(found, constants, names)
    return Columns(
        found=found,
        guessed=frozenset(found) - frozenset(told),
        constants=dict(constants),
        unused=tuple(name for name in names if name not in set(found.values())),
    )


def _candidates(field: str, free: list[str]) -> list[str]:
    plain = {name: re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") for name in free}
    own = [name for name in free if plain[name] == field]
    return own or [name for name in free if plain[name] in _NAMES[field].split()]


def _check_header(names: list[str]) -> None:
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise Unusable(f"the ledger has several columns called {doubled[0]!r}: rename all but one")


def _check_told(names: list[str], told: Mapping[str, str], constants: Mapping[str, str]) -> None:
    for field in (*told, *constants):
        if field not in FIELDS:
            raise Unusable(f"{field!r} is not a field; there are {', '.join(FIELDS)}")
    for field, name in told.items():
        if name not in names:
            have = ", ".join(map(repr, names))
            raise Unusable(f"the ledger has no column {name!r} for {field}; it has {have}")
    for field in constants:
        if field in told or field in (*KINDS, "amount", "created_at"):
            raise Unusable(f"{field} differs from row to row: give its column, not a value")


def _check_enough(found: Mapping[str, str], constants: Mapping[str, str], names: list[str]) -> None:
    have = ", ".join(map(repr, names))
    for field in _REQUIRED:
        if field not in found and field not in constants:
            also = " or --constant currency=EUR" if field == "currency" else ""
            raise Unusable(
                f"no column says {field}: give --column {field}=NAME{also}; there are {have}"
            )
    if not any(kind in found for kind in KINDS):
        raise Unusable(
            "no column names Gate's record: give --column refid=NAME, session_id=NAME or "
            f"order_id=NAME (the order_id of your sessions' metadata); there are {have}"
        )


@attrs.frozen
class Settings:
    """What a file of columns may say; flags are laid over it."""

    columns: Mapping[str, str] = attrs.field(factory=dict)
    constants: Mapping[str, str] = attrs.field(factory=dict)
    statuses: Mapping[str, str] = attrs.field(factory=dict)
    gate_statuses: Mapping[str, str] = attrs.field(factory=dict)
    tz: str | None = None
    day_first: bool | None = None
    delimiter: str | None = None
    encoding: str | None = None


_TABLES: Final = ("columns", "constants", "statuses", "gate_statuses")
_VALUES: Final[Mapping[str, type]] = {
    "tz": str,
    "day_first": bool,
    "delimiter": str,
    "encoding": str,
}


def settings_of(data: Mapping[str, Any], source: str) -> Settings:
    """A file's content, checked; *source* is named where something is wrong with it."""
    for name, value in data.items():
        if name in _TABLES:
            if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
                raise Unusable(f'{source}: [{name}] holds lines like NAME = "text"')
        elif name not in _VALUES:
            known = ", ".join((*_TABLES, *_VALUES))
            raise Unusable(f"{source}: {name!r} means nothing here; there are {known}")
        elif not isinstance(value, _VALUES[name]):
            raise Unusable(f"{source}: {name} is {_VALUES[name].__name__}, not {value!r}")
    for table in ("statuses", "gate_statuses"):
        check_standings(data.get(table, {}), source)
    return Settings(**data)


def check_standings(words: Mapping[str, str], source: str) -> None:
    for word, said in words.items():
        if said not in STANDINGS[:3]:
            raise Unusable(f"{source}: {word!r} means success, in_flight or failure, not {said!r}")
