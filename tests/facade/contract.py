"""The contract in the names of the façade's tables: what it calls otherwise is told once, in RENAMED."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zerogate._wire.names import RENAMED
from zerogate._wire.operations import OPERATIONS

from tests.contract.reading import Contract, load

FILE = Path(__file__).resolve().parents[2] / "openapi" / "gate-v1.yaml"
REFERENCE = "#/components/schemas/"


def in_our_names(document: dict[str, Any]) -> dict[str, Any]:
    """Schemas by RENAMED, operations by where they are, events by what they say they are."""
    told: dict[str, Any] = _referring(document) if RENAMED else document
    schemas = told["components"]["schemas"]
    told["components"]["schemas"] = {RENAMED.get(n, n): schema for n, schema in schemas.items()}
    ours = {f"{row.method} {row.route}": row.id for row in OPERATIONS.values()}
    for where, operation in Contract(told).operations():
        assert isinstance(operation, dict)
        operation["operationId"] = ours.get(where, operation.get("operationId"))
    hooks = told.get("webhooks", {})
    told["webhooks"] = {_type_of(told, name, item): item for name, item in hooks.items()}
    return told


def _type_of(document: dict[str, Any], name: str, item: dict[str, Any]) -> str:
    contract = Contract(document)
    media = item["post"]["requestBody"]["content"]["application/json"]
    said = contract.resolve(media["schema"]).get("properties", {}).get("type", {})
    return str(said.get("const", name))


def _referring(node: Any) -> Any:
    if isinstance(node, list):
        return [_referring(one) for one in node]
    if not isinstance(node, dict):
        return node
    read = {name: _referring(value) for name, value in node.items()}
    target = node.get("$ref")
    if isinstance(target, str) and target.startswith(REFERENCE):
        name = target.removeprefix(REFERENCE)
        read["$ref"] = REFERENCE + RENAMED.get(name, name)
    return read


CONTRACT = Contract(in_our_names(load(FILE.read_text("utf-8"))))
