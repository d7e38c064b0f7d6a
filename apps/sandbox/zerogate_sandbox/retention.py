"""Forgets the oldest of each kind in a sandbox that may keep only so much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerogate_sandbox.shelves import R, Shelf

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

# Records that come several to a session, and keys, which are also used for other things.
PER_SESSION = 5


def _shorten(shelf: Shelf[R], keep: int) -> None:
    while len(shelf.records) > keep and (record := shelf.oldest()) is not None:
        shelf.forget(record.id)


def forget(world: World, keep: int) -> None:
    """Keep at most `keep` sessions, and other things in proportion."""
    sessions = world.sessions.shelf
    while len(sessions.records) > keep and (session := sessions.oldest()) is not None:
        sessions.forget(session.id)
        world.transactions.forget(session.id)
        world.forgotten += 1
    _shorten(world.customers.shelf, keep)
    _shorten(world.quotes.shelf, keep)
    for rails in world.rails.shelves.values():
        _shorten(rails, keep)
    deliveries = world.deliveries.shelf
    while (
        len(deliveries.records) > keep * PER_SESSION and (oldest := deliveries.oldest()) is not None
    ):
        world.deliveries.forget(oldest)
    while len(world.events) > keep * PER_SESSION:
        world.events.popleft()
    world.keys.forget_oldest(keep * PER_SESSION)
