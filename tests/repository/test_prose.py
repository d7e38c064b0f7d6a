"""Docstrings say what code does or is: none in shipped code begins with a question word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.__main__ import functions
from tests.roots import APPS, ROOT

#: `_sync` is written from `_async`, and the generated client by its generator.
_WRITTEN_BY_TOOLS = {"_sync", "generated", "__pycache__"}
_QUESTION = re.compile(r"(What|Whether|Where|Who|Whom|Whose|How)\b")
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _shipped(root: Path) -> list[Path]:
    found = [path for name in ("facade", "apps", "openapi") for path in (root / name).rglob("*.py")]
    hand_written = [
        path for path in found if not _WRITTEN_BY_TOOLS & {*path.relative_to(root).parts}
    ]
    return [root / "noxfile.py", *sorted(hand_written)]


def _questions(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the first line of each docstring that begins with a question word."""
    for node in ast.walk(ast.parse(text)):
        said = ast.get_docstring(node) if isinstance(node, _DOCUMENTED) else None
        if said is not None and _QUESTION.match(said):
            yield node.body[0].lineno, said.split("\n")[0]


def test_no_docstring_of_shipped_code_begins_with_a_question_word() -> None:
    shipped = _shipped(ROOT)
    packages = {path.relative_to(ROOT).parts[1] for path in shipped[1:]}
    assert {"zerogate", "regenerate", *APPS} <= packages
    assert [
        f"{path.relative_to(ROOT)}:{line}: {said}"
        for path in shipped
        for line, said in _questions(path.read_text("utf-8"))
    ] == []


def test_no_docstring_of_shipped_code_begins_with_its_second_line() -> None:
    """A class that begins with its fields says what each is, and not what it is itself."""
    assert [
        f"{path.relative_to(ROOT)}:{node.body[0].lineno}"
        for path in _shipped(ROOT)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, _DOCUMENTED)
        and (said := ast.get_docstring(node, clean=False)) is not None
        and not said.split("\n")[0].strip()
    ] == []


def test_every_function_of_shipped_code_that_can_be_drawn_has_a_first_line() -> None:
    drawn = list(functions())
    assert [told for told in drawn if not told.splitlines()[2].strip()] == []
    places = {told.splitlines()[0] for told in drawn}
    assert "facade/zerogate/_transport/async_connections.py" in places
    assert not any("_sync/" in place or "/sync_" in place for place in places)


@pytest.mark.parametrize("word", ["What", "Whether", "Where", "Who", "Whom", "Whose", "How"])
@pytest.mark.parametrize(
    "text",
    [
        '"""{} it is."""',
        'class A:\n    """{} it is."""',
        'def a():\n    """\n    {} it is.\n\n    More.\n    """',
        'class A:\n    async def a(self):\n        """{} it is."""',
    ],
    ids=["module", "class", "function", "method"],
)
def test_a_question_word_is_found_wherever_a_docstring_stands(text: str, word: str) -> None:
    assert [said for _, said in _questions(text.format(word))] == [f"{word} it is."]


def test_a_word_that_only_begins_alike_or_stands_later_is_no_question() -> None:
    assert list(_questions('"""However it ends, say how and where."""')) == []


#: Participles and bare verbs of speech that say what has become of a value: of a function that is called for
#: its effect they say neither what it does nor to what.
_NO_VERBS = frozenset(
    {
        "begun",
        "broken",
        "changed",
        "closed",
        "counted",
        "done",
        "entered",
        "forgotten",
        "found",
        "given",
    }
    | {
        "going",
        "heard",
        "held",
        "kept",
        "known",
        "left",
        "lost",
        "made",
        "marked",
        "meant",
        "noted",
    }
    | {
        "recorded",
        "refused",
        "released",
        "said",
        "saved",
        "seen",
        "sent",
        "settled",
        "stored",
        "swept",
    }
    | {"taken", "told", "written"}
)


def _called_for_their_effect(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            returns = node.returns and ast.unparse(node.returns)
            if returns in ("None", "Step[None]"):
                yield node.name


def test_a_function_that_changes_something_is_not_named_by_a_participle() -> None:
    assert [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in _shipped(ROOT)
        for name in _called_for_their_effect(path.read_text("utf-8"))
        if name.lstrip("_").removeprefix("async_").removeprefix("sync_") in _NO_VERBS
    ] == []
