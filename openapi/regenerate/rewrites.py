"""Changes the text of stock templates: cut, replaced, never copied. Pure text to text.

Text that is looked for and not there means another generator, and stops the run.
"""

import re
import textwrap

from .compact import compact, words
from .refused import Refused


def swap(source: str, *pairs: tuple[str, str]) -> str:
    """Return text with each first text replaced by its second; Refused where one is missing."""
    for old, new in pairs:
        if old not in source:
            raise Refused(f"the generator's template no longer says {old!r}; adapt rewrites.py")
        source = source.replace(old, new)
    return source


def only_pure(source: str, docstring: str, deprecated: str = "") -> str:
    """Return an endpoint module without its four senders: get_kwargs and parse_response remain."""
    head, _, _ = source.partition("\ndef _build_response")
    head = swap(
        head,
        ("from http import HTTPStatus\n", "from __future__ import annotations\n"),
        ("import httpx\n", ""),
        ("from ...client import AuthenticatedClient, Client\n", ""),
        ("from typing import Any, cast\n", "from typing import TYPE_CHECKING, Any, cast\n"),
        ("def _get_kwargs", "def get_kwargs"),
        ("def _parse_response(*, client: AuthenticatedClient | Client, ", "def parse_response("),
        (") -> dict[str, Any]:\n", f") -> dict[str, Any]:\n{textwrap.indent(docstring, '    ')}\n"),
    )
    head = re.sub(r'quote\(str\((\w+)\), safe=""\)', r"path_segment(\1)", head)
    return _marked(_models_when_used(_raising(head)), deprecated) + "\n"


def _marked(source: str, deprecated: str) -> str:
    """Return a module whose get_kwargs warns with *deprecated*; unchanged for ""."""
    if not deprecated:
        return source
    return swap(
        source,
        ("from ...types import path_segment\n", "from ...types import deprecated, path_segment\n"),
        ("\ndef get_kwargs(", f"\n@deprecated({deprecated!r})\ndef get_kwargs("),
    )


def _raising(source: str) -> str:
    """Return a module that raises on an undocumented status, where stock code returns None."""
    found = re.search(r"    if client\.raise_on_unexpected_status:\n(.*)\n    else:\n.*\n", source)
    if found is None:
        return source
    source = source.replace(found[0], textwrap.indent(textwrap.dedent(found[1]), "    ") + "\n")
    return re.sub(r"(response: httpx\.Response\) -> .*) \| None:\n", r"\1:\n", source)


def _models_when_used(source: str) -> str:
    """Return a module that imports models within the functions that need them."""
    statement = r"^from \.\.\.models\.\w+ import (\w+)\n"
    lines = {match[1]: match[0] for match in re.finditer(statement, source, re.MULTILINE)}
    source = re.sub(statement, "", source, flags=re.MULTILINE)
    start, middle = source.index("\ndef get_kwargs"), source.index("\ndef parse_response")
    typed = textwrap.indent("".join(lines.values()), "    ")
    preamble = "from ...types import path_segment\nif TYPE_CHECKING:\n    import httpx\n" + typed
    functions = (source[start:middle], source[middle:])
    return source[:start] + preamble + "\n" + "".join(_importing(f, lines) for f in functions)


def _importing(function: str, lines: dict[str, str]) -> str:
    """Return the function, beginning with imports of the models its body names."""
    parts = re.match(r'(?s)(.*?\) -> [^\n]*:\n)((?:\s*""".*?"""\n)?)(.*)', function)
    if parts is None:
        raise Refused("the generator's endpoint template has another shape; adapt rewrites.py")
    signature, docstring, body = parts.groups()
    used = [line for name, line in lines.items() if re.search(rf"\b{name}\b", body)]
    return signature + docstring + textwrap.indent("".join(used), "    ") + body


