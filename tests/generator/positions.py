"""Every step that a keyword of a schema can take, at every position of one: rows of the suite, made of two tables.

A step says what stood there, what stands there now, and whether values became fewer, more or others; a position says
whose they are. From the two follows whom it breaks: fewer values break who sends them, more values break who reads
them. The names are those of oasdiff's checks, as far as it has them.
"""

# Tables, one row a line as far as that goes.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from tests.generator.changing import (
    CREATE,
    LIST,
    ONE,
    REQUEST,
    SESSION,
    Change,
    Document,
    P,
    S,
    add,
    all_of,
    put,
)

Schema = dict[str, Any]
READERS, WRITERS = "R", "W"


@frozen
class Step:
    """A step of one keyword, and its verdict. breaks: Whom it breaks, of those who read and those who write.

    enum: The values of the enum Mood before and after, where they are the step.
    """

    name: str
    before: Schema
    after: Schema
    breaks: str
    silent: bool = False
    enum: tuple[str, str] = ("ab", "ab")


@frozen
class Position:
    """A place of schemas, each under a name of its own. fact: The line that tells of one. side: Who meets its values."""

    put: Callable[[str, Schema], Change]
    fact: str
    side: str
    without: tuple[str, ...] = ()


# --- steps -----------------------------------------------------------------------------------------

FEWER, MORE, OTHERS, NOBODY = WRITERS, READERS, READERS + WRITERS, ""
TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
FLAG = {"type": "boolean"}
MOOD = {"$ref": "the enum of the step"}
CARD, BANK = {"$ref": f"#/{S}/Card"}, {"$ref": f"#/{S}/Bank"}


def text(**more: Any) -> Schema:
    return {**TEXT, **more}


def number(**more: Any) -> Schema:
    return {**WHOLE, **more}


def many(**more: Any) -> Schema:
    return {"type": "array", "items": {}, **more}


def free(**more: Any) -> Schema:
    return {"type": "object", **more}


def either(told_apart: Schema | None = None) -> Schema:
    return {"oneOf": [CARD, BANK], **({"discriminator": told_apart} if told_apart else {})}


def _bound(name: str, keyword: str, of: Callable[..., Schema], least: bool) -> list[Step]:
    """A bound that is set, moved both ways, and taken away."""
    low, high = of(**{keyword: 4}), of(**{keyword: 6})
    up, down = (FEWER, MORE) if least else (MORE, FEWER)
    return [
        Step(f"{name}-set", of(), low, FEWER),
        Step(f"{name}-increased", low, high, up),
        Step(f"{name}-decreased", high, low, down),
        Step(f"{name}-unset", low, of(), MORE),
    ]


def _rule(name: str, without: Schema, **rule: Any) -> list[Step]:
    """A rule that was not there, and one that is not there any more."""
    ruled = {**without, **rule}
    return [
        Step(f"{name}-added", without, ruled, FEWER),
        Step(f"{name}-removed", ruled, without, MORE),
    ]


def _one_way(name: str, word: str, more: str, fewer: str) -> list[Step]:
    """Bounds of what goes one way only: the other side never meets it."""
    bounds = {
        "max": number(**{word: True, "maximum": 4}),
        "exclusive-max": number(**{word: True, "exclusiveMaximum": 4}),
        "max-length": text(**{word: True, "maxLength": 4}),
    }
    least = {
        "min": number(**{word: True, "minimum": 4}),
        "exclusive-min": number(**{word: True, "exclusiveMinimum": 4}),
    }
    return [
        *(Step(f"{name}-{bound}-increased", low, _raised(low), more) for bound, low in bounds.items()),
        *(Step(f"{name}-{bound}-decreased", _raised(low), low, fewer) for bound, low in bounds.items()),
        *(Step(f"{name}-{bound}-increased", low, _raised(low), fewer) for bound, low in least.items()),
        *(Step(f"{name}-{bound}-decreased", _raised(low), low, more) for bound, low in least.items()),
    ]  # fmt: skip


def _raised(schema: Schema) -> Schema:
    return {key: 6 if value == 4 else value for key, value in schema.items()}


def _mapped(**keys: str) -> Schema:
    return {"propertyName": "kind", "mapping": {k: f"#/{S}/{v}" for k, v in keys.items()}}


