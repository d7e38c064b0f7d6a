"""Questions about webhooks: a test event is sent for, refused once, and waited for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from zerogate_probe.client import Heard
from zerogate_probe.findings import Finding
from zerogate_probe.questions import Probe, found
from zerogate_probe.receiver import Arrival, Receiver

#: Seconds for the first arrival; the documentation gives a receiver ten.
ARRIVING: Final = 15.0
#: The first retry is documented a minute later.
AGAIN: Final = 90.0
BETWEEN: Final = 0.5
_BOTH: Final = ("signature_time", "signatures")


def ringing(
    probe: Probe, receiver: Receiver | None, say: Callable[[str], None]
) -> Iterator[Finding]:
    """Have a test event sent; yield how it was signed and, with time, how its retry was."""
    if receiver is None:
        told = "not asked: no port to listen on was given"
        yield from (found(one, told) for one in _BOTH)
        return
    sent = probe.client.post("/webhooks/test")
    if not sent.ok:
        told = f"not told: no test event was sent ({sent})"
        yield from (found(one, told, sent) for one in _BOTH)
        return
    event = sent.text("event_id")
    arrivals = _arrivals(probe, receiver, event, 1, ARRIVING)
    if not arrivals:
        told = f"not told: event {event} did not arrive on port {receiver.port}"
        yield from (found(one, told, sent) for one in _BOTH)
        return
    count = arrivals[0].signatures
    value = count if count in (1, 2) else None
    yield found(
        "signatures", f"{count} (more may be, while a secret is rotated)", sent, value=value
    )
    if probe.wait < AGAIN:
        told = f"not asked: its retry comes after a minute, so --wait {AGAIN:.0f}s"
        yield found("signature_time", told, sent)
        return
    say("waiting for the retry of a webhook …")
    yield _retry_finding(sent, _arrivals(probe, receiver, event, 2, AGAIN))


def _arrivals(
    probe: Probe, receiver: Receiver, event: str, wanted: int, most: float
) -> list[Arrival]:
    """Wait until so many arrivals of the event came, *most* seconds at most; return all of them."""
    ends = probe.clock.monotonic() + most
    while len(receiver.of(event)) < wanted and probe.clock.monotonic() < ends:
        probe.clock.sleep(BETWEEN)
    return receiver.of(event)


def _retry_finding(sent: Heard, arrivals: list[Arrival]) -> Finding:
    """Return the finding of whether `t` changed from the first arrival to the second."""
    times = [one.signed_at for one in arrivals]
    about = "signature_time"
    if len(times) < 2 or None in times[:2]:
        return found(about, "not told: it was not sent again in time, or without `t`", sent)
    if times[0] == times[1]:
        return found(about, "the event's: a late retry looks like a replay", sent, value="event")
    return found(about, "the attempt's", sent, value="attempt")
