"""JSON as answers that are only read are parsed: names that come twice in one object are not looked for."""

from __future__ import annotations

from zerogate._strict_json import parse


def plain_json(body: bytes) -> object:
    parsed = parse(body, strict=False)
    if parsed.oddities:
        raise ValueError(parsed.oddities[0])
    return parsed.value