def clear_misfits(source: str, class_name: str) -> str:
    """Return a model whose from_dict raises a ValueError with its name for a misfit."""
    start = "        d = dict(src_dict)\n"
    if start not in source:
        return source
    before, _, rest = source.partition(start)
    made = re.search(r"^        (\w+) = cls\(\n", rest, re.MULTILINE)
    if made is None:
        raise Refused("the generator's model template has another shape; adapt rewrites.py")
    reading, after = rest[: made.start()], rest[made.start() :]
    # The stock name of the new object is the model's, which one of its fields may have too.
    after = swap(after, (f"        {made[1]} = cls(\n", "        record = cls(\n"))
    after = after.replace(f"{made[1]}.additional_properties = ", "record.additional_properties = ")
    after = swap(after, (f"return {made[1]}\n", "return record\n"))
    caught = "        except (AttributeError, KeyError, TypeError, ValueError) as wrong:\n"
    raised = f'            raise misfit("{class_name}", wrong) from wrong\n'
    # dict() would take a list of pairs, and an empty list, for an object.
    taken = "        d = {**src_dict}\n"
    tried = "        try:\n" + textwrap.indent(taken + reading, "    ")
    source = before + tried + caught + raised + after
    return swap(
        source,
        (
            "import UNSET, Unset\n",
            f"import {', '.join(OUR_READERS)}\n",
        ),
    )


#: Of our own types module; what a model does not use is taken out again.
OUR_READERS = (
    *("COUNT", "FLAG", "OBJECT", "TEXT", "UNSET", "Unset", "fitted", "fitting", "listed", "member"),
    *("misfit", "nullable", "optional", "other_kind", "others", "present"),
)


def read_quickly(source: str, *, sent: bool) -> str:
    """Return a model whose from_dict does without what costs time at every call.

    sent: Whether the model is part of a request. What is only read has its amounts from `exact`, and
    needs no second look at them.
    """
    source = re.sub(r"= cast\(.*?, ?(d\.pop\([^()\n]*\))\)$", r"= \1", source, flags=re.MULTILINE)
    unknown = "        record.additional_properties = d\n"
    source = source.replace(unknown, f"        if d:\n    {unknown}")
    source = source if sent else _kinds_checked(_unchecked(source))
    return _imports_below(compact(_by_place(_uncopied(_listed_at_once(source)))))


def _uncopied(source: str) -> str:
    """Return a model that reads fields without a copy; unchanged where one may be put back.

    Where a field may be put back, because it is not what the contract infers, the copy stays.
    """
    required = re.findall(r'\bd\.pop\(("[^"\\\n]*")\)', source)
    optional = re.findall(r'\bd\.pop\(("[^"\\\n]*"), UNSET\)', source)
    start, end = (
        "            d = {**src_dict}\n",
        "        if d:\n            record.additional_properties = d\n",
    )
    uses = len(re.findall(r"\bd\b", source)) - len(re.findall(r"\bd\b", start + end))
    known = len(required) + len(optional)
    if start not in source or end not in source or uses != known or not known:
        return source
    names = words([name[1:-1] for name in [*required, *optional]])
    if names is None:
        return source
    there = [_read_into(source, name) for name in optional]
    if len(there) <= _COUNTED and None not in there:
        # All that is required is there by now: only the number can be another.
        odd = "len(src_dict) != " + " + ".join(
            [
                *([str(len(required))] if required else []),
                *(f"({one} is not UNSET)" for one in there),
            ]
        )
    else:
        odd = "not src_dict.keys() <= KNOWN"
    kept = (
        f"        if {odd}:\n            record.additional_properties = others(src_dict, KNOWN)\n"
    )
    source = source.replace(start, "").replace(end, kept)
    table = f"KNOWN = frozenset({names}.split())\n"
    source = source.replace("\n@_attrs_define\n", f"{table}\n@_attrs_define\n", 1)
    source = re.sub(r'\bd\.pop\(("[^"\\\n]*")\)', r"src_dict[\1]", source)
    return re.sub(r'\bd\.pop\(("[^"\\\n]*"), UNSET\)', r"src_dict.get(\1, UNSET)", source)


#: Optional fields up to which it is sooner to count those that are there than to look up every name.
_COUNTED = 3


def _read_into(source: str, name: str) -> str | None:
    """Return the variable that holds an optional field; None where there is no single one."""
    taken = (
        rf"^ +(\w+)(?:: [^=\n]+)? = (?:optional\([^\n]*, )?d\.pop\({re.escape(name)}, UNSET\)\)?$"
    )
    found = re.findall(taken, source, re.MULTILINE)
    return found[0] if len(found) == 1 else None


