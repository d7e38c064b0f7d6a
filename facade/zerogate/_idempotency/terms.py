"""Compares the terms a write asked for with its answer: the differences that are of money. Pure.

Presentation is Gate's: amounts are compared as numbers, codes and tokens without case. What was not
asked is not compared, and neither is what Gate does not give back (`quote_preview_id`, `kyc_package`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

import attrs

from ..errors import GateUsageError

#: Names of networks that mean the same one, each group in lower case.
Aliases: TypeAlias = Collection[frozenset[str]]
_NUMBER: Final = re.compile(
    r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII
)
_HEX: Final = re.compile("0[xX][0-9a-fA-F]+", re.ASCII)
#: One case throughout: what mixes them is no bech32, and may be base58, where case tells two apart.
_BECH32: Final = re.compile(
    "[a-z]{1,83}1[02-9ac-hj-np-z]{6,}|[A-Z]{1,83}1[02-9AC-HJ-NP-Z]{6,}", re.ASCII
)
_CREDENTIAL: Final = re.compile(r"(?:sk|pk)_(?:test|live)_|whsec_|gsec_")


@attrs.frozen
class HashedWallet:
    """A wallet as the journal keeps it: hashed under the store's own secret, as it is and in lower case.

    folded: None where case tells two wallets apart. secret: None where the store's is not at hand.
    """

    exact: str
    folded: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, wallet: str, secret: str) -> HashedWallet:
        """Return the hashes of a wallet; also in lower case where its case means nothing."""
        return cls(
            keyed_hash(wallet, secret),
            keyed_hash(wallet.lower(), secret) if _caseless(wallet) else None,
            secret,
        )

    def agrees(self, wallet: str) -> bool:
        """Return True if this wallet has these hashes, or if the secret is not at hand."""
        if self.secret is None:
            return True
        if self.folded is not None and _caseless(wallet):
            return keyed_hash(wallet.lower(), self.secret) == self.folded
        return keyed_hash(wallet, self.secret) == self.exact


def keyed_hash(text: str, secret: str) -> str:
    """Return the HMAC-SHA256 of a text in hex: without the secret no guess can be compared."""
    return hmac.new(
        secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()


@attrs.frozen
class Difference:
    """One term that is not what was asked, with both values as they may be shown."""

    name: str
    asked: str
    told: str

    def __str__(self) -> str:
        return f"{self.name} was asked as {self.asked} and answered as {self.told}"


def differences(
    operation: str, asked: Mapping[str, Any], told: Mapping[str, Any], aliases: Aliases = ()
) -> Iterator[Difference]:
    """Yield the terms in which *told* is not what was asked; null or missing differs as well.

    asked: The request's body, or its terms as the journal keeps them. told: The object as Gate wrote it.
    """
    for name, agree in _TERMS.get(operation, ()):
        meant, theirs = asked.get(name), told.get(name)
        if meant is not None and meant != theirs and not agree(meant, theirs, aliases):
            yield Difference(name, _shown(name, meant), _shown(name, theirs))


def mode_differs(told: Mapping[str, Any], mode: str) -> Difference | None:
    """Return the Difference if an object's mode is not *mode*; None if equal or if it has no mode."""
    theirs = told.get("mode")
    same = theirs is None or theirs == mode
    return None if same else Difference("mode", mode, _shown("mode", theirs))


def _as_number(value: object) -> Decimal | None:
    """Return text, an int or a Decimal as Decimal; None for other text, NaN, bool and all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = str(value)
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _numbers(asked: Any, told: Any, _: Aliases) -> bool:
    """Return True if both are numbers, as text or not, of the same value."""
    number = _as_number(told)
    return number is not None and number == _as_number(asked)


def _without_case(asked: Any, told: Any, _: Aliases) -> bool:
    """Return True if both are equal in any letter case; False where *told* is no text."""
    return isinstance(told, str) and told.lower() == str(asked).lower()


def is_same_network(asked: Any, told: Any, aliases: Aliases) -> bool:
    """Return True if both name one network, in any letter case or by an alias."""
    if _without_case(asked, told, ()):
        return True
    both = {str(asked).lower(), told.lower()} if isinstance(told, str) else set()
    return bool(both) and any(both <= group for group in aliases)


def _wallets(asked: Any, told: Any, _: Aliases) -> bool:
    """Return True if both are one wallet, or *asked* is a hash without secret; hex and bech32: any case."""
    if not isinstance(told, str):
        return False
    if isinstance(asked, HashedWallet):
        return asked.agrees(told)
    both = _caseless(asked) and _caseless(told)
    return bool(told.lower() == asked.lower() if both else told == asked)


def _caseless(wallet: str) -> bool:
    """Return True if a wallet's letter case means nothing: 0x and hex digits, or bech32."""
    return bool(_HEX.fullmatch(wallet) or _BECH32.fullmatch(wallet))