ONE_OF, ANY_OF = {"oneOf": [TEXT, WHOLE]}, {"anyOf": [TEXT, WHOLE]}
STEPS: tuple[Step, ...] = (
    *_bound("max", "maximum", number, least=False),
    *_bound("min", "minimum", number, least=True),
    *_bound("exclusive-max", "exclusiveMaximum", number, least=False),
    *_bound("exclusive-min", "exclusiveMinimum", number, least=True),
    *_bound("max-length", "maxLength", text, least=False),
    *_bound("min-length", "minLength", text, least=True),
    *_bound("max-items", "maxItems", many, least=False),
    *_bound("min-items", "minItems", many, least=True),
    *_bound("max-properties", "maxProperties", free, least=False),
    *_bound("min-properties", "minProperties", free, least=True),
    *_bound("max-contains", "maxContains", lambda **more: many(contains=TEXT, **more), least=False),
    *_bound("min-contains", "minContains", lambda **more: many(contains=TEXT, **more), least=True),
    *_rule("multiple-of", number(), multipleOf=2),
    Step("multiple-of-changed", number(multipleOf=2), number(multipleOf=3), OTHERS),
    *_rule("unique-items", many(), uniqueItems=True),
    *_rule("pattern", text(), pattern="^[a-z]+$"),
    Step("pattern-changed", text(pattern="^[a-z]+$"), text(pattern="^[0-9]+$"), OTHERS),
    Step("pattern-generalized", text(pattern="^[a-z]+$"), text(pattern="^[A-Za-z]+$"), MORE),
    Step("pattern-specialized", text(pattern="^[A-Za-z]+$"), text(pattern="^[a-z]+$"), FEWER),
    *_rule("format", text(), format="uri"),
    Step("format-changed", text(format="uri"), text(format="email"), OTHERS),
    *_rule("const", text(), const="x"),
    Step("const-changed", text(const="x"), text(const="y"), OTHERS),
    Step("became-enum", text(), MOOD, FEWER),
    Step("enum-removed", MOOD, text(), MORE),
    Step("enum-value-added", MOOD, MOOD, NOBODY, enum=("ab", "abc")),
    Step("enum-value-removed", MOOD, MOOD, FEWER, enum=("abc", "ab")),
    Step("x-extensible-enum-value-added", text(**{"x-extensible-enum": ["a"]}), text(**{"x-extensible-enum": ["a", "b"]}), NOBODY),
    Step("x-extensible-enum-value-removed", text(**{"x-extensible-enum": ["a", "b"]}), text(**{"x-extensible-enum": ["a"]}), FEWER),
    Step("default-value-added", text(), text(default="x"), WRITERS),
    Step("default-value-changed", text(default="x"), text(default="y"), WRITERS),
    Step("default-value-removed", text(default="x"), text(), WRITERS),
    *_rule("contains", many(), contains=TEXT),
    *_rule("prefix-items", many(), prefixItems=[TEXT]),
    *_rule("unevaluated-items", many(), unevaluatedItems=False),
    *_rule("unevaluated-properties", free(), unevaluatedProperties=False),
    *_rule("property-names", free(), propertyNames={"pattern": "^a"}),
    *_rule("pattern-property", free(), patternProperties={"^a": TEXT}),
    *_rule("dependent-required", free(), dependentRequired={"a": ["b"]}),
    Step("dependent-required-changed", free(dependentRequired={"a": ["b"]}), free(dependentRequired={"a": ["c"]}), OTHERS),
    *_rule("dependent-schema", free(), dependentSchemas={"a": {"minProperties": 2}}),
    Step("additional-properties-closed", free(), free(additionalProperties=False), WRITERS),
    Step("additional-properties-opened", free(additionalProperties=False), free(), NOBODY),
    *_rule("not", text(), **{"not": {"const": "x"}}),
    *_rule("if", text(), **{"if": {"minLength": 1}}),
    *_rule("then", text(**{"if": {"minLength": 1}}), then={"maxLength": 4}),
    *_rule("else", text(**{"if": {"minLength": 1}}), **{"else": {"maxLength": 4}}),
    *_rule("content-schema", text(contentMediaType="application/json"), contentSchema=TEXT),
    Step("content-encoding-changed", text(contentEncoding="base64"), text(contentEncoding="base16"), OTHERS),
    Step("content-media-type-changed", text(contentMediaType="text/csv"), text(contentMediaType="text/html"), OTHERS),
    Step("type-changed", text(), FLAG, OTHERS),
    Step("type-generalized", number(), {"type": "number"}, MORE),
    Step("type-specialized", {"type": "number"}, number(), FEWER),
    Step("list-of-types-widened", text(), {"type": ["string", "integer"]}, MORE),
    Step("list-of-types-narrowed", {"type": ["string", "integer"]}, text(), FEWER),
    Step("became-nullable", text(), {"type": ["string", "null"]}, MORE),
    Step("became-not-nullable", {"type": ["string", "null"]}, text(), FEWER),
    Step("one-of-added", ONE_OF, {"oneOf": [TEXT, WHOLE, FLAG]}, MORE),
    Step("one-of-removed", {"oneOf": [TEXT, WHOLE, FLAG]}, ONE_OF, FEWER),
    Step("wrapped-in-one-of", text(), ONE_OF, MORE),
    Step("any-of-added", ANY_OF, {"anyOf": [TEXT, WHOLE, FLAG]}, MORE),
    Step("any-of-removed", {"anyOf": [TEXT, WHOLE, FLAG]}, ANY_OF, FEWER),
    Step("all-of-added", {"allOf": [TEXT]}, {"allOf": [TEXT, {"minLength": 3}]}, FEWER),
    Step("all-of-removed", {"allOf": [TEXT, {"minLength": 3}]}, {"allOf": [TEXT]}, MORE),
    Step("all-of-added-annotation-only", {"allOf": [TEXT]}, {"allOf": [TEXT, {"title": "A word"}]}, NOBODY, silent=True),
    Step("all-of-removed-annotation-only", {"allOf": [TEXT, {"title": "A word"}]}, {"allOf": [TEXT]}, NOBODY, silent=True),
    Step("discriminator-added", either(), either({"propertyName": "kind"}), NOBODY),
    Step("discriminator-removed", either({"propertyName": "kind"}), either(), NOBODY),
    Step("discriminator-property-name-changed", either({"propertyName": "kind"}), either({"propertyName": "sort"}), NOBODY),
    Step("discriminator-mapping-added", either(_mapped(card="Card")), either(_mapped(card="Card", bank="Bank")), NOBODY),
    Step("discriminator-mapping-changed", either(_mapped(card="Card")), either(_mapped(card="Bank")), NOBODY),
    Step("discriminator-mapping-deleted", either(_mapped(card="Card", bank="Bank")), either(_mapped(card="Card")), NOBODY),
    Step("became-read-only", text(), text(readOnly=True), WRITERS),
    Step("became-not-read-only", text(readOnly=True), text(), NOBODY),
    Step("became-write-only", text(), text(writeOnly=True), READERS),
    Step("became-not-write-only", text(writeOnly=True), text(), NOBODY),
    *_one_way("read-only", "readOnly", READERS, NOBODY),
    *_one_way("write-only", "writeOnly", NOBODY, WRITERS),
    Step("deprecated", text(), text(deprecated=True), NOBODY),
    Step("deprecated-with-sunset", text(), text(deprecated=True, **{"x-sunset": "2027-06-30"}), NOBODY),
    Step("deprecated-sunset-invalid", text(), text(deprecated=True, **{"x-sunset": "soon"}), NOBODY),
    Step("reactivated", text(deprecated=True), text(), NOBODY),
    Step("sunset-sooner", text(**{"x-sunset": "2027-06-30"}), text(**{"x-sunset": "2027-01-31"}), OTHERS),
    Step("sunset-later", text(**{"x-sunset": "2027-06-30"}), text(**{"x-sunset": "2027-12-31"}), NOBODY),
    Step("sunset-deleted", text(deprecated=True, **{"x-sunset": "2027-06-30"}), text(deprecated=True), NOBODY),
    Step("stability-decreased", text(**{"x-stability-level": "stable"}), text(**{"x-stability-level": "beta"}), OTHERS),
    Step("stability-increased", text(**{"x-stability-level": "beta"}), text(**{"x-stability-level": "stable"}), NOBODY),
)  # fmt: skip


