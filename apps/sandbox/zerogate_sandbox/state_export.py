"""Every object ever committed, as plain data, with what only the sandbox knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerogate_sandbox.responses import dumps

if TYPE_CHECKING:
    from zerogate_sandbox.world import World


def books(world: World) -> dict[str, Any]:
    """Return every object by kind, oldest first, with secrets and keys that the API does not show.

    `forgotten` counts the sessions that are not here because only so many are kept.
    """
    return {
        "sessions": [
            {
                **one.view(),
                "client_secret": one.client_secret,
                "idempotency_key": one.idempotency_key,
                "quote_preview_id": one.quote_preview_id,
                "kyc": one.kyc,
            }
            for one in world.sessions.collection.records.values()
        ],
        "transactions": [one.view() for one in world.transactions.collection.records.values()],
        "quotes": [one.view(world.now) for one in world.quotes.collection.records.values()],
        "pay_ins": _rails(world, "pay_in"),
        "pay_outs": _rails(world, "pay_out"),
        "customers": [
            {
                **one.view(),
                "deleted": one.deleted_at is not None,
                "idempotency_key": one.idempotency_key,
            }
            for one in world.customers.collection.records.values()
        ],
        "branding": dict(world.branding.looks),
        "events": [one.view() for one in world.events],
        "deliveries": [one.view() for one in world.deliveries.collection.records.values()],
        "forgotten": world.forgotten,
    }


def _rails(world: World, kind: str) -> list[dict[str, Any]]:
    """Return the rails of a kind, oldest first, with their idempotency keys."""
    return [
        {**one.view(), "idempotency_key": one.idempotency_key}
        for one in world.rails.collections[kind].records.values()
    ]


def books_bytes(world: World) -> bytes:
    """Return the books as bytes: the same seed and the same requests give the same ones."""
    return dumps(books(world))