_Agree: TypeAlias = Callable[[Any, Any, Aliases], bool]
_TERMS: Final[Mapping[str, tuple[tuple[str, _Agree], ...]]] = {
    "createSession": (
        ("amount", _numbers),
        ("currency", _without_case),
        ("flow", _without_case),
        ("target_token", _without_case),
        ("target_network", is_same_network),
        ("wallet_address", _wallets),
    ),
    "lockQuote": (
        ("currency", _without_case),
        ("asset", _without_case),
        ("side", _without_case),
        ("payment_method", _without_case),
    ),
}


def _shown(name: str, value: object) -> str:
    """Return a term for messages: printable, 40 characters at most, a wallet by its ends alone."""
    if value is None:
        return "null"
    if isinstance(value, HashedWallet):
        return "another one"
    text = str(value)
    if name == "wallet_address":
        return f"{_plain(text[:4])}…{_plain(text[-2:])}" if len(text) > 12 else "a short one"
    return "a credential" if _CREDENTIAL.search(text) else _plain(text[:40])


def _plain(text: str) -> str:
    """Return text with what is not printable ASCII escaped."""
    return ascii(text)[1:-1]


def aliased(given: Mapping[str, str | Collection[str]] | None) -> Aliases:
    """Return groups of lower-case names that mean one network; GateUsageError for a wrong shape.

    given: As a partner writes it: name → name, or names.
    """
    if not isinstance(given, Mapping | None):
        raise GateUsageError(f"aliases= is network: other name, not {type(given).__name__}")
    groups: list[frozenset[str]] = []
    for name, others in (given or {}).items():
        named: list[Any] = [others]
        if isinstance(others, Collection) and not isinstance(others, str):
            named = [*others]
        if not all(isinstance(one, str) and one for one in (name, *named)):
            raise GateUsageError(
                f"aliases= is network: other name, or names, not {name!r}: {others!r}"
            )
        group = frozenset(one.lower() for one in (name, *named))
        groups = [g for g in groups if not g & group] + [
            group.union(*(g for g in groups if g & group))
        ]
    return tuple(groups)


# --- as the journal keeps them -------------------------------------------------------------------

#: What is kept in clear of each operation; a wallet is kept as hashes, and all else is not kept.
_KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "createSession": ("amount", "currency", "flow", "target_token", "target_network"),
    "createPayIn": ("quote_id", "gate_session_id"),
    "createPayOut": ("quote_id", "gate_session_id"),
}


def kept(operation: str, asked: Mapping[str, Any]) -> str:
    """Return as JSON those of an operation's terms that the journal keeps, as text; no wallet, no None."""
    names = _KEPT.get(operation, ())
    return json.dumps({name: str(asked[name]) for name in names if asked.get(name) is not None})


def with_wallet(terms: str, wallet: str, secret: str) -> str:
    """Return kept terms (JSON) with the wallet's hashes among them."""
    hashed = HashedWallet.of(wallet, secret)
    return json.dumps(json.loads(terms) | {"wallet": [hashed.exact, hashed.folded]})


def with_expected(terms: str | None, expected: Mapping[str, Any]) -> str:
    """Return kept terms (JSON) with what was expected of the quote among them."""
    return json.dumps(json.loads(terms or "{}") | {"expected": dict(expected)})


def read_expected(terms: str | None) -> Mapping[str, Any] | None:
    """Return what was expected of the quote, as it was kept; None where nothing was."""
    expected: Mapping[str, Any] | None = json.loads(terms or "{}").get("expected")
    return expected


def tagged_terms(terms: str, tag: str) -> str:
    """Return kept terms (JSON) with the tag that shows whether they were changed."""
    return json.dumps(json.loads(terms) | {"tag": tag})


def untagged_terms(terms: str) -> tuple[str, str | None]:
    """Return kept terms (JSON) without their tag, and the tag; None where they have none."""
    told: dict[str, Any] = json.loads(terms)
    tag = told.pop("tag", None)
    return json.dumps(told), tag if isinstance(tag, str) else None


def read_kept(terms: str | None, secret: str | None) -> dict[str, Any]:
    """Return kept terms as `differences` takes them, a wallet as its hashes; {} for None."""
    told: dict[str, Any] = json.loads(terms) if terms else {}
    told.pop("tag", None)
    told.pop("expected", None)
    if "wallet" in told:
        exact, folded = told.pop("wallet")
        told["wallet_address"] = HashedWallet(exact, folded, secret)
    return told
