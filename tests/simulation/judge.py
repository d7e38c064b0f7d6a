"""What must be true of a life, by Gate's own books and the diary alone: nothing of the client is known here.

Each rule yields sentences that begin with its name. An excuse is a fact of the life, drawn before it began
or written down when it happened; what is excused from being prevented still has to be reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import attrs

RAILS: Final = "rail-"
#: Two services that send the same key within so many seconds are one to everybody: five, and that of which
#: Gate's Date, in whole seconds, says nothing.
ALIKE: Final = 6.0
#: How a person is told that something is wrong with an order.
REPORTED: Final = ("Mismatch", "Hold")


@attrs.frozen
class Facts:
    """
    namespaces: Of the shops, by their names. flow: Which direction was named, if any.
    lag: By how many seconds what is listed of a payment is behind. grace: How long shops wait for it.
    lost: When each store was put back, by shop: (from when its copy was, when).
    echoed: Whether lists say whose a session is. readable: Whether every row of them can be read.
    odd: Whether something of a stranger's cannot be read.
    past_end: Whether a session that reads `expired` may still be paid.
    clear: Whether nothing got lost on the way, and every call was made by a process of its own.
    """

    namespaces: dict[str, str]
    flow: str | None
    lag: float
    grace: float
    lost: dict[str, tuple[float, float]]
    echoed: bool = True
    readable: bool = True
    odd: bool = False
    past_end: bool = False
    clear: bool = False


@attrs.frozen
class Owner:
    shop: str
    order: str


class Judge:
    """One life: the books, the diary, and what was drawn before it began."""

    def __init__(self, books: dict[str, Any], entries: list[dict[str, Any]], facts: Facts) -> None:
        self.books, self.entries, self.facts = books, entries, facts
        self.sessions = {one["id"]: one for one in books["sessions"]}
        self.made = {one["session"]: one for one in self._of("made")}
        self.words = {Owner(one["shop"], one["order"]): one for one in self._of("last word")}
        self.lists = {Owner(one["shop"], one["order"]): one for one in self._of("list word")}

    def sentences(self) -> list[str]:
        return [f"{rule}: {said}" for rule, check in RULES.items() for said in check(self)]

    def _of(self, *what: str) -> Iterator[dict[str, Any]]:
        return (entry for entry in self.entries if entry["what"] in what)

    def _owner(self, session: str) -> Owner:
        made = self.made[session]
        return Owner(made["shop"], made["order"])

    def _ours(self) -> Iterator[tuple[Owner, str]]:
        """Sessions of shops that are judged: a stranger is nobody's business but its own."""
        for id in self.made:
            owner = self._owner(id)
            if owner.shop in self.facts.namespaces and not owner.order.startswith(RAILS):
                yield owner, id

    # --- other people's sessions ---

    def _alike(self, shop: str, session: str) -> bool:
        """Whether this shop may have sent the very same key before: then nobody can tell the two apart.

        What was written down to be sent may have been sent, to everybody who reads it later.
        """
        owner, made = self._owner(session), self.made[session]["at"]
        if not self._same_space(shop, owner.shop):
            return False
        sent = [
            one["at"]
            for one in self._of("sent", "asked")
            if one["shop"] == shop and one["order"] == owner.order
        ]
        return bool(sent) and min(sent) <= made + ALIKE

    def strangers_adopted(self) -> Iterator[str]:
        """Two services with the same keys are one to a store that may have forgotten: it takes in what it
        finds, and is told so. But a secret is handed out to nobody else's user.
        """
        for one in self._of("returned", "recovered", "resolved", "handed"):
            mine, owner = Owner(one["shop"], one["order"]), self._owner(one["session"])
            same = mine.order == owner.order and self._same_space(mine.shop, owner.shop)
            taken_in = same and one["what"] != "handed"
            if (
                mine != owner
                and not taken_in
                and not (same and self._alike(mine.shop, one["session"]))
            ):
                yield f"{mine} was {one['what']} {one['session']}, which is {owner}'s"

    def _same_space(self, shop: str, other: str) -> bool:
        spaces = self.facts.namespaces
        return other in spaces and spaces[shop] == spaces[other]

    def strangers_cancelled(self) -> Iterator[str]:
        asked = {(one["shop"], one["session"]) for one in self._of("gave up")}
        for one in self._of("cancelled"):
            owner = self._owner(one["session"])
            by_hand = (one["shop"], one["session"]) in asked
            own = one["shop"] == owner.shop or (
                by_hand and self._same_space(one["shop"], owner.shop)
            )
            if not own and not self._alike(one["shop"], one["session"]):
                yield f"{one['shop']!r} cancelled {one['session']}, which is {owner}'s"

    def other_terms(self) -> Iterator[str]:
        """Whoever was given a secret pays what the books say: that has to be what was asked for."""
        for one in self._of("handed"):
            owner, session = Owner(one["shop"], one["order"]), self.sessions[one["session"]]
            asked = [a for a in self._of("asked") if Owner(a["shop"], a["order"]) == owner]
            if not any(_agrees(session, wanted) for wanted in asked):
                yield f"{owner} was handed {session['id']}, which is for {_terms(session)}"

    # --- money ---

    def _successes(self, *, until: float | None = None) -> Iterator[dict[str, Any]]:
        for row in self.books["transactions"]:
            if row["status"] == "completed" and (until is None or _when(row) <= until):
                yield row

    def settled_without_payment(self) -> Iterator[str]:
        """Of this order, of this namespace, in the direction that was named, for an amount that was asked."""
        spaces = {**self.facts.namespaces, "stranger": ""}
        for one in self._of("verdict", "list verdict"):
            if one["verdict"] != "Settled":
                continue
            paid = [
                row
                for row in self._successes(until=one["at"])
                for owner in [self._owner(row["session_id"])]
                if owner.order == one["order"] and spaces[owner.shop] == spaces[one["shop"]]
                if row["action"] == "BUY"
            ]
            if one["order"].startswith(RAILS):
                right = self._rail_settled(one["shop"], one["order"])
            else:
                right = bool(paid) and self.facts.flow is not None
            if not right:
                yield f"{one['shop']!r}, {one['order']} was settled at {one['at']:.0f}"

    def _rail_settled(self, shop: str, order: str) -> bool:
        """A rail says its direction itself."""
        own = {
            one["rail"]
            for one in self._of("rail")
            if one["order"] == order and self._same_space(shop, one["shop"])
        }
        return any(r["status"] == "settled" for r in self._rails() if r["id"] in own)

    def _rails(self) -> list[dict[str, Any]]:
        return [*self.books["pay_ins"], *self.books["pay_outs"]]

    def failed_though_paid(self) -> Iterator[str]:
        for owner, word in self.words.items():
            paid = [r for r in self._successes() if self._owner(r["session_id"]) == owner]
            if word["verdict"] == "Failed" and paid and not self._blind(owner.shop):
                yield f"{owner} is said to have failed"

    def _paid(self) -> Iterator[tuple[Owner, list[str]]]:
        """Per order the sessions of its successes, one entry for each."""
        paid: dict[Owner, list[str]] = {}
        given = {one["session"]: Owner(one["shop"], one["order"]) for one in self._of("handed")}
        for row in self._successes():
            id = row["session_id"]
            owner = given.get(id, self._owner(id))
            if owner.shop in self.facts.namespaces and not owner.order.startswith(RAILS):
                paid.setdefault(owner, []).append(id)
        yield from paid.items()

    def paid_twice(self) -> Iterator[str]:
        """On two sessions that we both handed out: the second one should not have been."""
        for owner, ids in self.paid_on_two_sessions().items():
            if not self._excused(owner):
                yield f"{owner}, by {', '.join(sorted(ids))}"

    def paid_on_two_sessions(self) -> dict[Owner, set[str]]:
        return {owner: set(ids) for owner, ids in self._paid() if len(set(ids)) > 1}

    def _excused(self, owner: Owner) -> bool:
        """Whether nobody could have prevented it, or the shop took the risk upon itself."""
        facts = self.facts
        risked = any(Owner(o["shop"], o["order"]) == owner for o in self._of("at once"))
        return risked or facts.lag > facts.grace or facts.past_end or self._unnoticed(owner.shop)

    def _forgotten(self, shop: str) -> bool:
        """Whether its store was put back to a time before a session that it had made."""
        if shop not in self.facts.lost:
            return False
        kept, back = self.facts.lost[shop]
        entries = self._of("sent", "made", "rail")
        return any(one["shop"] == shop and kept <= one["at"] <= back for one in entries)

    def _blind(self, shop: str) -> bool:
        """Whether nothing but events could tell a shop what it has forgotten: lists name nobody."""
        return self._forgotten(shop) and not self.facts.echoed

    def _unnoticed(self, shop: str) -> bool:
        """Whether it may have forgotten and nothing could tell it so in time."""
        seen = self.facts.clear and self.facts.echoed and not self.facts.lag
        return self._forgotten(shop) and not seen

    def unreported(self) -> Iterator[str]:
        """Two payments of one order, however they came about: somebody is told."""
        for owner, ids in self._paid():
            both = sorted(_when(row) for row in self._successes() if row["session_id"] in ids)[1:2]
            words = [
                one["verdict"]
                for one in self._of("verdict")
                if both and one["at"] >= both[0] and Owner(one["shop"], one["order"]) == owner
            ]
            told = self._blind(owner.shop) or set(words) & set(REPORTED)
            if len(ids) > 1 and not told:
                yield f"{owner} is paid {len(ids)} times and reads {words}"

    # --- what was made ---

    def open_twice(self) -> Iterator[str]:
        for one in self._of("handed"):
            if one["open_too"] and not self._unnoticed(one["shop"]):
                yield f"{one['shop']!r}, {one['order']}: {one['session']} and {one['open_too']}"

    def lost(self) -> Iterator[str]:
        """Every session is known in the end, or its write is told to be in doubt."""
        for owner, id in self._ours():
            spaces = self.facts.namespaces
            words = [
                word[mine]
                for mine in (Owner(shop, owner.order) for shop in spaces)
                if spaces[mine.shop] == spaces[owner.shop]
                for word in (self.words, self.lists)
                if mine in word
            ]
            known = any(id in word["known"] or word["in_doubt"] for word in words)
            if not known and not self._blind(owner.shop):
                yield f"{owner}: {id} is an orphan"

    def undecided(self) -> Iterator[str]:
        """Where lists say all there is to know, nothing stays in doubt.

        That they do is seen by a session of ours in them; where there never was one, nobody can tell. And
        what may be another service's, or one's own before a loss, is held until a person has decided.
        """
        seen = any(one["shop"] in self.facts.namespaces for one in self.made.values())
        if self.facts.echoed and self.facts.readable and seen:
            for owner, word in self.words.items():
                held = self._forgotten(owner.shop) or self._shared(owner.shop)
                if word["in_doubt"] and not held and not owner.order.startswith(RAILS):
                    yield f"{owner}: nobody knows what became of it"

    def _shared(self, shop: str) -> bool:
        """Whether another service sends the same keys."""
        spaces = list(self.facts.namespaces.values())
        return spaces.count(self.facts.namespaces[shop]) > 1

    def no_verdict(self) -> Iterator[str]:
        """What cannot be read is an error only where it says that it is this very order's."""
        for one in self._of("no verdict"):
            theirs = Owner("stranger", one["order"])
            alike = not self.facts.namespaces[one["shop"]] and self.facts.odd
            if alike and any(self._owner(id) == theirs for id in self.made):
                continue
            yield f"{one['shop']!r}, {one['order']}: {one['why']}"

    def rails_twice(self) -> Iterator[str]:
        """More than one pay-in, or pay-out, of an order that did not fail; or one that nobody can find."""
        rails = {one["id"]: one for one in self._rails()}
        moved: dict[Owner, list[str]] = {}
        for one in self._of("rail"):
            moved.setdefault(Owner(one["shop"], one["order"]), []).append(one["rail"])
        for owner, ids in moved.items():
            good = [id for id in ids if rails[id]["status"] != "failed"]
            if len(good) > 1 and not self._unnoticed(owner.shop):
                yield f"{owner} moved by {', '.join(good)}"
            word = self.words.get(owner)
            if word is None or self._forgotten(owner.shop):
                continue
            if not word["in_doubt"] and set(ids) - set(word["known"]):
                yield f"{owner}: a rail is lost"

    def customers(self) -> Iterator[str]:
        """One record of a person; whoever was given one was given that; and nobody stays in doubt."""
        made: dict[str, list[str]] = {}
        for one in self.books["customers"]:
            made.setdefault(str(one["external_id"]), []).append(one["id"])
        asked = {one["person"] for one in self._of("registers")}
        for person in sorted(asked):
            if len(made.get(person, ())) > 1:
                yield f"{person} is registered as {', '.join(made[person])}"
        for one in self._of("registered"):
            if [one["customer"]] != made.get(one["person"]):
                yield f"{one['person']} was returned {one['customer']}, which is another's"
        for one in self._of("customer left"):
            if not self._forgotten(one["shop"]):
                yield f"{one['shop']!r} does not know what became of a customer: {one['why']}"