# --- positions -------------------------------------------------------------------------------------


def _call(method: str, name: str, **more: Any) -> Change:
    answer = {"description": "Yes."}
    return put(
        f"{P}/~{name}",
        {method: {"operationId": name, "tags": ["probes"], "responses": {"200": answer}, **more}},
    )


def _content(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}


def _answer(name: str, schema: Schema) -> Change:
    return _call("get", name, responses={"200": {"description": "Yes.", **_content(schema)}})


def _parameter(operation: str, place: str) -> Callable[[str, Schema], Change]:
    return lambda name, schema: add(
        f"{operation}/parameters", {"name": name, "in": place, "schema": schema}
    )


def _filter(place: str) -> Callable[[str, Schema], Change]:
    """A field of an object that a parameter is."""

    def put_there(name: str, schema: Schema) -> Change:
        whole = {"type": "object", "properties": {"probe": schema}}
        refers = {"$ref": f"#/{S}/{_class(name)}"}
        given = {"name": name, "in": place, "schema": refers}
        return all_of(put(f"{S}/{_class(name)}", whole), add(f"{LIST}/parameters", given))

    return put_there


def _class(name: str) -> str:
    return name.title().replace("-", "")


#: `{}` is the name of the step, `{class}` the same as that of a class. A header of an answer has no class: what it
#: may say is written out where it stands.
POSITIONS: dict[str, Position] = {
    "request-body": Position(
        lambda name, s: _call("post", name, requestBody=_content(s)), "body {}", WRITERS
    ),
    "request-property": Position(
        lambda name, s: put(f"{REQUEST}/{name}", s), "field CreateSession.{}", WRITERS
    ),
    "request-parameter": Position(
        _parameter(LIST, "query"), "parameter listSessions query {}", WRITERS
    ),
    "request-header": Position(
        _parameter(CREATE, "header"), "parameter createSession header {}", WRITERS
    ),
    "request-parameter-property": Position(_filter("query"), "field {class}.probe", WRITERS),
    "request-header-property": Position(_filter("header"), "field {class}.probe", WRITERS),
    "response-body": Position(_answer, "response {} 200", READERS),
    "response-property": Position(
        lambda name, s: put(f"{SESSION}/{name}", s), "field Session.{}", READERS
    ),
    "response-header": Position(
        lambda name, s: put(f"{ONE}/responses/200/headers/{name}", {"schema": s}),
        "header retrieveSession 200 {}",
        READERS,
        without=("enum-value-added", "enum-value-removed"),
    ),
    "event-property": Position(
        lambda name, s: put(f"{S}/SessionCompleted/properties/{name}", s),
        "field SessionCompleted.{}",
        READERS,
    ),
}


