"""Questions whose answer takes time: lists that lag, keys that are forgotten, retries, lives that end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from zerogate_probe.client import Heard
from zerogate_probe.findings import Finding
from zerogate_probe.questions import NOBODY, Probe, found, instant

#: Ages at which a key is asked for again: each side of what is usual. Every one has its own session,
#: for asking may be what keeps a key alive.
AGES: Final = (60, 540, 660, 3_300, 3_900, 43_200, 82_800, 90_000)
#: Ages at which a session is looked for in the list; the first few whatever may be waited.
LOOKS: Final = (0, 1, 2, 3, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 420, 600, 900)
SHORT: Final = 5.0
LIMITS: Final = (2, 4, 7)
GRACE: Final = 120.0


@attrs.frozen
class Kept:
    """A session whose key is asked for again at this age."""

    age: float
    created: Heard
    body: dict[str, Any]
    key: str


def keep(probe: Probe) -> list[Kept]:
    """Create a session for each age there is time for, none if keys are forgotten; return them."""
    ages = [age for age in AGES if age <= probe.wait and probe.remembered]
    return [Kept(age, *probe.create_session(f"age-{age}")) for age in ages]


def lists(probe: Probe) -> Iterator[Finding]:
    """Yield the list's lag, awaited with a new session, how lists page and filter; Silence if unanswered."""
    made, body, _ = probe.create_session("list")
    unseen, seen, page = _find_lag(probe, made)
    if seen is None:
        told = f"not within {unseen:.0f} s"
        yield found("list_lag", told, made, page, at_least=round(unseen, 1))
    else:
        lag = 0.0 if not unseen else float(round(seen, 1))
        told = "at once" if not unseen else f"between {unseen:.1f} and {seen:.1f} s later"
        yield found("list_lag", told, made, page, value=lag)
    yield _check_metadata(page, made, body)
    yield _check_pages(probe)
    yield _check_cursor(probe)
    yield _check_filter(probe, made)
    yield _check_unknown_cursor(probe)


def _find_lag(probe: Probe, made: Heard) -> tuple[float, float | None, Heard]:
    """List until the session is there; return its ages: last unlisted, first listed or None; last page."""
    unseen = 0.0
    most = max(SHORT, probe.wait)
    for age in LOOKS:
        if age <= most:
            _sleep_until(probe, made.ended + age)
            page = probe.client.list("/gate_sessions", limit=20)
            if made.id in [row.get("id") for row in page.rows]:
                return unseen, page.ended - made.began, page
            unseen = page.began - made.ended or 0.001
    return unseen, None, page


def _check_metadata(page: Heard, made: Heard, body: dict[str, Any]) -> Finding:
    """Return the finding of whether the session's row shows the metadata it was made with."""
    about = "list_metadata"
    row = next((row for row in page.rows if row.get("id") == made.id), None)
    if row is None:
        return found(about, "not told: the session is not in the list", page)
    shown = row.get("metadata") == body["metadata"]
    return found(about, "yes" if shown else "NO", page, value=shown)


def _sleep_until(probe: Probe, moment: float) -> None:
    """Sleep until this moment of the steady clock; do nothing where it is past."""
    left = moment - probe.clock.monotonic()
    if left > 0:
        probe.clock.sleep(left)


def _check_pages(probe: Probe) -> Finding:
    """Return the finding of whether a page may be short with more to come."""
    pages = [(limit, probe.client.list("/gate_sessions", limit=limit)) for limit in LIMITS]
    heard = [page for _, page in pages]
    for limit, page in pages:
        if len(page.rows) < limit and page.body.get("has_more") is True:
            told = f"yes: {len(page.rows)} of {limit}, and more to come"
            return found("short_pages", told, page, value=True)
    if any(len(page.rows) == limit > 1 for limit, page in pages):
        return found("short_pages", "not seen", *heard, value=False)
    return found("short_pages", "not told: too few sessions in the list", *heard)


