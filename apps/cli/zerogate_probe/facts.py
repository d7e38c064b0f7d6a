"""gate-facts.toml: what was found out, and the settings that follow from it. Asks nobody anything.

from zerogate_probe import load
facts = load("gate-facts.toml")
store = Store("sqlite:///gate.db", **facts.store)
event = webhooks.verify(body, headers, secret, **facts.verify)
sandbox = Sandbox(profile=facts.profile)
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from zerogate_probe.findings import NOT_ASKABLE, Finding

FORMAT: Final = 1
#: The façade's own defaults: a fact may make it more careful, or tell it that it need not be.
IDEMPOTENCY_WINDOW, LATE_PAYMENT_GRACE, TOLERANCE = 600, 600, 300
#: From an event until the last attempt to deliver it, as documented.
LAST_RETRY: Final = 60 + 300 + 1_800 + 7_200
#: Findings that are a switch of the sandbox's profile under the same name.
SWITCHES: Final = (
    *("key_memory", "key_scope", "key_space", "same_key_in_flight", "same_key_other_body"),
    *("replay_secret", "created_status", "inferred_fields", "signature_time", "signatures"),
    *(
        "list_lag",
        "list_metadata",
        "short_pages",
        "session_ids",
        "expiry",
        "quote_life",
        "message_list",
        "network_names",
    ),
)
_SETTINGS: Final = {"store": ("idempotency_window", "late_payment_grace"), "verify": ("tolerance",)}
#: The one setting of [store] that is no time: names of networks, by what is sent.
ALIASES: Final = "aliases"
_HEAD: Final = """\
# Written by `zerogate probe`: what Gate's sandbox answered where its documentation is silent.
# [store] and [verify] are arguments of zerogate's Store and webhooks.verify, [profile] one of a
# sandbox that does the same: zerogate_probe.load(…), zerogate-sandbox serve --profile THIS_FILE.
"""


@attrs.frozen
class Facts:
    """Facts of one probe, and the settings that follow from them.

    asked_at, host, client: When, whom, and with what.
    store, verify: Arguments of `Store` and `webhooks.verify`; what is not in them stays at its default.
    profile: For `Sandbox(profile=…)`; what was not found out is as in its base.
    """

    asked_at: str
    host: str
    client: str
    findings: tuple[Finding, ...] = ()
    #: Any: times, and names by network; both are arguments of Store, and `load` has checked them.
    store: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    verify: Mapping[str, float] = attrs.field(factory=dict, hash=False)
    profile: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    def __getitem__(self, about: str) -> Finding:
        return next(one for one in self.findings if one.about == about)


def facts_from(findings: list[Finding], *, asked_at: str, host: str, client: str) -> Facts:
    """Return the facts, with the settings and the profile that follow from them."""
    known = {one.about: one for one in findings}
    return Facts(
        asked_at=asked_at,
        host=host,
        client=client,
        findings=tuple(findings),
        store={
            **_idempotency_window(known.get("key_memory")),
            **_late_payment_grace(known.get("list_lag")),
            **_aliases(known.get("network_names")),
        },
        verify=_tolerance(known.get("signature_time")),
        profile={
            "base": "documented",
            **{
                name: _switch_value(known[name]) for name in SWITCHES if _has_value(known.get(name))
            },
        },
    )


def _has_value(finding: Finding | None) -> bool:
    """Return True for a finding that has a value."""
    return finding is not None and finding.value is not None


def _switch_value(finding: Finding) -> Any:
    """Return the value of a sandbox's switch; for names of networks, the first of each."""
    return {sent: names[0] for sent, names in finding.names.items()} or finding.value


def _aliases(networks: Finding | None) -> dict[str, dict[str, list[str]]]:
    """Return the store's setting for other names of networks; {} where none were found."""
    names = {} if networks is None else networks.names
    return {ALIASES: {sent: list(told) for sent, told in names.items()}} if names else {}


def _idempotency_window(memory: Finding | None) -> dict[str, float]:
    """Return the seconds a key was seen remembered, if then forgotten or 600 at least; else {}."""
    if memory is None or "at_least" not in memory.figures:
        return {}
    seen = memory.figures["at_least"]
    forgotten = "below" in memory.figures
    return {"idempotency_window": seen} if forgotten or seen >= IDEMPOTENCY_WINDOW else {}


def _late_payment_grace(lag: Finding | None) -> dict[str, float]:
    """Return twice the lag seen, in seconds, where that is over the default; else {}."""
    seen = lag.value if lag is not None and isinstance(lag.value, int | float) else 0
    return {"late_payment_grace": 2 * seen} if 2 * seen > LATE_PAYMENT_GRACE else {}


def _tolerance(time: Finding | None) -> dict[str, float]:
    """Return a tolerance, in seconds, for late retries where `t` is the event's time; else {}."""
    late = time is not None and time.value == "event"
    return {"tolerance": LAST_RETRY + TOLERANCE} if late else {}


# --- the file ------------------------------------------------------------------------------------