def _listed_at_once(source: str) -> str:
    """Return a model that reads a list of records in one expression, not in a loop."""
    loop = (
        r"^( +)(\w+) = \[\]\n"
        r"\1(\w+) = (d\.pop\(\"[^\"\\\n]*\"\))\n"
        r"\1for (\w+) in \(?\3\)?:\n"
        r"\1    (\w+) = (\w+\.from_dict)\(\5\)\n"
        r"(?:[^\S\n]*\n)*\1    \2\.append\(\6\)\n"
    )
    return re.sub(loop, r"\1\2 = [\7(one) for one in \4]\n", source, flags=re.MULTILINE)


def _by_place(source: str) -> str:
    """Return a model that makes its record by place; unchanged where fields are not in order."""
    fields = re.findall(r"^    (\w+): ", source, re.MULTILINE)
    made = re.search(r"        record = cls\(\n((?: +\w+=\w+,\n)+)", source)
    names = re.findall(r" (\w+)=\1,", made[1]) if made else []
    if made is None or names != fields[: len(names)]:
        return source
    values = "".join(f"            {name},\n" for name in names)
    return source[: made.start(1)] + values + source[made.end(1) :]


def _kinds_checked(source: str) -> str:
    """Return a model that checks required texts, flags, numbers and objects by type.

    Null passes on: it says that there is nothing, and no other field is the worse for it.
    """
    kinds = {"str": "text", "bool": "flag", "int": "count", "dict[str, Any]": "object_"}
    # One that the repr leaves out is of its kind as well.
    hidden = r"(?: = _attrs_field\(repr=False\))?"
    declared = dict(re.findall(rf"^    (\w+): (.+?){hidden}$", source, re.MULTILINE))
    taken = re.findall(r"^            (\w+) = d\.pop\(\"([^\"\n]*)\"\)$", source, re.MULTILINE)
    taken = [(name, wire) for name, wire in taken if words([wire])]
    found = {name: kinds[declared[name]] for name, _ in taken if declared.get(name) in kinds}
    wires = dict(taken)
    caught = "        except (AttributeError, KeyError, TypeError, ValueError) as wrong:\n"
    if not found or caught not in source:
        return source
    tests = " and ".join(
        f"type({name}) in {kind.strip('_').upper()}" for name, kind in found.items()
    )
    told = ", ".join(
        f"{kind}={words([wires[n] for n, other in found.items() if other == kind])}"
        for kind in dict.fromkeys(found.values())
    )
    check = f"            if not ({tests}):\n                raise other_kind(src_dict, {told})\n"
    return source.replace(caught, check + caught)


def _unchecked(source: str) -> str:
    """Return a model that declares amounts without their validators."""
    check = r"validator=only_decimal\([^()\n]*\)\)$"
    source = re.sub(rf" = _attrs_field\({check}", "", source, flags=re.MULTILINE)
    return re.sub(rf"_attrs_field\(default=(\w+), {check}", r"\1", source, flags=re.MULTILINE)


def _imports_below(source: str) -> str:
    """Return a model that imports others once, below its class: two may name each other."""
    lazy = r"^ +(from \.\.models\.\w+ import \w+) *(?:# noqa: PLC0415)?\n"
    lines = sorted(set(re.findall(lazy, source, re.MULTILINE)))
    if not lines:
        return source
    source = re.sub(r"^if TYPE_CHECKING:\n", "", source, flags=re.MULTILINE)
    source = re.sub(lazy, "", source, flags=re.MULTILINE)
    return source.rstrip() + "\n\n\n" + "\n".join(lines) + "\n"


def our_types(source: str) -> str:
    """Return types.py with one UNSET over pickling and copying, and nothing of the cut senders."""
    head, _, _ = source.partition('T = TypeVar("T")')
    return swap(
        head,
        ("from collections.abc import Mapping, MutableMapping\n", IMPORTS_OF_TYPES),
        ("class Unset:\n", f"class Unset:\n{ONE_UNSET}"),
    )


IMPORTS_OF_TYPES = """\
from __future__ import annotations
import re
import warnings
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from functools import cache, partial, wraps
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar
from urllib.parse import quote
import attrs
from attrs import Attribute
"""
ONE_UNSET = '''\
    """The type of UNSET: a field left out, which is not null."""

    def __reduce__(self) -> str:
        return "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

'''
