"""A prepared document -> its facts -> API.md. Pure."""

import hashlib
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from . import prose
from .described import as_json, bounds, described, notes, own_notes
from .documents import Event, Node, events, json_media, operations, resolved, schemas
from .facts import CLOSED, DEPRECATED, DETAIL, STABILITY, SUNSET, Fact, lines

#: Keywords that bind no value.
SAID = (
    *("title", "description", "deprecated", "discriminator", "example", "examples", "default"),
    *("readOnly", "writeOnly"),
)
HEAD = """\
# The API, fact by fact

Written by `nox -s regenerate` from openapi/gate-v1.yaml and openapi/overlay.yaml: edit those. One line
each for every operation, parameter, header, body, response, field, enum value, event, server and key,
and for what is said of money, time and keys; sorted: the diff of this file is the changelog.

"""


def api_md(document: Node) -> str:
    """Return the whole of API.md."""
    listed = "".join(f"{line}\n" for line in lines(facts_of(document)))
    return f"{HEAD}```text\n{listed}```\n"


def facts_of(document: Node) -> list[Fact]:
    """Return every fact of the document, in no particular order."""
    return [
        *_of_surroundings(document),
        *_of_operations(document),
        *_of_models(document),
        *_of_events(document),
        *prose.facts_of(document),
    ]


# --- where it is, and with which key ---------------------------------------------------------------


def _of_surroundings(document: Node) -> Iterator[Fact]:
    """Yield facts on version, title, servers and security schemes."""
    yield Fact("info", "version", as_json(document["info"].get("version")))
    yield Fact("info", "title", as_json(document["info"].get("title")))
    if "jsonSchemaDialect" in document:
        yield Fact("info", "dialect", as_json(document["jsonSchemaDialect"]))
    yield from _servers("", document)
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        yield _scheme(name, resolved(document, scheme))
    for path, item in document.get("paths", {}).items():
        yield from _servers(f"{path} ", item)
    for operation in operations(document):
        yield from _servers(f"{operation.id} ", operation.node)


def _servers(where: str, holder: Node) -> Iterator[Fact]:
    """Yield a fact for each server, with *where* before its URL."""
    for server in holder.get("servers", []):
        told = [as_json(server.get("description", ""))]
        for name, variable in server.get("variables", {}).items():
            among = f" of {as_json(variable['enum'])}" if variable.get("enum") else ""
            told.append(f"{name} {as_json(variable.get('default'))}{among}")
        yield Fact("server", where + server["url"], told[0], notes=tuple(told[1:]))


def _scheme(name: str, scheme: Node) -> Fact:
    """Return the fact of a security scheme."""
    words = ("type", "scheme", "bearerFormat", "in", "name", "openIdConnectUrl")
    told = " ".join(str(scheme[word]) for word in words if word in scheme)
    flows = [as_json(scheme["flows"])] if "flows" in scheme else []
    return Fact("scheme", name, told, notes=(*flows, *own_notes(scheme)))


# --- operations ------------------------------------------------------------------------------------


def _of_operations(document: Node) -> Iterator[Fact]:
    """Yield facts on operations: parameters, bodies, answers, headers, links, callbacks."""
    for operation in operations(document):
        name, node = operation.id, operation.node
        yield Fact("operation", name, operation.where, notes=_said_of(document, operation))
        for parameter in operation.parameters:
            named = f"{name} {parameter['in']} {parameter['name']}"
            yield _parameter(document, "parameter", named, parameter)
        if operation.body:
            yield _content(document, "body", name, operation.body)
        for status, response in operation.responses.items():
            yield _content(document, "response", f"{name} {status}", response)
            for header, given in response.get("headers", {}).items():
                fact = _parameter(document, "header", f"{name} {status} {header}", given)
                yield evolve(
                    fact, notes=(*fact.notes, *_details(document, given.get("schema", {})))
                )
            for link, given in response.get("links", {}).items():
                yield _link(document, f"{name} {status} {link}", given)
        for callback, paths in node.get("callbacks", {}).items():
            for url in resolved(document, paths):
                yield Fact("callback", f"{name} {callback}", str(url))


