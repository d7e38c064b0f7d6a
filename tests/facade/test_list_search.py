"""What a walk down the list takes for ours, when it may stop, and what it could not read."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate._idempotency.keys import idempotency_key
from zerogate._reconciliation.list_search import SearchResult, SearchTargets
from zerogate_store._journal.intents import Intent

NOW = 1_780_000_000.0
KEY = idempotency_key(namespace="", operation="createSession", order="order-1", attempt=1)


def sought() -> SearchTargets:
    intent = Intent(
        account="",
        mode="test",
        namespace="",
        operation="createSession",
        key=KEY,
        order_ref="order-1",
        attempt=1,
        terms="t",
        made_at=NOW,
        fingerprint="f",
        marks=("order_id", "zerogate_key"),
    )
    return SearchTargets.of([intent])


def row(id: str, at: Any = "2026-05-28T20:26:40Z", **metadata: Any) -> dict[str, Any]:
    return {"id": id, "created_at": at, "metadata": metadata}


OURS = {"order_id": "order-1", "zerogate_attempt": "1", "zerogate_key": KEY}
OLD, OLDER, NEW = "2020-01-02T00:00:00Z", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"


def test_the_key_is_what_is_looked_for_and_never_the_order_alone() -> None:
    walk = sought()
    walk.take(
        [
            row("a", **OURS),
            row("b", order_id="order-1", zerogate_attempt="1"),
            row("c", **OURS | {"zerogate_key": KEY[:-1] + "a"}),
            row("d", zerogate_key=KEY),
        ],
        back_to=0,
    )
    (looked,) = walk.looked(SearchResult()).values()
    assert [one["id"] for one in looked.found] == ["a", "d"]


@pytest.mark.parametrize(
    ("rows", "over"),
    [
        pytest.param([row("a", OLD), row("b", OLDER)], True, id="newest first, and past it"),
        pytest.param([row("a", NEW), row("b", OLD)], False, id="one old row ends no walk"),
        pytest.param([row("a", NEW), row("b", NEW)], False, id="not past it yet"),
        pytest.param([row("a", OLD), row("b", NEW)], False, id="oldest first"),
        pytest.param([row("a", OLDER), row("b", OLD)], False, id="oldest first, all of it old"),
        pytest.param([row("a", OLD)], False, id="one row says nothing of the order"),
        pytest.param([row("a", OLD), row("b", OLD)], False, id="nor do two of one instant"),
        pytest.param([row("a", NEW), row("b", None)], False, id="null says nothing"),
        pytest.param([row("a", 1.7e9), row("b", 1.6e9)], False, id="numbers say nothing"),
        pytest.param([row("a", "2020-01-02T00:00:00"), row("b", OLDER)], False, id="no zone"),
        pytest.param([row("a", OLD), row("b", None), row("c", OLDER)], False, id="one undated row"),
        pytest.param(
            [row("a", NEW), row("b", OLD), row("c", NEW), row("d", OLD)], False, id="mixed"
        ),
        pytest.param([], False, id="an empty page"),
    ],
)
def test_a_walk_may_stop_only_where_the_list_is_newest_first(rows: list[Any], over: bool) -> None:
    assert sought().take(rows, back_to=-300) is over


def test_a_row_that_tells_a_wrong_time_at_the_end_of_a_page_hides_no_later_page() -> None:
    walk = sought()
    assert not walk.take([row("a", NEW), row("odd", "2001-01-01T00:00:00Z")], back_to=-300)
    walk.take([row("b", **OURS)], back_to=-300)
    (looked,) = walk.looked(SearchResult()).values()
    assert [one["id"] for one in looked.found] == ["b"]


@pytest.mark.parametrize(
    ("metadata", "echoed", "unread"),
    [
        pytest.param(OURS, True, 0, id="the very one"),
        pytest.param(
            {
                "order_id": "order-2",
                "zerogate_attempt": 1,
                "zerogate_key": idempotency_key(
                    namespace="", operation="createSession", order="order-2", attempt=1
                ),
            },
            True,
            0,
            id="another of ours, whole",
        ),
        pytest.param({"order_id": "order-2", "zerogate_key": "zg1_cut"}, False, 0, id="cut"),
        pytest.param({"order_id": "order-2"}, False, 0, id="an order alone"),
        pytest.param({}, False, 0, id="empty"),
        pytest.param(None, False, 1, id="null"),
        pytest.param([], False, 1, id="a list"),
    ],
)
def test_a_list_is_known_to_give_marks_back_by_a_key_that_follows_from_the_rest(
    metadata: Any, echoed: bool, unread: int
) -> None:
    walk = sought()
    walk.take([{"id": "a", "created_at": NEW, "metadata": metadata}], back_to=0)
    assert (walk.echoed, walk.unread) == (echoed, unread)


def test_what_was_made_before_ours_was_sent_need_not_be_readable() -> None:
    walk = sought()
    rows = [row("a", NEW), row("b", OLD), row("c", None)]
    for one in rows:
        one["metadata"] = None
    assert [*walk.unreadable(rows, -300)] == ["a", "c"]
    walk.take(rows, back_to=-300)
    assert walk.unread == 2
