"""A report for eyes and for machines: the first screen, the sections below it, Markdown, JSON, annotations.

Pure: a report in, text out.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable

from .changes import Change, Report
from .facts import Fact
from .verdicts import Mark

FIRST_SCREEN = 25
SHOWN = 4
LARGEST_MARKDOWN = 60_000
#: From so many changes on that differ in their owner only, they are told in one line.
FOLDED = 4
BREAKING = (Mark.READERS, Mark.WRITERS)
Section = tuple[str, list[str]]


def as_text(report: Report) -> str:
    """Return the report for a terminal; "" where there is nothing to say."""
    if not report:
        return ""
    blocks = ["\n".join(first_screen(report))]
    for title, lines in sections(report):
        blocks.append("\n".join([f"{title} ({len(lines)})", *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks) + "\n"


def first_screen(report: Report) -> list[str]:
    """Return the lines that a reviewer has to know, at most 25."""
    lines = [f"{verdict(report)}: {_counted(report)}", f"Suggested version: {suggested(report)}"]
    if report.refusals:
        lines.append("Not adopted:")
        lines += _some([_short(line) for line in report.refusals])
    blocks = [(f"Breaks {side}:", _marked(report, mark)) for side, mark in _SIDES]
    if report.renamed:
        blocks.insert(0, ("Called otherwise:", _renamed(report)))
    blocks.append(("Means something else:", _marked(report, Mark.WORDS)))
    blocks.append(("Write or change:", [*report.uncovered, *report.stale]))
    for title, told in blocks:
        room = FIRST_SCREEN - len(lines) - 1
        if told and room > 1:
            lines += [title, *_some([_short(line) for line in told], min(SHOWN, room))]
    return lines


_SIDES = (("readers", Mark.READERS), ("writers", Mark.WRITERS))


def verdict(report: Report) -> str:
    """Return `Breaking`, `Additive` or `No change`."""
    if report.breaking:
        return "Breaking"
    return "Additive" if report.changes else "No change"


def suggested(report: Report) -> str:
    """Return the version to release with the bump, in words."""
    if report.breaking:
        return "the next major (below 1.0: the next minor)"
    if any(change.marks != (Mark.WORDS,) for change in report.changes):
        return "the next minor (below 1.0: the next patch)"
    return "the next patch" if report.changes else "as it is"


def _counted(report: Report) -> str:
    """Return how many changes there are of each mark, and what is to write, in words."""
    parts = [(len(report.renamed), "called otherwise")]
    parts += [(sum(mark in change.marks for change in report.changes), str(mark)) for mark in Mark]
    told = ", ".join(f"{count} {what}" for count, what in parts if count)
    by_hand = len(report.uncovered) + len(report.stale)
    write = f"; {by_hand} to write by hand" if by_hand else ""
    standing = (
        f"; {report.standing} standing notices in generated/notices.txt" if report.standing else ""
    )
    return (told or "the API says the same as before") + write + standing


def _some(lines: list[str], most: int = SHOWN) -> list[str]:
    """Return the first lines, indented, and how many more there are."""
    shown = lines if len(lines) <= most else lines[: most - 1]
    rest = len(lines) - len(shown)
    return [f"  {line}" for line in shown] + ([f"  and {rest} more, below"] if rest else [])


def _short(line: str) -> str:
    """Return a line cut to 160 characters."""
    return line if len(line) <= 160 else line[:159] + "…"


def _renamed(report: Report) -> list[str]:
    """Return a line for each name that changed, sorted."""
    return [f"{old} -> {new}" for old, new in sorted(report.renamed.items())]


def _marked(report: Report, mark: Mark) -> list[str]:
    """Return lines of the changes with this mark, alike ones folded into one."""
    return folded([change for change in report.changes if mark in change.marks])


def folded(changes: Iterable[Change]) -> list[str]:
    """Return a line for each change; four or more that differ in their owner only share one."""
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for change in changes:
        fact = change.after or change.before
        assert fact is not None
        said = str(change)
        shape = said.replace(fact.name, f"…{fact.name.removeprefix(fact.owner)}", 1)
        alike.setdefault((fact.kind, shape), []).append((fact.owner, said))
    lines = []
    for (_, shape), told in alike.items():
        if len(told) >= FOLDED and shape.count("…") == 1:
            owners = sorted({owner for owner, _ in told})
            named = ", ".join(owners[:3]) + (
                f" and {len(owners) - 3} more" if len(owners) > 3 else ""
            )
            lines.append(f"{shape} ({len(told)} of them: {named})")
        else:
            lines += [said for _, said in told]
    return lines


def sections(report: Report) -> list[Section]:
    """Return (title, lines) of everything below the first screen; empty ones are left out."""
    found: list[Section] = [
        ("renamed", _renamed(report)),
        *((str(mark), _marked(report, mark)) for mark in Mark),
        ("what it means for callers", list(report.methods)),
        ("overlay actions that match nothing", list(report.unmatched)),
        ("not covered by hand yet", list(report.uncovered)),
        ("stale, written by hand", list(report.stale)),
        ("worth a look", list(report.notices)),
        ("for CHANGELOG.md", changelog(report)),
    ]
    return [(title, lines) for title, lines in found if lines]


# --- a draft for the changelog ---------------------------------------------------------------------


def changelog(report: Report) -> list[str]:
    """Return lines to begin an entry of CHANGELOG.md with: what an upgrade brings."""
    lines = [f"- Gate calls `{old}` `{new}`." for old, new in sorted(report.renamed.items())]
    told: dict[tuple[str, str], list[str]] = {}
    for change in report.changes:
        if {*BREAKING, Mark.WORDS} & {*change.marks}:
            fact = change.before or change.after
            assert fact is not None
            name = f"…{fact.name.removeprefix(fact.owner)}"
            told.setdefault((_whom(change), _sentence(change, name)), []).append(fact.owner)
    for (whom, sentence), owners in told.items():
        named = owners[0] if len(owners) == 1 else f"({', '.join(owners[:3])}"
        named += (
            f" and {len(owners) - 3} more)" if len(owners) > 3 else ")" if len(owners) > 1 else ""
        )
        lines.append(f"- **{whom}** {sentence.replace('…', named, 1)}")
    new = [change.after for change in report.changes if _is_new(change) and change.after]
    if new:
        lines.append(f"- New in the API: {', '.join(_names_as_code(new))}.")
    return lines


def _names_as_code(facts: list[Fact]) -> list[str]:
    """Return names in backquotes; of four or more fields of one model the model alone."""
    fields = Counter(fact.owner for fact in facts if fact.kind == "field")
    many = {owner for owner, count in fields.items() if count >= FOLDED}
    names = (f.owner if f.kind == "field" and f.owner in many else f.name for f in facts)
    return [f"`{name}`" for name in dict.fromkeys(names)]


def _is_new(change: Change) -> bool:
    """Return whether a change adds an operation, event, parameter, value or field."""
    kinds = ("operation", "event", "parameter", "enum", "field")
    fresh = change.before is None and change.marks == (Mark.ADDITIVE,)
    return fresh and change.after is not None and change.after.kind in kinds


def _whom(change: Change) -> str:
    """Return whom a change breaks, or "Read this:"."""
    sides = [side for side, mark in _SIDES if mark in change.marks]
    return f"Breaking for {' and '.join(sides)}:" if sides else "Read this:"


def _sentence(change: Change, name: str) -> str:
    """Return what happened to a fact under this name, in one sentence."""
    one, other = change.before, change.after
    if other is None:
        assert one is not None
        return f"{one.kind} `{name}` is gone."
    if one is None:
        return f"{other.kind} `{name}` is new: {_fact_as_code(str(other))}."
    return f"{one.kind} `{name}` was {_fact_as_code(str(one))}, and is {_fact_as_code(str(other))}."


def _fact_as_code(line: str) -> str:
    """Return what a fact's line says behind its name, as code."""
    return _code(line.partition(": ")[2] or line)