def _said_of(document: Node, operation: Any) -> tuple[str, ...]:
    """Return the notes on an operation: tag, key, statuses, deprecation."""
    node = operation.node
    return (
        f"tag {operation.tag}",
        f"key {keys(node['security'])}",
        f"answers {' '.join(sorted(operation.responses))}",
        *([DEPRECATED] if node.get("deprecated") else []),
        *([f"{SUNSET}{node['x-sunset']}"] if "x-sunset" in node else []),
        *([f"{STABILITY}{node['x-stability-level']}"] if "x-stability-level" in node else []),
    )


def keys(security: list[Node]) -> str:
    """Return the ways to sign a call: `a or b`, `(a and b)` where both are needed, else `none`."""
    ways = set()
    for way in security:
        parts = sorted(f"{key}{as_json(scopes) if scopes else ''}" for key, scopes in way.items())
        ways.add(f"({' and '.join(parts)})" if len(parts) > 1 else parts[0] if parts else "none")
    return " or ".join(sorted(ways)) or "none"


def _parameter(document: Node, kind: str, named: str, parameter: Node) -> Fact:
    """Return the fact of a parameter or header, its style among the notes."""
    schema = parameter.get("schema", {})
    manner = _manner(parameter)
    told = (*notes(document, {**schema, **_annotations(parameter)}), *manner)
    media = json_media(parameter)
    if not schema and media is not None:
        schema, told = media.get("schema", {}), (*told, "as JSON")
    return described(document, kind, named, schema, bool(parameter.get("required")), told)


def _details(document: Node, schema: Node) -> tuple[str, ...]:
    """Return digests of a header's schema that has fields, for it has no class; () for others."""
    whole = resolved(document, schema)
    if not _has_fields(document, whole):
        return ()
    return (f"{DETAIL}{_digest(_binding(whole))}", f"in words {_digest(whole)}")


def _digest(schema: Any) -> str:
    """Return the first 8 hex digits of a schema's SHA-256."""
    return hashlib.sha256(as_json(schema).encode()).hexdigest()[:8]


