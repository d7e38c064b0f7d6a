"""A model's text in as few lines a field as it can have: what every model does alike is in one base class.

A new field then touches the places that say something of it: its prose, its declaration, how it is read.
Pure text to text; a model of a shape that is not known here is left as the generator wrote it.
"""

import ast
import re
import textwrap

#: The mapping methods, as the generator writes them below each model that keeps fields it does not know.
_MAPPING = """\
    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
"""
_WRITER = re.compile(
    r"    def to_dict\(self\) -> dict\[str, Any\]:\n(?:(?:        .*)?\n)+?(?=    @)"
)
_KEEPS_ALL = "    additional_properties: dict[str, Any] = "
#: What reading sets after the record is made.
_WIDTH = 84


def compact(source: str) -> str:
    """Return a model's module with Record as its base; unchanged where its shape is not known."""
    written = _WRITER.search(source)
    if written is None or source.count(_MAPPING) != 1 or _KEEPS_ALL not in source:
        return source
    names = _wire_names(written[0])
    if names is not None:
        source = source.replace(written[0], "")
        source = source.replace(_MAPPING, "")
        source = re.sub(
            r"^class (\w+):$", r"class \1(Record):", source, count=1, flags=re.MULTILINE
        )
        source = source.replace("import UNSET, Unset", "import UNSET, Record, Unset", 1)
        source = re.sub(r"(\.types import )(?!.*Record)", r"\1Record, ", source, count=1)
        other = {name: wire for name, wire in names.items() if name != wire}
        if other:
            kept = f"    _wire_names: ClassVar = {other!r}\n"
            source = source.replace(_KEEPS_ALL, kept + _KEEPS_ALL, 1)
            source = source.replace("from typing import Any", "from typing import Any, ClassVar", 1)
    head, start, body = source.partition("    @classmethod\n    def from_dict")
    # The whole run of blank lines at once: looked at from each of them again, a long one takes its square.
    return head + start + re.sub(r"\n(?:[^\S\n]*\n)++( {8})?", _closed_up, body)


def _closed_up(run: re.Match[str]) -> str:
    """Return a run of blank lines as one line end within a function, else as it is."""
    return f"\n{run[1]}" if run[1] else run[0]


def _wire_names(writer: str) -> dict[str, str] | None:
    """Return field → name in JSON; None where to_dict does more than `Record.to_dict` does."""
    function = ast.parse(textwrap.dedent(writer)).body[0]
    assert isinstance(function, ast.FunctionDef)
    found: dict[str, str] = {}
    for node in ast.walk(function):
        match node:
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                if not all(_is_pair(key, value) for key, value in pairs):
                    return None
                found |= {v.id: k.value for k, v in zip(keys, values, strict=True)}  # type: ignore[union-attr,attr-defined]
            case ast.Assign(
                targets=[
                    ast.Subscript(value=ast.Name("field_dict"), slice=ast.Constant(str(wire)))
                ],
                value=ast.Name(name),
            ):
                found[name] = wire
            case ast.Call() if not _is_plain(node):
                return None
    return found


def _is_pair(key: ast.expr | None, value: ast.expr) -> bool:
    """Return whether an entry of a dict is a constant and a name."""
    return isinstance(key, ast.Constant) and isinstance(value, ast.Name)


def _is_plain(call: ast.Call) -> bool:
    """Return whether a call writes a value by its kind alone, as `as_json` does."""
    match call.func:
        case ast.Name("isinstance"):
            return True
        case ast.Name("format"):
            return isinstance(call.args[1], ast.Constant) and call.args[1].value == "f"
        case ast.Attribute(attr=attr):
            return attr in {"isoformat", "to_dict", "update", "append"}
    return False


def words(names: list[str]) -> str | None:
    """Return an expression for the tuple of these names; None where one is empty or has a space."""
    if any(not name or re.search(r"[\s\"\\]", name) for name in names):
        return None
    lines = textwrap.wrap(" ".join(names), _WIDTH, break_long_words=False, break_on_hyphens=False)
    spoken = "\n".join(
        f'"{line}{" " if i + 1 < len(lines) else ""}"' for i, line in enumerate(lines)
    )
    return f"({spoken})" if len(lines) > 1 else spoken