# --- for other eyes --------------------------------------------------------------------------------


def as_markdown(report: Report) -> str:
    """Return the report for a pull request, cut to LARGEST_MARKDOWN characters."""
    blocks = [f"## {verdict(report)}: what the new contract changes"]
    if report.refusals:
        blocks.append("**Not adopted.** " + " ".join(_code(line) for line in report.refusals))
    if not report:
        blocks.append("The API says the same as before.")
    else:
        blocks.append("```text\n" + "\n".join(first_screen(report)) + "\n```")
    room = LARGEST_MARKDOWN - sum(len(block) + 2 for block in blocks) - 200
    for title, lines in sections(report):
        block, room = _section(title, lines, room)
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def _section(title: str, lines: list[str], room: int) -> tuple[str, int]:
    """Return a section as Markdown, cut to the room there is, and the room left."""
    listed: list[str] = []
    for line in lines:
        told = f"- {_code(line)}" if not line.startswith("- ") else line
        if len(told) + 200 > room:
            listed.append(
                f"- and {len(lines) - len(listed)} more: see report.txt among the artifacts of the run"
            )
            break
        listed.append(told)
        room -= len(told) + 1
    head = f"### {title} ({len(lines)})\n\n"
    body = "\n".join(listed)
    return f"{head}<details>\n\n{body}\n\n</details>", room - len(head) - 40


