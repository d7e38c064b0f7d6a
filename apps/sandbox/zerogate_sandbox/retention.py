"""Forgets the oldest of each kind in a sandbox that may keep only so much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerogate_sandbox.collection import Collection, R

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

# Records that come several to a session, and keys, which are also used for other things.
PER_SESSION = 5


def _shorten(collection: Collection[R], keep: int) -> None:
    """Remove the oldest records, of any account, until at most *keep* are left."""
    while len(collection.records) > keep and (record := collection.oldest()) is not None:
        collection.forget(record.id)


def forget(world: World, keep: int) -> None:
    """Remove the oldest of each kind; *keep* sessions stay, of others as many or 5 times that."""
    sessions = world.sessions.collection
    while len(sessions.records) > keep and (session := sessions.oldest()) is not None:
        sessions.forget(session.id)
        world.transactions.forget(session.id)
        world.forgotten += 1
    _shorten(world.customers.collection, keep)
    _shorten(world.quotes.collection, keep)
    for rails in world.rails.collections.values():
        _shorten(rails, keep)
    deliveries = world.deliveries.collection
    while (
        len(deliveries.records) > keep * PER_SESSION and (oldest := deliveries.oldest()) is not None
    ):
        world.deliveries.forget(oldest)
    while len(world.events) > keep * PER_SESSION:
        world.events.popleft()
    world.keys.forget_oldest(keep * PER_SESSION)
