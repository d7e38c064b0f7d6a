"""By which names sessions call their networks: asked once for each network that is offered, and compared.

A name that stands for two networks is no name for either: an alias of it would let a session of the one
pass for a session of the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from zerogate_probe.client import Heard
from zerogate_probe.findings import Finding
from zerogate_probe.questions import Probe, found

ABOUT: Final = "network_names"
#: Each costs a session.
MOST: Final = 12


def networks(probe: Probe) -> Iterator[Finding]:
    """Create a session for each network offered, 12 at most; yield how answers name them."""
    offered = probe.client.get("/capabilities/assets", currency=probe.terms["currency"])
    sent = dict(_offered_networks(offered))
    told: dict[str, list[str]] = {}
    heard = [offered]
    refused, nameless = [], []
    for number, (network, token) in enumerate(sent.items()):
        if number == MOST:
            break
        names, answers = _ask_network(probe, number, token, network)
        heard += answers
        if not names:
            refused.append(f"{network}: {answers[0]}")
        elif None in names:
            nameless.append(network)
        else:
            told[network] = [str(name) for name in names]
    yield _network_finding(sent, told, refused, nameless, heard)


def _offered_networks(assets: Heard) -> Iterator[tuple[str, str]]:
    """Yield each network once, as it is written there, with a token that moves on it."""
    seen = set()
    for row in assets.rows:
        chains = row.get("networks")
        for one in chains if isinstance(chains, list) else ():
            chain = one.get("chain") if isinstance(one, dict) else None
            if isinstance(chain, str) and chain and chain.lower() not in seen:
                seen.add(chain.lower())
                yield chain, str(row.get("symbol"))


def _ask_network(
    probe: Probe, number: int, token: str, network: str
) -> tuple[list[str | None], list[Heard]]:
    """Create a session and read it; return its network's names and the answers; [] if refused."""
    question = f"{ABOUT}-{number}"
    body = probe.body_for(question, target_token=token, target_network=network)
    made = probe.client.create(body, probe.key_for(question))
    if not made.ok:
        return [], [made]
    read = probe.client.session(made.id)
    answers = [one for one in (made, read) if one.ok]
    names = dict.fromkeys(one.text("target_network") or None for one in answers)
    return list(names), answers


def _network_finding(
    sent: Mapping[str, str],
    told: Mapping[str, list[str]],
    refused: list[str],
    nameless: list[str],
    heard: list[Heard],
) -> Finding:
    """Return the finding on names of networks: as sent, null, Gate's own, or not to be told."""
    more = [f"refused: {', '.join(refused)}"] * bool(refused)
    more += [f"only {MOST} of {len(sent)} were asked"] * (len(sent) > MOST)
    if nameless:
        said = f"null for {', '.join(nameless)}: send no target_network, for nobody can check it"
        return found(ABOUT, "; ".join([said, *more]), *heard, value="null")
    if not told:
        return found(ABOUT, "; ".join(["not told: no network could be asked for", *more]), *heard)
    others = {
        network: tuple(name for name in names if name.lower() != network.lower())
        for network, names in told.items()
    }
    others = {network: names for network, names in others.items() if names}
    if not others:
        return found(ABOUT, "; ".join(["as they were sent", *more]), *heard, value="sent")
    shared = _shared_names(told, others)
    if shared:
        said = f"{', '.join(shared)} stands for several networks: no alias can be given"
        return found(ABOUT, "; ".join([said, *more]), *heard)
    pairs = ", ".join(f"{network} is {' or '.join(names)}" for network, names in others.items())
    return found(ABOUT, "; ".join([pairs, *more]), *heard, value="own", names=others)


def _shared_names(
    told: Mapping[str, list[str]], others: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return the names that stand for more than one of the networks."""
    groups = [{n.lower() for n in (network, *names)} for network, names in told.items()]
    counted = Counter(name for group in groups for name in group)
    given = {name.lower(): name for names in others.values() for name in names}
    return [given.get(name, name) for name, times in counted.items() if times > 1]