def _binding(node: Any) -> Any:
    """Return a copy of a schema without what binds no value: prose, examples, extensions."""
    if isinstance(node, list):
        return [_binding(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {k: _binding(v) for k, v in node.items() if k not in SAID and not k.startswith("x-")}


def _has_fields(document: Node, schema: Node) -> bool:
    """Return whether a schema, or one of its alternatives or items, has fields."""
    parts = [*schema.get("oneOf", ()), *schema.get("anyOf", ()), schema.get("items", {})]
    inner = (resolved(document, part) for part in parts if isinstance(part, dict) and part)
    own = schema.get("properties") or isinstance(schema.get("additionalProperties"), dict)
    return bool(own) or any(_has_fields(document, one) for one in inner)


def _link(document: Node, named: str, given: Node) -> Fact:
    """Return the fact of a link: the operation it leads to, and with what of the answer."""
    link = resolved(document, given)
    told = {key: link[key] for key in ("parameters", "requestBody", "server") if key in link}
    to = str(link.get("operationId") or link.get("operationRef"))
    return Fact("link", named, as_json(to), notes=(f"with {as_json(told)}",) if told else ())


def _annotations(parameter: Node) -> Node:
    """Return a parameter's own deprecation, sunset and default, as schema keywords."""
    kept = ("deprecated", "x-sunset", "x-server-default")
    return {key: parameter[key] for key in kept if key in parameter}


def _manner(parameter: Node) -> Iterator[str]:
    """Yield how a parameter is written, where that is not the usual style."""
    usual = {"query": "form", "cookie": "form"}.get(parameter.get("in", "header"), "simple")
    if parameter.get("style", usual) != usual:
        yield f"style {parameter['style']}"
    if parameter.get("explode", usual == "form") != (usual == "form"):
        yield "exploded" if parameter["explode"] else "not exploded"
    yield from (word for word in ("allowReserved", "allowEmptyValue") if parameter.get(word))


def _content(document: Node, kind: str, name: str, holder: Node) -> Fact:
    """Return the fact of a body or an answer: its JSON, and other types it may be written as."""
    need = bool(holder.get("required")) if kind == "body" else None
    media, content = json_media(holder), holder.get("content", {})
    told = {one: _words(document, held) for one, held in content.items()}
    main = _words(document, media) if media is not None else None
    others = tuple(sorted(f"{one} of {words}" for one, words in told.items() if words != main))
    coded = {one: held["encoding"] for one, held in content.items() if held.get("encoding")}
    others += (f"encoding {as_json(coded)}",) if coded else ()
    if media is None:
        return Fact(kind, name, _plain_media(content), required=need, notes=others)
    usual = set(content) == {"application/json"}
    as_what = () if usual else (f"as {' or '.join(sorted(content))}",)
    schema = media.get("schema", {})
    told_of = (*notes(document, schema), *as_what, *others, *prose.example(document, media))
    return described(document, kind, name, schema, need, told_of)


def _words(document: Node, media: Node) -> str:
    """Return a media type's schema in words."""
    return str(described(document, "", "", media.get("schema", {}), None, ())).removeprefix(" : ")


def _plain_media(content: Node) -> str:
    """Return the content types in words; `nothing` for none."""
    return " or ".join(sorted(content)) or "nothing"


# --- models ----------------------------------------------------------------------------------------


def _of_models(document: Node) -> Iterator[Fact]:
    """Yield facts on enums, their values, models and their fields."""
    for name, schema in schemas(document).items():
        for value in schema.get("enum", []):
            yield Fact("enum", f"{name} {as_json(value)}")
        yield from _whole(document, name, schema)
        required = schema.get("required", [])
        fields = schema.get("properties", {})
        for wire_name, field in fields.items():
            need = wire_name in required
            yield described(
                document, "field", f"{name}.{wire_name}", field, need, notes(document, field)
            )
        if isinstance(schema.get("additionalProperties"), dict):
            others = schema["additionalProperties"]
            yield described(document, "field", f"{name}.*", others, None, notes(document, others))


def _whole(document: Node, name: str, schema: Node) -> Iterator[Fact]:
    """Yield the fact on a class as a whole, where limits or notes say anything of it."""
    is_enum = bool(schema.get("enum"))
    if not (is_enum or schema.get("properties") or "additionalProperties" in schema):
        return
    closed = schema.get("additionalProperties") is False or schema.get("x-closed")
    demanded = sorted(set(schema.get("required", [])) - schema.get("properties", {}).keys())
    told = (
        *([CLOSED] if closed else []),
        *([f"demands {as_json(demanded)}"] if demanded else []),
        *notes(document, schema),
    )
    limits = {} if is_enum else bounds(schema)
    if limits or told:
        yield Fact("model", name, "enum" if is_enum else "object", limits=limits, notes=told)


# --- events ----------------------------------------------------------------------------------------


def _of_events(document: Node) -> Iterator[Fact]:
    """Yield facts on events, their headers and answers."""
    for event in events(document):
        told = (*_said_of_event(event), *prose.example(document, event.media))
        yield described(document, "event", event.name, event.schema, None, told)
        for parameter in event.parameters:
            if parameter.get("in") == "header":
                named = f"{event.name} {parameter['name']}"
                yield _parameter(document, "event-header", named, parameter)
        for status, answer in event.node.get("responses", {}).items():
            yield _content(document, "event-answer", f"{event.name} {status}", answer)


def _said_of_event(event: Event) -> tuple[str, ...]:
    """Return the notes on an event: method, content types and key, where not the usual."""
    content = event.node["requestBody"]["content"]
    return (
        *(() if event.method == "post" else (f"by {event.method.upper()}",)),
        *(() if len(content) == 1 else (f"as {' or '.join(sorted(content))}",)),
        *((f"key {keys(event.node['security'])}",) if event.node.get("security") else ()),
    )
