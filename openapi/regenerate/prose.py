"""Reads facts from a contract's words about money, time, keys and signatures. Pure.

A change of such a sentence can be the most dangerous line of a new contract: "major units" and "minor
units" have the same type.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from .described import as_json, described
from .documents import Node, events, operations, resolved, schemas
from .facts import EXAMPLE, Fact

#: A field that is money by its name.
MONEY = re.compile(
    r"(^|_)(amount|fee|fees|price|rate|total|balance|cost|charge|payout|limit)s?(_|$)",
    re.IGNORECASE,
)
#: A sentence that a reviewer has to read when it changes.
TELLING = re.compile(
    r"\b(amounts?|fees?|rates?|prices?|units?|cents?|decimals?|money|currenc(y|ies)|minor|major|totals?"
    r"|balances?|costs?|percent(age)?|basis points?|bps|gross|net|charged?|refund\w*|seconds?|minutes?"
    r"|milliseconds?|hours?|days?|unix|hmac\S*|sha\S*|sign(s|ed|ing|ature)|idempoten\w*|once|twice"
    r"|repeat\w*|remember\w*|retr(y|ies|ied)|captur\w+|authori[sz]ed|revers(ed|ible|al\w*)|chargebacks?"
    r"|(lower|upper)-?case)\b",
    re.IGNORECASE,
)
#: Words that change what a number means, each as one word of its family.
UNITS = {
    **dict.fromkeys(("major",), "major"),
    **dict.fromkeys(("minor", "cent", "cents", "smallest", "satoshi", "wei", "pence"), "minor"),
    **dict.fromkeys(
        ("include", "includes", "included", "including", "inclusive", "gross"), "gross"
    ),
    **dict.fromkeys(("exclude", "excludes", "excluded", "excluding", "exclusive", "net"), "net"),
    **dict.fromkeys(("before", "after", "without", "not", "never", "per"), ""),
    **dict.fromkeys(("percent", "percentage"), "percent"),
    **dict.fromkeys(("basis", "bps"), "basis points"),
    **dict.fromkeys(("decimal", "decimals", "integer", "number", "numbers", "float"), ""),
    **dict.fromkeys(("second", "seconds"), "seconds"),
    **dict.fromkeys(("millisecond", "milliseconds"), "milliseconds"),
    **dict.fromkeys(("minute", "minutes"), "minutes"),
    **dict.fromkeys(("hour", "hours"), "hours"),
    **dict.fromkeys(("day", "days"), "days"),
    **dict.fromkeys(("sha1", "sha256", "sha512", "md5"), ""),
    **dict.fromkeys(("hex", "base64"), ""),
}


#: After what is said of an amount: how its examples are written, whatever their figures.
SHOWN = re.compile(r"\(examples: ([\w., ]+)\)$")


def shown(text: str) -> str:
    """The way in which the examples of an amount are written, or nothing."""
    found = SHOWN.search(text)
    return found[1] if found else ""


def gainsays(one: str | None, other: str | None) -> bool:
    """Return True where amounts had decimals in one example and have none in the other, or the reverse."""
    found = [re.search(r"\(amounts ([\w ]+)\)$", text or "") for text in (one, other)]
    old, new = ({*said[1].split(" and ")} if said else set() for said in found)
    return bool(old and new and not old & new)


def units(text: str) -> frozenset[str]:
    """The words of a text that say what a number means, and its numbers."""
    text = SHOWN.sub("", text)
    words = re.findall(r"[a-z]+\d*|\d+(?:\.\d+)?", text.lower())
    return frozenset(UNITS[word] or word for word in words if word in UNITS) | frozenset(
        word for word in words if word[0].isdigit()
    )


def facts_of(document: Node) -> Iterator[Fact]:
    """One fact for each thing that something telling is said of."""
    for name, text in _told(document):
        if text:
            yield Fact("prose", name, as_json(" ".join(text.split())))


def _told(document: Node) -> Iterator[tuple[str, str]]:
    info = document["info"]
    yield "info", sentences(f"{info.get('summary', '')}\n\n{info.get('description', '')}")
    for operation in operations(document):
        node = operation.node
        said = f"{node.get('summary', '')}.\n\n{node.get('description', '')}"
        yield operation.id, sentences(said)
        for parameter in operation.parameters:
            name = f"{operation.id} {parameter['in']} {parameter['name']}"
            yield name, sentences(_description(document, parameter))
    for event in events(document):
        said = f"{event.node.get('summary', '')}.\n\n{event.node.get('description', '')}"
        yield f"event {event.name}", sentences(said)
    yield from _of_event_headers(document)
    for name, schema in schemas(document).items():
        yield name, sentences(str(schema.get("description", "")))
        for wire_name, field in schema.get("properties", {}).items():
            yield f"{name}.{wire_name}", _of_field(document, wire_name, field)


def _of_event_headers(document: Node) -> Iterator[tuple[str, str]]:
    """Once where every event says the same of a header, as they do."""
    said: dict[str, dict[str, str]] = {}
    for event in events(document):
        for parameter in event.parameters:
            text = sentences(str(parameter.get("description", "")))
            said.setdefault(str(parameter.get("name")), {})[event.name] = text
    for header, texts in said.items():
        if len(set(texts.values())) == 1:
            yield f"events {header}", next(iter(texts.values()))
        else:
            yield from ((f"event {name} {header}", text) for name, text in texts.items())


def _of_field(document: Node, wire_name: str, field: Node) -> str:
    """All that is said of an amount, a rate or a fee; of another field what is telling."""
    said = _description(document, field)
    fact = described(document, "", "", field, None, ())
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", wire_name)
    if "decimal" not in fact.type and not MONEY.search(spelled):
        return sentences(said)
    return f"{said} {_examples(field)}".strip()


def _examples(field: Node) -> str:
    """Say how its examples are written: `49.90` that becomes `4990` is another unit, with no word of it."""
    examples = [*field.get("examples", ()), *([field["example"]] if "example" in field else ())]
    points = {"." in str(one) for one in examples if re.fullmatch(r"-?\d+(\.\d+)?", str(one))}
    words = " or ".join("with decimals" if one else "whole" for one in sorted(points))
    return f"(examples: {words})" if words else ""


def example(document: Node, media: Node) -> tuple[str, ...]:
    """Tell one example of a body or an answer from another, and how amounts are written in it."""
    named = media.get("examples", {})
    given = {name: resolved(document, one) for name, one in named.items()}
    if "example" in media:
        given[""] = media["example"]
    if not given:
        return ()
    mark = hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()[:8]
    points = {"." in text for text in _amounts(list(given.values()), "")}
    written = " and ".join("with decimals" if one else "whole" for one in sorted(points))
    return (f"{EXAMPLE}{mark}{f' (amounts {written})' if written else ''}",)


def _amounts(node: Any, key: str) -> Iterator[str]:
    """Yield the decimal texts that stand under names of money."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _amounts(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from _amounts(value, key)
    elif isinstance(node, str) and MONEY.search(key) and re.fullmatch(r"-?\d+(\.\d+)?", node):
        yield node


def _description(document: Node, node: Node) -> str:
    """Its own, or that of what it refers to."""
    own = node.get("description")
    inner = node.get("schema", {})
    for one in (inner, resolved(document, inner), resolved(document, node)):
        own = own or one.get("description")
    return str(own or "")


def sentences(text: str) -> str:
    """Those that tell something of money, time, keys or signatures."""
    whole = re.split(r"(?<=[.!?])\s+|\n\s*\n", text)
    return " ".join(part for part in map(str.strip, whole) if TELLING.search(part))