RULES: Final[dict[str, Callable[[Judge], Iterator[str]]]] = {
    "adopted": Judge.strangers_adopted,
    "cancelled": Judge.strangers_cancelled,
    "terms": Judge.other_terms,
    "settled": Judge.settled_without_payment,
    "failed": Judge.failed_though_paid,
    "twice": Judge.paid_twice,
    "unreported": Judge.unreported,
    "open": Judge.open_twice,
    "lost": Judge.lost,
    "undecided": Judge.undecided,
    "verdict": Judge.no_verdict,
    "rails": Judge.rails_twice,
    "customers": Judge.customers,
}


def _when(row: dict[str, Any]) -> float:
    """The second in which a transaction succeeded."""
    done = (one["seconds"] for one in row["status_timeline"] if one["status"] == "completed")
    return float(next(done))


def _agrees(session: dict[str, Any], asked: dict[str, Any]) -> bool:
    names = ("currency", "flow", "target_token", "target_network")
    same = [
        str(session[name]).casefold() == str(asked[name]).casefold()
        for name in names
        if name in asked
    ]
    return all(same) and Decimal(session["amount"]) == Decimal(asked["amount"])


def _terms(session: dict[str, Any]) -> str:
    names = ("amount", "currency", "flow", "target_token", "target_network")
    return " ".join(str(session[name]) for name in names)
