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
from .naming import is_class

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


#: Extensions in which single values of an enum are described.
ENUM_TOLD = re.compile(r"x-enum-?descriptions?", re.IGNORECASE)
#: After what is said of an amount: how its examples are written, whatever their figures.
SHOWN = re.compile(r"\(examples: ([\w., ]+)\)$")


def shown(text: str) -> str:
    """Return how an amount's examples are written, `whole` or `with decimals`; "" if unsaid."""
    found = SHOWN.search(text)
    return found[1] if found else ""


def gainsays(one: str | None, other: str | None) -> bool:
    """Return True where amounts in two examples had decimals in the one and not in the other."""
    found = [re.search(r"\(amounts ([\w ]+)\)$", text or "") for text in (one, other)]
    old, new = ({*said[1].split(" and ")} if said else set() for said in found)
    return bool(old and new and not old & new)


def units(text: str) -> frozenset[str]:
    """Return the words of a text that say what a number means, and its numbers."""
    text = SHOWN.sub("", text)
    words = re.findall(r"[a-z]+\d*|\d+(?:\.\d+)?", text.lower())
    return frozenset(UNITS[word] or word for word in words if word in UNITS) | frozenset(
        word for word in words if word[0].isdigit()
    )


def facts_of(document: Node) -> Iterator[Fact]:
    """Yield one fact for each thing that something telling is said of."""
    for name, text in _telling_texts(document):
        if text:
            yield Fact("prose", name, as_json(" ".join(text.split())))


def _telling_texts(document: Node) -> Iterator[tuple[str, str]]:
    """Yield (what is spoken of, its telling sentences) of all parts; may be empty."""
    info = document["info"]
    others = [tag.get("description") for tag in document.get("tags", [])]
    others += [document.get("externalDocs", {}).get("description")]
    yield "info", _telling(info.get("summary"), info.get("description"), *others)
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        yield name, _telling(resolved(document, scheme).get("description"))
    for operation in operations(document):
        node, path = operation.node, document["paths"].get(operation.where.partition(" ")[2], {})
        yield (
            operation.id,
            _telling(*(one.get(key) for one in (path, node) for key in ("summary", "description"))),
        )
        yield f"{operation.id} body", _of_content(document, operation.body)
        for parameter in operation.parameters:
            name = f"{operation.id} {parameter['in']} {parameter['name']}"
            yield name, sentences(_description(document, parameter))
    yield from _of_answers(document)
    for event in events(document):
        node = event.node
        body = _of_content(document, node.get("requestBody", {}))
        yield (
            f"event {event.name}",
            _joined(_telling(node.get("summary"), node.get("description")), body),
        )
        for status, answer in node.get("responses", {}).items():
            yield f"{event.name} {status}", _of_content(document, answer)
    yield from _of_event_headers(document)
    for name, schema in schemas(document).items():
        yield name, _telling(schema.get("description"), *_of_values(schema))
        others_of = schema.get("additionalProperties")
        fields = {
            **schema.get("properties", {}),
            **({"*": others_of} if isinstance(others_of, dict) else {}),
        }
        for wire_name, field in fields.items():
            yield f"{name}.{wire_name}", _of_field(document, wire_name, field)


def _telling(*texts: Any) -> str:
    """Return the telling sentences of some texts, each of which stands for itself; None is none."""
    said = (str(text).strip() for text in texts if text)
    return sentences(
        "\n\n".join(text if text[-1:] in (".", "!", "?") else f"{text}." for text in said)
    )


def _joined(*texts: str) -> str:
    """Return texts joined by a blank, empty ones left out."""
    return " ".join(text for text in texts if text)


def _of_content(document: Node, holder: Node) -> str:
    """Return the telling sentences on a body or answer, and beside references in it."""
    inside = [media.get("schema", {}) for media in holder.get("content", {}).values()]
    beside = [text for schema in inside for text in _beside(schema)]
    return _telling(holder.get("description"), *dict.fromkeys(beside))


def _beside(schema: Any) -> Iterator[str]:
    """Yield what a schema and those written out in it say, beside references too, but no models."""
    if not isinstance(schema, dict):
        return
    yield from (str(schema[key]) for key in ("description",) if key in schema)
    yield from _of_values(schema)
    for key in ("items", "additionalProperties"):
        yield from _beside(schema.get(key))
    for key in ("oneOf", "anyOf", "allOf"):
        for branch in schema.get(key, ()):
            yield from _beside(branch)


def _of_values(schema: Node) -> Iterator[str]:
    """Yield what an extension says of single values of an enum."""
    for key, told in schema.items():
        if ENUM_TOLD.fullmatch(key):
            yield from map(
                str,
                told.values() if isinstance(told, dict) else told if isinstance(told, list) else (),
            )


def _of_answers(document: Node) -> Iterator[tuple[str, str]]:
    """Yield (name, sentences) of answers and their headers; once where all calls say the same."""
    said: dict[str, dict[str, str]] = {}
    for operation in operations(document):
        for status, response in operation.responses.items():
            said.setdefault(status, {})[f"{operation.id} {status}"] = _of_content(
                document, response
            )
            for header, given in response.get("headers", {}).items():
                text = sentences(_description(document, given))
                said.setdefault(header, {})[f"{operation.id} {status} {header}"] = text
    for what, texts in said.items():
        if len(set(texts.values())) == 1:
            yield f"answers {what}", next(iter(texts.values()))
        else:
            yield from texts.items()


def _of_event_headers(document: Node) -> Iterator[tuple[str, str]]:
    """Yield (name, sentences) of events' headers; once where all events say the same."""
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
    """Return all that is said of money, with how examples look; else its telling sentences."""
    inside = {key: value for key, value in field.items() if key != "description"}
    own, shared = _description(document, field), resolved(document, field)
    # What a shared type of values says holds beside what the field says itself.
    beneath = shared.get("description") if not is_class(shared) else None
    said = _joined(own, _telling(beneath if beneath != own else None, *_beside(inside)))
    fact = described(document, "", "", field, None, ())
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", wire_name)
    if "decimal" not in fact.type and not MONEY.search(spelled):
        return sentences(said)
    return f"{said} {_examples(field)}".strip()


def _examples(field: Node) -> str:
    """Return "(examples: whole)" or "with decimals", as a field's examples are; "" for none."""
    examples = [*field.get("examples", ()), *([field["example"]] if "example" in field else ())]
    points = {"." in str(one) for one in examples if re.fullmatch(r"-?\d+(\.\d+)?", str(one))}
    words = " or ".join("with decimals" if one else "whole" for one in sorted(points))
    return f"(examples: {words})" if words else ""


def example(document: Node, media: Node) -> tuple[str, ...]:
    """Return a note with a digest of the examples and how amounts look in them; () for none."""
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
    """Return a node's description, else that of what it refers to, else ""."""
    own = node.get("description")
    inner = node.get("schema", {})
    for one in (inner, resolved(document, inner), resolved(document, node)):
        own = own or one.get("description")
    return str(own or "")


def sentences(text: str) -> str:
    """Return the sentences that tell something of money, time, keys or signatures, joined."""
    whole = re.split(r"(?<=[.!?])\s+|\n\s*\n", text)
    return " ".join(part for part in map(str.strip, whole) if TELLING.search(part))
