"""Contracts of any length, made of Gate's own: the same calls and models again, copies called otherwise."""

from __future__ import annotations

import json
import re
from typing import Any

Document = dict[str, Any]


def of_operations(document: Document, wanted: int) -> Document:
    """Return the contract with so many operations, each copy with models, parameters and tags of its own."""
    many: Document = json.loads(json.dumps(document))
    schemas, paths = many["components"]["schemas"], many["paths"]
    left = wanted - sum(len(item) for item in paths.values())
    number = 1
    while left > 0:
        number += 1
        copy = _copied(document, number)
        schemas |= copy["components"]["schemas"]
        for path, item in copy["paths"].items():
            kept = dict(list(item.items())[: max(left, 0)])
            left -= len(kept)
            if kept:
                paths[path] = kept
    return many


def _copied(document: Document, number: int) -> Document:
    """The same API once more: names get the number, places another root."""
    text = re.sub(
        r'("#/components/schemas/)(\w+)"',
        rf'\1\2V{number}"',
        json.dumps({"paths": document["paths"], "components": document["components"]}),
    )
    copy: Document = json.loads(text)
    schemas = copy["components"]["schemas"]
    copy["components"]["schemas"] = {f"{name}V{number}": one for name, one in schemas.items()}
    copy["paths"] = {f"/more-{number}{path}": item for path, item in copy["paths"].items()}
    for item in copy["paths"].values():
        for operation in item.values():
            operation["operationId"] += f"V{number}"
    return copy
