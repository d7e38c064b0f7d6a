"""JSON text in which decimal strings are numbers, digit for digit."""

from __future__ import annotations

import re

_DECIMAL = re.compile(rb'(?<=:)"(-?(?:0|[1-9][0-9]*)\.[0-9]+)"(?=[,}])')


def as_numbers(body: bytes) -> bytes:
    """Return the JSON text with its fields' decimal strings, not whole ones, as numbers.

    >>> as_numbers(b'{"amount":"0.30","id":"7"}')
    b'{"amount":0.30,"id":"7"}'
    """
    return _DECIMAL.sub(rb"\1", body)