def write(facts: Facts, path: Path) -> None:
    """Write the facts to the file, whole or not at all, replacing it."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8", newline="\n"
    ) as draft:
        draft.write(as_toml(facts))
        draft.flush()
        os.fsync(draft.fileno())
    try:
        Path(draft.name).chmod(0o644)
        os.replace(draft.name, path)
    except OSError:
        os.unlink(draft.name)
        raise


def as_toml(facts: Facts) -> str:
    """Return the text of the file, comments included."""
    return _HEAD + "\n".join(_lines(facts)) + "\n"


def _lines(facts: Facts) -> Iterator[str]:
    """Yield the lines of the file below its head."""
    yield from _pairs({"format": FORMAT, "asked_at": facts.asked_at, "host": facts.host})
    yield from _pairs({"client": facts.client})
    for name in ("store", "verify", "profile"):
        yield f"\n[{name}]"
        yield from _pairs(getattr(facts, name))
    for one in facts.findings:
        yield "\n[[findings]]"
        yield from _pairs({"about": one.about, "question": one.question, "answer": one.answer})
        yield from _pairs({} if one.value is None else {"value": one.value})
        yield from _pairs(one.figures)
        yield from _pairs({"names": one.names} if one.names else {})
        yield from _pairs({"requests": list(one.requests)} if one.requests else {})


def _pairs(pairs: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line `name = value` for each pair."""
    yield from (f"{name} = {_toml_value(value)}" for name, value in pairs.items())


def _toml_value(value: Any) -> str:
    """Return the value in TOML; characters that cannot be printed are left out."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{_toml_value(k)} = {_toml_value(v)}" for k, v in value.items()) + "}"
        )
    # A string of JSON is one of TOML, but for what nobody can see; that is left out.
    clean = "".join(c for c in value if c.isprintable()) if isinstance(value, str) else value
    return json.dumps(clean, ensure_ascii=False)


def load(path: str | os.PathLike[str]) -> Facts:
    """Return the facts in a file of `zerogate probe`; ValueError, with the reason, for any other.

    Raises:
        ValueError: that is no such file; it says what is wrong with it.
    """
    try:
        said = tomllib.loads(Path(path).read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ValueError(f"{path}: not TOML: {problem}") from None
    if said.get("format") != FORMAT:
        raise ValueError(f"{path}: no file of `zerogate probe`, or of another release: ask again")
    settings = {name: _checked_settings(path, name, said.get(name, {})) for name in _SETTINGS}
    if isinstance(said.get("store"), dict) and ALIASES in said["store"]:
        settings["store"][ALIASES] = _checked_aliases(path, said["store"][ALIASES])
    rows = said.get("findings", [])
    profile = said.get("profile", {})
    if not isinstance(profile, dict) or not isinstance(rows, list):
        raise ValueError(f"{path}: [profile] is a table, [[findings]] a list of tables")
    return Facts(
        asked_at=str(said.get("asked_at", "")),
        host=str(said.get("host", "")),
        client=str(said.get("client", "")),
        findings=tuple(_finding(path, row) for row in rows),
        profile=profile,
        **settings,
    )


def _checked_settings(path: object, table: str, said: Any) -> dict[str, Any]:
    """Return the table's numbers, aliases left out; ValueError for any that is not allowed."""
    known = _SETTINGS[table]
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if (table, name) != ("store", ALIASES)}
    for name, value in said.items() if isinstance(said, dict) else [(table, said)]:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if name not in known or not number or not 0 <= value <= sys.float_info.max:
            raise ValueError(f"{path}: [{table}] takes {', '.join(known)}, in seconds, not {name}")
        if name == "late_payment_grace" and value < LATE_PAYMENT_GRACE:
            raise ValueError(
                f"{path}: late_payment_grace is {value}, and a probe may raise it over "
                f"{LATE_PAYMENT_GRACE}, never lower it: say Store(late_payment_grace=…) yourself"
            )
    return dict(said)


def _checked_aliases(
    path: object, said: Any, where: str = f"{ALIASES} of [store]"
) -> dict[str, list[str]]:
    """Return the names as they are; ValueError where they are no lists of names by network."""
    rows = said.items() if isinstance(said, dict) else [(ALIASES, None)]
    for name, others in rows:
        if not isinstance(others, list) or not all(isinstance(one, str) and one for one in others):
            raise ValueError(f"{path}: {where} is network = [other names], not {name}")
    return dict(rows)


def _finding(path: object, row: Any) -> Finding:
    """Return the finding of a row, unknown fields as its figures; ValueError where it is none."""
    own = ("about", "question", "answer", "value", "requests", "names")
    if not isinstance(row, dict) or not isinstance(row.get("requests", []), list):
        raise ValueError(f"{path}: each of [[findings]] is a table, and its requests are a list")
    names = _checked_aliases(path, row.get("names", {}), "names of a finding")
    figures = {name: value for name, value in row.items() if name not in own}
    return Finding(
        about=row.get("about", ""),
        question=row.get("question", ""),
        answer=row.get("answer", ""),
        value=row.get("value"),
        figures=figures,
        requests=tuple(row.get("requests", ())),
        names={sent: tuple(others) for sent, others in names.items()},
    )


assert not set(SWITCHES) & NOT_ASKABLE.keys()