def _check_cursor(probe: Probe) -> Finding:
    """Return the finding of whether `starting_after` goes on with the next row."""
    page = probe.client.list("/gate_sessions", limit=4)
    ids = [row.get("id") for row in page.rows]
    if len(ids) < 2:
        return found("list_cursor", "not told: too few sessions in the list", page)
    after = probe.client.list("/gate_sessions", limit=1, starting_after=ids[0])
    follows = [row.get("id") for row in after.rows][:1] == ids[1:2]
    stranger = probe.client.list("/gate_sessions", limit=1, starting_after=NOBODY)
    told = "yes" if follows else "NO: another row follows"
    return found("list_cursor", f"{told}; an id of nobody: {stranger}", page, after, stranger)


def _check_filter(probe: Probe, made: Heard) -> Finding:
    """Cancel the session; return the finding of whether status filters hold."""
    probe.client.cancel(made.id)
    found_in = {}
    for status in ("open", "cancelled"):
        page = probe.client.list("/gate_sessions", status=status, limit=100)
        kinds = {row.get("status") for row in page.rows}
        found_in[status] = page, kinds <= {status}, made.id in [row.get("id") for row in page.rows]
    (opened, pure, stale), (ended, clean, there) = found_in.values()
    told = "yes" if pure and clean else "NO: it lists other statuses as well"
    told += "; a cancelled session is " + (
        "still under open" if stale else "under cancelled" if there else "under neither (yet)"
    )
    return found("list_filter", told, opened, ended)


def _check_unknown_cursor(probe: Probe) -> Finding:
    """Return the finding of how transactions are listed after an id of nobody."""
    heard = probe.client.list("/transactions", limit=1, starting_after=NOBODY)
    refused = heard.status in (400, 404, 422)
    told = f"{heard}: starting_after is its name" if refused else f"{heard}"
    return found("transaction_cursor", told, heard)


def memory(probe: Probe, kept: list[Kept], say: Callable[[str], None]) -> Iterator[Finding]:
    """Repeat each kept create when its key is that old; yield how long keys are remembered."""
    if probe.remembered is None or probe.first is None:
        return
    if not probe.remembered:
        yield found("key_memory", "not at all: a repeat is a second session", probe.first, value=0,
                    at_least=0, below=0)  # fmt: skip
        return
    least, heard = 0.0, [probe.first]
    for one in kept:
        say(f"waiting until a key is {_duration(one.age)} old …")
        _sleep_until(probe, one.created.ended + one.age)
        again = probe.client.create(one.body, one.key)
        heard += [one.created, again]
        if again.ok and again.id != one.created.id:
            below = float(round(again.ended - one.created.began))
            told = f"more than {_duration(least)}, less than {_duration(below)}"
            yield found("key_memory", told, *heard, value=least, at_least=least, below=below)
            return
        if again.ok:
            least = float(int(again.began - one.created.ended))
    if kept:
        yield found(
            "key_memory", f"at least {_duration(least)}", *heard, value=least, at_least=least
        )
    else:
        yield found("key_memory", "for a moment; longer is asked with --wait", *heard)


def _duration(seconds: float) -> str:
    """Return the time in words: hours, minutes or seconds."""
    for unit, size in (("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"


def expiring(probe: Probe, ends: float, say: Callable[[str], None]) -> Iterator[Finding]:
    """Wait, if there is time, until the first session is overdue; yield the status it then reads.

    ends: When there is no time left, on the steady clock.
    """
    about, first = "expiry", probe.first
    life = _life(first) if first else None
    if first is None or life is None:
        yield found(about, "not told: the session has no expires_at")
        return
    if first.ended + life + GRACE > ends:
        yield found(
            about, f"not asked: sessions live for {_duration(life)}, so --wait longer", first
        )
        return
    say(f"waiting until a session is {_duration(life)} old …")
    _sleep_until(probe, first.ended + life + GRACE)
    heard = probe.client.session(first.id)
    status = heard.text("status")
    value = {"open": "bootstrap", "expired": "timer"}.get(status)
    yield found(about, f"overdue, it reads {status}", first, heard, value=value)


def _life(first: Heard) -> float | None:
    """Return the seconds from the session's making to its end; None where they cannot be told."""
    ends, made = instant(first.text("expires_at")), instant(first.text("created_at"))
    return None if ends is None or made is None else ends - made