def steps_at(position: Position) -> list[Step]:
    return [step for step in STEPS if step.name not in position.without]


#: What a schema may stand in without its fact being another's: the same steps break the same people there.
WRAPPINGS: dict[str, Callable[[Schema], Schema]] = {
    "a list of it": lambda schema: {"type": "array", "items": schema},
    "a list of lists of it": lambda schema: {
        "type": "array",
        "items": {"type": "array", "items": schema},
    },
    "it or null": lambda schema: {"oneOf": [schema, {"type": "null"}]},
}


def altered(
    document: Document,
    position: Position,
    after: bool,
    wrap: Callable[[Schema], Schema] = lambda schema: schema,
) -> None:
    """Put every step's schema there, each under its own name: before the step, or after it."""
    document["paths"]["/sessions/{id}"]["get"]["responses"]["200"]["headers"] = {}
    for step in steps_at(position):
        name = f"probe-{step.name}"
        enum = f"{_class(name)}Mood"
        if MOOD in (step.before, step.after):
            values = [*step.enum[after]]
            put(f"{S}/{enum}", {"type": "string", "enum": values})(document)
        schema = step.after if after else step.before
        whole = {"$ref": f"#/{S}/{enum}"} if schema == MOOD else schema
        position.put(name, wrap(whole))(document)


def expected(position: Position) -> dict[str, tuple[str, ...]]:
    """The lines of the report that each step comes to."""
    return {step.name: _told(step, position) for step in steps_at(position)}


def _told(step: Step, position: Position) -> tuple[str, ...]:
    name = f"probe-{step.name}"
    mark = position.side if position.side in step.breaks else "A"
    came, went = ({*step.enum[a]} - {*step.enum[not a]} for a in (1, 0))
    if step.silent:
        return ()
    if came or went:
        enum = f"{_class(name)}Mood"
        lines = [f'+ enum {enum} "{value}" {mark}' for value in came]
        return (*lines, *(f'- enum {enum} "{value}" {mark}' for value in went))
    fact = position.fact.replace("{class}", _class(name)).replace("{}", name)
    return (f"~ {fact} {mark}",)
