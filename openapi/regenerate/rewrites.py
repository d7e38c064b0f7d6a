"""How the text of stock templates is changed: cut, replaced, never copied. Pure text to text."""

import re
import textwrap

from .refused import Refused


def swap(source: str, *pairs: tuple[str, str]) -> str:
    """Each first text for its second; a first text that is not there means another generator."""
    for old, new in pairs:
        if old not in source:
            raise Refused(
                f"the pinned generator's template no longer says {old!r}; adapt rewrites.py"
            )
        source = source.replace(old, new)
    return source


def only_pure(source: str, docstring: str) -> str:
    """An endpoint module without its four senders: get_kwargs and parse_response, both pure."""
    head, _, _ = source.partition("\ndef _build_response")
    head = swap(
        head,
        ("import httpx\n", ""),
        ("from ...client import AuthenticatedClient, Client\n", ""),
        ("def _get_kwargs", "def get_kwargs"),
        ("def _parse_response(*, client: AuthenticatedClient | Client, ", "def parse_response("),
        ("from http import HTTPStatus\n", "from __future__ import annotations\n"),
        ("-> dict[str, Any]:\n", f"-> dict[str, Any]:\n{textwrap.indent(docstring, '    ')}\n"),
    )
    head = re.sub(r'quote\(str\((\w+)\), safe=""\)', r"path_segment(\1)", head)
    undocumented = re.search(
        r"    if client\.raise_on_unexpected_status:\n(.*)\n    else:\n.*\n", head
    )
    if undocumented:
        head = head.replace(undocumented[0], undocumented[1].replace("        ", "    ", 1) + "\n")
        head = re.sub(r"(response: httpx\.Response\) -> .*?)(?: \| None)?:\n", r"\1:\n", head)
    return _models_when_used(head) + "\n"


def _models_when_used(source: str) -> str:
    """Moves the imports of models into the functions that need them at run time."""
    imports = re.findall(r"^from \.\.\.models\.\w+ import (\w+)\n", source, re.M)
    lines = {
        name: line
        for name in imports
        for line in re.findall(rf"^from \.\.\.models\.\w+ import {name}\n", source, re.M)
    }
    for line in lines.values():
        source = source.replace(line, "")
    typed = "".join(f"    {line}" for line in lines.values())
    preamble = f"from ...types import path_segment\nif TYPE_CHECKING:\n    import httpx\n{typed}"
    source = source.replace(
        "from typing import Any, cast\n", "from typing import TYPE_CHECKING, Any, cast\n"
    )
    start = source.index("\ndef get_kwargs")
    middle = source.index("\ndef parse_response")
    pieces = (source[start:middle], source[middle:])
    return source[:start] + preamble + "\n" + "".join(_importing(piece, lines) for piece in pieces)


def _importing(function: str, lines: dict[str, str]) -> str:
    """The function, beginning with the imports of the names its body uses."""
    signature, body = re.match(r"(?s)(.*?\) -> [^\n]*:\n)(.*)", function).groups()  # type: ignore[union-attr]
    code = re.sub(r'(?s)""".*?"""', "", body)
    used = [line for name, line in lines.items() if re.search(rf"\b{name}\b", code)]
    docstring = re.match(r'(?s)\s*""".*?"""\n', body)
    before = docstring[0] if docstring else ""
    return signature + before + "".join(f"    {line}" for line in used) + body[len(before) :]


def clear_misfits(source: str, class_name: str) -> str:
    """from_dict answers a record that does not fit with a ValueError that names the model."""
    start = "        d = dict(src_dict)\n"
    if start not in source:
        return source
    before, _, rest = source.partition(start)
    made = re.search(r"^        (\w+) = cls\(\n", rest, re.M)
    if made is None:
        raise Refused("the pinned generator's model template builds its object in another way")
    reading, after = rest[: made.start()], rest[made.start() :]
    # The stock name of the new object is the model's, which a field may have too.
    after = re.sub(rf"^( +)(return )?{made[1]}\b(?! *=[^ ]|=)", r"\1\2record", after, flags=re.M)
    caught = "        except (AttributeError, KeyError, TypeError, ValueError) as wrong:\n"
    raised = f'            raise misfit("{class_name}", wrong) from wrong\n'
    tried = "        try:\n" + textwrap.indent(start + reading, "    ")
    source = before + tried + caught + raised + after
    return swap(source, ("import UNSET, Unset\n", "import UNSET, Unset, misfit\n"))


def our_types(source: str) -> str:
    """One UNSET over pickling and copying, and nothing that only the cut senders used."""
    head, _, _ = source.partition('T = TypeVar("T")')
    return swap(
        head,
        ("from collections.abc import Mapping, MutableMapping\n", IMPORTS_OF_TYPES),
        ("class Unset:\n", f"class Unset:\n{ONE_UNSET}"),
    )


IMPORTS_OF_TYPES = """\
from __future__ import annotations
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from attrs import Attribute
"""
ONE_UNSET = """\
    \"\"\"The type of UNSET: a field left out, which is not null.\"\"\"

    def __reduce__(self) -> str:
        return "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

"""
