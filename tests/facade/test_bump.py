"""A contract that adds something turns red here, in a line that names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.facade.contract import CONTRACT
from tests.facade.gaps import gaps


def schemas(document: Any) -> Any:
    return document["components"]["schemas"]


def fields(document: Any, schema: str) -> Any:
    return schemas(document)[schema]["properties"]


BUMPS: dict[str, tuple[Callable[[Any], object], str]] = {
    "an operation": (
        lambda d: d["paths"]["/gate_sessions"].update(
            put={**d["paths"]["/gate_sessions"]["get"], "operationId": "refundSession"}
        ),
        "refundSession: no method",
    ),
    "an operation that is gone": (
        lambda d: d["paths"].pop("/branding"),
        "getBranding: gone",
    ),
    "a query parameter": (
        lambda d: d["paths"]["/transactions"]["get"]["parameters"].append(
            {"name": "created_after", "in": "query", "schema": {"type": "string"}}
        ),
        "transactions.list: no keyword for created_after",
    ),
    "a field of a request": (
        lambda d: fields(d, "CreateSessionRequest").update(locale={"type": "string"}),
        "sessions.create: no keyword for locale",
    ),
    "a session status": (
        lambda d: schemas(d)["SessionStatus"]["enum"].append("paused"),
        "SessionStatus: 'paused' has no branch in outcomes.SESSION_STATUSES",
    ),
    "a rail status": (
        lambda d: schemas(d)["RailStatus"]["enum"].append("returned"),
        "RailStatus: 'returned' has no branch in outcomes.RAIL_STATUSES",
    ),
    "a quote status": (
        lambda d: schemas(d)["QuoteStatus"]["enum"].append("revoked"),
        "QuoteStatus: 'revoked' has no branch in outcomes.QUOTE_STATUSES",
    ),
    "an action": (
        lambda d: schemas(d)["TransactionAction"]["enum"].append("STAKE"),
        "TransactionAction: 'STAKE' has no branch in outcomes.FLOWS",
    ),
    "a flow": (
        lambda d: schemas(d)["Flow"]["enum"].append("bridge"),
        "Flow: 'bridge' has no branch in outcomes.FLOWS",
    ),
    "a side": (
        lambda d: schemas(d)["Side"]["enum"].append("swap"),
        "Side: 'swap' has no branch in bodies.SIDES",
    ),
    "a mode": (
        lambda d: schemas(d)["Mode"]["enum"].append("staging"),
        "Mode: 'staging' has no branch in validation.HOSTS",
    ),
    "a delivery status": (
        lambda d: schemas(d)["DeliveryStatus"]["enum"].append("muted"),
        "DeliveryStatus: 'muted' has no branch in bodies.DELIVERY_STATUSES",
    ),
    "an enum": (
        lambda d: schemas(d).update(Priority={"type": "string", "enum": ["low"]}),
        "Priority: 'low' has no branch in BRANCHES",
    ),
    "an enum in its place": (
        lambda d: fields(d, "Customer").update(tier={"type": "string", "enum": ["gold"]}),
        "Customer.tier: an enum without a name",
    ),
    "an amount": (
        lambda d: fields(d, "RailPayIn").update(tip={"type": "string", "format": "decimal"}),
        "RailPayIn.tip: an amount without a unit",
    ),
    "an amount that is gone": (
        lambda d: fields(d, "RailPayIn").pop("amount"),
        "RailPayIn.amount: no amount any more",
    ),
    "an event": (
        lambda d: d["webhooks"].update(
            {"gate_session.refunded": d["webhooks"]["gate_session.failed"]}
        ),
        "gate_session.refunded: no record",
    ),
    "a record": (
        lambda d: (
            schemas(d).update(Refund={"type": "object", "properties": {"id": {"type": "string"}}}),
            fields(d, "RailPayIn").update(refund={"$ref": "#/components/schemas/Refund"}),
        ),
        "Refund: no name in types.py",
    ),
}


def test_the_facade_has_a_place_for_everything_in_the_contract() -> None:
    assert gaps(CONTRACT) == []


@pytest.mark.parametrize(("bump", "line"), BUMPS.values(), ids=BUMPS.keys())
def test_what_a_bump_adds_is_named(bump: Callable[[Any], object], line: str) -> None:
    found = gaps(CONTRACT.changed(bump))
    assert any(gap.startswith(line) for gap in found), found
