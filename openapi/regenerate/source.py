"""A file or an address -> text -> plain data. Knows YAML 1.2, JSON and HTTP; nothing of OpenAPI."""

import json
import math
import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import yaml

from .refused import Refused, Unreachable

LARGEST_FILE = 20_000_000
MOST_VALUES = 1_000_000
DEEPEST = 100
SECONDS = 20


class UnquotedDate(str):
    """A scalar that stands unquoted in the file and that YAML 1.1 readers take for a date."""

    __slots__ = ()


def read(place: str) -> str:
    """Return the text at a path or http(s) address, line ends as \\n; Refused, or Unreachable."""
    is_address = re.match(r"[a-z][a-z0-9+.-]+://", place, re.IGNORECASE)
    raw = _fetched(place) if is_address else _from_disk(place)
    if len(raw) > LARGEST_FILE:
        raise Refused(f"{place}: larger than {LARGEST_FILE:,} bytes; is this an OpenAPI document?")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{place}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def parse(text: str, place: str) -> dict[str, Any]:
    """Return a document as dicts, lists and scalars, its keys as text; Refused if it is none."""
    if not text.strip():
        raise Refused(f"{place}: empty; expected an OpenAPI 3.1 document")
    document = _json(text, place) if text.lstrip().startswith("{") else _yaml(text, place)
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise Refused(f"{place}: not YAML or JSON with an object at the top (it reads as {kind})")
    _refuse_excess(document, place)
    unshared: dict[str, Any] = _unshared(document)
    return unshared


def _from_disk(place: str) -> bytes:
    """Return a file's bytes; raise Refused where it can't be read."""
    try:
        return Path(place).read_bytes()
    except FileNotFoundError:
        raise Refused(f"{place}: no such file; give the path or the URL of a contract") from None
    except OSError as error:
        raise Refused(f"{place}: cannot be read: {error.strerror}") from None


def _fetched(place: str) -> bytes:
    """Return an answer's bytes, within SECONDS; raise Unreachable where there is none."""
    if not place.lower().startswith(("https://", "http://")):
        raise Refused(f"{place}: only http and https can be fetched; or save it as a file")
    accepted = {"Accept": "application/yaml, application/json, */*"}
    try:
        wanted = Request(place, headers=accepted)  # noqa: S310  (the scheme is checked above)
        with urlopen(wanted, timeout=SECONDS) as answer:  # noqa: S310  # nosec B310
            return bytes(answer.read(LARGEST_FILE + 1))
    except HTTPError as error:
        error.close()
        reason: object = f"HTTP {error.code}"
    except URLError as error:
        reason = error.reason
    except (OSError, ValueError) as error:
        reason = error
    raise Unreachable(f"{place}: cannot be fetched ({reason}); check it, or save it as a file")


def _json(text: str, place: str) -> Any:
    """Return JSON's data; raise Refused for a key given twice, for NaN and for no JSON."""
    try:
        return json.loads(text, object_pairs_hook=_each_once(place), parse_constant=_no_nan)
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused(f"{place}: not JSON: {what}") from None


def _each_once(place: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """Return a hook for objects that raises Refused for a key given twice."""

    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return the pairs as a dict; raise Refused for a key given twice."""
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                raise Refused(f"{place}: key {key!r} is given twice in one object; keep one")
            seen[key] = value
        return seen

    return each_once


def _no_nan(constant: str) -> float:
    """Raise ValueError: NaN and Infinity are no JSON."""
    raise ValueError(f"{constant} is not a JSON number")


def _yaml(text: str, place: str) -> Any:
    """Return YAML 1.2's data; raise Refused for a key given twice and for no YAML."""
    try:
        _refuse_depth(text, place)
        return yaml.load(text, Loader=_Yaml12)  # noqa: S506  (a SafeLoader, see below)  # nosec B506
    except _Twice as error:
        what = f"line {error.line}: key {error.key!r} is given twice; keep one"
        raise Refused(f"{place}: {what}") from None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise Refused(f"{place}: not YAML: {line}{error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise Refused(f"{place}: not YAML: {str(error).splitlines()[0]}") from None


def _refuse_depth(text: str, place: str) -> None:
    """Raise Refused for more than DEEPEST levels, before composing them ends the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Yaml12):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Refused(f"{place}: nested more than {DEEPEST} deep; is this an OpenAPI document?")


class _Twice(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key, self.line = key, line


class _Yaml12(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C if built
    """YAML as OpenAPI 3.1 asks for it: `no`, `on` and dates are text, keys are text, none twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return a mapping with its keys as the file has them; raise _Twice for one again."""
        _refuse_twice(node)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


def _refuse_twice(node: yaml.MappingNode) -> None:
    """Raise _Twice for a key given twice, ConstructorError for a key that is no text."""
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, "a mapping key must be text", key.start_mark
            )
        if key.value in seen:
            raise _Twice(key.value, key.start_mark.line + 1)
        seen.add(key.value)


def _whole(_: Any, node: yaml.ScalarNode) -> int:
    """Return an integer, also hexadecimal or octal."""
    return int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10)


def _real(_: Any, node: yaml.ScalarNode) -> float:
    """Return a float; raise ValueError for infinity and NaN."""
    value = float(node.value.replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(value):
        raise ValueError(f"{node.value} is not a number JSON can hold")
    return value


def _date(_: Any, node: yaml.ScalarNode) -> str:
    """Return a date as text, marked as unquoted."""
    return UnquotedDate(node.value)


# The core schema of YAML 1.2, plus dates, which are kept as text but noticed.
_SCALARS: tuple[tuple[str, str, list[str]], ...] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+0123456789.")),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?", list("0123456789")),
    ("merge", r"<<", ["<"]),
)
for _tag, _pattern, _first in _SCALARS:
    _matcher = re.compile(rf"^(?:{_pattern})$")
    _Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _matcher, _first)
_Yaml12.add_constructor("tag:yaml.org,2002:int", _whole)
_Yaml12.add_constructor("tag:yaml.org,2002:float", _real)
_Yaml12.add_constructor("tag:yaml.org,2002:timestamp", _date)


def _refuse_excess(document: dict[str, Any], place: str) -> None:
    """Raise Refused for a document that its aliases make too large or too deep."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    count = 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MOST_VALUES or depth > DEEPEST:
            what = f"{MOST_VALUES:,} values" if count > MOST_VALUES else f"{DEEPEST} levels"
            raise Refused(f"{place}: expands to over {what}; write out its aliases")
        if isinstance(node, dict):
            waiting.extend((value, depth + 1) for value in node.values())
        elif isinstance(node, list):
            waiting.extend((value, depth + 1) for value in node)


def _unshared(node: Any) -> Any:
    """Return a copy in which each alias has a copy of its own."""
    if isinstance(node, dict):
        return {key: _unshared(value) for key, value in node.items()}
    return [_unshared(value) for value in node] if isinstance(node, list) else node
