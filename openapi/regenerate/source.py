"""A file or an address -> text -> plain data. Knows YAML 1.2, JSON and HTTP; nothing of OpenAPI."""

import json
import math
import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import yaml

from .refused import Refused

LARGEST_FILE = 20_000_000
MOST_NODES = 1_000_000
SECONDS = 20


class UnquotedDate(str):
    """A scalar that stands unquoted in the file and that YAML 1.1 readers take for a date."""


def read(place: str) -> str:
    """The text at a path or an http(s) address."""
    raw = _fetched(place) if re.match(r"[a-z][a-z0-9+.-]+://", place, re.I) else _from_disk(place)
    if len(raw) > LARGEST_FILE:
        raise Refused(f"{place}: larger than {LARGEST_FILE:,} bytes; is this an OpenAPI document?")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{place}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def parse(text: str, place: str) -> dict[str, Any]:
    """The document as dicts, lists and scalars, every mapping key a string as written in the file."""
    if not text.strip():
        raise Refused(f"{place}: empty; expected an OpenAPI 3.1 document")
    document = _json(text, place) if text.lstrip().startswith("{") else _yaml(text, place)
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise Refused(f"{place}: not YAML or JSON with an object at the top (it reads as {kind})")
    _refuse_excess(document, place)
    return document


def _from_disk(place: str) -> bytes:
    path = Path(place)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused(f"{place}: no such file; give the path or the URL of a contract") from None
    except OSError as error:
        raise Refused(f"{place}: cannot be read: {error.strerror}") from None


def _fetched(place: str) -> bytes:
    if not place.lower().startswith(("https://", "http://")):
        raise Refused(
            f"{place}: only http and https addresses can be fetched; or save it as a file"
        )
    wanted = Request(place, headers={"Accept": "application/yaml, application/json, */*"})  # noqa: S310
    try:
        with urlopen(wanted, timeout=SECONDS) as answer:  # noqa: S310  (the scheme is checked above)
            return bytes(answer.read(LARGEST_FILE + 1))
    except URLError as error:
        reason = f"HTTP {error.code}" if hasattr(error, "code") else str(error.reason)
        raise Refused(
            f"{place}: cannot be fetched ({reason}); check it, or save it as a file"
        ) from None
    except (OSError, ValueError) as error:
        raise Refused(
            f"{place}: cannot be fetched ({error}); check it, or save it as a file"
        ) from None


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_without_duplicates(place), parse_constant=_no_nan
        )
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused(f"{place}: not JSON: {what}") from None


def _without_duplicates(place: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                raise Refused(
                    f"{place}: key {key!r} is given twice in one object; keep one of them"
                )
            seen[key] = value
        return seen

    return unique


def _no_nan(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


def _yaml(text: str, place: str) -> Any:
    try:
        return yaml.load(text, Loader=_Yaml12)  # noqa: S506  (a SafeLoader, see below)
    except _Twice as error:
        raise Refused(
            f"{place}: line {error.line}: key {error.key!r} is given twice; keep one"
        ) from None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise Refused(f"{place}: not YAML: {line}{error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise Refused(f"{place}: not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise Refused(
            f"{place}: not YAML: nested too deeply, or an alias contains itself"
        ) from None


class _Twice(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key, self.line = key, line


class _Yaml12(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C where built
    """YAML as OpenAPI 3.1 asks for it: `no`, `on` and dates are text, keys are text, none twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        _refuse_twice(node)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}

    def construct_yaml_date(self, node: yaml.ScalarNode) -> str:
        return UnquotedDate(node.value)


def _refuse_twice(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, "a mapping key must be text", key.start_mark
            )
        if key.value in seen:
            raise _Twice(key.value, key.start_mark.line + 1)
        seen.add(key.value)


def _number(loader: Any, node: yaml.ScalarNode) -> int:
    return int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10)


def _real(loader: Any, node: yaml.ScalarNode) -> float:
    value = float(node.value.replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(value):
        raise ValueError(f"{node.value} is not a number JSON can hold")
    return value


# The core schema of YAML 1.2, plus dates, which are kept as text but noticed.
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        "-+0123456789.",
    ),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?", "0123456789"),
    ("merge", r"<<", "<"),
):
    _Yaml12.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )
_Yaml12.add_constructor("tag:yaml.org,2002:int", _number)
_Yaml12.add_constructor("tag:yaml.org,2002:float", _real)
_Yaml12.add_constructor("tag:yaml.org,2002:timestamp", _Yaml12.construct_yaml_date)


def _refuse_excess(document: dict[str, Any], place: str) -> None:
    """Aliases can make a small file stand for a huge tree: count before anything walks it."""
    waiting: list[Any] = [document]
    count = 0
    while waiting:
        node = waiting.pop()
        count += 1
        if count > MOST_NODES:
            raise Refused(
                f"{place}: expands to more than {MOST_NODES:,} values; write out its aliases"
            )
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
