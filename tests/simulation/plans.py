"""Who lives in one life and what befalls it, drawn from its seed before anything happens."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from tests.simulation.stage import Stage

#: Names of shops and their namespaces; two with the same one share everything but their databases.
STREETS: Final = (
    ({"shop": ""}, 6),
    ({"shop": "north"}, 2),
    ({"shop": "north", "other": "south"}, 3),
    ({"shop": "", "other": "south"}, 2),
    ({"shop": "", "twin": ""}, 2),
)
ODDITIES: Final = (
    {"oddity": "null"},
    {"oddity": "exponent"},
    {"oddity": "zone"},
    {"oddity": "surrogate"},
    {"oddity": "missing"},
    {"oddity": "null", "field": "metadata"},
    {"oddity": "missing", "field": "metadata"},
    {"oddity": "null", "field": "expires_at"},
    {"oddity": "missing", "field": "currency"},
)


@frozen
class Plan:
    """
    shops: Their namespaces by their names. orders: How many each has, numbered alike.
    flow: Where the direction is named: `create`, `reconcile` or None, nowhere.
    terms: What a session is asked for besides its amount.
    odd: How a stranger's session reads, for good; None where no stranger has one.
    loss: From when a store is put back, and when, in seconds; None where none is lost.
    skew: By how many seconds the first shop's clock is ahead of Gate's.
    late: Whether deeds are done days later as well.
    clear: Whether the weather is calm and every process a new one: then a loss is noticed for certain.
    """

    shops: dict[str, str]
    orders: int = 1
    flow: str | None = "create"
    terms: dict[str, Any] | None = None
    odd: dict[str, Any] | None = None
    loss: tuple[float, float] | None = None
    skew: float = 0.0
    late: bool = False
    clear: bool = False

    @classmethod
    def drawn(cls, stage: Stage) -> Plan:
        draw = stage.random
        (shops,) = draw.choices([s for s, _ in STREETS], [w for _, w in STREETS])
        kept = draw.choice([0.0, draw.uniform(0, 300), draw.uniform(0, 3000)])
        put_back = kept + draw.choice([draw.uniform(0, 300), draw.uniform(0, 3000)])
        return cls(
            shops=shops,
            orders=draw.choice([1, 1, 2]),
            flow=draw.choice(["create", "create", "reconcile", None]),
            terms=draw.choice([None, {"target_token": "USDC", "target_network": "base"}]),
            odd=draw.choice(ODDITIES) if draw.random() < 0.2 else None,
            loss=(kept, put_back) if draw.random() < 0.2 else None,
            skew=draw.choice([0.0, 0.0, 0.0, draw.uniform(-60, 60), draw.uniform(-8000, 8000)]),
            late=draw.random() < 0.4,
            clear=draw.random() < 0.2,
        )