def as_json(report: Report) -> str:
    """Return the report as JSON."""
    told = {
        "verdict": verdict(report),
        "breaking": report.breaking,
        "suggested_version": suggested(report),
        "adopted": not report.refusals,
        "renamed": report.renamed,
        "changes": [
            {
                "kind": (change.after or change.before).kind,  # type: ignore[union-attr]
                "name": (change.after or change.before).name,  # type: ignore[union-attr]
                "before": str(change.before) if change.before else None,
                "after": str(change.after) if change.after else None,
                "marks": [str(mark) for mark in change.marks],
            }
            for change in report.changes
        ],
        "methods": report.methods,
        "refusals": report.refusals,
        "unmatched": report.unmatched,
        "not_covered": report.uncovered,
        "stale": report.stale,
        "notices": report.notices,
        "standing_notices": report.standing,
        "changelog": changelog(report),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def as_annotations(report: Report) -> str:
    """Return the report as annotations that GitHub reads off a job's output."""
    lines = [_annotation("error", "not adopted", line) for line in report.refusals]
    for change in report.changes:
        sides = [str(mark) for mark in BREAKING if mark in change.marks]
        words = [str(Mark.WORDS)] if Mark.WORDS in change.marks else []
        if sides or words:
            lines.append(_annotation("warning", ", ".join(sides or words), str(change)))
    titled = (
        ("not covered by hand yet", report.uncovered),
        ("stale, written by hand", report.stale),
    )
    for title, found in titled:
        for line in found:
            place = re.match(r"([^:]+):([0-9]+): (.*)", line, re.DOTALL)
            where = f"file={_property(place[1])},line={place[2]}," if place else ""
            lines.append(_annotation("error", title, place[3] if place else line, where))
    lines += [_annotation("notice", "worth a look", line) for line in report.notices]
    return "".join(f"{line}\n" for line in lines)


def _annotation(level: str, title: str, text: str, where: str = "") -> str:
    """Return one annotation, its text escaped."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} {where}title={_property(title)}::{escaped}"


def _property(text: str) -> str:
    """Return a text escaped for a property of an annotation."""
    for character, code in (("%", "%25"), (":", "%3A"), (",", "%2C"), ("\n", "%0A")):
        text = text.replace(character, code)
    return text


def _code(line: str) -> str:
    """Return a line as code in Markdown."""
    fence = "``" if "`" in line else "`"
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_annotations,
}
