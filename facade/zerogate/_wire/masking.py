"""Hides what a request sent about a person, and its secrets, where an answer repeats it. Pure.

A server may put whatever it refuses into its message, its code or its request id, and errors are logged,
pickled and sent to reporters. So that what it says stays legible, of what was sent

- names of things (amounts, codes, ids of ours and of Gate's) stay: an error is to name them;
- a text stays that stands for such a thing in the same request as well (`metadata={"currency": "EUR"}`);
- a text of fewer than four characters stays, for `DE`, `10` or `M` stands in many a sentence and says of
  nobody who it is; a part of somebody's name does not, from two on, where its letters are of the same case;
- one of fewer than twelve goes as a whole word only, so that no id and no code loses a part; a longer one
  goes anywhere;
- one of sixteen goes also as far as it came, for servers cut what they repeat;
- of a name, an e-mail address and what KYC asks for, each word goes as if it were alone.

A request id as machines make them, up to 36 hexadecimal digits with a letter among them, stands on every
answer and is not looked at (`responses.request_id_of`).

A body that is no JSON object writes values in whatever way it likes: it is shown, and looked at, without
escapes of JSON, addresses and HTML. An answer that turns a value round, or writes it in Base64, is not seen
through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import takewhile
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import unquote

from .._idempotency.identity import MARKS
from ..errors import ANOTHERS_ANSWER
from .responses import CUT

#: Fields that errors are to name.
_THINGS: Final = frozenset(
    {"amount", "currency", "flow", "target_token", "target_network", "asset", "network", "side"}
    | {"country_code", "payment_method", "quote_id", "quote_preview_id", "gate_session_id"}
    | {"session_id", "id", "refid", "symbol", "status", "starting_after", "limit", "skip"}
)
#: What refusals are called, for programs branch on that, and what stands in sentences of any server.
_EVERYDAY: Final = frozenset(
    {"invalid_request", "unauthorized", "payment_required", "forbidden", "not_found", "conflict"}
    | {"idempotency_conflict", "idempotency_key_reused", "customer_already_exists"}
    | {"rate_limited", "server_error", "not_implemented", ANOTHERS_ANSWER}
    | {"", "true", "false", "none", "null", "test", "live"}
)
#: Characters of a value that are looked for, more than any message shows; those from which on a text goes as
#: a word of its own, and anywhere, and a name as a word. As far as it came it goes from CUT on.
_LONGEST, _SHORTEST, _ANYWHERE, _OF_A_NAME = 4_096, 4, 12, 2
_ODD: Final = re.compile(r"[^ -~]|[%&\\]")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\(?=[/\"'])")


def hidden(text: str, sent: Mapping[str, Any], bearer: str) -> str:
    """Return a server's text, decoded, on one line; personal values sent, and the key, as [field].

    sent: The request's fields. bearer: Its Authorization header.
    """
    text, key = _decoded(text), bearer.rpartition(" ")[2]
    said = dict(_values(sent, "", "")) | {key: "credential", key.rpartition("_")[2]: "credential"}
    named, lowered = {**sent, **(sent.get("metadata") or {})}, text.lower()
    spared = {str(named[name]).lower() for name in (*_THINGS, *MARKS) if name in named} | _EVERYDAY
    for value in sorted(said, key=len, reverse=True):
        if value[:CUT].lower() in lowered and value.lower() not in spared:
            text = _without(text, value, f"[{said[value]}]")
    return text


def _values(value: Any, field: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield each sent text that may be about somebody, names also word by word, with its field."""
    if isinstance(value, Mapping | list | tuple):
        pairs = value.items() if isinstance(value, Mapping) else ((name, one) for one in value)
        for inner, one in pairs:
            if inner not in (MARKS if field else _THINGS):
                yield from _values(one, field or str(inner), str(inner).lower())
    elif value is not None and not isinstance(value, bool):
        text = _decoded(str(value)[:_LONGEST])
        is_name, is_split = "name" in name, field in ("kyc_package", "email")
        parts = text.replace("@", " ").split() if is_name or is_split else []
        least = _OF_A_NAME if is_name else _SHORTEST
        yield from ((one, field) for one in (text, *parts) if len(one) >= least)


def _without(text: str, value: str, mark: str) -> str:
    """Return the text with *mark* for each *value*; of a long one, also for its first 16 characters."""
    whole, start = rf"(?<!\w){re.escape(value)}(?!\w)", re.escape(value[:CUT])
    case = re.IGNORECASE if len(value) >= _SHORTEST else re.NOFLAG
    parts, at = [], 0
    for met in re.finditer(whole if len(value) < _ANYWHERE else start, text, case):
        if met.start() >= at:
            said = text[met.start() : met.start() + len(value)].lower()
            alike = takewhile(
                lambda pair: pair[0] == pair[1], zip(said, value.lower(), strict=False)
            )
            parts += [text[at : met.start()], mark]
            at = max(met.end(), met.start() + len([*alike]))
    return "".join(parts) + text[at:]


def _decoded(text: str) -> str:
    """Return a text in one spelling: no escapes of JSON, URLs or HTML, NFC, on one line."""
    if _ODD.search(text):
        text = unescape(unquote(_ESCAPED.sub(lambda met: chr(int(met[1] or "0", 16)), text)))
        text = normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return " ".join(text.replace("\0", "").split())
